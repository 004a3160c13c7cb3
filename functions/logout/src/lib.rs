//! `POST /auth/logout`: ends sessions and clears the cookies, even if their tokens have expired or are invalid.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use gatecrumb_auth::audit::{self, Action, Subject};
use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{SessionId, Timestamp, UserId};
use gatecrumb_runtime::{ConfigError, Environment, Host, config};
use gatecrumb_store::Store;
use gatecrumb_tokens::{
    Verifier,
    cookies::{CookiePolicy, PresentedCookies},
};
use gatecrumb_web::{AllowedOrigins, Handler, HttpService, Refusal, Request, Response};

/// The function.
pub struct Logout {
    allowed_origins: AllowedOrigins,
    cookies: CookiePolicy,
    sessions_not_before: Timestamp,
    verifier: Verifier,
    store: Store,
}

/// The sessions of the presented tokens that verify, at most 32 tokens of each kind.
#[derive(Default)]
struct Named {
    /// A token that verifies, even an expired one, is enough to end its own session.
    all: BTreeSet<(UserId, SessionId)>,
    /// An unexpired token of a live session is enough to end all of the user's sessions.
    unexpired: BTreeSet<(UserId, SessionId)>,
}

/// Reads the configuration and connects to DynamoDB.
pub async fn start(env: Environment, host: Host) -> Result<HttpService<Logout>, ConfigError> {
    let connection = config::aws::read(&env, &host)?;
    let table = config::table::read(&env)?;
    let proxy = config::proxy::read(&env)?;
    let handler = Logout {
        allowed_origins: config::origins::read(&env)?,
        cookies: config::cookies::read(&env)?,
        sessions_not_before: config::sessions::not_before(&env)?,
        verifier: config::tokens::read(&env)?.verifier(),
        store: table.connect(&connection, 1).await,
    };
    Ok(HttpService::new(handler, host.clock, proxy))
}

impl Logout {
    fn named(&self, cookies: &PresentedCookies, now: Timestamp) -> Named {
        let mut named = Named::default();
        let access = self
            .verifier
            .access_tokens(&cookies.access)
            .authentic()
            .into_iter();
        let access = access.map(|token| {
            let unexpired = token.clone().unexpired(now).is_ok();
            let claims = token.even_if_expired();
            ((claims.sub, claims.sid), unexpired)
        });
        let refresh = self
            .verifier
            .refresh_tokens(&cookies.refresh)
            .authentic()
            .into_iter();
        let refresh = refresh.map(|token| {
            let unexpired = token.clone().unexpired(now).is_ok();
            let claims = token.even_if_expired();
            ((claims.sub, claims.sid), unexpired)
        });
        for (session, unexpired) in access.chain(refresh) {
            if unexpired {
                named.unexpired.insert(session.clone());
            }
            named.all.insert(session);
        }
        named
    }

    /// Ends all of the user's sessions if this session is live.
    async fn end_everywhere(
        &self,
        request: &Request,
        user: &UserId,
        session_id: &SessionId,
    ) -> Result<(), Unavailable> {
        let now = request.now;
        let (Some(found), Some(session)) = self.store.user_and_session(user, session_id).await? else {
            return Ok(());
        };
        if session.is_live(&found, self.sessions_not_before, now) {
            self.store
                .end_all_sessions(user, found.session_epoch, now)
                .await?;
            audit::record(
                &request.client,
                Action::SignedOutEverywhere,
                Subject::session(user, session_id),
            );
        }
        Ok(())
    }
}

impl Handler for Logout {
    const NAME: &'static str = "logout";

    async fn handle(&self, request: Request) -> Result<Response, Refusal> {
        request.refuse_cross_origin(&self.allowed_origins)?;
        let named = self.named(&request.cookies(&self.cookies), request.now);
        if request.flag("everywhere") {
            // First, because the check needs the session to be live.
            for (user, session) in &named.unexpired {
                self.end_everywhere(&request, user, session).await?;
            }
        }
        try_join_all(
            named
                .all
                .iter()
                .map(|(user, session)| self.store.end_session(user, session)),
        )
        .await?;
        for (user, session) in &named.all {
            audit::record(
                &request.client,
                Action::SignedOut,
                Subject::session(user, session),
            );
        }
        Ok(Response::no_content().with_cookies(self.cookies.clear_all()))
    }
}
