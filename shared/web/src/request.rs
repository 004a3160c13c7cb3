use gatecrumb_auth::Client;
use gatecrumb_domain::Timestamp;
use gatecrumb_tokens::cookies::{CookiePolicy, PresentedCookies};
use http::{
    HeaderMap,
    header::{CONTENT_TYPE, COOKIE, USER_AGENT},
};
use serde::de::DeserializeOwned;

use crate::{Problem, Proxy, address::address, event::HttpEvent};

/// The bound of a JSON body.
const MAX_BODY_BYTES: usize = 8 * 1024;
const MAX_USER_AGENT_BYTES: usize = 256;
const MAX_REQUEST_ID_BYTES: usize = 64;

/// A request as the functions see it.
pub struct Request {
    /// The id that API Gateway gave it, in the answer and in every log line.
    pub id: String,
    /// When it came.
    pub now: Timestamp,
    /// Who sent it.
    pub client: Client,
    headers: HeaderMap,
    query: String,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn read(event: HttpEvent, now: Timestamp, proxy: Option<&Proxy>) -> Self {
        let HttpEvent {
            request_id,
            source_ip,
            headers,
            query,
            body,
        } = event;
        let id = request_id.filter(|id| is_plain(id));
        let source = source_ip.as_deref().and_then(address);
        Self {
            id: id.unwrap_or_else(|| "none".to_owned()),
            now,
            client: Client {
                address: proxy.and_then(|proxy| proxy.vouched_address(&headers)).or(source),
                user_agent: user_agent(&headers),
            },
            headers,
            query,
            body,
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

/// In visible ASCII, at most 256 bytes.
fn user_agent(headers: &HeaderMap) -> Option<String> {
    let name = headers.get(USER_AGENT)?.as_bytes();
    let visible = |&byte: &u8| {
        if (0x20..0x7f).contains(&byte) {
            byte as char
        } else {
            '?'
        }
    };
    Some(name.iter().take(MAX_USER_AGENT_BYTES).map(visible).collect())
}

/// `application/json`, whatever parameters follow (RFC 8259 section 11 defines none).
fn is_json(value: &[u8]) -> bool {
    let essence = value.split(|&byte| byte == b';').next().unwrap_or_default();
    trim_ows(essence).eq_ignore_ascii_case(b"application/json")
}

/// Without the optional white space of RFC 9110 section 5.6.3 around it: SP and HTAB, and nothing that Unicode adds.
pub(crate) fn trim_ows(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Whether an id is fit for a header and the log.
pub(crate) fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=.+/:".contains(&byte);
    (1..=MAX_REQUEST_ID_BYTES).contains(&id.len()) && id.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_on_unless_it_says_that_it_is_not() {
        let flag = |query: &str| {
            let event = HttpEvent {
                query: query.to_owned(),
                ..HttpEvent::default()
            };
            Request::read(event, Timestamp(0), None).flag("everywhere")
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
