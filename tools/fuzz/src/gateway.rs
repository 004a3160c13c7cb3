//! A function that reads all that any of the four reads from a request, and calls nobody.

use std::{convert::Infallible, sync::LazyLock};

use gatecrumb_domain::Username;
use gatecrumb_passwords::Password;
use gatecrumb_runtime::{Host, config};
use gatecrumb_tokens::{Verifier, cookies::CookiePolicy};
use gatecrumb_web::{AllowedOrigins, Event, Handler, HttpService, Problem, Refusal, Request, Response};
use lambda_http::{Context, LambdaEvent, tower::ServiceExt as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::fixtures;

struct Reader {
    allowed_origins: AllowedOrigins,
    cookies: CookiePolicy,
    verifier: Verifier,
}

/// The body of a sign-in, as in the function `login`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    username: String,
    password: String,
}

#[derive(Serialize)]
struct Read {
    user: Option<String>,
}

impl Handler for Reader {
    const NAME: &'static str = "reader";

    async fn handle(&self, request: Request) -> Result<Response, Refusal> {
        assert!(request.id.len() <= 64 && request.id.bytes().all(|byte| byte.is_ascii_graphic()));
        let agent = request.client.user_agent.clone().unwrap_or_default();
        assert!(agent.len() <= 256 && agent.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        let cookies = request.cookies(&self.cookies);
        let [access, refresh] = &*fixtures::TOKENS;
        let is_valid = |valid: &String, presented: &str| valid == presented;
        let any_valid = cookies.access.iter().any(|token| is_valid(access, token));
        let found = self.verifier.access_tokens(&cookies.access);
        assert!(cookies.access.any() == (found.received.ours || found.received.foreign));
        assert_eq!(!found.authentic().is_empty(), any_valid);
        let any_valid = cookies.refresh.iter().any(|token| is_valid(refresh, token));
        let found = self.verifier.refresh_tokens(&cookies.refresh);
        assert_eq!(found.received, self.verifier.classify(&cookies.refresh));
        assert_eq!(!found.authentic().is_empty(), any_valid);
        let _ = request.flag("everywhere");
        let credentials = request.json::<Credentials>("credentials");
        request.refuse_cross_origin(&self.allowed_origins)?;
        request.refuse_cross_site_cookies(self.cookies.same_site())?;
        let credentials = credentials?;
        let _ = Password::presented(&credentials.password);
        let user = Username::parse(&credentials.username).ok();
        if let Some(user) = &user {
            assert_eq!(
                Username::parse(user.as_str()).as_ref(),
                Ok(user),
                "a username with two spellings"
            );
        }
        let user = user.map(|user| user.as_str().to_owned());
        Response::json(&Read { user })
            .map(|answer| answer.with_cookies(self.cookies.clear_all()))
            .map_err(|problem: Problem| problem.into())
    }
}

static READER: LazyLock<HttpService<Reader>> = LazyLock::new(|| {
    let env = fixtures::environment(fixtures::VARIABLES.clone());
    let reader = Reader {
        allowed_origins: config::origins::read(&env).unwrap(),
        cookies: config::cookies::read(&env).unwrap(),
        verifier: config::tokens::read(&env).unwrap().verifier(),
    };
    let proxy = config::proxy::read(&env).unwrap();
    HttpService::new(reader, Host::lambda().clock, proxy)
});

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().unwrap();
}

/// Returns the status of the response, which must have the headers that all responses have. No HTTP request may cause a
/// 5xx. An event that is not an HTTP request gets 204 (a ping) or 500.
pub(crate) fn answer(event: Event) -> u64 {
    let unsupported = event.unsupported().is_some();
    let event = LambdaEvent::new(event, Context::default());
    let answer = RUNTIME.with(|runtime| runtime.block_on(READER.clone().oneshot(event)));
    let answer = answer.unwrap_or_else(|never: Infallible| match never {});
    let answer = serde_json::to_value(&answer).unwrap();
    let status = answer["statusCode"].as_u64().unwrap();
    let expected = if unsupported {
        matches!(status, 204 | 500)
    } else {
        (200..500).contains(&status)
    };
    assert!(expected, "{status}");
    assert_eq!(answer["headers"]["cache-control"], "no-store");
    let id = answer["headers"]["x-request-id"].as_str().unwrap();
    assert!(!id.is_empty());
    if status == 204 {
        assert_eq!(answer["body"], "");
        return status;
    }
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    if status == 200 {
        assert!(body.get("user").is_some());
    } else {
        assert_eq!(body["status"], status);
        assert!(body["code"].is_string());
    }
    status
}
