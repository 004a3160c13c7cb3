//! Functions of the local gateway: JSON in, JSON out, as on Lambda.

use std::{convert::Infallible, pin::Pin, sync::Arc};

use authorizer::{Authorizer, Policy};
use gatecrumb_aws::Connection;
use gatecrumb_runtime::Host;
use gatecrumb_tokens::guard::Guard;
use lambda_http::{
    Adapter, Context, LambdaEvent, service_fn,
    tower::{Service as _, ServiceExt as _},
};
use notes_api::{Api, Table};
use serde_json::Value;

use crate::{Fault, Settings, table};

/// Takes an event and returns the response, or `None` if the invocation failed.
pub type Function = Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Option<Value>> + Send>> + Send + Sync>;

/// The function of `notes-api`, with the same conversions as on Lambda.
pub(crate) fn notes(settings: &Settings) -> Result<Function, Fault> {
    let environment = settings.environment();
    let guard = Guard::from_env(move |name| environment.text(name))?;
    let dynamodb = Connection::local(&settings.dynamodb).dynamodb();
    let table = Table::new(&dynamodb, table::NAME);
    let api = Arc::new(Api::new(guard, table, Arc::clone(&settings.clock)));
    Ok(Arc::new(move |event| {
        let api = Arc::clone(&api);
        Box::pin(async move {
            let api = &api;
            let mut service = Adapter::from(service_fn(move |request| async move {
                Ok::<_, Infallible>(api.respond(request).await)
            }));
            let event = LambdaEvent::new(serde_json::from_value(event).ok()?, Context::default());
            let response = service.call(event).await.ok()?;
            serde_json::to_value(response).ok()
        })
    }))
}

/// gatecrumb's authorizer, or with `strict` the one that reads session and user.
pub(crate) async fn authorizer(settings: &Settings) -> Result<Function, Fault> {
    let host = Host {
        clock: Arc::clone(&settings.clock),
        ..Host::lambda()
    };
    let environment = settings.environment();
    Ok(if settings.strict {
        deciding(authorizer::strict::start(environment, host).await?)
    } else {
        deciding(authorizer::start(environment, host).await?)
    })
}

fn deciding<P: Policy>(authorizer: Authorizer<P>) -> Function {
    Arc::new(move |event| {
        let authorizer = authorizer.clone();
        Box::pin(async move {
            let event = LambdaEvent::new(serde_json::from_value(event).ok()?, Context::default());
            let decision = authorizer.oneshot(event).await.ok()?;
            serde_json::to_value(decision).ok()
        })
    })
}
