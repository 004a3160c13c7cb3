/// More than fit into the 4,096 bytes of a `CloudFormation` parameter, whose pattern cannot limit their number.
const MAX_ORIGINS: usize = 512;

/// Why a list of origins is invalid.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidOrigin {
    /// Differs from what a browser sends.
    #[error(
        "{0:?} is not an origin as browsers send it: scheme://host[:port], lower case, no path, no default port"
    )]
    Form(String),
    /// Would send cookies and passwords unencrypted.
    #[error("{0:?} is not https: http is for localhost only")]
    Insecure(String),
    /// None, or more than 512.
    #[error("the list must have 1 to 512 origins, separated by commas")]
    Count,
}

/// The origins (RFC 6454) of the pages that may sign people in, compared byte by byte.
#[derive(Clone, Debug)]
pub struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    /// Reads a comma-separated list.
    pub fn parse(list: &str) -> Result<Self, InvalidOrigin> {
        let origins: Vec<String> = list
            .split(',')
            .map(str::trim)
            .filter(|o| !o.is_empty())
            .map(str::to_owned)
            .collect();
        if !(1..=MAX_ORIGINS).contains(&origins.len()) {
            return Err(InvalidOrigin::Count);
        }
        for origin in &origins {
            check(origin)?;
        }
        Ok(Self(origins))
    }

    /// Whether `origin`, the value of the header `Origin`, is in the list.
    #[must_use]
    pub fn contains(&self, origin: &[u8]) -> bool {
        self.0.iter().any(|allowed| allowed.as_bytes() == origin)
    }

    /// In the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

fn check(origin: &str) -> Result<(), InvalidOrigin> {
    let form = || InvalidOrigin::Form(origin.to_owned());
    let uri: http::Uri = origin.parse().map_err(|_| form())?;
    let (scheme, host) = (uri.scheme_str().ok_or_else(form)?, uri.host().ok_or_else(form)?);
    let port = uri.port_u16();
    let default_port = if scheme == "https" { 443 } else { 80 };
    let port_text = port.map_or_else(String::new, |port| format!(":{port}"));
    // Formatting the parts again must give the same string: no path, user, query, upper case or default port.
    let canonical = format!("{scheme}://{host}{port_text}");
    if canonical != origin
        || host.is_empty()
        || host.contains('*')
        || port == Some(default_port)
        || origin.bytes().any(|byte| byte.is_ascii_uppercase())
    {
        return Err(form());
    }
    match scheme {
        "https" => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        "http" => Err(InvalidOrigin::Insecure(origin.to_owned())),
        _ => Err(form()),
    }
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_as_browsers_send_them_are_accepted() {
        let list =
            "https://app.example.com, https://app.example.com:8443,http://localhost:3000,http://[::1]:3000,";
        let origins = AllowedOrigins::parse(list).unwrap();
        assert_eq!(origins.iter().count(), 4);
        assert!(origins.contains(b"https://app.example.com"));
        assert!(!origins.contains(b"https://app.example.com."));
        assert!(!origins.contains(b"null"));
    }

    #[test]
    fn anything_else_is_refused() {
        for origin in [
            "*",
            "null",
            "app.example.com",
            "https://",
            "https://*",
            "https://*.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://App.example.com",
            "https://user@app.example.com",
            "https://app.example.com:443",
            "http://localhost:80",
            "HTTPS://app.example.com",
            "ftp://app.example.com",
            "https://app.example.com?x",
            "https://a b",
        ] {
            assert!(
                matches!(AllowedOrigins::parse(origin), Err(InvalidOrigin::Form(_))),
                "{origin}"
            );
        }
        let insecure = AllowedOrigins::parse("http://app.example.com").unwrap_err();
        assert_eq!(
            insecure,
            InvalidOrigin::Insecure("http://app.example.com".to_owned())
        );
        assert_eq!(AllowedOrigins::parse(" , ").unwrap_err(), InvalidOrigin::Count);
    }
}
