//! A Lambda function with `lambda_http` whose requests need a signed-in user. Its environment has the variables
//! `ISSUER`, `VERIFYING_KEYS` and `ALLOWED_ORIGINS` of the functions of gatecrumb.

use std::time::Duration;

use gatecrumb_domain::Timestamp;
use gatecrumb_tokens::guard::{Access, Guard, GuardLayer, Refusal};
use lambda_http::{
    Body, Error, Request, RequestExt as _, Response, Service, run, service_fn, tower::ServiceBuilder,
};

/// What this function does for a user.
fn notes(access: &Access, path: &str, now: Timestamp) -> Result<String, Refusal> {
    match path {
        "/admin" => {
            access.require_role("admin")?;
            Ok("for admins".to_owned())
        }
        "/delete-everything" => {
            access.require_fresh(Duration::from_secs(300), now)?;
            Ok(format!("deleted the notes of {}", access.user_id))
        }
        _ => Ok(format!("the notes of {}", access.user_id)),
    }
}

/// The function. [`GuardLayer`] answers what it refuses and puts an [`Access`] into the extensions of every other request.
pub(crate) fn service(
    guard: Guard,
) -> impl Service<Request, Response = Response<Body>, Error = Error, Future: Send> {
    let layer = GuardLayer::new(guard.clone());
    let handler = service_fn(move |request: Request| {
        // A function without the layer answers 500, never somebody's notes.
        let access = request.extensions().get::<Access>();
        let access = access.ok_or_else(|| Error::from("the function has no GuardLayer"));
        let response = access.map(
            |access| match notes(access, request.raw_http_path(), guard.now()) {
                Ok(text) => Response::new(Body::from(text)),
                Err(refusal) => refusal.response().map(Body::from),
            },
        );
        async { response }
    });
    ServiceBuilder::new().layer(layer).service(handler)
}

#[tokio::main(flavor = "current_thread")]
#[expect(
    clippy::disallowed_methods,
    reason = "a function of its own, whose configuration is the process's"
)]
async fn main() -> Result<(), Error> {
    run(service(Guard::from_env(|name| std::env::var(name).ok())?)).await
}
