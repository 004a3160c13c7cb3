use std::net::IpAddr;

use aws_smithy_types::date_time::{DateTime, Format};
use cookie::SameSite;
use gatecrumb_domain::Timestamp;
use gatecrumb_tokens::cookies::CookieKind;
use gatecrumb_web::clock as time;
use http::{Method, Uri};

use super::{
    http::{Http, Response},
    report::Report,
};
use crate::Failure;

/// An origin that no deployment allows (RFC 6761).
const FOREIGN: &str = "https://gatecrumb-doctor.invalid";
/// The most clock skew that gatecrumb's verifiers accept.
const MAX_SKEW_SECONDS: u64 = 5;
/// Response headers that proxies and caches add.
const PROXY_HEADERS: [&str; 8] = [
    "via",
    "x-amz-cf-id",
    "cf-ray",
    "x-vercel-id",
    "x-nf-request-id",
    "x-served-by",
    "x-cache",
    "x-powered-by",
];

/// A deployment, at its public URL.
pub(super) struct Deployment {
    pub(super) http: Http,
    uri: Uri,
    pub(super) origins: Vec<String>,
}

impl Deployment {
    pub(super) fn at(url: &str, origins: &[String]) -> Result<Self, Failure> {
        let base = url.trim_end_matches('/');
        let invalid = || Failure::new(format!("{url} is not a URL such as https://auth.example.com"));
        let uri: Uri = base.parse().map_err(|_| invalid())?;
        if !matches!(uri.scheme_str(), Some("https" | "http"))
            || uri.host().is_none()
            || uri.query().is_some()
        {
            return Err(invalid());
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
                report.fail(CHECK, cause, "check the URL, the DNS record and the certificate");
                return None;
            }
        };
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

    /// Without a session, refresh clears every cookie, with the same attributes as when it sets them.
    async fn cookies(&self, report: &mut Report) {
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
    pub(super) fn judge_cookies(&self, check: &str, response: &Response, report: &mut Report) {
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

    /// Requests that a page of another site could send must be refused.
    async fn cross_site(&self, report: &mut Report) {
        let json = ("content-type", "application/json");
        let site = ("sec-fetch-site", "cross-site");
        let origin = ("origin", FOREIGN);
        let mut faults = Vec::new();
        for path in ["/auth/login", "/auth/refresh", "/auth/logout"] {
            for headers in [&[json, origin, site][..], &[json, origin], &[json, site]] {
                match self.http.send(Method::POST, path, headers, "{}".to_owned()).await {
                    Ok(response) if response.outcome() == "403 cross_origin" => (),
                    Ok(response) => faults.push(format!("POST {path} returns {}", response.outcome())),
                    Err(cause) => faults.push(format!("POST {path}: {cause}")),
                }
            }
        }
        faults.dedup();
        report.judge(
            "cross-site requests",
            "login, refresh and logout refuse them",
            &faults,
            "configure proxies to forward Origin and Sec-Fetch-Site unchanged",
        );
    }

    async fn allowed(&self, origin: &str, report: &mut Report) {
        let check = format!("origin {origin}");
        let mut faults = Vec::new();
        let mut pages_can_read = true;
        if *origin != self.own_origin() {
            match self.preflight(origin).await {
                Ok(response) => {
                    let allows = |header: &str, wanted: &str| {
                        let mut listed = response
                            .header(header)
                            .split(',')
                            .map(|value| value.trim_matches([' ', '\t']));
                        listed.any(|value| value.eq_ignore_ascii_case(wanted))
                    };
                    pages_can_read = allows("access-control-allow-origin", origin)
                        && allows("access-control-allow-credentials", "true")
                        && allows("access-control-allow-methods", "POST")
                        && allows("access-control-allow-headers", "content-type");
                }
                Err(cause) => faults.push(format!("OPTIONS /auth/login: {cause}")),
            }
        }
        if !pages_can_read {
            faults.push("the preflight (CORS) does not allow it".to_owned());
        }
        let headers = [("origin", origin), ("sec-fetch-site", "same-site")];
        match self
            .http
            .send(Method::POST, "/auth/refresh", &headers, String::new())
            .await
        {
            Ok(response) if response.outcome() == "401 not_logged_in" => (),
            Ok(response) => faults.push(format!("POST /auth/refresh returns {}", response.outcome())),
            Err(cause) => faults.push(format!("POST /auth/refresh: {cause}")),
        }
        report.judge(
            check,
            "its pages may call the API",
            &faults,
            "add exactly this origin to AllowedOrigins and deploy",
        );
    }

    async fn foreign(&self, report: &mut Report) {
        const CHECK: &str = "other origins";
        match self.preflight(FOREIGN).await {
            Ok(response) if response.header("access-control-allow-origin").is_empty() => {
                report.pass(CHECK, "their pages cannot read responses");
            }
            Ok(response) => report.fail(
                CHECK,
                format!(
                    "{} can read responses",
                    response.header("access-control-allow-origin")
                ),
                "list exact origins in AllowedOrigins, and remove the CORS headers that a proxy adds",
            ),
            Err(cause) => unexpected(CHECK, "OPTIONS /auth/login", &Err(cause), report),
        }
    }

    async fn preflight(&self, origin: &str) -> Result<Response, String> {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type"),
        ];
        self.http
            .send(Method::OPTIONS, "/auth/login", &headers, String::new())
            .await
    }
}

/// Only `localhost` and loopback addresses: what any other name resolves to can change.
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

fn clock(response: &Response, report: &mut Report) {
    match parse_time(response.header("date"), Format::HttpDate) {
        Some(date) => judge_clock("clock", date, report),
        None => report.note(
            "clock",
            "the response has no Date header",
            "a proxy removes it; gatecrumb does not need it",
        ),
    }
}

pub(super) fn parse_time(text: &str, format: Format) -> Option<Timestamp> {
    let time = DateTime::from_str(text, format).ok()?;
    time.secs().try_into().ok().map(Timestamp)
}

pub(super) fn judge_clock(check: &str, theirs: Timestamp, report: &mut Report) {
    let skew = time::now().0.abs_diff(theirs.0);
    if skew <= MAX_SKEW_SECONDS {
        report.pass(
            check,
            format!("within {MAX_SKEW_SECONDS} s of this machine's clock"),
        );
    } else {
        report.fail(
            check,
            format!("differs by {skew} s from this machine's clock"),
            "synchronize the clocks of this machine and of every service that verifies tokens (NTP)",
        );
    }
}

/// Reports a response that the check does not expect.
pub(super) fn unexpected(
    check: &str,
    request: &str,
    response: &Result<Response, String>,
    report: &mut Report,
) {
    let found = match response {
        Ok(response) => format!("{request} returns {}", response.outcome()),
        Err(cause) => format!("{request}: {cause}"),
    };
    report.fail(check, found, "see the function's log");
}

/// Checks the headers that every response of gatecrumb has.
pub(super) fn headers(check: &str, response: &Response, report: &mut Report) {
    let mut faults = Vec::new();
    if !response.header("cache-control").contains("no-store") {
        faults.push("Cache-Control is not no-store".to_owned());
    }
    let cache = response.header("x-cache").to_ascii_lowercase();
    if !response.header("age").is_empty() || cache.starts_with("hit") {
        faults.push("the response comes from a cache".to_owned());
    }
    if response.header("x-content-type-options") != "nosniff" {
        faults.push("X-Content-Type-Options is not nosniff".to_owned());
    }
    if response.header("x-request-id").is_empty() {
        faults.push("X-Request-Id is missing".to_owned());
    }
    report.judge(
        check,
        "no-store, nosniff and a request id",
        &faults,
        "configure the proxy to forward headers unchanged, and never to cache /auth/*",
    );
}

fn proxies(response: &Response, report: &mut Report) {
    const CHECK: &str = "client addresses";
    let mut seen = PROXY_HEADERS
        .iter()
        .filter(|name| !response.header(name).is_empty());
    match seen.next() {
        None => report.pass(CHECK, "no sign of a proxy that hides them"),
        Some(header) => report.note(
            CHECK,
            format!("a proxy is in front of the API ({header})"),
            "unless it sends PROXY_SECRET and the header that ClientAddressHeader names, all its clients share one \
             address; --username NAME --table TABLE shows which address arrives",
        ),
    }
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
