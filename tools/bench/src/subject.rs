//! What is measured: commands that speak the Runtime API.

use std::{env, iter, path::Path, process::Stdio, time::Duration};

use gatecrumb_testkit::{events, runtime_api::Process};
use gatecrumb_web::routes::{self, ROUTES};
use serde_json::Value;

use crate::{Result, services::Services};

/// The functions without a route.
pub(crate) const AUTHORIZER: &str = "authorizer";
pub(crate) const AUTHORIZER_STRICT: &str = "authorizer-strict";
/// The floors that are functions, by their binaries.
pub(crate) const ONLY_200: &str = "only-200";
pub(crate) const ONE_GET_ITEM: &str = "one-get-item";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// One of our binaries.
    Binary,
    /// One of our binaries, which fetches its keys from Secrets Manager while it starts.
    KeysFromSecrets,
    /// The command of `--vs`.
    Peer,
}

#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// Its line in the tables.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) command: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
    /// As JSON.
    pub(crate) event: String,
}

impl Subject {
    /// Starts it as Lambda would and waits until it requests an event. Returns the process and the time that this took.
    /// Its log goes to `log`.
    pub(crate) async fn start(&self, log: Stdio) -> Result<(Process, Duration)> {
        let (program, arguments) = self.command.split_first().ok_or("an empty command")?;
        let mut process = Process::spawn(program, |command| {
            command
                .args(arguments)
                .envs(self.variables.iter().cloned())
                .stdout(log);
        })
        .await
        .map_err(|error| format!("{program}: {error}"))?;
        let init = process.ready().await;
        let init = init.map_err(|error| format!("{}: {error}", self.name))?;
        Ok((process, init))
    }

    /// Invokes the process and waits until it requests the next event. Returns the response and the time until it came.
    pub(crate) async fn invoke(&self, process: &mut Process) -> Result<(Duration, Value)> {
        let timed = process.time(&self.event).await;
        let timed = timed.map_err(|error| format!("{}: {error}", self.name))?;
        process.ready().await?;
        Ok(timed)
    }
}

/// The floors, our functions, and the functions of each peer.
pub(crate) fn all(directory: &Path, services: &Services, peers: &[String]) -> Result<Vec<Subject>> {
    let with_event = |name: &str, event: &str| Subject {
        name: name.to_owned(),
        kind: Kind::Binary,
        command: vec![directory.join(name).display().to_string()],
        variables: services.variables(),
        event: events::named(event).to_string(),
    };
    let binary = |name: &str, function: &str| with_event(name, &format!("{function}/success"));
    let mut subjects: Vec<_> = [ONLY_200, ONE_GET_ITEM].map(|floor| binary(floor, "me")).into();
    subjects.extend(routes::functions().map(|function| binary(function, function)));
    let authorizers = [AUTHORIZER, AUTHORIZER_STRICT];
    subjects.extend(authorizers.map(|name| with_event(name, "authorizer/allow-cookie")));
    for route in ROUTES.iter().filter(|route| route.signs) {
        let mut subject = binary(route.function, route.function);
        subject.name.push_str(", keys from secrets");
        subject.kind = Kind::KeysFromSecrets;
        services.keys_from_secrets(&mut subject.variables);
        subjects.push(subject);
    }
    for peer in peers {
        let (only, command) = match peer.split_once('=') {
            Some((name, command)) if routes::functions().any(|function| function == name) => {
                (Some(name), command)
            }
            _ => (None, peer.as_str()),
        };
        let command: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let program = command.first().ok_or("--vs is empty")?;
        for function in routes::functions().filter(|name| only.is_none_or(|only| only == *name)) {
            let mut subject = binary(function, function);
            subject.name = format!("{function} (vs {program})");
            subject.kind = Kind::Peer;
            subject.command.clone_from(&command);
            let handler = ("_HANDLER".to_owned(), function.to_owned());
            subject.variables.extend(iter::once(handler).chain(path()));
            subjects.push(subject);
        }
    }
    Ok(subjects)
}

/// An interpreter may need it.
#[expect(clippy::disallowed_methods, reason = "passed on unchanged")]
fn path() -> Option<(String, String)> {
    env::var("PATH").ok().map(|path| ("PATH".to_owned(), path))
}
