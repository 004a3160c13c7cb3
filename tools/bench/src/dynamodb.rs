//! The embedded DynamoDB and a stand-in for Secrets Manager in a process of their own: their work must not be counted
//! as the function's.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _, stdout},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use clap::Args;
use gatecrumb_aws::Connection;
use gatecrumb_local::{DynamoDb, fixtures};
use gatecrumb_store::Store;
use gatecrumb_testkit::{secrets::SecretsManager, world};

use crate::{Result, tls};

#[derive(Args)]
pub(crate) struct Options {
    /// Also by TLS, with a certificate of a new authority whose own is written here
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
}

pub(crate) fn serve(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let plain = DynamoDb::in_memory()?.spawn().await?;
        let endpoint = format!("http://{plain}");
        let store = Store::new(&Connection::local(&endpoint).dynamodb(), "gatecrumb");
        fixtures::load(&store).await?;
        let manager = SecretsManager::default();
        manager.put(SECRET, &world::signing_keys().to_private_json());
        manager.put(DEVICE_SECRET, world::DEVICE_KEYS);
        let secrets = manager.serve().await;
        let [endpoint, secrets] = match &options.tls {
            None => [endpoint, secrets],
            Some(file) => {
                let acceptor = tls::acceptor(file)?;
                let manager = secrets.trim_start_matches("http://").parse()?;
                [
                    tls::front(acceptor.clone(), plain).await?,
                    tls::front(acceptor, manager).await?,
                ]
            }
        };
        println!("{endpoint}\n{secrets}");
        stdout().flush()?;
        std::future::pending::<()>().await;
        Ok(())
    })
}

/// The name of the secret that holds the signing keys.
pub(crate) const SECRET: &str = "gatecrumb";
pub(crate) const DEVICE_SECRET: &str = "gatecrumb-devices";

/// The running process.
pub(crate) struct Table {
    child: Child,
    /// DynamoDB's URL.
    pub(crate) endpoint: String,
    /// Secrets Manager's URL.
    pub(crate) secrets: String,
}

impl Table {
    /// Starts it from this very program.
    pub(crate) fn start(tls: Option<&PathBuf>) -> Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command
            .arg("dynamodb")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        if let Some(file) = tls {
            command.arg("--tls").arg(file);
        }
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().ok_or("no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let mut line = || -> Result<String> { Ok(lines.next().ok_or("the table did not start")??) };
        let (endpoint, secrets) = (line()?, line()?);
        Ok(Self {
            child,
            endpoint,
            secrets,
        })
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
