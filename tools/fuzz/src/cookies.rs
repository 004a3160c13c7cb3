//! `Cookie` header fields, one a line, compared with a minimal parser of RFC 6265bis section 5.6.

use std::sync::LazyLock;

use gatecrumb_tokens::cookies::{CookieKind, CookieName, CookiePolicy, PresentedCookies, SameSite};

static POLICIES: LazyLock<[CookiePolicy; 4]> = LazyLock::new(|| {
    [
        CookiePolicy::new(CookieName::default(), false, None, SameSite::Lax),
        CookiePolicy::new(CookieName::default(), true, None, SameSite::None),
        CookiePolicy::new("shop-2".parse().unwrap(), true, None, SameSite::Lax),
        CookiePolicy::new(
            CookieName::default(),
            true,
            Some("example.com".to_owned()),
            SameSite::Lax,
        ),
    ]
    .map(Result::unwrap)
});

pub(crate) fn run(bytes: &[u8]) {
    let fields = || bytes.split(|&byte| byte == b'\n');
    for policy in &*POLICIES {
        let cookies = PresentedCookies::parse(fields(), policy);
        let expected = |kind| -> Vec<&[u8]> {
            let name = policy.name(kind);
            fields().flat_map(|field| named(field, name.as_bytes())).collect()
        };
        for (kind, found) in [
            (CookieKind::Access, &cookies.access),
            (CookieKind::Refresh, &cookies.refresh),
        ] {
            let expected = expected(kind);
            assert_eq!(found.any(), !expected.is_empty());
            let values: Vec<&[u8]> = found.iter().map(str::as_bytes).collect();
            let fits = |value: &&[u8]| (1..=4096).contains(&value.len());
            assert_eq!(values, expected.into_iter().filter(fits).collect::<Vec<_>>());
        }
        assert_eq!(cookies.hint, !expected(CookieKind::Hint).is_empty());
        let any = cookies.access.any() || cookies.refresh.any() || cookies.hint;
        assert_eq!(cookies.none(), !any);
    }
}

/// The values of the cookies with this name, in order.
fn named<'a>(field: &'a [u8], name: &[u8]) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    for pair in field.split(|&byte| byte == b';') {
        let mut halves = pair.splitn(2, |&byte| byte == b'=');
        let (Some(left), Some(right)) = (halves.next(), halves.next()) else {
            continue;
        };
        let value = trimmed(right);
        if trimmed(left) == name && value.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            found.push(value);
        }
    }
    found
}

fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}
