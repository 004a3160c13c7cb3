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
    plain: OnceLock<Connections>,
    tls: OnceLock<Connections>,
}

/// Where requests go.
#[derive(Clone)]
enum Connections {
    Network(Pool),
    Embedded(SharedHttpConnector),
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
    #[must_use]
    pub fn embedded(connector: impl HttpConnector + 'static) -> Self {
        Self(Arc::new(Inner {
            plain: Connections::Embedded(SharedHttpConnector::new(connector)).into(),
            ..Inner::default()
        }))
    }

    /// What the SDK is given: always the same connections, so that what warmed them up is not lost.
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

    /// Opens a connection to `url` and leaves it in the pool, by a request that needs neither permission nor money:
    /// DynamoDB answers `GET /` with its health. Whatever goes wrong the first real call will meet and report.
    pub(crate) async fn warm_up(&self, url: &str) {
        let mut request = HttpRequest::new(SdkBody::empty());
        if request.set_uri(url).is_err() {
            return;
        }
        match self.connections(Some(url)) {
            // The answer is read to its end, or the connection would not go back to the pool.
            Connections::Network(pool) => drop(pool.call(request).await),
            Connections::Embedded(_) => {}
        }
    }
}

/// For an operator's machine: trusts the system's roots, as a company's proxy may be among them.
#[must_use]
pub fn operator_client() -> SharedHttpClient {
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// Not its contents: connectors have nothing to show.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

fn plain() -> SharedHttpConnector {
    SharedHttpConnector::new(Connector::builder().build_http())
}

fn tls(roots: &[u8]) -> Pool {
    #[expect(
        clippy::expect_used,
        reason = "it has no failing path for a set of certificates"
    )]
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
