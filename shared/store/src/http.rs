use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use aws_smithy_http_client::{
    Connector, ConnectorBuilder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};

use crate::{CaBundle, connection::CONNECT_TIMEOUT};

/// The roots that AWS's endpoints chain to. Parsing five instead of the system's some 150 saves milliseconds of
/// every cold start, and no other authority can vouch for an endpoint.
pub(crate) const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// One pool of connections for all of a process's clients: the roots are parsed once, and a connection that one
/// has opened another may use.
#[derive(Clone, Default)]
pub struct Http(Arc<Inner>);

#[derive(Default)]
struct Inner {
    ca_bundle: Option<CaBundle>,
    plain: OnceLock<SharedHttpConnector>,
    tls: OnceLock<SharedHttpConnector>,
}

impl Http {
    /// Trusts Amazon's roots, or these instead.
    #[must_use]
    pub fn new(ca_bundle: Option<CaBundle>) -> Self {
        Self(Arc::new(Inner {
            ca_bundle,
            ..Inner::default()
        }))
    }

    /// HTTP without TLS goes to `connector`, such as an embedded DynamoDB's, instead of the network.
    #[cfg(feature = "admin")]
    #[must_use]
    pub fn embedded(connector: impl HttpConnector + 'static) -> Self {
        Self(Arc::new(Inner {
            plain: SharedHttpConnector::new(connector).into(),
            ..Inner::default()
        }))
    }

    /// What the SDK is given: always the same connector, so that what warmed it up is not lost.
    pub(crate) fn client(&self, endpoint: Option<&str>) -> SharedHttpClient {
        let connector = self.connector(endpoint);
        http_client_fn(move |_, _| connector.clone())
    }

    fn connector(&self, endpoint: Option<&str>) -> SharedHttpConnector {
        if endpoint.is_some_and(|url| url.starts_with("http://")) {
            return self.0.plain.get_or_init(plain).clone();
        }
        self.0
            .tls
            .get_or_init(|| tls(self.0.ca_bundle.as_ref().map_or(AMAZON_ROOTS, CaBundle::pem)))
            .clone()
    }

    /// Opens a connection to `url` and leaves it in the pool, by a request that needs neither permission nor money:
    /// DynamoDB answers `GET /` with its health. Whatever goes wrong the first real call will meet and report.
    pub(crate) async fn warm_up(&self, url: &str) {
        let mut request = HttpRequest::new(SdkBody::empty());
        if request.set_uri(url).is_err() {
            return;
        }
        if let Ok(answer) = self.connector(Some(url)).call(request).await {
            // Only a connection whose answer was read to its end goes back to the pool.
            let _ = ByteStream::new(answer.into_body()).collect().await;
        }
    }
}

/// Not its contents: connectors have nothing to show.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

fn builder() -> ConnectorBuilder {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT);
    Connector::builder().connector_settings(settings.build())
}

fn plain() -> SharedHttpConnector {
    SharedHttpConnector::new(builder().build_http())
}

fn tls(roots: &[u8]) -> SharedHttpConnector {
    #[expect(
        clippy::expect_used,
        reason = "it has no failing path for a set of certificates"
    )]
    let context = TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(roots))
        .build()
        .expect("a TLS context");
    let connector = builder()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context);
    SharedHttpConnector::new(connector.build())
}
