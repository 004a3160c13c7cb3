use std::net::IpAddr;

use aws_smithy_types::date_time::{DateTime, Format};
use cookie::SameSite;
use gatecrumb_domain::Timestamp;
use gatecrumb_runtime::now;
use gatecrumb_tokens::cookies::CookieKind;
use http::{Method, Uri};

use super::{
    http::{Answer, Http},
    report::Report,
};
use crate::Failure;

/// An origin that no deployment allows (RFC 6761).
const FOREIGN: &str = "https://gatecrumb-doctor.invalid";
/// What gatecrumb's verifiers grant other services' clocks at most.
const MAX_SKEW_SECONDS: u64 = 5;
/// Headers that proxies and caches add.
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

    /// Without a session refresh clears every cookie, by the attributes that they are set with.
    async fn cookies(&self, report: &mut Report) {
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
    pub(super) fn judge_cookies(&self, check: &str, answer: &Answer, report: &mut Report) {
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

    /// What another site's page could send must be refused.
    async fn cross_site(&self, report: &mut Report) {
        let json = ("content-type", "application/json");
        let site = ("sec-fetch-site", "cross-site");
        let origin = ("origin", FOREIGN);
        let mut faults = Vec::new();
        for path in ["/auth/login", "/auth/refresh", "/auth/logout"] {
            for headers in [&[json, origin, site][..], &[json, origin], &[json, site]] {
                match self.http.ask(Method::POST, path, headers, "{}".to_owned()).await {
                    Ok(answer) if answer.outcome() == "403 cross_origin" => (),
                    Ok(answer) => faults.push(format!("POST {path} answers {}", answer.outcome())),
                    Err(cause) => faults.push(format!("POST {path}: {cause}")),
                }
            }
        }
        faults.dedup();
        report.judge(
            "cross-site requests",
            "sign-in, refresh and sign-out refuse them",
            &faults,
            "let proxies pass on Origin and Sec-Fetch-Site as they are",
        );
    }

    async fn allowed(&self, origin: &str, report: &mut Report) {
        let check = format!("origin {origin}");
        let mut faults = Vec::new();
        let mut pages_can_read = true;
        if *origin != self.own_origin() {
            match self.preflight(origin).await {
                Ok(answer) => {
                    let allows = |header: &str, wanted: &str| {
                        let mut listed = answer
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
            .ask(Method::POST, "/auth/refresh", &headers, String::new())
            .await
        {
            Ok(answer) if answer.outcome() == "401 not_logged_in" => (),
            Ok(answer) => faults.push(format!("POST /auth/refresh answers {}", answer.outcome())),
            Err(cause) => faults.push(format!("POST /auth/refresh: {cause}")),
        }
        report.judge(
            check,
            "its pages may call the API",
            &faults,
            "add it to AllowedOrigins, exactly as here, and deploy",
        );
    }

    async fn foreign(&self, report: &mut Report) {
        const CHECK: &str = "other origins";
        match self.preflight(FOREIGN).await {
            Ok(answer) if answer.header("access-control-allow-origin").is_empty() => {
                report.pass(CHECK, "their pages may not read answers");
            }
            Ok(answer) => report.fail(
                CHECK,
                format!(
                    "{} may read answers",
                    answer.header("access-control-allow-origin")
                ),
                "something adds CORS headers of its own, or AllowedOrigins is too wide: list exact origins",
            ),
            Err(cause) => unexpected(CHECK, "OPTIONS /auth/login", &Err(cause), report),
        }
    }

    async fn preflight(&self, origin: &str) -> Result<Answer, String> {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type"),
        ];
        self.http
            .ask(Method::OPTIONS, "/auth/login", &headers, String::new())
            .await
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

fn clock(answer: &Answer, report: &mut Report) {
    match parse_time(answer.header("date"), Format::HttpDate) {
        Some(date) => judge_clock("clock", date, report),
        None => report.note(
            "clock",
            "the answer has no date",
            "something strips it; nothing of gatecrumb's needs it",
        ),
    }
}

/// A time in one of the formats of HTTP and JSON.
pub(super) fn parse_time(text: &str, format: Format) -> Option<Timestamp> {
    let time = DateTime::from_str(text, format).ok()?;
    time.secs().try_into().ok().map(Timestamp)
}

pub(super) fn judge_clock(check: &str, theirs: Timestamp, report: &mut Report) {
    let skew = now().0.abs_diff(theirs.0);
    if skew <= MAX_SKEW_SECONDS {
        report.pass(check, format!("within {MAX_SKEW_SECONDS} s of this machine's"));
    } else {
        report.fail(
            check,
            format!("{skew} s apart from this machine's"),
            "set this machine's clock (NTP), and that of every service which verifies tokens",
        );
    }
}

/// Reports an answer that the check does not know.
pub(super) fn unexpected(check: &str, request: &str, answer: &Result<Answer, String>, report: &mut Report) {
    let found = match answer {
        Ok(answer) => format!("{request} answers {}", answer.outcome()),
        Err(cause) => format!("{request}: {cause}"),
    };
    report.fail(check, found, "see the function's log for its request id");
}

/// What every answer of gatecrumb's carries.
pub(super) fn headers(check: &str, answer: &Answer, report: &mut Report) {
    let mut faults = Vec::new();
    if !answer.header("cache-control").contains("no-store") {
        faults.push("Cache-Control is not no-store".to_owned());
    }
    let cache = answer.header("x-cache").to_ascii_lowercase();
    if !answer.header("age").is_empty() || cache.starts_with("hit") {
        faults.push("the answer comes from a cache".to_owned());
    }
    if answer.header("x-content-type-options") != "nosniff" {
        faults.push("X-Content-Type-Options is not nosniff".to_owned());
    }
    if answer.header("x-request-id").is_empty() {
        faults.push("X-Request-Id is missing".to_owned());
    }
    report.judge(
        check,
        "no-store, nosniff and a request id",
        &faults,
        "let the proxy pass headers on as they are, and never cache /auth/*",
    );
}

fn proxies(answer: &Answer, report: &mut Report) {
    const CHECK: &str = "visitors' addresses";
    let mut seen = PROXY_HEADERS
        .iter()
        .filter(|name| !answer.header(name).is_empty());
    match seen.next() {
        None => report.pass(CHECK, "no sign of a proxy that would hide them"),
        Some(header) => report.note(
            CHECK,
            format!("a proxy answers ({header})"),
            "unless it sends PROXY_SECRET and ClientAddressHeader, all its visitors share one address; to see which \
             address arrives: --username NAME --table TABLE",
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
