//! What the functions call: the embedded DynamoDB with the rows of `events/`, and a stand-in for Secrets Manager.

use std::{env, fs, net::SocketAddr, path::PathBuf, sync::mpsc, thread};

use gatecrumb_aws::{CaBundle, Connection, Http};
use gatecrumb_testkit::{fixtures, secrets::SecretsManager};

use crate::{Result, tls};

/// The names of the secrets.
const SIGNING_KEYS: &str = "gatecrumb";
const DEVICE_KEYS: &str = "gatecrumb-devices";

pub(crate) struct Services {
    /// Where DynamoDB listens without TLS.
    pub(crate) address: SocketAddr,
    /// DynamoDB's URL.
    dynamodb: String,
    /// Secrets Manager's URL.
    secrets: String,
    /// The certificate authority of both, if they speak TLS.
    bundle: Option<PathBuf>,
}

impl Services {
    /// Serves them on their own threads, which end with this program.
    pub(crate) fn start(tls: bool) -> Result<Self> {
        let (sender, started) = mpsc::channel();
        thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?;
            runtime.block_on(async {
                sender.send(Self::serve(tls).await)?;
                std::future::pending().await
            })
        });
        started.recv()?
    }

    async fn serve(tls: bool) -> Result<Self> {
        let (address, _) = fixtures::dynamodb().await;
        let manager = SecretsManager::default();
        manager.put(SIGNING_KEYS, &fixtures::signing_keys().to_private_json());
        manager.put(DEVICE_KEYS, fixtures::DEVICE_KEYS);
        let secrets = manager.serve().await;
        if !tls {
            return Ok(Self {
                address,
                dynamodb: format!("http://{address}"),
                secrets,
                bundle: None,
            });
        }
        let (acceptor, root) = tls::acceptor()?;
        let bundle = env::temp_dir().join(format!("gatecrumb-bench-{}.pem", std::process::id()));
        fs::write(&bundle, root)?;
        let manager = secrets.trim_start_matches("http://").parse()?;
        Ok(Self {
            address,
            dynamodb: tls::front(acceptor.clone(), address).await?,
            secrets: tls::front(acceptor, manager).await?,
            bundle: Some(bundle),
        })
    }

    /// The functions' environment.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let mut variables = fixtures::variables(&self.dynamodb);
        if let Some(bundle) = &self.bundle {
            variables.push(("AWS_CA_BUNDLE".to_owned(), bundle.display().to_string()));
        }
        variables
    }

    /// Replaces the keys in a function's environment with the names of the secrets that hold them.
    pub(crate) fn keys_from_secrets(&self, variables: &mut Vec<(String, String)>) {
        variables.retain(|(name, _)| !matches!(name.as_str(), "SIGNING_KEYS" | "DEVICE_KEYS"));
        for (name, value) in [
            ("SIGNING_KEYS_SECRET", SIGNING_KEYS),
            ("DEVICE_KEYS_SECRET", DEVICE_KEYS),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &self.secrets),
        ] {
            variables.push((name.to_owned(), value.to_owned()));
        }
    }

    /// A connection like the functions'.
    pub(crate) fn connection(&self) -> Result<Connection> {
        let mut connection = Connection::local(&self.dynamodb);
        if let Some(bundle) = &self.bundle {
            connection.http = Http::new(Some(CaBundle::parse(fs::read(bundle)?)?));
        }
        Ok(connection)
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        if let Some(bundle) = &self.bundle {
            let _ = fs::remove_file(bundle);
        }
    }
}
