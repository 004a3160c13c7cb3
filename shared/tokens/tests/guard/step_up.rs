//! Roles and fresh sign-ins.

use std::time::Duration;

use gatecrumb_domain::{Acr, AuthenticationMethods, Roles, Timestamp};
use gatecrumb_tokens::guard::{Access, Refusal};

use crate::NOW;

fn access() -> Access {
    Access {
        user_id: "user".parse().unwrap(),
        session_id: "session".parse().unwrap(),
        roles: Roles::try_from(vec!["admin-readonly".parse().unwrap(), "editor".parse().unwrap()]).unwrap(),
        auth_time: NOW,
        amr: AuthenticationMethods::password(),
        acr: Acr::Aal1,
        expires_at: NOW + Duration::from_secs(900),
    }
}

fn whole(refusal: &Refusal) -> String {
    let response = refusal.response();
    let mut lines = vec![response.status().to_string()];
    let headers = response.headers().iter();
    lines.extend(headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())));
    lines.push(response.body().clone());
    lines.join("\n")
}

#[test]
fn a_role_is_compared_as_a_whole() {
    assert_eq!(access().require_role("editor"), Ok(()));
    for missing in ["admin", "Editor", "", "editor "] {
        let refusal = access().require_role(missing).unwrap_err();
        assert_eq!(
            (refusal.status().as_u16(), refusal.code()),
            (403, "role_required"),
            "{missing:?}"
        );
    }
    insta::assert_snapshot!(whole(&access().require_role("admin").unwrap_err()), @r#"
    403 Forbidden
    content-type: application/problem+json
    cache-control: no-store
    x-content-type-options: nosniff
    {"type":"about:blank","title":"Forbidden","status":403,"detail":"The user does not have the role that this requires.","code":"role_required"}
    "#);
}

#[test]
fn a_sign_in_is_fresh_until_the_last_second_of_its_age() {
    let max_age = Duration::from_secs(300);
    for (seconds, fresh) in [
        (0, true),
        (299, true),
        (300, true),
        (301, false),
        (u64::MAX / 2, false),
    ] {
        let found = access().require_fresh(max_age, NOW + Duration::from_secs(seconds));
        assert_eq!(found.is_ok(), fresh, "{seconds} s");
    }
    // Clocks of two machines differ.
    assert_eq!(
        access().require_fresh(Duration::ZERO, Timestamp(NOW.0 - 5)),
        Ok(())
    );
    let refusal = access()
        .require_fresh(max_age, NOW + Duration::from_secs(301))
        .unwrap_err();
    assert_eq!(refusal.denied(), None);
    insta::assert_snapshot!(whole(&refusal), @r#"
    401 Unauthorized
    content-type: application/problem+json
    cache-control: no-store
    x-content-type-options: nosniff
    www-authenticate: Bearer error="insufficient_user_authentication", error_description="A more recent sign-in is required", max_age="300"
    {"type":"about:blank","title":"Unauthorized","status":401,"detail":"Sign in again, then request this again.","code":"reauthentication_required","max_age":300}
    "#);
}
