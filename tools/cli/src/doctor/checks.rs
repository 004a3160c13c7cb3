//! What can be seen of a deployment from outside.

mod answers;
mod cookies;
mod origins;

use std::net::IpAddr;

use answers::{clock, proxies};
pub(super) use answers::{headers, judge_clock, parse_time, unexpected};
use http::{Method, Uri};

use super::{
    http::{Answer, Http},
    report::Report,
};
use crate::Failure;

/// A deployment as its visitors reach it.
pub(super) struct Deployment {
    pub(super) http: Http,
    uri: Uri,
    pub(super) origins: Vec<String>,
}

impl Deployment {
    pub(super) fn at(url: &str, origins: &[String]) -> Result<Self, Failure> {
        let base = url.trim_end_matches('/');
        let wrong = || Failure::new(format!("{url} is not a URL such as https://auth.example.com"));
        let uri: Uri = base.parse().map_err(|_| wrong())?;
        if !matches!(uri.scheme_str(), Some("https" | "http"))
            || uri.host().is_none()
            || uri.query().is_some()
        {
            return Err(wrong());
        }
        let origins = origins
            .iter()
            .map(|origin| origin.trim_end_matches('/').to_owned());
        Ok(Self {
            http: Http::new(base)?,
            uri,
            origins: origins.collect(),
        })
    }

    /// The origin of the URL itself.
    pub(super) fn own_origin(&self) -> String {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        format!("{scheme}://{authority}")
    }

    /// Whether nobody between here and there could read what is sent: https, or this machine. Redirects are not followed.
    pub(super) fn takes_passwords(&self) -> bool {
        self.is_https() || is_this_machine(self.uri.host().unwrap_or_default())
    }

    fn is_https(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// All that can be seen without signing in; false when nothing answers as gatecrumb does.
    pub(super) async fn look(&self, report: &mut Report) -> bool {
        let Some(me) = self.reach(report).await else {
            return false;
        };
        self.https(report).await;
        headers("answers", &me, report);
        clock(&me, report);
        self.cookies(report).await;
        self.cross_site(report).await;
        for origin in &self.origins {
            self.allowed(origin, report).await;
        }
        self.foreign(report).await;
        proxies(&me, report);
        true
    }

    async fn reach(&self, report: &mut Report) -> Option<Answer> {
        const CHECK: &str = "reachable";
        let answer = match self.http.ask(Method::GET, "/auth/me", &[], String::new()).await {
            Ok(answer) => answer,
            Err(cause) => {
                report.fail(CHECK, cause, "check the URL, the DNS record and the certificate");
                return None;
            }
        };
        let status = answer.status.as_u16();
        let mend = match (status, answer.code().as_str()) {
            (401, "not_logged_in") => {
                report.pass(CHECK, "GET /auth/me answers 401 not_logged_in");
                return Some(answer);
            }
            (404, _) => {
                "nothing is routed here: check the custom domain's mapping (its path must be empty, or part of \
                 --url), or the rewrite of /auth/*"
            }
            (502..=504, "") => "API Gateway cannot run the function: see its log for start_failed",
            (503, _) => "DynamoDB cannot be reached or refuses: see the log of the function me",
            (200..=399, _) => "something else answers here, such as pages: check the rewrite of /auth/*",
            (403, "") => "something before the API refuses: a firewall, or a domain that is not mapped",
            _ => "see the log of the function me",
        };
        report.fail(CHECK, format!("GET /auth/me answers {}", answer.outcome()), mend);
        None
    }

    async fn https(&self, report: &mut Report) {
        const CHECK: &str = "https";
        if !self.is_https() {
            let host = self.uri.host().unwrap_or_default();
            if matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
                report.note(
                    CHECK,
                    "plain http on this machine",
                    "fine for development, and for nothing else",
                );
            } else {
                report.fail(
                    CHECK,
                    "plain http",
                    "serve it by https alone: passwords and cookies can be read on the way",
                );
            }
            return;
        }
        if self.uri.port().is_some() {
            report.pass(CHECK, "the certificate is good");
            return;
        }
        let url = format!(
            "http://{}{}/auth/me",
            self.uri.host().unwrap_or_default(),
            self.uri.path().trim_end_matches('/')
        );
        let plain = self.http.ask_at(&url, Method::GET, &[], String::new()).await;
        match plain {
            Ok(answer) if answer.code() == "not_logged_in" => report.fail(
                CHECK,
                "the API also answers plain http",
                "let the proxy redirect http to https, or close port 80",
            ),
            _ => report.pass(
                CHECK,
                "the certificate is good, and plain http gets no answer of the API's",
            ),
        }
    }
}

/// Only what cannot be anything else: a name that a DNS server answers for may lead here now and elsewhere later.
fn is_this_machine(host: &str) -> bool {
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_go_over_https_or_to_this_machine() {
        for (url, sent) in [
            ("https://auth.example.com", true),
            ("https://192.0.2.1", true),
            ("http://localhost:3000", true),
            ("http://LOCALHOST:3000", true),
            ("http://127.0.0.1:3000", true),
            ("http://127.255.255.254", true),
            ("http://[::1]:3000", true),
            ("http://[::ffff:127.0.0.1]:3000", true),
            ("http://auth.example.com", false),
            ("HTTP://auth.example.com", false),
            ("http://192.0.2.1", false),
            ("http://10.0.0.1:3000", false),
            ("http://0.0.0.0:3000", false),
            ("http://[::]:3000", false),
            ("http://[fe80::1]", false),
            ("http://localhost@auth.example.com", false),
            ("http://127.0.0.1:3000@auth.example.com", false),
            ("http://localhost.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://app.localhost", false),
        ] {
            assert_eq!(Deployment::at(url, &[]).unwrap().takes_passwords(), sent, "{url}");
        }
    }
}
