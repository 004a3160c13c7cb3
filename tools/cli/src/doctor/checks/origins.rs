//! The checks of CORS and of cross-site requests.

use http::{Method, Uri, uri::Scheme};

use super::{Deployment, NoResponse, Report, Response, is_this_machine, unexpected};

/// An origin that no deployment allows (RFC 6761).
const FOREIGN: &str = "https://gatecrumb-doctor.invalid";

impl Deployment {
    /// Requests that a page of another site could send must be refused.
    pub(super) async fn cross_site(&self, report: &mut Report) {
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

    pub(super) async fn allowed(&self, origin: &str, report: &mut Report) {
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
            &how_to_allow(&self.uri, origin),
        );
    }

    pub(super) async fn foreign(&self, report: &mut Report) {
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

    async fn preflight(&self, origin: &str) -> Result<Response, NoResponse> {
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

/// A deployment has a parameter for its origins, and a `serve` on this machine a variable.
fn how_to_allow(api: &Uri, origin: &str) -> String {
    if api.scheme() != Some(&Scheme::HTTP) || !is_this_machine(api.host().unwrap_or_default()) {
        return "add exactly this origin to AllowedOrigins and deploy".to_owned();
    }
    // The variable replaces the default, which includes the API's own origin.
    let port = api.port_u16().filter(|port| *port != 80);
    let own = port.map_or_else(
        || "http://localhost".to_owned(),
        |port| format!("http://localhost:{port}"),
    );
    let origins = if own == origin {
        own
    } else {
        format!("{own},{origin}")
    };
    format!("restart `gatecrumb serve` with ALLOWED_ORIGINS={origins}")
}

#[cfg(test)]
mod tests {
    use super::how_to_allow;

    #[test]
    fn the_fix_is_one_that_works_where_the_api_runs() {
        let here = "restart `gatecrumb serve` with ALLOWED_ORIGINS=";
        let deployed = "add exactly this origin to AllowedOrigins and deploy";
        let page = "http://localhost:5173";
        for (api, origin, expected) in [
            (
                "http://localhost:3000",
                page,
                format!("{here}http://localhost:3000,{page}"),
            ),
            (
                "http://127.0.0.1:3100/",
                page,
                format!("{here}http://localhost:3100,{page}"),
            ),
            ("http://[::1]", page, format!("{here}http://localhost,{page}")),
            (
                "http://localhost:80",
                "http://localhost",
                format!("{here}http://localhost"),
            ),
            ("https://localhost:3000", page, deployed.to_owned()),
            ("https://auth.example.com", page, deployed.to_owned()),
            ("http://auth.example.com", page, deployed.to_owned()),
        ] {
            assert_eq!(how_to_allow(&api.parse().unwrap(), origin), expected, "{api}");
        }
    }
}
