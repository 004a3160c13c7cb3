//! How a command finds the process that holds the lock of the state directory: that process announces an endpoint in a
//! private file. The file alone is no proof, because a killed process leaves it behind.

use std::{path::PathBuf, time::Duration};

use axum::body::Bytes;
use gatecrumb_local::{CHALLENGE, Instance};
use gatecrumb_runtime::SystemRandomness;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep, timeout};

use super::{Lock, State, remove};
use crate::Failure;

/// How long a command waits for its turn. Each command holds the lock for well under a second.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL_EVERY: Duration = Duration::from_millis(20);
/// For the proof, which takes a millisecond.
const PROOF_TIMEOUT: Duration = Duration::from_secs(2);
/// More than a proof.
const MAX_PROOF_BYTES: usize = 256;

/// Where a process serves the table.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) instance: Instance,
}

/// Removes the announcement when dropped.
pub(crate) struct Announced {
    file: PathBuf,
}

/// Who has the table's file open.
pub(crate) enum Holder {
    /// This process.
    Us(Lock),
    /// `serve` or `gatecrumb dynamodb`.
    Server(Endpoint),
}

impl State {
    /// Tells other commands where this process, which holds the lock, serves the table.
    pub(crate) fn announce(&self, endpoint: &Endpoint) -> Result<Announced, Failure> {
        let file = self.endpoint_file();
        // Two strings in structs always serialize.
        let json = serde_json::to_string(endpoint).unwrap_or_default();
        self.write_private(&file, &json)?;
        Ok(Announced { file })
    }

    /// Takes the lock, or finds the server that holds it. Waits for other commands.
    pub(crate) async fn holder(&self) -> Result<Holder, Failure> {
        self.holder_within(PATIENCE).await
    }

    async fn holder_within(&self, patience: Duration) -> Result<Holder, Failure> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(lock) = self.lock()? {
                return Ok(Holder::Us(lock));
            }
            // An unreadable announcement is as good as none: its server may be replacing it.
            let announced = self.read(&self.endpoint_file()).ok().flatten();
            let endpoint: Option<Endpoint> = announced.and_then(|json| serde_json::from_str(&json).ok());
            if let Some(endpoint) = endpoint
                && endpoint.is_live().await
            {
                return Ok(Holder::Server(endpoint));
            }
            if Instant::now() >= deadline {
                return Err(Failure::new(format!(
                    "another gatecrumb has been using {} for {} s and serves no other command: wait until it ends, or \
                     stop it, then run this again",
                    self.directory.display(),
                    patience.as_secs()
                )));
            }
            sleep(POLL_EVERY).await;
        }
    }
}

impl Endpoint {
    /// Whether the server that announced itself listens there now.
    async fn is_live(&self) -> bool {
        timeout(PROOF_TIMEOUT, self.proves_itself())
            .await
            .ok()
            .flatten()
            .unwrap_or(false)
    }

    async fn proves_itself(&self) -> Option<bool> {
        let challenge = Instance::challenge(&SystemRandomness).ok()?;
        let request = http::Request::get(&self.url)
            .header(CHALLENGE, &challenge)
            .body(Full::<Bytes>::default())
            .ok()?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.ok()?;
        let body = Limited::new(response.into_body(), MAX_PROOF_BYTES);
        let proof = body.collect().await.ok()?.to_bytes();
        Some(self.instance.accepts(&challenge, &proof))
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        // Harmless if it stays: it proves nothing.
        let _ = remove(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use gatecrumb_local::DynamoDb;
    use tokio::net::TcpListener;

    use super::*;

    /// A locked state directory, removed at the end.
    struct Held {
        state: State,
        _lock: Lock,
    }

    impl Held {
        fn new(name: &str) -> Self {
            let name = format!("gatecrumb-endpoint-{name}-{}", std::process::id());
            let state = State::locate(Some(&std::env::temp_dir().join(name))).unwrap();
            let lock = state.lock().unwrap().unwrap();
            Self { state, _lock: lock }
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(self.state.directory());
        }
    }

    fn instance() -> Instance {
        Instance::random(&SystemRandomness).unwrap()
    }

    async fn serve(database: DynamoDb) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(database.serve(listener, std::future::pending()));
        url
    }

    #[tokio::test]
    async fn only_the_announced_instance_is_used() {
        let held = Held::new("instance");
        let (own, other) = (instance(), instance());
        let memory = || DynamoDb::in_memory().unwrap();
        let closed = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            format!("http://{}", listener.local_addr().unwrap())
        };
        for (server, url, expected) in [
            ("itself", serve(memory().with_instance(own.clone())).await, true),
            ("another", serve(memory().with_instance(other)).await, false),
            ("anonymous", serve(memory()).await, false),
            ("none", closed, false),
            ("not a URL", "::".to_owned(), false),
        ] {
            let endpoint = Endpoint {
                url,
                instance: own.clone(),
            };
            let announced = held.state.announce(&endpoint).unwrap();
            let found = held.state.holder_within(Duration::ZERO).await;
            match found {
                Ok(Holder::Server(found)) => assert!(expected && found.url == endpoint.url, "{server}"),
                Ok(Holder::Us(_)) => panic!("{server}: the lock is held"),
                Err(failure) => {
                    assert!(!expected, "{server}: {failure}");
                    assert!(failure.to_string().contains("wait until it ends, or stop it"));
                }
            }
            drop(announced);
            assert!(!held.state.endpoint_file().exists());
        }
    }

    #[tokio::test]
    async fn garbage_in_the_endpoint_file_is_no_endpoint() {
        let held = Held::new("garbage");
        for garbage in [&b"http://127.0.0.1:1"[..], b"\xff\0", b"", b"{\"url\":\"x\"}"] {
            fs::write(held.state.endpoint_file(), garbage).unwrap();
            assert!(held.state.holder_within(Duration::ZERO).await.is_err());
        }
    }

    #[tokio::test]
    async fn whoever_takes_the_lock_removes_what_a_killed_server_left() {
        let Held { state, .. } = &Held::new("left");
        let copy = State::locate(Some(&state.directory().with_extension("copy"))).unwrap();
        drop(copy.lock().unwrap());
        fs::write(copy.endpoint_file(), "anything").unwrap();
        let holder = copy.holder_within(Duration::ZERO).await.unwrap();
        assert!(matches!(holder, Holder::Us(_)));
        assert!(!copy.endpoint_file().exists());
        fs::remove_dir_all(copy.directory()).unwrap();
    }
}
