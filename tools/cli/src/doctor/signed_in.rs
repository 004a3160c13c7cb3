use std::net::IpAddr;

use gatecrumb_admin::Admin as _;
use gatecrumb_domain::Username;
use gatecrumb_store::Store;
use gatecrumb_tokens::cookies::CookieKind;
use http::Method;
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use super::{
    checks::{Deployment, headers, judge_clock, parse_time, unexpected},
    http::Response,
    report::Report,
};
use crate::{
    Failure,
    aws::{self, Resource},
};

/// Signs in, calls `me`, refreshes and signs out, as a page of the first origin would.
pub(super) async fn check(
    deployment: &Deployment,
    username: &str,
    password: &Zeroizing<String>,
    table: Option<&str>,
    report: &mut Report,
) {
    const CHECK: &str = "sign-in";
    let origin = deployment.origins.first().cloned();
    let origin = origin.unwrap_or_else(|| deployment.own_origin());
    let body = json!({ "username": username, "password": password.as_str() }).to_string();
    let page = [
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-site"),
        ("content-type", "application/json"),
    ];
    let send = |method, path, cookies: &str| {
        let headers = [
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-site"),
            ("cookie", cookies),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned()));
        async move {
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            deployment.http.send(method, path, &headers, String::new()).await
        }
    };

    let signed_in = match deployment
        .http
        .send(Method::POST, "/auth/login", &page, body)
        .await
    {
        Ok(response) if response.status == 200 => response,
        Ok(response) if response.code() == "invalid_credentials" => {
            report.fail(
                CHECK,
                "401 invalid_credentials",
                "check the username and the password",
            );
            return;
        }
        other => {
            unexpected(CHECK, "POST /auth/login", &other, report);
            return;
        }
    };
    report.pass(CHECK, "200");
    headers("sign-in response headers", &signed_in, report);
    deployment.judge_cookies("sign-in cookies", &signed_in, report);
    let cookies = jar(&signed_in);

    match send(Method::GET, "/auth/me", &cookies).await {
        Ok(me) if me.status == 200 => {
            report.pass("me", "returns the signed-in user");
            let session = me.json()["session"].clone();
            if let Some(opened) = session["created_at"]
                .as_str()
                .and_then(|text| parse_time(text, &Rfc3339))
            {
                judge_clock("functions' clock", opened, report);
            }
            if let (Some(table), Some(id)) = (table, session["id"].as_str()) {
                let judged = client_address(table, username, id, report).await;
                if let Err(failure) = judged.map_err(|failure| failure.explain(&Resource::Table(table))) {
                    // The sign-out still follows.
                    report.fail(
                        "client address seen",
                        failure.to_string(),
                        "make the table readable from here, or leave out --table",
                    );
                }
            }
        }
        other => unexpected("me", "GET /auth/me", &other, report),
    }
    match send(Method::POST, "/auth/refresh", &cookies).await {
        Ok(response) if response.status == 200 => report.pass("refresh", "returns a new access token"),
        other => unexpected("refresh", "POST /auth/refresh", &other, report),
    }
    match send(Method::POST, "/auth/logout", &cookies).await {
        Ok(response) if response.status == 204 => match send(Method::GET, "/auth/me", &cookies).await {
            Ok(me) if me.code() == "session_ended" => report.pass("sign-out", "the session ends immediately"),
            other => unexpected("sign-out", "GET /auth/me after it", &other, report),
        },
        other => unexpected("sign-out", "POST /auth/logout", &other, report),
    }
}

/// The `Cookie` header that a browser would send after this response.
fn jar(response: &Response) -> String {
    let kept = response
        .set_cookies()
        .into_iter()
        .filter(|cookie| !cookie.value().is_empty());
    let ours = kept.filter(|cookie| {
        CookieKind::ALL
            .iter()
            .any(|kind| cookie.name().ends_with(&format!("-{}", kind.suffix())))
    });
    let pairs = ours.map(|cookie| format!("{}={}", cookie.name(), cookie.value()));
    pairs.collect::<Vec<_>>().join("; ")
}

/// Reports the client address that the functions saw at the sign-in.
async fn client_address(
    table: &str,
    username: &str,
    session: &str,
    report: &mut Report,
) -> Result<(), Failure> {
    const CHECK: &str = "client address seen";
    const HELP: &str = "configure the proxy to send PROXY_SECRET as x-gatecrumb-proxy, and the client address in the \
                        header that ClientAddressHeader names";
    let store = Store::new(&aws::config().await?, table);
    let user = crate::user::find(&store, &Username::parse(username)?).await?.user;
    let sessions = store.sessions(&user.id).await?;
    let found = sessions.into_iter().find(|found| found.id.as_str() == session);
    let ip = found.and_then(|session| session.ip);
    match ip.as_deref().map(str::parse::<IpAddr>) {
        Some(Ok(ip)) if is_public(ip) => report.note(
            CHECK,
            ip.to_string(),
            "if this is not the public address of this machine, a proxy hides it: configure the proxy to send PROXY_SECRET \
             and the client address",
        ),
        _ => report.fail(CHECK, ip.unwrap_or_else(|| "none".to_owned()), HELP),
    }
    Ok(())
}

/// Whether a client on the internet could have this address, as far as its range tells.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]);
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || shared)
        }
        IpAddr::V6(ip) => {
            !(ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local())
        }
    }
}
