use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
};

use http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{address, trim_ows};

/// The header in which the proxy sends the secret.
const SECRET_HEADER: &str = "x-gatecrumb-proxy";

/// A proxy in front of the API that vouches for the visitor's address.
pub struct Proxy {
    secret: Zeroizing<String>,
    address_header: HeaderName,
    /// Whether this process has already logged that the proxy passed no address.
    warned: AtomicBool,
}

impl Proxy {
    /// `None` if `address_header` is not a valid header name.
    #[must_use]
    pub fn new(secret: &str, address_header: &str) -> Option<Self> {
        let address_header = HeaderName::try_from(address_header.to_ascii_lowercase()).ok()?;
        Some(Self {
            secret: Zeroizing::new(secret.to_owned()),
            address_header,
            warned: AtomicBool::new(false),
        })
    }

    /// The visitor's address, if the request has the secret, which only the proxy knows.
    pub fn vouched_address(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let presented = headers.get(SECRET_HEADER)?.as_bytes();
        if !bool::from(presented.ct_eq(self.secret.as_bytes())) {
            return None;
        }
        let vouched = last_address(headers, &self.address_header);
        // Once per process: a misconfigured proxy passes no address with any request.
        if vouched.is_none() && !self.warned.swap(true, Ordering::Relaxed) {
            let header = self.address_header.as_str();
            tracing::warn!(
                event = "proxy_without_address",
                header,
                "a request had the proxy's secret but no visitor address: all visitors behind the proxy count as one"
            );
        }
        vouched
    }
}

/// The address in the last entry of a header. Each proxy appends the address that it saw, so only the last entry is the
/// trusted proxy's.
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

    thread_local! {
        static WARNINGS: Cell<u32> = const { Cell::new(0) };
    }

    /// Counts the events `proxy_without_address` of this thread.
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
    fn only_the_last_entry_counts_and_only_with_the_secret() {
        let proxy = Proxy::new("a secret of 16 bytes or more", "x-forwarded-for").unwrap();
        let with = |secret: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(SECRET_HEADER, secret.parse().unwrap());
            headers.insert("x-forwarded-for", "203.0.113.9, 192.0.2.7".parse().unwrap());
            proxy.vouched_address(&headers)
        };
        assert_eq!(
            with("a secret of 16 bytes or more"),
            Some("192.0.2.7".parse().unwrap())
        );
        assert_eq!(with("a secret of 16 bytes or mors"), None);
        assert_eq!(with(""), None);
        let of = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(SECRET_HEADER, "a secret of 16 bytes or more".parse().unwrap());
            headers.insert("x-forwarded-for", http::HeaderValue::from_bytes(value).unwrap());
            proxy.vouched_address(&headers)
        };
        assert_eq!(
            of(b"203.0.113.9,\t192.0.2.7 \t"),
            Some("192.0.2.7".parse().unwrap())
        );
        for padded in [
            "192.0.2.7\u{a0}",
            "\u{2000}192.0.2.7",
            "\u{85}192.0.2.7",
            "\u{feff}192.0.2.7",
        ] {
            assert_eq!(of(padded.as_bytes()), None, "{padded:?}");
        }
    }

    #[test]
    fn a_proxy_that_passes_no_address_is_logged_once() {
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
            // Requests without the secret must not fill the log.
            headers.insert(SECRET_HEADER, "another".parse().unwrap());
            proxy.vouched_address(&headers);
            assert_eq!(WARNINGS.with(Cell::get), before, "{address:?}");
            headers.insert(SECRET_HEADER, secret.parse().unwrap());
            for _ in 0..3 {
                proxy.vouched_address(&headers);
            }
            assert_eq!(WARNINGS.with(Cell::get) - before, expected, "{address:?}");
        }
    }
}
