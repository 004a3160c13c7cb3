//! A service with axum whose routes need a signed-in user. With the variables of `gatecrumb serve`:
//!
//! ```sh
//! export ISSUER=… VERIFYING_KEYS=… ALLOWED_ORIGINS=… COOKIE_INSECURE=true   # see README.md
//! cargo run -p gatecrumb-tokens --features axum --example axum
//! curl -i http://localhost:4000/notes
//! ```

use std::{error::Error, time::Duration};

use axum::{
    Router,
    routing::{any, get, post},
};
use gatecrumb_tokens::guard::{Access, Fresh, Guard, Refusal};

/// Any other type is possible whose `FromRef` yields the guard.
type State = Guard;

/// Whom this route serves. An argument of type [`Access`] is all that a route needs.
async fn notes(access: Access) -> String {
    format!("the notes of {}", access.user_id)
}

/// Only for the role `admin`: 403 `role_required` for all other users.
async fn admin(access: Access) -> Result<&'static str, Refusal> {
    access.require_role("admin")?;
    Ok("for admins")
}

/// Only within five minutes of the sign-in: otherwise 401 `reauthentication_required`.
async fn delete_everything(Fresh(access): Fresh<300>) -> String {
    format!("deleted the notes of {}", access.user_id)
}

/// The same for a limit that is known only at run time.
async fn export(
    axum::extract::State(guard): axum::extract::State<State>,
    access: Access,
) -> Result<&'static str, Refusal> {
    access.require_fresh(Duration::from_secs(3600), guard.now())?;
    Ok("your data")
}

pub(crate) fn router(guard: State) -> Router {
    Router::new()
        .route("/notes", any(notes))
        .route("/admin", get(admin))
        .route("/delete-everything", post(delete_everything))
        .route("/export", get(export))
        .with_state(guard)
}

#[tokio::main(flavor = "current_thread")]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a service of its own, whose configuration is the process's"
)]
async fn main() -> Result<(), Box<dyn Error>> {
    let guard = Guard::from_env(|name| std::env::var(name).ok())?;
    let port = std::env::var("PORT").unwrap_or_else(|_| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router(guard)).await?;
    Ok(())
}
