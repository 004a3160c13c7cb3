//! `AWS_REGION`, the credentials, `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL_SECRETS_MANAGER` and `AWS_CA_BUNDLE`.

use gatecrumb_aws::{CaBundle, Connection, Credentials, Http};

use crate::{ConfigError, Environment, Host};

/// How to reach AWS. The host's own connections are used if it has any.
pub fn read(env: &Environment, host: &Host) -> Result<Connection, ConfigError> {
    const HELP: &str = "Lambda sets it; elsewhere set it yourself";
    let access_key = env.required("AWS_ACCESS_KEY_ID", HELP)?;
    let secret_key = env.required("AWS_SECRET_ACCESS_KEY", HELP)?;
    let ca_bundle = ca_bundle(env)?;
    Ok(Connection {
        region: env.required("AWS_REGION", HELP)?,
        credentials: Credentials::from_keys(access_key, secret_key, env.text("AWS_SESSION_TOKEN")),
        dynamodb_endpoint: endpoint(env, "AWS_ENDPOINT_URL_DYNAMODB")?,
        secrets_manager_endpoint: endpoint(env, "AWS_ENDPOINT_URL_SECRETS_MANAGER")?,
        http: host.http.clone().unwrap_or_else(|| Http::new(ca_bundle)),
    })
}

fn ca_bundle(env: &Environment) -> Result<Option<CaBundle>, ConfigError> {
    const VARIABLE: &str = "AWS_CA_BUNDLE";
    const HELP: &str = "set it to a file of certificates in PEM, or leave it out to trust Amazon's roots";
    let Some(path) = env.text(VARIABLE) else {
        return Ok(None);
    };
    let pem = std::fs::read(&path).map_err(|error| {
        ConfigError::new(
            VARIABLE,
            format!("is {path:?}, which cannot be read ({error})"),
            HELP,
        )
    })?;
    CaBundle::parse(pem)
        .map(Some)
        .map_err(|error| ConfigError::new(VARIABLE, format!("is {path:?}, which {error}"), HELP))
}

fn endpoint(env: &Environment, variable: &'static str) -> Result<Option<String>, ConfigError> {
    let Some(url) = env.text(variable) else {
        return Ok(None);
    };
    let uri: Option<http::Uri> = url.parse().ok();
    if !uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()) {
        let help = "set it to a URL such as http://localhost:8000, or leave it out";
        return Err(ConfigError::new(variable, format!("is {url:?}"), help));
    }
    Ok(Some(url))
}
