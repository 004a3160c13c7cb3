//! The functions that the local gateway runs, by their names in `gatecrumb_web::routes`.

use std::{collections::BTreeMap, convert::Infallible, pin::Pin};

use futures_util::future::try_join_all;
use gatecrumb_runtime::{ConfigError, Environment, Host};
use gatecrumb_web::{Event, Handler, HttpService, Output};
use lambda_http::{LambdaEvent, tower::util::BoxCloneSyncService};

/// A function that has started.
pub type Function = BoxCloneSyncService<LambdaEvent<Event>, Output, Infallible>;
/// Functions by name.
pub type Functions = BTreeMap<&'static str, Function>;

type Starting = Pin<Box<dyn Future<Output = Result<Function, ConfigError>> + Send>>;
type Start = fn(Environment, Host) -> Starting;

const FUNCTIONS: [(&str, Start); 5] = [
    ("login", |env, host| starting(login::start(env, host))),
    ("refresh", |env, host| starting(refresh::start(env, host))),
    ("me", |env, host| starting(me::start(env, host))),
    ("logout", |env, host| starting(logout::start(env, host))),
    ("jwks", |env, host| starting(jwks::start(env, host))),
];

fn starting<H: Handler>(
    start: impl Future<Output = Result<HttpService<H>, ConfigError>> + Send + 'static,
) -> Starting {
    Box::pin(async { Ok(BoxCloneSyncService::new(start.await?)) })
}

/// Starts all functions concurrently.
pub async fn start(env: &Environment, host: &Host) -> Result<Functions, ConfigError> {
    let all = FUNCTIONS.map(|(name, start)| {
        let starting = start(env.clone(), host.clone());
        async move { Ok((name, starting.await?)) }
    });
    Ok(try_join_all(all).await?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use gatecrumb_web::routes;

    use super::*;

    #[test]
    fn every_function_of_the_registry_is_started() {
        let started: BTreeSet<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(started, routes::functions().collect());
    }
}
