//! TLS in front of a service on this machine, with a chain as long as AWS's: a root that the functions are told to
//! trust (`AWS_CA_BUNDLE`), an intermediate, the endpoint's certificate. ECDSA P-256, where AWS has RSA.

use std::{net::SocketAddr, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring},
};

use crate::Result;

/// Serves TLS in front of `plain`. Returns its URL.
pub(crate) async fn front(acceptor: TlsAcceptor, plain: SocketAddr) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that disconnects ends only its own connection.
            tokio::spawn(pass_on(acceptor.clone(), stream, plain));
        }
    });
    Ok(format!("https://localhost:{port}"))
}

async fn pass_on(acceptor: TlsAcceptor, stream: TcpStream, plain: SocketAddr) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut encrypted = acceptor.accept(stream).await?;
    let mut upstream = TcpStream::connect(plain).await?;
    upstream.set_nodelay(true)?;
    copy_bidirectional(&mut encrypted, &mut upstream).await?;
    Ok(())
}

/// A TLS acceptor for `localhost`, and the root certificate of its chain in PEM.
pub(crate) fn acceptor() -> Result<(TlsAcceptor, String)> {
    let root_key = KeyPair::generate()?;
    let root_params = authority("gatecrumb bench root")?;
    let root = root_params.self_signed(&root_key)?;
    let root_issuer = Issuer::new(root_params, root_key);

    let intermediate_key = KeyPair::generate()?;
    let intermediate_params = authority("gatecrumb bench intermediate")?;
    let intermediate = intermediate_params.signed_by(&intermediate_key, &root_issuer)?;
    let intermediate_issuer = Issuer::new(intermediate_params, intermediate_key);

    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &intermediate_issuer)?;

    let chain = vec![leaf.der().clone(), intermediate.der().clone()];
    let key = key.serialize_der().try_into()?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), root.pem()))
}

fn authority(name: &str) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(params)
}
