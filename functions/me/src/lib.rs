//! `GET /auth/me`: who is signed in, from the current rows in DynamoDB.

use gatecrumb_auth::CurrentSession;
use gatecrumb_domain::{Acr, AuthenticationMethods, Timestamp};
use gatecrumb_runtime::{ConfigError, Environment, Host, config};
use gatecrumb_store::Store;
use gatecrumb_tokens::{Verifier, cookies::CookiePolicy};
use gatecrumb_web::{Handler, HttpService, Refusal, Request, Response, UserView};
use serde::Serialize;

/// The function.
pub struct Me {
    cookies: CookiePolicy,
    verifier: Verifier,
    store: Store,
    sessions_not_before: Timestamp,
}

#[derive(Serialize)]
struct SignedIn<'a> {
    user: UserView<'a>,
    session: SessionView<'a>,
}

/// Times are RFC 3339, in UTC.
#[derive(Serialize)]
struct SessionView<'a> {
    id: &'a str,
    created_at: String,
    expires_at: String,
    auth_time: String,
    amr: &'a AuthenticationMethods,
    acr: Acr,
}

/// Reads the configuration and connects to DynamoDB.
pub async fn start(env: Environment, host: Host) -> Result<HttpService<Me>, ConfigError> {
    let connection = config::aws::read(&env, &host)?;
    let table = config::table::read(&env)?;
    let proxy = config::proxy::read(&env)?;
    let handler = Me {
        cookies: config::cookies::read(&env)?,
        sessions_not_before: config::sessions::not_before(&env)?,
        verifier: config::tokens::read(&env)?.verifier(),
        store: table.connect(&connection, 1).await,
    };
    Ok(HttpService::new(handler, host.clock, proxy))
}

impl Handler for Me {
    const NAME: &'static str = "me";

    async fn handle(&self, request: Request) -> Result<Response, Refusal> {
        let cookies = request.cookies(&self.cookies);
        let not_before = self.sessions_not_before;
        let current =
            CurrentSession::load(&self.verifier, &self.store, &cookies, not_before, request.now).await?;
        let session = SessionView {
            id: current.session.id.as_str(),
            created_at: current.session.state.created_at.rfc3339(),
            expires_at: current.session.state.ends_at().rfc3339(),
            auth_time: current.session.authentication.time.rfc3339(),
            amr: &current.session.authentication.methods,
            acr: current.session.authentication.methods.acr(),
        };
        Ok(Response::json(&SignedIn {
            user: (&current.user).into(),
            session,
        })?)
    }
}
