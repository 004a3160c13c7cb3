//! The secrets of keys, read once when a function starts; that of the signing keys is written by the command line.

use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use zeroize::Zeroizing;

use crate::Unavailable;

/// Reads the secret's current value.
pub async fn read(config: &SdkConfig, secret: &str) -> Result<Zeroizing<String>, Unavailable> {
    const OPERATION: &str = "GetSecretValue";
    let answer = Client::new(config)
        .get_secret_value()
        .secret_id(secret)
        .send()
        .await
        .map_err(|e| Unavailable::from_sdk(OPERATION, &e))?;
    let value = answer
        .secret_string
        .ok_or_else(|| Unavailable::because(OPERATION, "the secret holds no text"))?;
    Ok(Zeroizing::new(value))
}

/// Creates the secret and returns its ARN; one that exists is not touched.
#[cfg(feature = "admin")]
pub async fn create(
    config: &SdkConfig,
    secret: &str,
    value: &Zeroizing<String>,
) -> Result<String, Unavailable> {
    const OPERATION: &str = "CreateSecret for the signing keys";
    let answer = Client::new(config)
        .create_secret()
        .name(secret)
        .description("gatecrumb signing keys: a JWK Set with private parts")
        .secret_string(value.as_str())
        .send()
        .await
        .map_err(|e| Unavailable::from_sdk(OPERATION, &e))?;
    answer
        .arn
        .ok_or_else(|| Unavailable::because(OPERATION, "no ARN came back"))
}

/// Replaces the secret's current value.
#[cfg(feature = "admin")]
pub async fn replace(config: &SdkConfig, secret: &str, value: &Zeroizing<String>) -> Result<(), Unavailable> {
    Client::new(config)
        .put_secret_value()
        .secret_id(secret)
        .secret_string(value.as_str())
        .send()
        .await
        .map_err(|e| Unavailable::from_sdk("PutSecretValue of the signing keys", &e))?;
    Ok(())
}
