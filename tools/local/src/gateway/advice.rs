//! What a developer can do about a page that the browser keeps from the API: the browser itself only says "blocked by
//! CORS".

use axum::http::{HeaderMap, header};
use gatecrumb_web::AllowedOrigins;

/// The longest origin that is worth a line of the log.
const MAX_ORIGIN_BYTES: usize = 256;

/// The cause and the fix in one line; `None` if the request's origin does not get in the way. `code` is the problem's, if
/// a function refused the request.
pub(super) fn advice(headers: &HeaderMap, allowed: &AllowedOrigins, code: Option<&str>) -> Option<String> {
    let origin = headers.get(header::ORIGIN)?;
    // The API's own page needs no permission.
    if headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "same-origin")
    {
        return None;
    }
    if allowed.contains(origin.as_bytes()) {
        return (code == Some("cross_site_cookies")).then(|| {
            "the page and the API are on different sites, so the browser would drop the cookies: use localhost for \
             both, never 127.0.0.1"
                .to_owned()
        });
    }
    let origin = origin
        .to_str()
        .ok()
        .filter(|origin| origin.len() <= MAX_ORIGIN_BYTES)?;
    // No page has such an origin (RFC 6761): `doctor` sends one to see that it is refused.
    if origin.ends_with(".invalid") {
        return None;
    }
    if origin == "null" {
        return Some(
            "the page has no origin (a file, or a sandboxed frame), so it cannot be allowed: serve it from \
             http://localhost"
                .to_owned(),
        );
    }
    let by_name = on_localhost(origin);
    let page = by_name.as_deref().unwrap_or(origin);
    let mut fixes = Vec::new();
    if by_name.is_some() {
        fixes.push(format!(
            "open the page at {page}, as 127.0.0.1 and localhost are different sites"
        ));
    }
    if !allowed.contains(page.as_bytes()) {
        fixes.push(match AllowedOrigins::parse(page) {
            Ok(_) => {
                let origins: Vec<&str> = allowed.iter().chain([page]).collect();
                format!("restart with ALLOWED_ORIGINS={}", origins.join(","))
            }
            Err(error) => format!("serve the page from http://localhost, as {error}"),
        });
    }
    Some(format!(
        "the origin {origin} is not allowed: {}",
        fixes.join(", and ")
    ))
}

/// The same origin with `localhost` in place of a loopback address.
fn on_localhost(origin: &str) -> Option<String> {
    let (scheme, authority) = origin.split_once("://")?;
    let port = ["127.0.0.1", "[::1]"]
        .iter()
        .find_map(|address| authority.strip_prefix(address))?;
    (port.is_empty() || port.starts_with(':')).then(|| format!("{scheme}://localhost{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(origin: &[u8], code: Option<&str>) -> Option<String> {
        let allowed = AllowedOrigins::parse("http://localhost:3000,http://localhost:3001").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.try_into().unwrap());
        advice(&headers, &allowed, code)
    }

    #[test]
    fn each_obstacle_has_a_fix_that_works_here() {
        for (origin, expected) in [
            (
                "http://localhost:5173",
                "the origin http://localhost:5173 is not allowed: restart with \
                 ALLOWED_ORIGINS=http://localhost:3000,http://localhost:3001,http://localhost:5173",
            ),
            (
                "http://127.0.0.1:3001",
                "the origin http://127.0.0.1:3001 is not allowed: open the page at http://localhost:3001, as 127.0.0.1 \
                 and localhost are different sites",
            ),
            (
                "http://[::1]:5173",
                "the origin http://[::1]:5173 is not allowed: open the page at http://localhost:5173, as 127.0.0.1 and \
                 localhost are different sites, and restart with \
                 ALLOWED_ORIGINS=http://localhost:3000,http://localhost:3001,http://localhost:5173",
            ),
            (
                "https://app.example.com",
                "the origin https://app.example.com is not allowed: restart with \
                 ALLOWED_ORIGINS=http://localhost:3000,http://localhost:3001,https://app.example.com",
            ),
            (
                "http://app.test",
                "the origin http://app.test is not allowed: serve the page from http://localhost, as \"http://app.test\" \
                 is not https: http is for localhost only",
            ),
            (
                "null",
                "the page has no origin (a file, or a sandboxed frame), so it cannot be allowed: serve it from \
                 http://localhost",
            ),
        ] {
            assert_eq!(
                of(origin.as_bytes(), Some("cross_origin")).as_deref(),
                Some(expected)
            );
            assert_eq!(
                of(origin.as_bytes(), None).as_deref(),
                Some(expected),
                "a preflight"
            );
        }
        let cookies = of(b"http://localhost:3001", Some("cross_site_cookies")).unwrap();
        assert!(cookies.contains("use localhost for both"), "{cookies}");
    }

    #[test]
    fn the_documentation_quotes_these_lines() {
        let page = include_str!("../../../../docs/troubleshooting.md");
        for (origin, code) in [
            ("http://localhost:5173", "cross_origin"),
            ("http://127.0.0.1:3001", "cross_origin"),
            ("http://localhost:3001", "cross_site_cookies"),
        ] {
            let line = format!(": {}\n", of(origin.as_bytes(), Some(code)).unwrap());
            assert!(page.contains(&line), "docs/troubleshooting.md lacks {line}");
        }
    }

    #[test]
    fn nothing_is_said_of_what_works_or_cannot_be_shown() {
        for code in [None, Some("invalid_credentials"), Some("cross_origin")] {
            assert_eq!(of(b"http://localhost:3001", code), None);
        }
        assert_eq!(
            advice(
                &HeaderMap::new(),
                &AllowedOrigins::parse("http://localhost").unwrap(),
                None
            ),
            None
        );
        assert_eq!(of(&[b'a'; MAX_ORIGIN_BYTES + 1], None), None);
        assert_eq!(of(b"http://\xff", None), None);
        assert_eq!(of(b"https://nobody.invalid", Some("cross_origin")), None);
    }

    #[test]
    fn the_page_of_the_api_itself_needs_none() {
        let allowed = AllowedOrigins::parse("http://localhost:3001").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, "http://localhost:3000".parse().unwrap());
        assert!(advice(&headers, &allowed, None).is_some());
        headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        assert_eq!(advice(&headers, &allowed, None), None);
    }

    #[test]
    fn only_an_address_of_its_own_is_replaced() {
        for origin in [
            "http://127.0.0.1.example",
            "http://127.0.0.10",
            "127.0.0.1",
            "http://localhost",
        ] {
            assert_eq!(on_localhost(origin), None, "{origin}");
        }
    }
}
