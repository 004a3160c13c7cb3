//! Which problem a request without a valid access token gets: the other cookies say whether a refresh may help.

use http::{HeaderMap, HeaderValue, Method, header};

use crate::{NOW, table};

fn token(row: &str) -> String {
    let rows = table::rows();
    let row = rows.iter().find(|candidate| candidate.name == row).unwrap();
    let bearer = row.headers[header::AUTHORIZATION].to_str().unwrap();
    bearer.strip_prefix("Bearer ").unwrap().to_owned()
}

#[test]
fn the_other_cookies_decide_between_sign_in_and_refresh() {
    let foreign = token("deny-bearer-another-iss");
    let expired = token("deny-bearer-expired");
    let access = |token: &str| format!("__Host-gatecrumb-access={token}");
    let refresh = "__Host-gatecrumb-refresh=any".to_owned();
    let hint = "__Host-gatecrumb-hint=1".to_owned();
    let junk = access("junk");
    let (other, old) = (access(&foreign), access(&expired));
    let foreign_refresh = format!("__Host-gatecrumb-refresh={foreign}");
    for (cookies, bearer, code) in [
        (vec![], None, "not_logged_in"),
        (vec![&refresh], None, "access_expired"),
        (vec![&hint], None, "access_expired"),
        (vec![&old], None, "access_expired"),
        (vec![&junk], None, "token_invalid"),
        (vec![&junk, &hint], None, "access_expired"),
        (vec![&junk, &refresh], None, "access_expired"),
        (vec![&other], None, "not_logged_in"),
        (vec![&other, &hint], None, "not_logged_in"),
        (vec![&foreign_refresh, &hint], None, "not_logged_in"),
        (vec![&other, &refresh], None, "access_expired"),
        // No refresh replaces a bearer token.
        (vec![&refresh, &hint], Some("junk"), "token_invalid"),
        (vec![], Some(expired.as_str()), "access_expired"),
    ] {
        let mut headers = HeaderMap::new();
        for cookie in &cookies {
            headers.append(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        if let Some(token) = bearer {
            let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
            headers.insert(header::AUTHORIZATION, value);
        }
        let refusal = table::guard().check(&Method::GET, &headers, NOW).unwrap_err();
        assert_eq!(
            (refusal.status().as_u16(), refusal.code()),
            (401, code),
            "{cookies:?} {bearer:?}"
        );
    }
}

#[test]
fn a_field_of_bytes_that_are_no_text_is_a_token_that_does_not_verify() {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::AUTHORIZATION,
        HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap(),
    );
    let refusal = table::guard().check(&Method::GET, &headers, NOW).unwrap_err();
    assert_eq!(refusal.code(), "token_invalid");
}

/// Each method that can change state, and each kind of blank that a field may contain.
#[test]
fn a_bearer_token_may_be_surrounded_by_blanks() {
    let good = token("allow-bearer");
    for field in [format!("\tBearer\t{good}"), format!(" bEARER  \t {good} \t")] {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&field).unwrap());
        for method in [Method::GET, Method::POST, Method::DELETE] {
            assert!(table::guard().check(&method, &headers, NOW).is_ok(), "{field}");
        }
    }
}
