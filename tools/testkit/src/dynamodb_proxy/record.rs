//! Records calls.

use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{Call, Handler, Reply};

/// Passes every call on and records its operation and request. Clones share the record.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<(String, Value)>>>);

impl Recorder {
    /// Takes the calls recorded so far, in order of arrival.
    #[must_use]
    pub fn take(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Handler for Recorder {
    async fn handle(&self, call: Call) -> Reply {
        let recorded = (call.operation.clone(), call.request());
        self.0.lock().unwrap().push(recorded);
        call.pass().await
    }
}
