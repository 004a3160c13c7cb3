use super::{CookieKind, CookiePolicy};

/// Our tokens are not longer: they would not fit into their cookie.
const MAX_TOKEN_BYTES: usize = 4096;

/// The values that a request has under one cookie's name.
#[derive(Clone, Default)]
pub struct Candidates {
    values: Vec<String>,
    count: usize,
}

impl Candidates {
    /// Whether the request has a cookie of this name, with any value.
    #[must_use]
    pub fn any(&self) -> bool {
        self.count > 0
    }

    /// The number of cookies of this name in the request, with any value.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The values in the order of the request, each 1 to 4,096 bytes of visible ASCII and spaces. Only the size of the
    /// headers bounds their number (10,240 bytes at API Gateway). A caller that uses only some of them must check their
    /// form first, so that junk cannot displace a valid value.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    fn push(&mut self, value: &str) {
        self.count += 1;
        if (1..=MAX_TOKEN_BYTES).contains(&value.len()) {
            self.values.push(value.to_owned());
        }
    }
}

/// Values that are not from cookies, such as bearer tokens.
impl<'a> FromIterator<&'a str> for Candidates {
    fn from_iter<I: IntoIterator<Item = &'a str>>(values: I) -> Self {
        let mut candidates = Self::default();
        values.into_iter().for_each(|value| candidates.push(value));
        candidates
    }
}

/// Our cookies in a request. Parsing accepts any header.
#[derive(Clone, Default)]
pub struct PresentedCookies {
    /// The values of the access cookie.
    pub access: Candidates,
    /// The values of the refresh cookie.
    pub refresh: Candidates,
    /// Whether the request has the hint cookie.
    pub hint: bool,
    /// The values of the device cookie. They do not depend on whether the user is signed in.
    pub device: Candidates,
}

impl PresentedCookies {
    /// Parses the values of the `Cookie` header fields as bytes (RFC 6265bis section 5.6). Skips what is malformed.
    pub fn parse<'a>(headers: impl IntoIterator<Item = &'a [u8]>, policy: &CookiePolicy) -> Self {
        let access = policy.name(CookieKind::Access);
        let refresh = policy.name(CookieKind::Refresh);
        let hint = policy.name(CookieKind::Hint);
        let device = policy.name(CookieKind::Device);
        let mut presented = Self::default();
        for (name, value) in headers.into_iter().flat_map(pairs) {
            match name {
                name if name == access => presented.access.push(value),
                name if name == refresh => presented.refresh.push(value),
                name if name == hint => presented.hint = true,
                name if name == device => presented.device.push(value),
                _ => {}
            }
        }
        presented
    }

    /// Whether the request has none of a session's three cookies: the user is not signed in, so no lookup is necessary.
    #[must_use]
    pub fn none(&self) -> bool {
        !self.access.any() && !self.refresh.any() && !self.hint
    }
}

/// The names and values of one header field. A browser enforces the `__Host-` prefix on the name that it stores. If
/// this trimmed more than browsers do, a name that any subdomain can set would become ours.
fn pairs(header: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    header.split(|&byte| byte == b';').filter_map(|pair| {
        // Without `=`, it is a cookie without a name.
        let equals = pair.iter().position(|&byte| byte == b'=')?;
        Some((plain(&pair[..equals])?, plain(&pair[equals + 1..])?))
    })
}

/// `bytes` without leading and trailing SP and HTAB, the white space of RFC 6265bis. `None` if the rest is not visible
/// ASCII and spaces.
fn plain(bytes: &[u8]) -> Option<&str> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = bytes.iter().position(|byte| !blank(byte)).unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(start, |last| last + 1);
    let text = std::str::from_utf8(&bytes[start..end]).ok()?;
    text.bytes()
        .all(|byte| (0x20..0x7f).contains(&byte))
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::cookies::{CookieName, SameSite};

    static POLICY: LazyLock<CookiePolicy> =
        LazyLock::new(|| CookiePolicy::new(CookieName::default(), false, None, SameSite::Lax).unwrap());

    fn parse(header: &[u8]) -> PresentedCookies {
        PresentedCookies::parse([header], &POLICY)
    }

    #[test]
    fn our_cookies_are_found_among_other_cookies_and_junk() {
        let cookies = parse(
            b"; =; x; theme=dark;gatecrumb-access=a ; \xff\xfe=\x01; gatecrumb-hint=1; gatecrumb-accessory=b",
        );
        assert_eq!(cookies.access.iter().collect::<Vec<_>>(), ["a"]);
        assert!(!cookies.refresh.any());
        assert!(cookies.hint);
        assert!(parse(b"theme=dark").none());
        assert!(parse(b"").none());
    }

    fn values(candidates: &Candidates) -> Vec<&str> {
        candidates.iter().collect()
    }

    #[test]
    fn each_cookie_is_parsed_under_its_own_name_only() {
        let kinds = [
            CookieKind::Access,
            CookieKind::Refresh,
            CookieKind::Hint,
            CookieKind::Device,
        ];
        for kind in kinds {
            let cookies = parse(format!("theme=dark; {}=1", POLICY.name(kind)).as_bytes());
            let found = [
                values(&cookies.access) == ["1"],
                values(&cookies.refresh) == ["1"],
                cookies.hint,
                values(&cookies.device) == ["1"],
            ];
            assert_eq!(found, kinds.map(|other| other == kind), "{kind:?}");
            assert_eq!(cookies.none(), kind == CookieKind::Device, "{kind:?}");
        }
    }

    #[test]
    fn a_field_is_split_and_trimmed_as_browsers_write_it() {
        let cookies = parse(b"\t gatecrumb-access \t=\t a b=c \t;gatecrumb-refresh=\"d\";gatecrumb-hint=");
        assert_eq!(
            values(&cookies.access),
            ["a b=c"],
            "inner blanks and a second = belong to the value"
        );
        assert_eq!(values(&cookies.refresh), ["\"d\""], "quotes belong to the value");
        assert!(cookies.hint);
        let twice = parse(b"gatecrumb-access=a; gatecrumb-access=b; gatecrumb-access=a");
        assert_eq!(values(&twice.access), ["a", "b", "a"]);
    }

    #[test]
    fn names_are_compared_byte_for_byte_and_cookies_without_a_name_are_skipped() {
        for header in [
            "Gatecrumb-access=a",
            "gatecrumb-ACCESS=a",
            "gatecrumb-access",
            "=gatecrumb-access=a",
            " =gatecrumb-access=a",
            "x=gatecrumb-access=a",
            "gatecrumb-access =", // A cookie of ours without a value.
            "gatecrumb%2Daccess=a",
            "\"gatecrumb-access\"=a",
            "$gatecrumb-access=a",
        ] {
            assert_eq!(values(&parse(header.as_bytes()).access), [""; 0], "{header}");
        }
    }

    /// Every code point before, inside and after the name and the value: only SP and HTAB are trimmed.
    #[test]
    fn no_code_point_but_sp_and_htab_is_trimmed() {
        const NAME: &str = "gatecrumb-access";
        for point in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            if point == ';' {
                continue;
            }
            let blank = matches!(point, ' ' | '\t');
            let visible = ('!'..='~').contains(&point);
            for name in [format!("{point}{NAME}"), format!("{NAME}{point}")] {
                // A name ends at the first `=`, so this is our name.
                let ends = point == '=' && name.starts_with(NAME);
                let cookies = parse(format!("{name}=a").as_bytes());
                assert_eq!(cookies.access.any(), blank || ends, "{point:?} at the name");
            }
            let split = parse(format!("gatecrumb{point}-access=a").as_bytes());
            assert!(split.none(), "{point:?} in the name");
            for value in [format!("{point}a"), format!("a{point}"), format!("a{point}a")] {
                let cookies = parse(format!("{NAME}={value}").as_bytes());
                let expected = match (blank, value.len()) {
                    (true, 2) => vec!["a"],
                    (true, _) if point == ' ' => vec![value.as_str()],
                    _ if visible => vec![value.as_str()],
                    _ => vec![],
                };
                assert_eq!(values(&cookies.access), expected, "{point:?} at the value");
            }
        }
    }

    /// Bytes that an HTTP field may contain but a string may not.
    #[test]
    fn no_byte_but_sp_and_htab_is_trimmed() {
        for byte in 0..=u8::MAX {
            if matches!(byte, b' ' | b'\t' | b';' | b'=') {
                continue;
            }
            for name in [
                [&[byte], b"gatecrumb-access".as_slice()],
                [b"gatecrumb-access", &[byte]],
            ] {
                assert!(
                    parse(&[&name.concat(), b"=a".as_slice()].concat()).none(),
                    "{byte:#x}"
                );
            }
        }
    }

    #[test]
    fn an_oversized_value_is_counted_but_not_returned() {
        let cookies = parse(format!("gatecrumb-access={}", "x".repeat(4097)).as_bytes());
        assert_eq!(cookies.access.iter().count(), 0);
        assert!(cookies.access.any() && !cookies.none());
    }

    #[test]
    fn the_names_of_another_policy_are_not_ours() {
        assert!(parse(b"__Host-gatecrumb-access=a; __Secure-gatecrumb-refresh=b").none());
    }
}
