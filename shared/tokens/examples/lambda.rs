//! A Lambda function with `lambda_http` whose requests need a signed-in user. Its environment has the variables
//! `ISSUER`, `VERIFYING_KEYS` and `ALLOWED_ORIGINS` of the functions of gatecrumb.

use std::time::Duration;

use gatecrumb_tokens::guard::{Access, Guard, GuardLayer, Refusal};
use lambda_http::{
    Body, Error, Request, RequestExt as _, Response, Service, run, service_fn, tower::ServiceBuilder,
};

/// [`GuardLayer`] has put the [`Access`] into the request's extensions.
fn notes(guard: &Guard, request: &Request) -> Result<String, Refusal> {
    let access = request.extensions().get::<Access>().cloned();
    let access = access.map_or_else(|| guard.check_request(request), Ok)?;
    match request.raw_http_path() {
        "/admin" => {
            access.require_role("admin")?;
            Ok("for admins".to_owned())
        }
        "/delete-everything" => {
            access.require_fresh(Duration::from_secs(300), guard.now())?;
            Ok(format!("deleted the notes of {}", access.user_id))
        }
        _ => Ok(format!("the notes of {}", access.user_id)),
    }
}

/// The function.
fn service(guard: Guard) -> impl Service<Request, Response = Response<Body>, Error = Error, Future: Send> {
    let layer = GuardLayer::new(guard.clone());
    let handler = service_fn(move |request: Request| {
        let response = match notes(&guard, &request) {
            Ok(text) => Response::new(Body::from(text)),
            Err(refusal) => refusal.response().map(Body::from),
        };
        async { Ok::<_, Error>(response) }
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
