//! Holds calls until the test decides. A test can choose the order of writes and lose calls and responses as a network
//! does.

use tokio::sync::{mpsc, oneshot};

use super::{Call, Disconnect, Handler, Reply};

/// What happens to a held call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It takes effect and gets its response.
    Pass,
    /// It takes effect, but the connection breaks before the response: the SDK retries.
    Unheard,
    /// The connection breaks before it takes effect: the SDK retries.
    Lost,
}

/// A call that waits for its verdict.
pub struct Held {
    /// Such as `UpdateItem`.
    pub operation: String,
    verdict: oneshot::Sender<Verdict>,
}

impl Held {
    /// Ends the wait.
    pub fn release(self, verdict: Verdict) {
        // Fails if the caller has given up.
        let _ = self.verdict.send(verdict);
    }
}

/// Holds the calls of some operations and passes all others on.
pub struct Holder {
    operations: &'static [&'static str],
    calls: mpsc::UnboundedSender<Held>,
}

impl Holder {
    /// Holds these operations. Returns the handler, and the held calls in order of arrival.
    #[must_use]
    pub fn of(operations: &'static [&'static str]) -> (Self, mpsc::UnboundedReceiver<Held>) {
        let (calls, held) = mpsc::unbounded_channel();
        (Self { operations, calls }, held)
    }
}

impl Handler for Holder {
    async fn handle(&self, call: Call) -> Reply {
        if !self.operations.contains(&call.operation.as_str()) {
            return call.pass().await;
        }
        let (verdict, decided) = oneshot::channel();
        let held = Held {
            operation: call.operation.clone(),
            verdict,
        };
        // Fails if the test has ended.
        self.calls.send(held).map_err(|_| Disconnect)?;
        match decided.await.unwrap_or(Verdict::Lost) {
            Verdict::Pass => call.pass().await,
            Verdict::Unheard => {
                call.pass().await?;
                Err(Disconnect)
            }
            Verdict::Lost => Err(Disconnect),
        }
    }
}
