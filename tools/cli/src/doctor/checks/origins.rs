//! Which origins a deployment answers.

use http::Method;

use super::{Answer, Deployment, Report, unexpected};

/// An origin that no deployment allows (RFC 6761).
const FOREIGN: &str = "https://gatecrumb-doctor.invalid";

impl Deployment {
    /// What another site's page could send must be refused.
    pub(super) async fn cross_site(&self, report: &mut Report) {
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

    pub(super) async fn allowed(&self, origin: &str, report: &mut Report) {
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

    pub(super) async fn foreign(&self, report: &mut Report) {
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
