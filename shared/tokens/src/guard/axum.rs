//! Extractors for handlers of axum.

use std::time::Duration;

use axum_core::{
    extract::{FromRef, FromRequestParts},
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{Access, Guard, Refusal};

/// Rejects every request that [`Guard::check_request`] refuses.
impl<S: Send + Sync> FromRequestParts<S> for Access
where
    Guard: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let guard = Guard::from_ref(state);
        guard.check(&parts.method, &parts.headers, guard.now())
    }
}

/// An [`Access`] whose user signed in at most `SECONDS` ago: see [`Access::require_fresh`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fresh<const SECONDS: u64>(pub Access);

impl<S: Send + Sync, const SECONDS: u64> FromRequestParts<S> for Fresh<SECONDS>
where
    Guard: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let guard = Guard::from_ref(state);
        let now = guard.now();
        let access = guard.check(&parts.method, &parts.headers, now)?;
        access.require_fresh(Duration::from_secs(SECONDS), now)?;
        Ok(Self(access))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.response().into_response()
    }
}
