use std::net::IpAddr;

use aws_smithy_types::date_time::Format;
use gatecrumb_admin::Admin as _;
use gatecrumb_domain::Username;
use gatecrumb_store::Store;
use gatecrumb_tokens::cookies::CookieKind;
use http::Method;
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    checks::{Deployment, headers, judge_clock, parse_time, unexpected},
    http::Answer,
    report::Report,
};
use crate::{Failure, table::aws};

/// Signs in, asks, refreshes and signs out, as a page of the first origin would.
pub(super) async fn look(
    deployment: &Deployment,
    username: &str,
    password: &Zeroizing<String>,
    table: Option<&str>,
    report: &mut Report,
) -> Result<(), Failure> {
    const CHECK: &str = "sign-in";
    let origin = deployment.origins.first().cloned();
    let origin = origin.unwrap_or_else(|| deployment.own_origin());
    let body = json!({ "username": username, "password": password.as_str() }).to_string();
    let page = [
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-site"),
        ("content-type", "application/json"),
    ];
    let ask = |method, path, cookies: &str| {
        let headers = [
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-site"),
            ("cookie", cookies),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned()));
        async move {
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            deployment.http.ask(method, path, &headers, String::new()).await
        }
    };

    let signed_in = match deployment
        .http
        .ask(Method::POST, "/auth/login", &page, body)
        .await
    {
        Ok(answer) if answer.status == 200 => answer,
        Ok(answer) if answer.code() == "invalid_credentials" => {
            report.fail(
                CHECK,
                "401 invalid_credentials",
                "check the name and the password",
            );
            return Ok(());
        }
        other => {
            unexpected(CHECK, "POST /auth/login", &other, report);
            return Ok(());
        }
    };
    report.pass(CHECK, "200");
    headers("sign-in's answer", &signed_in, report);
    deployment.judge_cookies("sign-in's cookies", &signed_in, report);
    let cookies = jar(&signed_in);

    match ask(Method::GET, "/auth/me", &cookies).await {
        Ok(me) if me.status == 200 => {
            report.pass("me", "says who is signed in");
            let session = me.json()["session"].clone();
            if let Some(opened) = session["created_at"]
                .as_str()
                .and_then(|text| parse_time(text, Format::DateTime))
            {
                judge_clock("the functions' clock", opened, report);
            }
            if let (Some(table), Some(id)) = (table, session["id"].as_str()) {
                address(table, username, id, report).await?;
            }
        }
        other => unexpected("me", "GET /auth/me", &other, report),
    }
    match ask(Method::POST, "/auth/refresh", &cookies).await {
        Ok(answer) if answer.status == 200 => report.pass("refresh", "gives a new access token"),
        other => unexpected("refresh", "POST /auth/refresh", &other, report),
    }
    match ask(Method::POST, "/auth/logout", &cookies).await {
        Ok(answer) if answer.status == 204 => match ask(Method::GET, "/auth/me", &cookies).await {
            Ok(me) if me.code() == "session_ended" => report.pass("sign-out", "the session is over at once"),
            other => unexpected("sign-out", "after it GET /auth/me", &other, report),
        },
        other => unexpected("sign-out", "POST /auth/logout", &other, report),
    }
    Ok(())
}

/// The `Cookie` header after the answer.
fn jar(answer: &Answer) -> String {
    let kept = answer
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

/// Which address the functions saw at the sign-in.
async fn address(table: &str, username: &str, session: &str, report: &mut Report) -> Result<(), Failure> {
    const CHECK: &str = "the address seen";
    const MEND: &str = "let the proxy send PROXY_SECRET as x-gatecrumb-proxy and the visitor's address in the header \
                        that ClientAddressHeader names";
    let store = Store::new(&aws().await?, table);
    let user = crate::user::find(&store, &Username::parse(username)?).await?.user;
    let sessions = store.sessions(&user.id).await?;
    let found = sessions.into_iter().find(|found| found.id.as_str() == session);
    let ip = found.and_then(|session| session.ip);
    match ip.as_deref().map(str::parse::<IpAddr>) {
        Some(Ok(ip)) if is_public(ip) => report.note(
            CHECK,
            ip.to_string(),
            "if that is not this machine's public address, a proxy hides it: let it send PROXY_SECRET and the address",
        ),
        _ => report.fail(CHECK, ip.unwrap_or_else(|| "none".to_owned()), MEND),
    }
    Ok(())
}

/// Whether a visitor could come from there. Not whether anybody may have it: the registries know that.
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
