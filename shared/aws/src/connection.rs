use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Region, StalledStreamProtectionConfig,
    endpoint::{DefaultResolver, Params, ResolveEndpoint as _},
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::SdkConfig;
use futures_util::future::join_all;

use crate::Http;

const MAX_ATTEMPTS: u32 = 3;
const INITIAL_BACKOFF: Duration = Duration::from_millis(40);
/// An unresponsive endpoint must not make Lambda restart the function.
const WARM_UP_TIMEOUT: Duration = Duration::from_millis(500);
/// Limits all tries of one call, each of which may take [`crate::pool::TRY_TIMEOUT`]. A function has 5 s and makes up
/// to four calls, which usually take milliseconds. Its deadline limits their sum.
const OPERATION_TIMEOUT: Duration = Duration::from_millis(3500);

/// How a function reaches AWS: without profile files, metadata service or native root store.
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
    /// The connection pool and the trusted certificates.
    pub http: Http,
}

impl Connection {
    /// A connection to an emulator, which accepts any credentials.
    #[must_use]
    pub fn local(endpoint: &str) -> Self {
        Self {
            region: "local".to_owned(),
            credentials: Credentials::from_keys("local", "local", None),
            dynamodb_endpoint: Some(endpoint.to_owned()),
            secrets_manager_endpoint: None,
            http: Http::default(),
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

    /// Opens `connections` connections to `DynamoDB` before a request needs them: as many as the function makes
    /// parallel calls. TCP and TLS cost round trips and CPU time, and startup runs at Lambda's full speed. Never
    /// fails, and takes at most 0.5 s.
    pub async fn warm_up(&self, connections: usize) {
        let warmed = async {
            if let Some(url) = self.dynamodb_url().await {
                join_all((0..connections).map(|_| self.http.warm_up(&url))).await;
            }
        };
        // After a timeout, the first request connects itself.
        let _ = tokio::time::timeout(WARM_UP_TIMEOUT, warmed).await;
    }

    /// Resolved as the client does, because the client only uses connections to that URL.
    async fn dynamodb_url(&self) -> Option<String> {
        if let Some(url) = &self.dynamodb_endpoint {
            return Some(url.clone());
        }
        let params = Params::builder().region(self.region.clone()).build().ok()?;
        let endpoint = DefaultResolver::new().resolve_endpoint(&params).await.ok()?;
        Some(endpoint.url().to_owned())
    }

    fn sdk_config(&self, endpoint: Option<&str>) -> SdkConfig {
        let mut builder = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials.clone()))
            .http_client(self.http.client(endpoint))
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(MAX_ATTEMPTS)
                    .with_initial_backoff(INITIAL_BACKOFF),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_timeout(OPERATION_TIMEOUT)
                    .build(),
            )
            // Only useful for large streams; our responses are small and have their own timeouts.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        builder.set_endpoint_url(endpoint.map(str::to_owned));
        builder.build()
    }
}
