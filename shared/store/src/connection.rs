use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::SdkConfig;

/// The roots that AWS's endpoints chain to. Parsing five instead of the system's some 150 saves milliseconds of
/// every cold start, and no other authority can vouch for an endpoint.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

const MAX_ATTEMPTS: u32 = 3;
const INITIAL_BACKOFF: Duration = Duration::from_millis(40);
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1000);
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1500);
/// All attempts of one call. A function has 5 s and makes up to four calls, nearly always of some milliseconds;
/// its own deadline bounds their sum.
const OPERATION_TIMEOUT: Duration = Duration::from_millis(3500);

/// How a function reaches AWS, built by hand: no profile files, no metadata service, no native root store.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Such as `eu-central-1`.
    pub region: String,
    /// From the environment, where Lambda puts them.
    pub credentials: Credentials,
    /// Another endpoint for DynamoDB (`AWS_ENDPOINT_URL_DYNAMODB`).
    pub dynamodb_endpoint: Option<String>,
    /// Another endpoint for Secrets Manager (`AWS_ENDPOINT_URL_SECRETS_MANAGER`).
    pub secrets_manager_endpoint: Option<String>,
}

impl Connection {
    /// A connection to an emulator, which takes any credentials.
    #[must_use]
    pub fn local(endpoint: &str) -> Self {
        Self {
            region: "local".to_owned(),
            credentials: Credentials::from_keys("local", "local", None),
            dynamodb_endpoint: Some(endpoint.to_owned()),
            secrets_manager_endpoint: None,
        }
    }

    /// The SDK's configuration for DynamoDB.
    #[must_use]
    pub fn dynamodb(&self) -> SdkConfig {
        self.sdk_config(self.dynamodb_endpoint.as_deref())
    }

    /// The SDK's configuration for Secrets Manager.
    #[must_use]
    pub fn secrets_manager(&self) -> SdkConfig {
        self.sdk_config(self.secrets_manager_endpoint.as_deref())
    }

    fn sdk_config(&self, endpoint: Option<&str>) -> SdkConfig {
        let mut builder = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials.clone()))
            .http_client(http_client(endpoint))
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(MAX_ATTEMPTS)
                    .with_initial_backoff(INITIAL_BACKOFF),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .operation_timeout(OPERATION_TIMEOUT)
                    .build(),
            )
            // For streams of unknown length; our answers are small and have their own timeouts.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        builder.set_endpoint_url(endpoint.map(str::to_owned));
        builder.build()
    }
}

fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    if endpoint.is_some_and(|url| url.starts_with("http://")) {
        return Builder::new().build_http();
    }
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    #[expect(
        clippy::expect_used,
        reason = "it has no failing path for a set of certificates"
    )]
    let tls = TlsContext::builder()
        .with_trust_store(roots)
        .build()
        .expect("a TLS context");
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build_https()
}
