use cookie::Cookie;

use super::{CookieKind, CookiePolicy};

/// Of several cookies of one name so many are looked at; a browser sends two at most.
const MAX_CANDIDATES: usize = 4;
/// No token of ours is longer: it would not fit its cookie.
const MAX_TOKEN_BYTES: usize = 4096;

/// The values that came under one cookie's name.
#[derive(Clone, Default)]
pub struct Candidates {
    values: Vec<String>,
    came: usize,
}

impl Candidates {
    /// Whether a cookie of this name came, be its value what it may.
    #[must_use]
    pub fn any(&self) -> bool {
        self.came > 0
    }

    /// Whether several cookies of this name came: leftovers of another configuration, so that what they say is
    /// no sign of theft.
    #[must_use]
    pub fn several(&self) -> bool {
        self.came > 1
    }

    /// The values worth verifying: at most 4, each at most 4,096 bytes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    fn push(&mut self, value: &str) {
        self.came += 1;
        if self.came <= MAX_CANDIDATES && value.len() <= MAX_TOKEN_BYTES {
            self.values.push(value.to_owned());
        }
    }
}

/// The cookies of ours that came with a request. Whatever the header holds, reading it never fails.
#[derive(Clone, Default)]
pub struct PresentedCookies {
    /// Under the access cookie's name.
    pub access: Candidates,
    /// Under the refresh cookie's name.
    pub refresh: Candidates,
    /// Whether the hint came.
    pub hint: bool,
    /// Under the device cookie's name. They say nothing of whether somebody is signed in.
    pub device: Candidates,
}

impl PresentedCookies {
    /// Reads the values of the `Cookie` header fields. What is malformed is passed over.
    pub fn parse<'a>(headers: impl IntoIterator<Item = &'a [u8]>, policy: &CookiePolicy) -> Self {
        let access = policy.name(CookieKind::Access);
        let refresh = policy.name(CookieKind::Refresh);
        let hint = policy.name(CookieKind::Hint);
        let device = policy.name(CookieKind::Device);
        let mut presented = Self::default();
        for header in headers {
            let header = String::from_utf8_lossy(header);
            for cookie in Cookie::split_parse(header.as_ref()).filter_map(Result::ok) {
                match cookie.name() {
                    name if name == access => presented.access.push(cookie.value()),
                    name if name == refresh => presented.refresh.push(cookie.value()),
                    name if name == hint => presented.hint = true,
                    name if name == device => presented.device.push(cookie.value()),
                    _ => {}
                }
            }
        }
        presented
    }

    /// Whether none of the three came: the visitor is not signed in, and nothing need be looked up.
    #[must_use]
    pub fn none(&self) -> bool {
        !self.access.any() && !self.refresh.any() && !self.hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookies::SameSite;

    fn parse(header: &[u8]) -> PresentedCookies {
        let policy = CookiePolicy::new(false, None, SameSite::Lax).unwrap();
        PresentedCookies::parse([header], &policy)
    }

    #[test]
    fn ours_are_found_among_others_and_rubbish() {
        let cookies = parse(
            b"; =; x; theme=dark;gatecrumb-access=a ; \xff\xfe=\x01; gatecrumb-hint=1; gatecrumb-accessory=b",
        );
        assert_eq!(cookies.access.iter().collect::<Vec<_>>(), ["a"]);
        assert!(!cookies.access.several());
        assert!(!cookies.refresh.any());
        assert!(cookies.hint);
        assert!(parse(b"theme=dark").none());
        assert!(parse(b"").none());
    }

    #[test]
    fn at_most_four_of_one_name_are_looked_at() {
        let cookies = parse("gatecrumb-refresh=t;".repeat(9).as_bytes());
        assert_eq!(cookies.refresh.iter().count(), 4);
        assert!(cookies.refresh.several());
    }

    #[test]
    fn an_oversized_value_came_but_is_not_looked_at() {
        let cookies = parse(format!("gatecrumb-access={}", "x".repeat(4097)).as_bytes());
        assert_eq!(cookies.access.iter().count(), 0);
        assert!(cookies.access.any() && !cookies.none());
    }

    #[test]
    fn the_names_of_another_policy_are_not_ours() {
        assert!(parse(b"__Host-gatecrumb-access=a; __Secure-gatecrumb-refresh=b").none());
    }
}
