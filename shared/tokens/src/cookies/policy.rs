use std::time::Duration;

use cookie::Cookie;

use super::{CookieKind, CookieName};

/// Browsers drop a cookie whose name and value exceed this (RFC 6265bis section 5.7, step 5).
const MAX_COOKIE_BYTES: usize = 4096;

/// Whether browsers send the cookies with requests that other sites initiate.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SameSite {
    /// Only with top-level navigation. For frontends on the same site as the API.
    #[default]
    Lax,
    /// Always, from a separate cookie jar for each top-level site (`Partitioned`). For frontends on another site.
    None,
}

/// A combination of settings that browsers reject.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("SameSite=None requires Secure cookies")]
pub struct InvalidPolicy;

/// A cookie that browsers would drop silently.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a cookie of {0} bytes is over the 4096 that browsers keep")]
pub struct CookieTooLarge(usize);

/// The names and attributes of the cookies.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CookiePolicy {
    name: CookieName,
    secure: bool,
    domain: Option<String>,
    same_site: SameSite,
}

impl CookiePolicy {
    /// `name` distinguishes the cookies of deployments; `secure` is true with HTTPS; `domain` shares the cookies with
    /// the subdomains of that domain.
    pub fn new(
        name: CookieName,
        secure: bool,
        domain: Option<String>,
        same_site: SameSite,
    ) -> Result<Self, InvalidPolicy> {
        if same_site == SameSite::None && !secure {
            return Err(InvalidPolicy);
        }
        Ok(Self {
            name,
            secure,
            domain,
            same_site,
        })
    }

    /// Whether browsers send the cookies with requests that other sites initiate.
    #[must_use]
    pub fn same_site(&self) -> SameSite {
        self.same_site
    }

    /// The cookie's name, with the prefix that binds it to its attributes (RFC 6265bis section 4.1.3).
    #[must_use]
    pub fn name(&self, kind: CookieKind) -> String {
        let prefix = match (self.secure, &self.domain) {
            (false, _) => "",
            (true, None) => "__Host-",
            (true, Some(_)) => "__Secure-",
        };
        format!("{prefix}{}-{}", self.name, kind.suffix())
    }

    /// The `Set-Cookie` value that stores `value` for `max_age`.
    pub fn set(&self, kind: CookieKind, value: &str, max_age: Duration) -> Result<String, CookieTooLarge> {
        let size = self.name(kind).len() + value.len();
        if size > MAX_COOKIE_BYTES {
            return Err(CookieTooLarge(size));
        }
        Ok(self.build(kind, value, max_age))
    }

    /// The `Set-Cookie` values that clear every cookie of a session: those of this policy, and those that the
    /// deployment may have set with earlier settings and that this host can clear.
    #[must_use]
    pub fn clear_all(&self) -> Vec<String> {
        self.clear(CookieKind::ALL)
    }

    /// Like [`Self::clear_all`], for these kinds only.
    #[must_use]
    pub fn clear(&self, kinds: impl IntoIterator<Item = CookieKind>) -> Vec<String> {
        let variants = self.variants();
        let clear = |kind| {
            variants
                .iter()
                .map(move |policy| policy.build(kind, "", Duration::ZERO))
        };
        kinds.into_iter().flat_map(clear).collect()
    }

    /// The policies whose cookies are cleared, this one first. Cookies of a `Domain` that is no longer configured
    /// cannot be cleared, because its name is unknown.
    fn variants(&self) -> Vec<Self> {
        let domains = if self.domain.is_some() {
            vec![self.domain.clone(), None]
        } else {
            vec![None]
        };
        let jars = match (self.secure, self.same_site) {
            (false, _) => vec![SameSite::Lax],
            (true, SameSite::Lax) => vec![SameSite::Lax, SameSite::None],
            (true, SameSite::None) => vec![SameSite::None, SameSite::Lax],
        };
        let with = |domain: &Option<String>, same_site| Self {
            name: self.name.clone(),
            secure: self.secure,
            domain: domain.clone(),
            same_site,
        };
        domains
            .iter()
            .flat_map(|domain| jars.iter().map(move |&jar| with(domain, jar)))
            .collect()
    }

    fn build(&self, kind: CookieKind, value: &str, max_age: Duration) -> String {
        let max_age = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
        let mut cookie = Cookie::build((self.name(kind), value))
            .http_only(kind != CookieKind::Hint)
            .secure(self.secure)
            .path("/")
            .same_site(match self.same_site {
                SameSite::Lax => cookie::SameSite::Lax,
                SameSite::None => cookie::SameSite::None,
            })
            .max_age(cookie::time::Duration::seconds(max_age))
            .build();
        if let Some(domain) = &self.domain {
            cookie.set_domain(domain.as_str());
        }
        if self.same_site == SameSite::None {
            // CHIPS: browsers that block third-party cookies drop them without this attribute.
            cookie.set_partitioned(true);
        }
        cookie.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(secure: bool, domain: Option<&str>, same_site: SameSite) -> String {
        let domain = domain.map(str::to_owned);
        let policy = CookiePolicy::new(CookieName::default(), secure, domain, same_site).unwrap();
        let lifetimes = [
            (CookieKind::Access, "a.b.c", 900),
            (CookieKind::Refresh, "d.e.f", 2_592_000),
        ];
        let hint = (CookieKind::Hint, "1", 2_592_000);
        let set = |(kind, value, age)| policy.set(kind, value, Duration::from_secs(age)).unwrap();
        let mut lines: Vec<String> = lifetimes.into_iter().chain([hint]).map(set).collect();
        lines.push("-- cleared by".to_owned());
        lines.extend(policy.clear_all());
        lines.join("\n")
    }

    #[test]
    fn https() {
        insta::assert_snapshot!(snapshot(true, None, SameSite::Lax), @r"
        __Host-gatecrumb-access=a.b.c; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=900
        __Host-gatecrumb-refresh=d.e.f; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000
        __Host-gatecrumb-hint=1; SameSite=Lax; Secure; Path=/; Max-Age=2592000
        -- cleared by
        __Host-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        ");
    }

    #[test]
    fn local_http() {
        insta::assert_snapshot!(snapshot(false, None, SameSite::Lax), @r"
        gatecrumb-access=a.b.c; HttpOnly; SameSite=Lax; Path=/; Max-Age=900
        gatecrumb-refresh=d.e.f; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000
        gatecrumb-hint=1; SameSite=Lax; Path=/; Max-Age=2592000
        -- cleared by
        gatecrumb-access=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0
        gatecrumb-refresh=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0
        gatecrumb-hint=; SameSite=Lax; Path=/; Max-Age=0
        ");
    }

    #[test]
    fn same_site_none() {
        insta::assert_snapshot!(snapshot(true, None, SameSite::None), @r"
        __Host-gatecrumb-access=a.b.c; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=900
        __Host-gatecrumb-refresh=d.e.f; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=2592000
        __Host-gatecrumb-hint=1; SameSite=None; Partitioned; Secure; Path=/; Max-Age=2592000
        -- cleared by
        __Host-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Max-Age=0
        ");
    }

    #[test]
    fn with_a_domain() {
        insta::assert_snapshot!(snapshot(true, Some("example.com"), SameSite::Lax), @r"
        __Secure-gatecrumb-access=a.b.c; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=900
        __Secure-gatecrumb-refresh=d.e.f; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=2592000
        __Secure-gatecrumb-hint=1; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=2592000
        -- cleared by
        __Secure-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0
        __Secure-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=0
        __Host-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Secure-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0
        __Secure-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=0
        __Host-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Secure-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0
        __Secure-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=0
        __Host-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        ");
    }

    #[test]
    fn same_site_none_with_a_domain() {
        insta::assert_snapshot!(snapshot(true, Some("example.com"), SameSite::None), @r"
        __Secure-gatecrumb-access=a.b.c; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=900
        __Secure-gatecrumb-refresh=d.e.f; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=2592000
        __Secure-gatecrumb-hint=1; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=2592000
        -- cleared by
        __Secure-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=0
        __Secure-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0
        __Host-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Secure-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=0
        __Secure-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0
        __Host-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
        __Secure-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=0
        __Secure-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0
        __Host-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
        __Host-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Max-Age=0
        ");
    }

    #[test]
    fn a_policy_keeps_its_same_site() {
        for same_site in [SameSite::Lax, SameSite::None] {
            let policy = CookiePolicy::new(CookieName::default(), true, None, same_site);
            assert_eq!(policy.unwrap().same_site(), same_site);
        }
    }

    #[test]
    fn same_site_none_requires_secure() {
        let policy = CookiePolicy::new(CookieName::default(), false, None, SameSite::None);
        assert_eq!(policy, Err(InvalidPolicy));
    }

    #[test]
    fn deployments_with_different_names_share_no_cookie() {
        let of = |name: &str| CookiePolicy::new(name.parse().unwrap(), true, None, SameSite::Lax).unwrap();
        let names = |policy: &CookiePolicy| CookieKind::ALL.map(|kind| policy.name(kind));
        let (shop, blog) = (of("shop"), of("blog"));
        insta::assert_snapshot!(names(&shop).join(" "), @"__Host-shop-access __Host-shop-refresh __Host-shop-hint");
        assert!(names(&shop).iter().all(|name| !names(&blog).contains(name)));
        assert!(
            shop.clear_all()
                .iter()
                .all(|line| line.starts_with("__Host-shop-"))
        );
        assert_eq!(shop.clear([CookieKind::Hint]), shop.clear_all()[4..]);
    }

    #[test]
    fn a_cookie_that_browsers_would_drop_is_rejected() {
        let policy = CookiePolicy::new(CookieName::default(), true, None, SameSite::Lax).unwrap();
        let fits = 4096 - policy.name(CookieKind::Access).len();
        let set = |bytes: usize| policy.set(CookieKind::Access, &"x".repeat(bytes), Duration::ZERO);
        assert!(set(fits).is_ok());
        assert_eq!(set(fits + 1), Err(CookieTooLarge(4097)));
    }
}
