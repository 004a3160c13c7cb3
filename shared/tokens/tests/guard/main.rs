//! The guard against every request that the authorizers deny or allow: by itself, in a service with axum over HTTP, and
//! in a function with `lambda_http`.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

mod axum;
mod codes;
mod lambda;
mod settings;
mod step_up;
mod table;

use gatecrumb_domain::Timestamp;
use http::Method;

/// Any time at which the good tokens of the rows are valid: 2026-11-01.
const NOW: Timestamp = Timestamp(1_793_500_000);

#[test]
fn every_row_is_decided_as_by_the_authorizers() {
    let guard = table::guard();
    let rows = table::rows();
    assert!(rows.iter().any(|row| row.allowed) && rows.iter().any(|row| !row.allowed));
    for row in rows {
        // The authorizers treat an unreadable method alike.
        let method = row.method.unwrap_or(Method::POST);
        match guard.check(&method, &row.headers, NOW) {
            Ok(access) => {
                assert!(row.allowed, "{}", row.name);
                assert_eq!(
                    (access.user_id.as_str(), access.session_id.as_str()),
                    ("me", "me")
                );
                assert!(access.roles.contains("reader") && !access.roles.contains("read"));
            }
            Err(refusal) => {
                assert!(!row.allowed, "{}", row.name);
                let found = (refusal.status().as_u16(), refusal.code());
                assert_eq!(found, table::refused(&row.name), "{}", row.name);
                assert!(refusal.denied().is_some(), "{}", row.name);
            }
        }
    }
}
