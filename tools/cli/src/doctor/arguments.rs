//! `--url` and `--origin`, with an error that has the value to use.

use gatecrumb_web::AllowedOrigins;
use http::Uri;

use crate::Failure;

/// The URL without a trailing slash, and its parts.
pub(super) fn base_url(url: &str) -> Result<(&str, Uri), Failure> {
    let base = url.trim_end_matches('/');
    let uri = base.parse().ok().filter(|uri: &Uri| {
        matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && uri.query().is_none()
    });
    match uri {
        Some(uri) => Ok((base, uri)),
        None => Err(Failure::usage(format!(
            "--url {url} is not a URL: use {}",
            with_scheme(base).map_or_else(
                || "one such as https://auth.example.com".to_owned(),
                |uri| uri.to_string().trim_end_matches('/').to_owned()
            )
        ))),
    }
}

/// An origin that a deployment can allow, as browsers send it. A trailing slash is ignored.
pub(super) fn origin(text: &str) -> Result<String, Failure> {
    let origin = text.trim_end_matches('/');
    if is_valid(origin) {
        return Ok(origin.to_owned());
    }
    let example = || "one such as https://app.example.com".to_owned();
    Err(Failure::usage(format!(
        "--origin {text} is not an origin that can be allowed (scheme://host[:port], https except for localhost): use {}",
        suggestion(origin).unwrap_or_else(example)
    )))
}

/// `AllowedOrigins` reads a list.
fn is_valid(origin: &str) -> bool {
    !origin.contains(',') && !origin.contains(char::is_whitespace) && AllowedOrigins::parse(origin).is_ok()
}

/// The origin of the page that was probably meant.
fn suggestion(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let uri = match lower.parse::<Uri>() {
        Ok(uri) if uri.scheme().is_some() => uri,
        _ => with_scheme(&lower)?,
    };
    let host = uri.host()?;
    let port = uri.port_u16();
    let default = if uri.scheme_str() == Some("http") { 80 } else { 443 };
    let port = port.filter(|&port| port != default);
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    let candidates = ["http", "https"].map(|scheme| format!("{scheme}://{host}{port}"));
    let same = |origin: &&String| origin.starts_with(&format!("{}://", uri.scheme_str().unwrap_or_default()));
    // The scheme that was given, if it can be allowed.
    let given = candidates.iter().find(same).filter(|origin| is_valid(origin));
    given
        .or_else(|| candidates.iter().find(|origin| is_valid(origin)))
        .cloned()
}

/// `text`, which has no scheme, as a URL: http on this machine, else https. `localhost:3000` parses as a scheme or as an
/// authority, depending on the parser.
fn with_scheme(text: &str) -> Option<Uri> {
    if text.contains("://") {
        return None;
    }
    let authority = text.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    // A single word, such as a typing error, is no host that anybody means.
    let is_local = super::checks::is_this_machine(host) || host.ends_with(".localhost");
    if !is_local && !host.contains('.') {
        return None;
    }
    let scheme = if is_local { "http" } else { "https" };
    let uri: Uri = format!("{scheme}://{text}").parse().ok()?;
    (uri.host().is_some() && uri.query().is_none()).then_some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_origin_gets_a_suggestion_that_is_valid() {
        for (text, suggested) in [
            ("localhost:3001", Some("http://localhost:3001")),
            ("127.0.0.1:3001", Some("http://127.0.0.1:3001")),
            ("[::1]:3001", Some("http://[::1]:3001")),
            ("app.localhost:3001", Some("http://app.localhost:3001")),
            ("localhost", Some("http://localhost")),
            ("http://localhost:80", Some("http://localhost")),
            ("app.example.com", Some("https://app.example.com")),
            ("app.example.com/login", Some("https://app.example.com")),
            ("APP.example.com:8443", Some("https://app.example.com:8443")),
            ("https://App.example.com", Some("https://app.example.com")),
            ("https://app.example.com/login", Some("https://app.example.com")),
            ("https://app.example.com:443", Some("https://app.example.com")),
            ("http://app.example.com", Some("https://app.example.com")),
            ("https://user@app.example.com", Some("https://app.example.com")),
            ("ftp://app.example.com", Some("https://app.example.com")),
            ("*", None),
            ("https://*.example.com", None),
            ("null", None),
            ("", None),
            ("https://a.example.com,https://b.example.com", None),
        ] {
            let message = origin(text).unwrap_err().to_string();
            let expected = suggested.unwrap_or("one such as https://app.example.com");
            assert!(message.ends_with(&format!("use {expected}")), "{text}: {message}");
            if let Some(suggested) = suggested {
                assert_eq!(origin(suggested).unwrap(), suggested);
            }
        }
    }

    #[test]
    fn a_url_without_a_scheme_gets_one() {
        for (text, suggested) in [
            ("localhost:3000", "http://localhost:3000"),
            ("127.0.0.1:3000/", "http://127.0.0.1:3000"),
            ("auth.example.com", "https://auth.example.com"),
            ("auth.example.com/api/", "https://auth.example.com/api"),
            ("nonsense", "one such as https://auth.example.com"),
            ("ftp://example.com", "one such as https://auth.example.com"),
            ("https://", "one such as https://auth.example.com"),
            (
                "https://auth.example.com?x",
                "one such as https://auth.example.com",
            ),
        ] {
            let message = base_url(text).unwrap_err().to_string();
            assert!(
                message.ends_with(&format!("use {suggested}")),
                "{text}: {message}"
            );
            assert!(base_url(suggested).is_ok() || suggested.starts_with("one"));
        }
    }
}
