use std::collections::BTreeMap;

use gatecrumb_api::{HttpEvent, Proxy, address, is_plain, trim_ows};
use gatecrumb_auth::Client;
use gatecrumb_domain::Timestamp;
use gatecrumb_tokens::cookies::{CookiePolicy, PresentedCookies};
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, COOKIE, IF_NONE_MATCH, USER_AGENT},
};
use serde::de::DeserializeOwned;

use crate::Problem;

const MAX_BODY_BYTES: usize = 8 * 1024;
const MAX_USER_AGENT_BYTES: usize = 256;

/// The body is not what the route expects. [`Request::json`] adds the detail.
pub(crate) const INVALID_REQUEST: Problem = Problem::new(StatusCode::BAD_REQUEST, "invalid_request", "");
pub(crate) const UNSUPPORTED_MEDIA_TYPE: Problem = Problem::new(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "Send the body as Content-Type: application/json.",
);
pub(crate) const BODY_TOO_LARGE: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "body_too_large",
    "The body can have at most 8192 bytes.",
);

/// A request as the functions read it.
pub struct Request {
    /// API Gateway's request id, which is also in the response and in every log line.
    pub id: String,
    /// When the function received it.
    pub now: Timestamp,
    /// Who sent it.
    pub client: Client,
    headers: HeaderMap,
    query: String,
    path_parameters: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn read(event: HttpEvent, now: Timestamp, proxy: Option<&Proxy>) -> Self {
        let HttpEvent {
            request_id,
            source_ip,
            headers,
            query,
            path_parameters,
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
            path_parameters,
            body,
        }
    }

    /// A header's value; the first when there are several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name).map(http::HeaderValue::as_bytes)
    }

    /// The value of a path parameter, such as `id` of the route `/auth/sessions/{id}`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.path_parameters.get(name).map(String::as_str)
    }

    /// All headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The cookies that belong to this deployment.
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

    /// Whether the query contains `name` with any value, even an empty one, except `false`, `0` and `no` in any case. Names
    /// and values are percent-decoded first. A client that writes the flag in another way gets the safer result.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        let off = |value: &str| {
            ["false", "0", "no"]
                .iter()
                .any(|off| value.eq_ignore_ascii_case(off))
        };
        form_urlencoded::parse(self.query.as_bytes()).any(|(found, value)| found == name && !off(&value))
    }

    /// Whether `If-None-Match` contains `*` or this entity tag, weak or not (RFC 9110 section 13.1.2).
    pub(crate) fn matches_entity_tag(&self, entity_tag: &str) -> bool {
        let fields = self.headers.get_all(IF_NONE_MATCH).iter();
        let tags = fields.flat_map(|field| field.as_bytes().split(|&byte| byte == b','));
        tags.map(trim_ows).any(|tag| {
            let strong = tag.strip_prefix(b"W/").unwrap_or(tag);
            tag == b"*" || strong == entity_tag.as_bytes()
        })
    }

    /// Parses the body as a JSON object. If that fails, `expected` is the detail of the response.
    pub fn json<T: DeserializeOwned>(&self, expected: &'static str) -> Result<T, Problem> {
        if !self.header(CONTENT_TYPE.as_str()).is_some_and(is_json) {
            return Err(UNSUPPORTED_MEDIA_TYPE);
        }
        if self.body.len() > MAX_BODY_BYTES {
            return Err(BODY_TOO_LARGE);
        }
        let invalid = || Problem {
            detail: expected,
            ..INVALID_REQUEST
        };
        // serde would accept an array of the fields' values as a struct.
        if !self.body.trim_ascii_start().starts_with(b"{") {
            return Err(invalid());
        }
        serde_json::from_slice(&self.body).map_err(|_| invalid())
    }
}

/// At most 256 bytes of visible ASCII.
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

/// `application/json` with any parameters (RFC 8259 section 11 defines none).
fn is_json(value: &[u8]) -> bool {
    let essence = value.split(|&byte| byte == b';').next().unwrap_or_default();
    trim_ows(essence).eq_ignore_ascii_case(b"application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_on_unless_its_value_is_false_0_or_no() {
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
    fn entity_tags_compare_weakly() {
        let matches = |fields: &[&str]| {
            let mut event = HttpEvent::default();
            for field in fields {
                event.headers.append(IF_NONE_MATCH, field.parse().unwrap());
            }
            Request::read(event, Timestamp(0), None).matches_entity_tag("\"a\"")
        };
        for known in [
            &["\"a\""][..],
            &["W/\"a\""],
            &["\"b\", \"a\""],
            &["\"b\",\t W/\"a\" "],
            &["\"b\"", "\"a\""],
            &["*"],
        ] {
            assert!(matches(known), "{known:?}");
        }
        for unknown in [
            &[][..],
            &[""],
            &["a"],
            &["\"b\""],
            &["\"a"],
            &["w/\"a\""],
            &["\"a\"b"],
            &["W/ \"a\""],
        ] {
            assert!(!matches(unknown), "{unknown:?}");
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
