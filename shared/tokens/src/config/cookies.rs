//! `COOKIE_NAME`, `COOKIE_SAMESITE`, `COOKIE_DOMAIN` and `COOKIE_INSECURE`.

use crate::cookies::{CookieName, CookiePolicy, SameSite};

use super::{ConfigError, Environment};

/// Names and attributes of the cookies.
pub fn read(env: &Environment) -> Result<CookiePolicy, ConfigError> {
    let same_site = match env.text("COOKIE_SAMESITE").as_deref() {
        None | Some("lax") => SameSite::Lax,
        Some("none") => SameSite::None,
        Some(other) => {
            let help = "set it to lax, or to none for a frontend on another site";
            return Err(ConfigError::new("COOKIE_SAMESITE", format!("is {other:?}"), help));
        }
    };
    let insecure = env.flag("COOKIE_INSECURE")?;
    if insecure && env.is_lambda() {
        let help = "leave it out: the API uses https, and cookies without Secure could be sent unencrypted";
        return Err(ConfigError::new("COOKIE_INSECURE", "is true on Lambda", help));
    }
    let domain = env.text("COOKIE_DOMAIN");
    if let Some(domain) = domain.as_deref().filter(|domain| !is_domain(domain)) {
        let help =
            "set it to a domain of at least two labels in lower case, such as example.com, or leave it out";
        return Err(ConfigError::new("COOKIE_DOMAIN", format!("is {domain:?}"), help));
    }
    CookiePolicy::new(name(env)?, !insecure, domain, same_site).map_err(|_| {
        let help = "browsers refuse SameSite=None without Secure: use lax, or https";
        ConfigError::new("COOKIE_SAMESITE", "is none while COOKIE_INSECURE is true", help)
    })
}

fn name(env: &Environment) -> Result<CookieName, ConfigError> {
    let Some(name) = env.text("COOKIE_NAME") else {
        return Ok(CookieName::default());
    };
    name.parse().map_err(|_| {
        let help =
            "use 1 to 32 characters of a-z, 0-9 and -, starting with a letter, or leave it out for gatecrumb";
        ConfigError::new("COOKIE_NAME", format!("is {name:?}"), help)
    })
}

fn is_domain(domain: &str) -> bool {
    // A name whose last label is a number is parsed as an IPv4 address or is invalid (WHATWG URL, section 3.5).
    let ends_in_letters = |domain: &str| {
        let last = domain.rsplit('.').next().unwrap_or_default();
        last.starts_with(|first: char| first.is_ascii_lowercase())
    };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253
        && domain.split('.').count() >= 2
        && domain.split('.').all(label)
        && ends_in_letters(domain)
}
