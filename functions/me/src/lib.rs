//! `GET /auth/me`: who is signed in, as DynamoDB has it now.

use gatecrumb_domain::AccessClaims;
use gatecrumb_runtime::{Config, ConfigError, Environment, Host};
use gatecrumb_store::Store;
use gatecrumb_tokens::{Expired, Verifier, cookies::PresentedCookies};
use gatecrumb_web::{Handler, HttpService, Problem, Refusal, Request, Response, UserView};
use serde::Serialize;

/// The function.
pub struct Me {
    config: Config,
    verifier: Verifier,
    store: Store,
}

#[derive(Serialize)]
struct Present<'a> {
    user: UserView<'a>,
    session: SessionView<'a>,
}

/// Times are RFC 3339, in UTC.
#[derive(Serialize)]
struct SessionView<'a> {
    id: &'a str,
    created_at: String,
    expires_at: String,
}

/// Reads the configuration and connects to DynamoDB.
pub async fn start(env: Environment, host: Host) -> Result<HttpService<Me>, ConfigError> {
    let mut config = Config::read(&env)?.on(&host);
    let store = config.connect(1).await;
    let proxy = config.proxy.take();
    let handler = Me {
        verifier: config.verifier(),
        store,
        config,
    };
    handler.config.log_capped();
    Ok(HttpService::new(handler, host.clock, proxy))
}

impl Me {
    fn access_token(&self, request: &Request, cookies: &PresentedCookies) -> Result<AccessClaims, Problem> {
        let found = self.verifier.access_tokens(&cookies.access);
        let access = found.came;
        match found.newest(request.now) {
            Some(Ok(token)) => return Ok(token),
            Some(Err(Expired)) => return Err(Problem::AccessExpired),
            None => {}
        }
        let refresh = self.verifier.came(&cookies.refresh);
        // A hint beside a neighbour's tokens and no refresh token of ours is the neighbour's.
        let hint = cookies.hint && (refresh.ours || !(access.foreign || refresh.foreign));
        Err(match (access.ours, refresh.ours || hint) {
            (_, true) => Problem::AccessExpired,
            (true, false) => Problem::TokenInvalid,
            (false, false) => Problem::NotLoggedIn,
        })
    }
}

impl Handler for Me {
    const NAME: &'static str = "me";

    async fn handle(&self, request: Request) -> Result<Response, Refusal> {
        let cookies = request.cookies(&self.config.cookies);
        let token = self.access_token(&request, &cookies)?;
        let (Some(user), Some(session)) = self.store.user_and_session(&token.sub, &token.sid).await? else {
            return Err(Problem::SessionEnded.into());
        };
        if !user.active {
            return Err(Problem::AccountDisabled.into());
        }
        if !session.is_live(&user, self.config.rule.sessions_not_before, request.now) {
            return Err(Problem::SessionEnded.into());
        }
        let session = SessionView {
            id: session.id.as_str(),
            created_at: session.state.created_at.rfc3339(),
            expires_at: session.state.ends_at().rfc3339(),
        };
        Ok(Response::json(&Present {
            user: (&user).into(),
            session,
        })?)
    }
}
