//! The functions' variables: a good configuration, changed by lines of `NAME=value`.

use std::time::Duration;

use gatecrumb_runtime::{
    ConfigError, Host,
    config::{self, sessions::Sessions},
};
use gatecrumb_web::AllowedOrigins;
use tokio::runtime::Builder;

use crate::fixtures::{VARIABLES, environment};

/// What no error may show.
const SECRET: [&str; 5] = [
    "DEVICE_KEYS",
    "PROXY_SECRET",
    "SIGNING_KEYS",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut variables = VARIABLES.clone();
    // Values of several lines are written with \n, as in a shell.
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        variables.insert(name.to_owned(), value.replace("\\n", "\n"));
    }
    let read = || -> Result<(), ConfigError> {
        let env = environment(variables.clone());
        let connection = config::aws::read(&env, &Host::lambda())?;
        config::table::read(&env)?;
        config::cookies::read(&env)?;
        config::proxy::read(&env)?;
        let tokens = config::tokens::read(&env)?;
        assert!(tokens.issuer.len() <= 255 && tokens.issuer.is_ascii());
        assert_within_bounds(&config::sessions::read(&env)?);
        assert_origins(&config::origins::read(&env)?);
        let signing = config::signing::read(&env)?;
        // Secrets Manager is not asked.
        if variables
            .get("SIGNING_KEYS_SECRET")
            .is_none_or(|id| id.trim().is_empty())
        {
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(signing.signer(&connection, &tokens))?;
        }
        let devices = config::device::read(&env)?;
        if variables
            .get("DEVICE_KEYS_SECRET")
            .is_none_or(|id| id.trim().is_empty())
        {
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(devices.keys(&connection))?;
        }
        Ok(())
    };
    let Err(error) = read() else { return };
    let said = error.to_string();
    assert!(!said.contains(['\n', '\r']), "not one line");
    assert!(
        said.starts_with(|first: char| first.is_ascii_uppercase()),
        "names no variable"
    );
    for name in SECRET {
        let secret = variables.get(name).map(|value| value.trim()).unwrap_or_default();
        let elsewhere = variables
            .iter()
            .any(|(other, value)| other != name && value.contains(secret));
        // A short string occurs by chance; one that is in another variable is no secret.
        assert!(
            secret.len() < 16 || elsewhere || !said.contains(secret),
            "shows {name}"
        );
    }
}

/// Whatever starts holds the bounds that the rest relies on.
fn assert_within_bounds(sessions: &Sessions) {
    let access = sessions.policy.access_lifetime;
    assert!((60..=3600).contains(&access.as_secs()));
    assert!(sessions.policy.min_age >= Duration::from_secs(15) && sessions.policy.min_age <= access);
    assert!(access <= sessions.idle && sessions.idle <= sessions.max);
}

fn assert_origins(allowed: &AllowedOrigins) {
    assert!(allowed.iter().count() <= 512);
    for origin in allowed.iter() {
        assert!(!origin.contains(['*', ' ', '@', '?', '#']) && !origin.ends_with('/'));
    }
}
