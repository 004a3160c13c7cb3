//! The `Cookie` header fields, one a line.

use std::sync::LazyLock;

use gatecrumb_tokens::cookies::{CookieKind, CookiePolicy, PresentedCookies, SameSite};

static POLICIES: LazyLock<[CookiePolicy; 3]> = LazyLock::new(|| {
    [
        CookiePolicy::new(false, None, SameSite::Lax),
        CookiePolicy::new(true, None, SameSite::None),
        CookiePolicy::new(true, Some("example.com".to_owned()), SameSite::Lax),
    ]
    .map(Result::unwrap)
});

pub(crate) fn run(bytes: &[u8]) {
    let fields = || bytes.split(|&byte| byte == b'\n');
    for policy in &*POLICIES {
        let cookies = PresentedCookies::parse(fields(), policy);
        for (kind, found) in [
            (CookieKind::Access, &cookies.access),
            (CookieKind::Refresh, &cookies.refresh),
        ] {
            let values: Vec<&str> = found.iter().collect();
            assert!(values.len() <= 4 && values.iter().all(|value| value.len() <= 4096));
            assert!(found.any() || values.is_empty());
            assert!(found.any() || !found.several());
            // Nothing comes from nowhere, and what was read is read the same when it is sent again.
            let name = policy.name(kind);
            for value in values {
                let again = format!("{name}={value}");
                let again = PresentedCookies::parse([again.as_bytes()], policy);
                let again = match kind {
                    CookieKind::Access => again.access,
                    _ => again.refresh,
                };
                assert_eq!(again.iter().collect::<Vec<_>>(), [value]);
            }
        }
        let any = cookies.access.any() || cookies.refresh.any() || cookies.hint;
        assert_eq!(cookies.none(), !any);
        // No cookie of ours without its name in the bytes.
        let named = bytes.windows(10).any(|window| window == b"gatecrumb-");
        assert!(named || cookies.none());
    }
}
