use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use aws_smithy_http_client::{
    Builder, Connector,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpClient, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
};
use aws_smithy_types::body::SdkBody;

use crate::{CaBundle, pool::Pool};

/// The root certificates of AWS's endpoints. Parsing five instead of the system's 150 or so saves milliseconds at each
/// cold start, and no other authority can issue a certificate for an endpoint.
pub(crate) const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// One connection pool for all clients of a process: the roots are parsed once, and clients share connections.
#[derive(Clone, Default)]
pub struct Http(Arc<Inner>);

#[derive(Default)]
struct Inner {
    ca_bundle: Option<CaBundle>,
    plain: OnceLock<Connections>,
    tls: OnceLock<Connections>,
}

/// The destination of requests.
#[derive(Clone)]
enum Connections {
    Network(Pool),
    Embedded(SharedHttpConnector),
}

impl Http {
    /// Trusts `ca_bundle`, or Amazon's roots without one.
    #[must_use]
    pub fn new(ca_bundle: Option<CaBundle>) -> Self {
        Self(Arc::new(Inner {
            ca_bundle,
            ..Inner::default()
        }))
    }

    /// Sends requests without TLS to `connector`, such as an embedded DynamoDB's, instead of the network.
    #[must_use]
    pub fn embedded(connector: impl HttpConnector + 'static) -> Self {
        Self(Arc::new(Inner {
            plain: Connections::Embedded(SharedHttpConnector::new(connector)).into(),
            ..Inner::default()
        }))
    }

    /// The SDK's client. All clients share the same connections.
    pub(crate) fn client(&self, endpoint: Option<&str>) -> SharedHttpClient {
        let connections = self.connections(endpoint);
        http_client_fn(move |_, components| match &connections {
            Connections::Network(pool) => SharedHttpConnector::new(pool.with_clock(components.time_source())),
            Connections::Embedded(connector) => connector.clone(),
        })
    }

    fn connections(&self, endpoint: Option<&str>) -> Connections {
        if endpoint.is_some_and(|url| url.starts_with("http://")) {
            return self
                .0
                .plain
                .get_or_init(|| Connections::Network(Pool::new(plain)))
                .clone();
        }
        let pool = || tls(self.0.ca_bundle.as_ref().map_or(AMAZON_ROOTS, CaBundle::pem));
        self.0.tls.get_or_init(|| Connections::Network(pool())).clone()
    }

    /// Opens a connection to `url` and leaves it in the pool. Sends `GET /`, which `DynamoDB` answers with its health
    /// and which is free and needs no permission. Ignores errors: the first real call reports them.
    pub(crate) async fn warm_up(&self, url: &str) {
        let mut request = HttpRequest::new(SdkBody::empty());
        if request.set_uri(url).is_err() {
            return;
        }
        match self.connections(Some(url)) {
            // Reading the whole response returns the connection to the pool.
            Connections::Network(pool) => drop(pool.call(request).await),
            Connections::Embedded(_) => {}
        }
    }
}

/// A client for an operator's machine: trusts the system's roots, which may include a corporate proxy's.
#[must_use]
pub fn operator_client() -> SharedHttpClient {
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// Connectors have no useful fields.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

fn plain() -> SharedHttpConnector {
    SharedHttpConnector::new(Connector::builder().build_http())
}

fn tls(roots: &[u8]) -> Pool {
    #[expect(clippy::expect_used, reason = "build() has no failing path for a trust store")]
    let context = TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(roots))
        .build()
        .expect("a TLS context");
    Pool::new(move || {
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context.clone());
        SharedHttpConnector::new(connector.build())
    })
}
