//! The cookies that a deployment sets and clears.

use cookie::SameSite;
use gatecrumb_tokens::cookies::CookieKind;
use http::Method;

use super::{Answer, Deployment, Report, unexpected};

impl Deployment {
    /// Without a session refresh clears every cookie, by the attributes that they are set with.
    pub(super) async fn cookies(&self, report: &mut Report) {
        const CHECK: &str = "cookies";
        let answer = self
            .http
            .ask(Method::POST, "/auth/refresh", &[], String::new())
            .await;
        match answer {
            Ok(answer) if answer.outcome() == "401 not_logged_in" => {
                self.judge_cookies(CHECK, &answer, report);
            }
            other => unexpected(CHECK, "POST /auth/refresh", &other, report),
        }
    }

    /// Of each kind the first line is the one of the present configuration.
    pub(in crate::doctor) fn judge_cookies(&self, check: &str, answer: &Answer, report: &mut Report) {
        let lines = answer.set_cookies();
        let mut faults = Vec::new();
        let mut names = Vec::new();
        let mut same_site = "Lax";
        for kind in CookieKind::ALL {
            let suffix = format!("-{}", kind.suffix());
            let Some(cookie) = lines.iter().find(|cookie| cookie.name().ends_with(&suffix)) else {
                faults.push(format!("no Set-Cookie for a name that ends in {suffix} arrives"));
                continue;
            };
            let name = cookie.name();
            let mut fault = |text: &str| faults.push(format!("{name} {text}"));
            let http_only = cookie.http_only() == Some(true);
            if kind == CookieKind::Hint && http_only {
                fault("is HttpOnly, so that pages cannot see it");
            }
            if kind != CookieKind::Hint && !http_only {
                fault("is not HttpOnly");
            }
            if self.is_https() && (cookie.secure() != Some(true) || !name.starts_with("__")) {
                fault("is not Secure");
            }
            if cookie.path() != Some("/") {
                fault("has another path than /");
            }
            let host = self.uri.host().unwrap_or_default();
            match cookie.domain() {
                Some(domain) if host != domain && !host.ends_with(&format!(".{domain}")) => {
                    fault(&format!(
                        "is for {domain}, which {host} does not belong to: browsers drop it"
                    ));
                }
                Some(_) if name.starts_with("__Host-") => fault("has a Domain: browsers drop it"),
                _ => (),
            }
            match cookie.same_site() {
                Some(SameSite::Lax) => (),
                Some(SameSite::None) => same_site = "None, for frontends on other sites",
                _ => fault("has neither SameSite=Lax nor None"),
            }
            names.push(name.to_owned());
        }
        report.judge(
            check,
            format!("{}; SameSite={same_site}", names.join(", ")),
            &faults,
            "set COOKIE_DOMAIN and COOKIE_INSECURE right, and let proxies pass on every Set-Cookie as it is",
        );
    }
}
