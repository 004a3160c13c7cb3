//! The functions' variables: a good configuration, changed by lines of `NAME=value`.

use std::time::Duration;

use gatecrumb_runtime::{Config, ConfigError, DeviceConfig, SigningConfig};
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
        let config = Config::read(&environment(variables.clone()))?;
        within_bounds(&config);
        let signing = SigningConfig::read(&environment(variables.clone()))?;
        // Secrets Manager is not asked.
        if variables
            .get("SIGNING_KEYS_SECRET")
            .is_none_or(|id| id.trim().is_empty())
        {
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(signing.signer(&config))?;
        }
        let devices = DeviceConfig::read(&environment(variables.clone()))?;
        if variables
            .get("DEVICE_KEYS_SECRET")
            .is_none_or(|id| id.trim().is_empty())
        {
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(devices.keys(&config))?;
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
        // A short text occurs by chance, one that stands in another variable is none.
        assert!(
            secret.len() < 16 || elsewhere || !said.contains(secret),
            "shows {name}"
        );
    }
}

/// Whatever starts holds the bounds that the rest relies on.
fn within_bounds(config: &Config) {
    let access = config.rule.access_lifetime;
    assert!((60..=3600).contains(&access.as_secs()));
    assert!(config.rule.min_age >= Duration::from_secs(15) && config.rule.min_age <= access);
    assert!(access <= config.session_idle && config.session_idle <= config.session_max);
    assert!(config.issuer.len() <= 255 && config.issuer.is_ascii());
    assert!(config.allowed_origins.iter().count() <= 512);
    for origin in config.allowed_origins.iter() {
        assert!(!origin.contains(['*', ' ', '@', '?', '#']) && !origin.ends_with('/'));
    }
}
