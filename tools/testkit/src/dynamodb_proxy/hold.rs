//! Calls that wait until the test decides, so that a test chooses the order of the writes and loses calls and answers
//! as a network does.

use tokio::sync::{mpsc, oneshot};

use super::{Call, Disconnect, Handler, Reply};

/// What becomes of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It takes effect and is answered.
    Pass,
    /// It takes effect, but the connection breaks before the answer: the SDK calls again.
    Unheard,
    /// The connection breaks before it takes effect: the SDK calls again.
    Lost,
}

/// A call that waits.
pub struct Held {
    /// Such as `UpdateItem`.
    pub operation: String,
    verdict: oneshot::Sender<Verdict>,
}

impl Held {
    /// Lets it go.
    pub fn release(self, verdict: Verdict) {
        // The caller may have given up by now.
        let _ = self.verdict.send(verdict);
    }
}

/// Holds the calls of some operations; all others pass.
pub struct Holder {
    operations: &'static [&'static str],
    calls: mpsc::UnboundedSender<Held>,
}

impl Holder {
    /// Holds these operations: the handler, and the held calls in the order in which they come.
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
        // Without the test nobody decides.
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
