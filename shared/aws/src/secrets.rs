//! The secrets with keys. A function reads them once, at startup. The command line writes the signing keys' secret.

use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use zeroize::Zeroizing;

use crate::{SignatureRetryClassifier, Unavailable, send};

/// Secrets Manager has no transactions.
fn never<E>(_: &E) -> bool {
    false
}

fn client(config: &SdkConfig) -> Client {
    let config =
        aws_sdk_secretsmanager::config::Builder::from(config).retry_classifier(SignatureRetryClassifier);
    Client::from_conf(config.build())
}

/// Reads the secret's current value.
pub async fn read(config: &SdkConfig, secret: &str) -> Result<Zeroizing<String>, Unavailable> {
    const OPERATION: &str = "GetSecretValue";
    let get = client(config).get_secret_value().secret_id(secret);
    let response = send(never, || get.clone().send())
        .await
        .map_err(|e| Unavailable::from_sdk(OPERATION, &e))?;
    let value = response
        .secret_string
        .ok_or_else(|| Unavailable::because(OPERATION, "the secret has no SecretString"))?;
    Ok(Zeroizing::new(value))
}

/// Creates the secret and returns its ARN. Fails if the secret exists.
pub async fn create(
    config: &SdkConfig,
    secret: &str,
    value: &Zeroizing<String>,
) -> Result<String, Unavailable> {
    const OPERATION: &str = "CreateSecret for the signing keys";
    let create = client(config)
        .create_secret()
        .name(secret)
        .description("gatecrumb signing keys: a JWK Set with private parts")
        .secret_string(value.as_str());
    let response = send(never, || create.clone().send())
        .await
        .map_err(|e| Unavailable::from_sdk(OPERATION, &e))?;
    response
        .arn
        .ok_or_else(|| Unavailable::because(OPERATION, "the response lacks ARN"))
}

/// Replaces the secret's current value.
pub async fn replace(config: &SdkConfig, secret: &str, value: &Zeroizing<String>) -> Result<(), Unavailable> {
    let put = client(config)
        .put_secret_value()
        .secret_id(secret)
        .secret_string(value.as_str());
    send(never, || put.clone().send())
        .await
        .map_err(|e| Unavailable::from_sdk("PutSecretValue of the signing keys", &e))?;
    Ok(())
}
