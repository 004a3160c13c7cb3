use std::net::IpAddr;

use gatecrumb_tokens::{
    Timestamp,
    cookies::{CookiePolicy, PresentedCookies},
};
use http::{
    HeaderMap,
    header::{CONTENT_TYPE, COOKIE, USER_AGENT},
};
use lambda_http::{RequestExt as _, request::RequestContext};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use crate::{Problem, Proxy, address::address};

/// The bound of a JSON body.
const MAX_BODY_BYTES: usize = 8 * 1024;
const MAX_USER_AGENT_BYTES: usize = 256;
const MAX_REQUEST_ID_BYTES: usize = 64;
/// A proxy says by this header that it knows the secret.
const PROXY_SECRET_HEADER: &str = "x-gatecrumb-proxy";

/// A request as the functions see it.
pub struct Request {
    /// The id that API Gateway gave it, in the answer and in every log line.
    pub id: String,
    /// When it came.
    pub now: Timestamp,
    /// The visitor's address, as far as it can be known.
    pub client_address: Option<IpAddr>,
    headers: HeaderMap,
    query: String,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn read(request: lambda_http::Request, now: Timestamp, proxy: Option<&Proxy>) -> Self {
        let (id, source) = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => (
                context.request_id.clone(),
                context.http.source_ip.as_deref().and_then(address),
            ),
            _ => (None, None),
        };
        let id = id.filter(|id| is_plain(id)).unwrap_or_else(|| "none".to_owned());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let (parts, body) = request.into_parts();
        let client_address = vouched_address(&parts.headers, proxy).or(source);
        Self {
            id,
            now,
            client_address,
            headers: parts.headers,
            query,
            body: body.to_vec(),
        }
    }

    /// A header's value; the first when there are several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name).map(http::HeaderValue::as_bytes)
    }

    /// The cookies of ours that came.
    #[must_use]
    pub fn cookies(&self, policy: &CookiePolicy) -> PresentedCookies {
        PresentedCookies::parse(
            self.headers
                .get_all(COOKIE)
                .iter()
                .map(http::HeaderValue::as_bytes),
            policy,
        )
    }

    /// Whether the query has `name` with any value but `false`, `0` and `no`, in any case; a name alone has an empty
    /// one. Both are percent-decoded first. So a client that writes it in its own way gets the safer of two answers.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        let off = |value: &str| {
            ["false", "0", "no"]
                .iter()
                .any(|off| value.eq_ignore_ascii_case(off))
        };
        form_urlencoded::parse(self.query.as_bytes()).any(|(found, value)| found == name && !off(&value))
    }

    /// How the browser names itself, in visible ASCII and at most 256 bytes.
    #[must_use]
    pub fn user_agent(&self) -> Option<String> {
        let name = self.header(USER_AGENT.as_str())?;
        let visible = |&byte: &u8| {
            if (0x20..0x7f).contains(&byte) {
                byte as char
            } else {
                '?'
            }
        };
        Some(name.iter().take(MAX_USER_AGENT_BYTES).map(visible).collect())
    }

    /// The body as a JSON object of this shape, `expected` being told where it is not.
    pub fn json<T: DeserializeOwned>(&self, expected: &'static str) -> Result<T, Problem> {
        if !self.header(CONTENT_TYPE.as_str()).is_some_and(is_json) {
            return Err(Problem::UnsupportedMediaType);
        }
        if self.body.len() > MAX_BODY_BYTES {
            return Err(Problem::BodyTooLarge);
        }
        // serde would take an array of the fields' values for a struct.
        if !self.body.trim_ascii_start().starts_with(b"{") {
            return Err(Problem::InvalidRequest(expected));
        }
        serde_json::from_slice(&self.body).map_err(|_| Problem::InvalidRequest(expected))
    }
}

/// `application/json`, whatever parameters follow (RFC 8259 section 11 defines none).
fn is_json(value: &[u8]) -> bool {
    let essence = value.split(|&byte| byte == b';').next().unwrap_or_default();
    trim_ows(essence).eq_ignore_ascii_case(b"application/json")
}

/// Without the optional white space of RFC 9110 section 5.6.3 around it: SP and HTAB, and nothing that Unicode adds.
fn trim_ows(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=.+/:".contains(&byte);
    (1..=MAX_REQUEST_ID_BYTES).contains(&id.len()) && id.bytes().all(plain)
}

/// The address that a proxy which knows the secret vouches for.
fn vouched_address(headers: &HeaderMap, proxy: Option<&Proxy>) -> Option<IpAddr> {
    let proxy = proxy?;
    let presented = headers.get(PROXY_SECRET_HEADER)?.as_bytes();
    if !bool::from(presented.ct_eq(proxy.secret.as_bytes())) {
        return None;
    }
    // Each proxy appends what it saw: only the last entry is the trusted one's own.
    let header = headers
        .get_all(&proxy.address_header)
        .iter()
        .next_back()?
        .as_bytes();
    let entry = header.rsplit(|&byte| byte == b',').next()?;
    address(std::str::from_utf8(trim_ows(entry)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_on_unless_it_says_that_it_is_not() {
        let flag = |query: &str| {
            let uri = format!("/auth/logout?{query}");
            let request = http::Request::get(uri).body(lambda_http::Body::Empty).unwrap();
            Request::read(request, Timestamp(0), None).flag("everywhere")
        };
        for on in [
            "everywhere",
            "everywhere=",
            "everywhere=true",
            "everywhere=True",
            "everywhere=TRUE",
            "everywhere=1",
            "everywhere=yes",
            "everywhere=on",
            "everywhere=%74rue",
            "%65verywhere=true",
            "everywher%65",
            "a=b&everywhere&c",
            "everywhere=falsely",
            "everywhere=00",
            "everywhere=%20false",
            "everywhere=+no",
            "everywhere=false,0",
            "everywhere=%zz",
            "everywhere=%FF",
            "everywhere=false&everywhere=true",
            "everywhere=true&everywhere=false",
            "everywhere=false=0",
        ] {
            assert!(flag(on), "{on}");
        }
        for off in [
            "",
            "everywhere=false",
            "everywhere=False",
            "everywhere=FALSE",
            "everywhere=0",
            "everywhere=no",
            "everywhere=nO",
            "everywhere=%66alse",
            "everywhere=%30",
            "%65verywhere=%6E%6f",
            "everywhere=no&everywhere=0",
            "Everywhere=true",
            "everywhere%20=true",
            "x=everywhere=true",
            "everywhere2",
            "x&=everywhere",
        ] {
            assert!(!flag(off), "{off}");
        }
    }

    #[test]
    fn only_a_proxy_with_the_secret_is_believed_and_only_its_own_entry() {
        let proxy = Proxy::new("a secret of 16 bytes or more", "x-forwarded-for").unwrap();
        let with = |secret: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(PROXY_SECRET_HEADER, secret.parse().unwrap());
            headers.insert("x-forwarded-for", "203.0.113.9, 192.0.2.7".parse().unwrap());
            vouched_address(&headers, Some(&proxy))
        };
        assert_eq!(
            with("a secret of 16 bytes or more"),
            Some("192.0.2.7".parse().unwrap())
        );
        assert_eq!(with("a secret of 16 bytes or mors"), None);
        assert_eq!(with(""), None);
        let of = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(
                PROXY_SECRET_HEADER,
                "a secret of 16 bytes or more".parse().unwrap(),
            );
            headers.insert("x-forwarded-for", http::HeaderValue::from_bytes(value).unwrap());
            vouched_address(&headers, Some(&proxy))
        };
        assert_eq!(
            of(b"203.0.113.9,\t192.0.2.7 \t"),
            Some("192.0.2.7".parse().unwrap())
        );
        for odd in [
            "192.0.2.7\u{a0}",
            "\u{2000}192.0.2.7",
            "\u{85}192.0.2.7",
            "\u{feff}192.0.2.7",
        ] {
            assert_eq!(of(odd.as_bytes()), None, "{odd:?}");
        }
    }

    #[test]
    fn media_types() {
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            " application/json ",
        ] {
            assert!(is_json(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/jsonp",
            "application/json\u{a0}",
            "\u{2000}application/json",
            "application/json\u{c}",
            "application/problem+json",
            "multipart/form-data",
        ] {
            assert!(!is_json(bad.as_bytes()), "{bad}");
        }
    }
}
