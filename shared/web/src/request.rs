use std::{net::IpAddr, sync::atomic::Ordering};

use gatecrumb_domain::Timestamp;
use gatecrumb_tokens::cookies::{CookiePolicy, PresentedCookies};
use http::{
    HeaderMap, HeaderName,
    header::{CONTENT_TYPE, COOKIE, USER_AGENT},
};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use crate::{Problem, Proxy, address::address, event::HttpEvent};

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
            client_address: vouched_address(&headers, proxy).or(source),
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

/// Whether an id is fit for a header and the log.
pub(crate) fn is_plain(id: &str) -> bool {
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
    let vouched = last_address(headers, &proxy.address_header);
    // Once a process: a proxy that is set up wrongly passes no address with any request.
    if vouched.is_none() && !proxy.said.swap(true, Ordering::Relaxed) {
        let header = proxy.address_header.as_str();
        tracing::warn!(
            event = "proxy_without_address",
            header,
            "the proxy's secret came without a visitor's address: all visitors behind the proxy count as one"
        );
    }
    vouched
}

/// The address in the last entry of a header. Each proxy appends what it saw: only the last is the trusted one's own.
fn last_address(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let value = headers.get_all(name).iter().next_back()?.as_bytes();
    let entry = value.rsplit(|&byte| byte == b',').next()?;
    address(std::str::from_utf8(trim_ows(entry)).ok()?)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tracing_subscriber::{fmt::MakeWriter, layer::SubscriberExt as _, registry};

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

    thread_local! {
        static WARNINGS: Cell<u32> = const { Cell::new(0) };
    }

    /// Counts this thread's warnings of a proxy without an address.
    fn counting() -> impl tracing::Subscriber + Send + Sync {
        struct Counting;
        impl std::io::Write for Counting {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                if String::from_utf8_lossy(bytes).contains("proxy_without_address") {
                    WARNINGS.with(|count| count.set(count.get() + 1));
                }
                Ok(bytes.len())
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        struct Writer;
        impl MakeWriter<'_> for Writer {
            type Writer = Counting;

            fn make_writer(&self) -> Counting {
                Counting
            }
        }
        registry().with(tracing_subscriber::fmt::layer().with_writer(Writer))
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
    fn a_proxy_that_passes_no_address_is_told_once() {
        let _log = tracing::subscriber::set_default(counting());
        let secret = "a secret of 16 bytes or more";
        for (address, expected) in [
            (None, 1),
            (Some(""), 1),
            (Some("unknown"), 1),
            (Some("203.0.113.9, unknown"), 1),
            (Some("203.0.113.9"), 0),
        ] {
            let proxy = Proxy::new(secret, "x-visitor").unwrap();
            let before = WARNINGS.with(Cell::get);
            let mut headers = HeaderMap::new();
            headers.extend(
                address.map(|address| (HeaderName::from_static("x-visitor"), address.parse().unwrap())),
            );
            // Whoever does not know the secret must not fill the log.
            headers.insert(PROXY_SECRET_HEADER, "another".parse().unwrap());
            vouched_address(&headers, Some(&proxy));
            assert_eq!(WARNINGS.with(Cell::get), before, "{address:?}");
            headers.insert(PROXY_SECRET_HEADER, secret.parse().unwrap());
            for _ in 0..3 {
                vouched_address(&headers, Some(&proxy));
            }
            assert_eq!(WARNINGS.with(Cell::get) - before, expected, "{address:?}");
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
