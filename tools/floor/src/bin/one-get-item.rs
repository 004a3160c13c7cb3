//! `only-200` with one bare `GetItem` for each request: the SDK set up by hand with as little as it needs. The
//! difference from `only-200` is what the SDK costs, for the first call and warm.

use std::{fs, sync::Arc};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region},
    types::AttributeValue,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_types::SdkConfig;
use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Arc::new(client()?);
    run(service_fn(move |_: Request| {
        let client = Arc::clone(&client);
        async move { get(&client).await }
    }))
    .await
}

async fn get(client: &Client) -> Result<&'static str, Error> {
    let answer = client
        .get_item()
        .table_name("gatecrumb")
        .key("pk", AttributeValue::S("USER#me".to_owned()))
        .key("sk", AttributeValue::S("USER".to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    answer.item.map(|_| "found").ok_or_else(|| "no such item".into())
}

#[expect(clippy::disallowed_methods, reason = "a whole program of two functions")]
fn client() -> Result<Client, Error> {
    let endpoint = std::env::var("AWS_ENDPOINT_URL_DYNAMODB")?;
    let http = match std::env::var("AWS_CA_BUNDLE") {
        Err(_) => Builder::new().build_http(),
        Ok(bundle) => {
            let roots = TrustStore::empty().with_pem_certificate(fs::read(bundle)?);
            Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(TlsContext::builder().with_trust_store(roots).build()?)
                .build_https()
        }
    };
    let credentials = Credentials::from_keys("local", "local", None);
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http)
        .endpoint_url(endpoint)
        .build();
    Ok(Client::new(&config))
}
