use std::{sync::Once, time::Duration};

use gatecrumb_aws::{CaBundle, Connection, Credentials, Http};
use gatecrumb_domain::{Timestamp, rotation::RotationPolicy};
use gatecrumb_store::Store;
use gatecrumb_tokens::{
    REFRESH_AUDIENCE_SUFFIX, Verifier, VerifyingKeys,
    cookies::{CookieName, CookiePolicy, SameSite},
};
use gatecrumb_web::{AllowedOrigins, Proxy};

use super::{
    ConfigError, Environment,
    lifetimes::{Capped, Lifetimes},
};
use crate::Host;

const MAX_NAME_BYTES: usize = 255;

/// What all four functions are told.
pub struct Config {
    /// `TABLE_NAME`.
    pub table_name: String,
    /// `ISSUER`: the tokens' `iss`.
    pub issuer: String,
    /// `AUDIENCE`: the tokens' `aud`.
    pub audience: String,
    /// `ALLOWED_ORIGINS`.
    pub allowed_origins: AllowedOrigins,
    /// `SESSION_IDLE_SECONDS`: a session ends when it was not refreshed for so long. At most [`Self::session_max`].
    pub session_idle: Duration,
    /// `SESSION_MAX_SECONDS`: a session ends so long after the sign-in.
    pub session_max: Duration,
    /// The rotation rule: `REFRESH_MIN_AGE_SECONDS`, `ACCESS_TTL_SECONDS` and `SESSIONS_NOT_BEFORE`.
    pub rule: RotationPolicy,
    /// `COOKIE_NAME`, `COOKIE_SAMESITE`, `COOKIE_DOMAIN` and `COOKIE_INSECURE`.
    pub cookies: CookiePolicy,
    /// `VERIFYING_KEYS`.
    pub verifying_keys: VerifyingKeys,
    /// `PROXY_SECRET` and `CLIENT_ADDRESS_HEADER`.
    pub proxy: Option<Proxy>,
    /// `AWS_REGION`, the credentials, `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
    pub connection: Connection,
    capped: Vec<Capped>,
}

impl Config {
    /// Reads and checks everything but the signing keys.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let issuer = name(env, "ISSUER")?.ok_or_else(|| {
            ConfigError::new(
                "ISSUER",
                "is not set",
                "set it to a stable name of your choice, such as https://example.com",
            )
        })?;
        let audience = name(env, "AUDIENCE")?.unwrap_or_else(|| issuer.clone());
        if audience.ends_with(REFRESH_AUDIENCE_SUFFIX) {
            let fix = "leave that end to refresh tokens, whose audience it makes";
            return Err(ConfigError::new(
                "AUDIENCE",
                format!("ends with {REFRESH_AUDIENCE_SUFFIX}"),
                fix,
            ));
        }
        let origins = env.required(
            "ALLOWED_ORIGINS",
            "list the origins that serve pages, the API's own included, such as https://example.com,https://api.example.com",
        )?;
        let allowed_origins = AllowedOrigins::parse(&origins).map_err(|error| {
            let mend = "list exact origins such as https://example.com, separated by commas";
            ConfigError::new("ALLOWED_ORIGINS", format!("is wrong, as {error}"), mend)
        })?;
        let lifetimes = Lifetimes::read(env)?;
        Ok(Self {
            table_name: env.required("TABLE_NAME", "set it to the name of the DynamoDB table")?,
            issuer,
            audience,
            allowed_origins,
            session_idle: lifetimes.idle,
            session_max: lifetimes.max,
            rule: RotationPolicy {
                min_age: lifetimes.min_age,
                access_lifetime: lifetimes.access,
                sessions_not_before: sessions_not_before(env)?,
            },
            cookies: cookies(env)?,
            verifying_keys: verifying_keys(env)?,
            proxy: proxy(env)?,
            connection: connection(env)?,
            capped: lifetimes.capped,
        })
    }

    /// The same, with the host's own connections where it has some.
    #[must_use]
    pub fn on(mut self, host: &Host) -> Self {
        if let Some(http) = &host.http {
            self.connection.http = http.clone();
        }
        self
    }

    /// Logs each lifetime that was cut to another one, once a process: `gatecrumb serve` starts every function in one.
    pub fn log_capped(&self) {
        static LOGGED: Once = Once::new();
        LOGGED.call_once(|| {
            for Capped {
                variable,
                given,
                used,
                bound,
            } in &self.capped
            {
                tracing::warn!(event = "setting_capped", variable, given, used, bound);
            }
        });
    }

    /// A verifier of this deployment's tokens.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier::new(&self.verifying_keys, &self.issuer, &self.audience)
    }

    /// The table.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(&self.connection.dynamodb(), &self.table_name)
    }

    /// The table, with so many connections open. Making its client takes as much of a start as anything (the SDK reads
    /// its rules for endpoints) and is done while they come about.
    pub async fn connect(&self, connections: usize) -> Store {
        let ((), store) = tokio::join!(
            biased;
            self.connection.warm_up(connections),
            async { self.store() },
        );
        store
    }
}

/// `SESSIONS_NOT_BEFORE`: sessions opened earlier are over. Milliseconds by mistake would end every session for ever.
pub fn sessions_not_before(env: &Environment) -> Result<Timestamp, ConfigError> {
    env.number("SESSIONS_NOT_BEFORE", 0, 0..=9_999_999_999)
        .map(Timestamp)
}

/// `iss` and `aud`: bounded, so that tokens fit their cookies.
fn name(env: &Environment, variable: &'static str) -> Result<Option<String>, ConfigError> {
    let Some(text) = env.text(variable) else {
        return Ok(None);
    };
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if text.len() > MAX_NAME_BYTES || !text.bytes().all(plain) {
        let mend = "use 1 to 255 visible ASCII characters without quotes and backslashes";
        return Err(ConfigError::new(variable, "is not fit for a token", mend));
    }
    Ok(Some(text))
}

fn cookies(env: &Environment) -> Result<CookiePolicy, ConfigError> {
    let same_site = match env.text("COOKIE_SAMESITE").as_deref() {
        None | Some("lax") => SameSite::Lax,
        Some("none") => SameSite::None,
        Some(other) => {
            let mend = "set it to lax, or to none for a frontend on another site";
            return Err(ConfigError::new("COOKIE_SAMESITE", format!("is {other:?}"), mend));
        }
    };
    let insecure = env.flag("COOKIE_INSECURE")?;
    if insecure && env.is_lambda() {
        let mend =
            "leave it out: the API is reached by https, and cookies without Secure could be read on the way";
        return Err(ConfigError::new("COOKIE_INSECURE", "is true on Lambda", mend));
    }
    let domain = env.text("COOKIE_DOMAIN");
    if let Some(domain) = domain.as_deref().filter(|domain| !is_domain(domain)) {
        let mend =
            "set it to a domain of at least two labels in lower case, such as example.com, or leave it out";
        return Err(ConfigError::new("COOKIE_DOMAIN", format!("is {domain:?}"), mend));
    }
    CookiePolicy::new(cookie_name(env)?, !insecure, domain, same_site).map_err(|_| {
        let mend = "browsers refuse SameSite=None without Secure: use lax, or https";
        ConfigError::new("COOKIE_SAMESITE", "is none while COOKIE_INSECURE is true", mend)
    })
}

fn cookie_name(env: &Environment) -> Result<CookieName, ConfigError> {
    let Some(name) = env.text("COOKIE_NAME") else {
        return Ok(CookieName::default());
    };
    name.parse().map_err(|_| {
        let fix = "use 1 to 32 characters of a-z, 0-9 and -, a letter first, or leave it out for gatecrumb";
        ConfigError::new("COOKIE_NAME", format!("is {name:?}"), fix)
    })
}

fn is_domain(domain: &str) -> bool {
    // A name that ends in a number is an IPv4 address, or none at all (WHATWG URL, section 3.5).
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

fn verifying_keys(env: &Environment) -> Result<VerifyingKeys, ConfigError> {
    const MEND: &str = "set it to what `gatecrumb key public` prints";
    let json = env.required("VERIFYING_KEYS", MEND)?;
    VerifyingKeys::from_json(&json)
        .map_err(|error| ConfigError::new("VERIFYING_KEYS", error.to_string(), MEND))
}

fn proxy(env: &Environment) -> Result<Option<Proxy>, ConfigError> {
    match (env.text("PROXY_SECRET"), env.text("CLIENT_ADDRESS_HEADER")) {
        (None, None) => Ok(None),
        (Some(secret), Some(_)) if secret.len() < 16 => {
            let mend = "use at least 16 random characters";
            Err(ConfigError::new(
                "PROXY_SECRET",
                "is too short to be a secret",
                mend,
            ))
        }
        (Some(secret), Some(header)) => Proxy::new(&secret, &header).map(Some).ok_or_else(|| {
            let mend = "set it to the name of the header in which the proxy passes the visitor's address";
            ConfigError::new("CLIENT_ADDRESS_HEADER", format!("is {header:?}"), mend)
        }),
        (Some(_), None) => {
            let mend = "set both, or neither";
            Err(ConfigError::new(
                "CLIENT_ADDRESS_HEADER",
                "is not set while PROXY_SECRET is",
                mend,
            ))
        }
        (None, Some(_)) => {
            let mend = "set both, or neither: without a secret anybody could claim any address";
            Err(ConfigError::new(
                "PROXY_SECRET",
                "is not set while CLIENT_ADDRESS_HEADER is",
                mend,
            ))
        }
    }
}

fn connection(env: &Environment) -> Result<Connection, ConfigError> {
    const MEND: &str = "Lambda sets it; elsewhere set it yourself";
    let access_key = env.required("AWS_ACCESS_KEY_ID", MEND)?;
    let secret_key = env.required("AWS_SECRET_ACCESS_KEY", MEND)?;
    Ok(Connection {
        region: env.required("AWS_REGION", MEND)?,
        credentials: Credentials::from_keys(access_key, secret_key, env.text("AWS_SESSION_TOKEN")),
        dynamodb_endpoint: endpoint(env, "AWS_ENDPOINT_URL_DYNAMODB")?,
        secrets_manager_endpoint: endpoint(env, "AWS_ENDPOINT_URL_SECRETS_MANAGER")?,
        http: Http::new(ca_bundle(env)?),
    })
}

fn ca_bundle(env: &Environment) -> Result<Option<CaBundle>, ConfigError> {
    const VARIABLE: &str = "AWS_CA_BUNDLE";
    const MEND: &str = "set it to a file of certificates in PEM, or leave it out to trust Amazon's roots";
    let Some(path) = env.text(VARIABLE) else {
        return Ok(None);
    };
    let pem = std::fs::read(&path).map_err(|error| {
        ConfigError::new(
            VARIABLE,
            format!("is {path:?}, which cannot be read ({error})"),
            MEND,
        )
    })?;
    CaBundle::parse(pem)
        .map(Some)
        .map_err(|error| ConfigError::new(VARIABLE, format!("is {path:?}, which {error}"), MEND))
}

fn endpoint(env: &Environment, variable: &'static str) -> Result<Option<String>, ConfigError> {
    let Some(url) = env.text(variable) else {
        return Ok(None);
    };
    let uri: Option<http::Uri> = url.parse().ok();
    if !uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()) {
        let mend = "set it to a URL such as http://localhost:8000, or leave it out";
        return Err(ConfigError::new(variable, format!("is {url:?}"), mend));
    }
    Ok(Some(url))
}
