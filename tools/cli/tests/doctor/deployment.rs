//! A deployment: `gatecrumb serve` behind TLS, and behind a proxy that is misconfigured.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::HeaderMap,
    response::Response,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// A `gatecrumb serve` process, configured by environment variables.
pub(crate) struct Serve {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Serve {
    pub(crate) fn start(variables: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_gatecrumb"))
            .args(["serve", "--memory", "--port", "0", "--dynamodb-port", "0"])
            .env_clear()
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let page = lines.by_ref().find(|line| line.starts_with("  page ")).unwrap();
        let port = page
            .trim_end_matches('/')
            .rsplit(':')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        lines.by_ref().find(|line| line.starts_with("Ctrl-C")).unwrap();
        Self {
            process,
            address: ([127, 0, 0, 1], port).into(),
        }
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Terminates TLS in front of `upstream`. Returns the port and the certificate, which is for localhost.
pub(crate) async fn tls(upstream: SocketAddr) -> (u16, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut inside) = acceptor.accept(stream).await else {
                    return;
                };
                let mut outside = TcpStream::connect(upstream).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
            });
        }
    });
    (port, cert.pem())
}

/// What a misconfigured proxy does to requests and responses.
#[derive(Clone, Copy)]
pub(crate) struct Misconfiguration {
    pub(crate) request: fn(&mut HeaderMap),
    pub(crate) response: fn(&mut Response),
}

pub(crate) const NONE: Misconfiguration = Misconfiguration {
    request: |_| (),
    response: |_| (),
};

pub(crate) async fn proxy(upstream: SocketAddr, misconfiguration: Misconfiguration) -> SocketAddr {
    async fn forward(
        State((upstream, misconfiguration)): State<(SocketAddr, Misconfiguration)>,
        request: Request,
    ) -> Response {
        let (mut parts, body) = request.into_parts();
        let body: Bytes = to_bytes(body, usize::MAX).await.unwrap();
        (misconfiguration.request)(&mut parts.headers);
        parts.uri = format!("http://{upstream}{}", parts.uri.path_and_query().unwrap())
            .parse()
            .unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let response = client
            .request(Request::from_parts(parts, Full::from(body)))
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let mut response = Response::from_parts(parts, Body::from(body.collect().await.unwrap().to_bytes()));
        (misconfiguration.response)(&mut response);
        response
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new()
        .fallback(forward)
        .with_state((upstream, misconfiguration));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}
