//! The checks of a deployment from outside.

mod cookies;
mod origins;
mod responses;

use std::net::IpAddr;

use http::{Method, Uri};
use responses::{clock, proxies};
pub(super) use responses::{headers, judge_clock, parse_time, unexpected};

use super::{
    arguments,
    fault::NoResponse,
    http::{Http, Response},
    report::Report,
};
use crate::Failure;

/// A deployment, at its public URL.
pub(super) struct Deployment {
    pub(super) http: Http,
    uri: Uri,
    pub(super) origins: Vec<String>,
}

impl Deployment {
    pub(super) fn at(url: &str, origins: &[String]) -> Result<Self, Failure> {
        let (base, uri) = arguments::base_url(url)?;
        let origins: Result<_, _> = origins.iter().map(|origin| arguments::origin(origin)).collect();
        Ok(Self {
            http: Http::new(base)?,
            uri,
            origins: origins?,
        })
    }

    /// The origin of the URL itself.
    pub(super) fn own_origin(&self) -> String {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        format!("{scheme}://{authority}")
    }

    /// Whether nobody on the network can read what is sent: the URL is https, or on this machine. The client follows no
    /// redirects.
    pub(super) fn takes_passwords(&self) -> bool {
        self.is_https() || is_this_machine(self.uri.host().unwrap_or_default())
    }

    fn is_https(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// All checks that need no sign-in. Returns false if the URL does not respond like gatecrumb.
    pub(super) async fn check(&self, report: &mut Report) -> bool {
        let Some(me) = self.reach(report).await else {
            return false;
        };
        self.https(report).await;
        headers("response headers", &me, report);
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

    async fn reach(&self, report: &mut Report) -> Option<Response> {
        const CHECK: &str = "reachable";
        let response = match self.http.send(Method::GET, "/auth/me", &[], String::new()).await {
            Ok(response) => response,
            Err(cause) => {
                if cause.may_be_https() && self.speaks_https().await {
                    self.report_https(report);
                } else if cause.is_not_tls() {
                    let help = format!(
                        "use {} in --url, or serve https on this port",
                        self.with_scheme("http")
                    );
                    report.fail(CHECK, cause.to_string(), &help);
                } else {
                    report.fail(CHECK, cause.to_string(), cause.help());
                }
                return None;
            }
        };
        // Many servers respond so to plain http on their https port.
        if response.status == 400 && response.code().is_empty() && self.speaks_https().await {
            self.report_https(report);
            return None;
        }
        let location = response.header("location");
        if response.status.is_redirection() && location.starts_with("https://") && !self.is_https() {
            let url = location.trim_end_matches('/');
            let url = url.strip_suffix("/auth/me").unwrap_or(url);
            report.fail(
                CHECK,
                "the server redirects to https",
                &format!("use {url} in --url"),
            );
            return None;
        }
        let status = response.status.as_u16();
        let help = match (status, response.code().as_str()) {
            (401, "not_logged_in") => {
                report.pass(CHECK, "GET /auth/me returns 401 not_logged_in");
                return Some(response);
            }
            (404, _) => {
                "no route: check the mapping of the custom domain (its path must be empty, or part of --url), or the \
                 rewrite of /auth/*"
            }
            (502..=504, "") => "API Gateway cannot run the function: search its log for start_failed",
            (503, _) => "DynamoDB is unreachable or refuses requests: see the log of the function me",
            (200..=399, _) => {
                "another server responds, such as that of the pages: check the rewrite of /auth/*"
            }
            (403, "") => {
                "something in front of the API refuses the request: check the firewall and the mapping of the domain"
            }
            _ => "see the log of the function me",
        };
        report.fail(
            CHECK,
            format!("GET /auth/me returns {}", response.outcome()),
            help,
        );
        None
    }

    /// Whether the server behind an http URL speaks https, even with a certificate that is refused. The request has no
    /// cookies and no body.
    async fn speaks_https(&self) -> bool {
        if self.is_https() {
            return false;
        }
        let url = format!("{}/auth/me", self.with_scheme("https"));
        match self.http.send_to(&url, Method::GET, &[], String::new()).await {
            Ok(_) => true,
            Err(cause) => cause.is_about_the_certificate(),
        }
    }

    fn report_https(&self, report: &mut Report) {
        let help = format!("use {} in --url", self.with_scheme("https"));
        report.fail("reachable", "the server speaks https, not plain http", &help);
    }

    /// The URL with another scheme.
    fn with_scheme(&self, scheme: &str) -> String {
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        format!("{scheme}://{authority}{}", self.uri.path().trim_end_matches('/'))
    }

    async fn https(&self, report: &mut Report) {
        const CHECK: &str = "https";
        if !self.is_https() {
            let host = self.uri.host().unwrap_or_default();
            if matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
                report.note(CHECK, "plain http on this machine", "use it only for development");
            } else {
                report.fail(
                    CHECK,
                    "plain http",
                    "serve it over https only: others can read passwords and cookies",
                );
            }
            return;
        }
        if self.uri.port().is_some() {
            report.pass(CHECK, "the certificate is valid");
            return;
        }
        let url = format!(
            "http://{}{}/auth/me",
            self.uri.host().unwrap_or_default(),
            self.uri.path().trim_end_matches('/')
        );
        let plain = self.http.send_to(&url, Method::GET, &[], String::new()).await;
        match plain {
            Ok(response) if response.code() == "not_logged_in" => report.fail(
                CHECK,
                "the API also responds to plain http",
                "configure the proxy to redirect http to https, or close port 80",
            ),
            _ => report.pass(
                CHECK,
                "the certificate is valid, and the API does not respond to plain http",
            ),
        }
    }
}

/// Only `localhost` and loopback addresses: what any other name resolves to can change.
pub(super) fn is_this_machine(host: &str) -> bool {
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
