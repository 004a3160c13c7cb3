//! A function that reads all that any of the four reads from a request, and calls nobody.

use std::{convert::Infallible, sync::LazyLock};

use gatecrumb_domain::Username;
use gatecrumb_passwords::Password;
use gatecrumb_runtime::{Config, Host};
use gatecrumb_tokens::Verifier;
use gatecrumb_web::{Event, Handler, HttpService, Problem, Refusal, Request, Response};
use lambda_http::{Context, LambdaEvent, tower::ServiceExt as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::fixtures;

struct Reader {
    config: Config,
    verifier: Verifier,
}

/// The login function's.
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
        let cookies = request.cookies(&self.config.cookies);
        let [access, refresh] = &*fixtures::TOKENS;
        let good = |known: &String, came: &str| known == came;
        let shown = cookies.access.iter().any(|came| good(access, came));
        let found = self.verifier.access_tokens(&cookies.access);
        assert!(cookies.access.any() == (found.came.ours || found.came.foreign));
        assert_eq!(!found.authentic().is_empty(), shown);
        let shown = cookies.refresh.iter().any(|came| good(refresh, came));
        let found = self.verifier.refresh_tokens(&cookies.refresh);
        assert_eq!(found.came, self.verifier.came(&cookies.refresh));
        assert_eq!(!found.authentic().is_empty(), shown);
        let _ = request.flag("everywhere");
        let credentials = request.json::<Credentials>("credentials");
        request.refuse_cross_origin(&self.config.allowed_origins)?;
        request.refuse_cross_site_cookies(self.config.cookies.same_site())?;
        let credentials = credentials?;
        let _ = Password::presented(&credentials.password);
        let user = Username::parse(&credentials.username).ok();
        if let Some(user) = &user {
            assert_eq!(
                Username::parse(user.as_str()).as_ref(),
                Ok(user),
                "a second name of one user"
            );
        }
        let user = user.map(|user| user.as_str().to_owned());
        Response::json(&Read { user })
            .map(|answer| answer.with_cookies(self.config.cookies.clear_all()))
            .map_err(|problem: Problem| problem.into())
    }
}

static READER: LazyLock<HttpService<Reader>> = LazyLock::new(|| {
    let mut config = fixtures::config();
    let verifier = config.verifier();
    let proxy = config.proxy.take();
    HttpService::new(Reader { config, verifier }, Host::lambda().clock, proxy)
});

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().unwrap();
}

/// The answer's status. Whatever a stranger sends, it is no fault of ours, and has the headers of every answer. An event
/// that is no HTTP request is a ping or a fault.
pub(crate) fn answer(event: Event) -> u64 {
    let foreign = event.foreign().is_some();
    let event = LambdaEvent::new(event, Context::default());
    let answer = RUNTIME.with(|runtime| runtime.block_on(READER.clone().oneshot(event)));
    let answer = answer.unwrap_or_else(|never: Infallible| match never {});
    let answer = serde_json::to_value(&answer).unwrap();
    let status = answer["statusCode"].as_u64().unwrap();
    let expected = if foreign {
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
