//! The embedded DynamoDB in a process of its own, as DynamoDB is: its work must not be counted as the function's.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _, stdout},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use clap::Args;
use gatecrumb_local::{DynamoDb, fixtures};
use gatecrumb_store::{Connection, Store};

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
        let endpoint = match &options.tls {
            None => endpoint,
            Some(file) => tls::front(plain, file).await?,
        };
        println!("{endpoint}");
        stdout().flush()?;
        std::future::pending::<()>().await;
        Ok(())
    })
}

/// The running process.
pub(crate) struct Table {
    child: Child,
    /// Its URL.
    pub(crate) endpoint: String,
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
        let mut endpoint = String::new();
        BufReader::new(stdout).read_line(&mut endpoint)?;
        let endpoint = endpoint.trim().to_owned();
        Ok(Self { child, endpoint })
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
