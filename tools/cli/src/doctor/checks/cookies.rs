//! The checks of the cookies that a deployment sets and clears.

use cookie::SameSite;
use gatecrumb_tokens::cookies::CookieKind;
use http::Method;

use super::{Deployment, Report, Response, unexpected};

impl Deployment {
    /// Without a session, refresh clears every cookie, with the same attributes as when it sets them.
    pub(super) async fn cookies(&self, report: &mut Report) {
        const CHECK: &str = "cookies";
        let response = self
            .http
            .send(Method::POST, "/auth/refresh", &[], String::new())
            .await;
        match response {
            Ok(response) if response.outcome() == "401 not_logged_in" => {
                self.judge_cookies(CHECK, &response, report);
            }
            other => unexpected(CHECK, "POST /auth/refresh", &other, report),
        }
    }

    /// The first `Set-Cookie` of each kind is the one of the current configuration.
    pub(in crate::doctor) fn judge_cookies(&self, check: &str, response: &Response, report: &mut Report) {
        let lines = response.set_cookies();
        let mut faults = Vec::new();
        let mut names = Vec::new();
        let mut same_site = "Lax";
        for kind in CookieKind::ALL {
            let suffix = format!("-{}", kind.suffix());
            let Some(cookie) = lines.iter().find(|cookie| cookie.name().ends_with(&suffix)) else {
                faults.push(format!("no Set-Cookie has a name that ends in {suffix}"));
                continue;
            };
            let name = cookie.name();
            let mut fault = |what: &str| faults.push(format!("{name} {what}"));
            let http_only = cookie.http_only() == Some(true);
            if kind == CookieKind::Hint && http_only {
                fault("is HttpOnly: pages cannot read it");
            }
            if kind != CookieKind::Hint && !http_only {
                fault("is not HttpOnly");
            }
            if self.is_https() && (cookie.secure() != Some(true) || !name.starts_with("__")) {
                fault("is not Secure");
            }
            if cookie.path() != Some("/") {
                fault("has a Path other than /");
            }
            let host = self.uri.host().unwrap_or_default();
            match cookie.domain() {
                Some(domain) if host != domain && !host.ends_with(&format!(".{domain}")) => {
                    fault(&format!(
                        "has the Domain {domain}, which does not contain {host}: browsers drop it"
                    ));
                }
                Some(_) if name.starts_with("__Host-") => fault("has a Domain: browsers drop it"),
                _ => (),
            }
            match cookie.same_site() {
                Some(SameSite::Lax) => (),
                Some(SameSite::None) => same_site = "None, for frontends on other sites",
                _ => fault("has neither SameSite=Lax nor SameSite=None"),
            }
            names.push(name.to_owned());
        }
        report.judge(
            check,
            format!("{}; SameSite={same_site}", names.join(", ")),
            &faults,
            "check COOKIE_DOMAIN and COOKIE_INSECURE, and configure proxies to forward every Set-Cookie unchanged",
        );
    }
}
