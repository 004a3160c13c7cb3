//! TLS in front of the embedded DynamoDB and the stand-in for Secrets Manager, with a chain as long as AWS's: a root that the functions are told to
//! trust (`AWS_CA_BUNDLE`), an intermediate, the endpoint's certificate. ECDSA P-256, where AWS has RSA.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring},
};

use crate::Result;

/// What accepts connections; the root that vouches for it is written to `file`.
pub(crate) fn acceptor(file: &Path) -> Result<TlsAcceptor> {
    let (config, root) = certificates()?;
    fs::write(file, root)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Listens by TLS in front of `plain`: its URL.
pub(crate) async fn front(acceptor: TlsAcceptor, plain: SocketAddr) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that leaves takes only its own connection with it.
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

fn certificates() -> Result<(ServerConfig, String)> {
    let root_key = KeyPair::generate()?;
    let root_params = authority("gatecrumb bench root")?;
    let root = root_params.self_signed(&root_key)?;
    let root_issuer = Issuer::new(root_params, root_key);

    let middle_key = KeyPair::generate()?;
    let middle_params = authority("gatecrumb bench intermediate")?;
    let middle = middle_params.signed_by(&middle_key, &root_issuer)?;
    let middle_issuer = Issuer::new(middle_params, middle_key);

    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &middle_issuer)?;

    let chain = vec![leaf.der().clone(), middle.der().clone()];
    let key = key.serialize_der().try_into()?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((config, root.pem()))
}

fn authority(name: &str) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(params)
}
