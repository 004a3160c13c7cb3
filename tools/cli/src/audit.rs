//! What this command line changed: `audit.log` in the state directory, one JSON object a line, added to and never
//! rewritten. On AWS the account's own trail (`CloudTrail`, data events) says the same of table and secret, where the
//! operator cannot edit it.

use std::{fs::File, io::Write as _, path::Path};

use gatecrumb_runtime::{Environment, now};
use serde_json::{Value, json};

use crate::{Failure, state::State};

/// Opened before a change is made, so that none goes unrecorded.
pub(crate) struct Trail {
    file: File,
    target: String,
}

impl Trail {
    /// `target` is the table or the secret on AWS; without it the change is to this machine's.
    pub(crate) fn open(state: &Path, target: Option<&str>) -> Result<Self, Failure> {
        Ok(Self {
            file: State::at(state).append("audit.log")?,
            target: target.unwrap_or("local").to_owned(),
        })
    }

    /// Adds a line; `details` is an object of what was changed, without anything secret.
    pub(crate) fn record(&mut self, event: &str, details: Value) -> Result<(), Failure> {
        let env = Environment::of_process();
        let operator = env.text("USER").or_else(|| env.text("LOGNAME"));
        let mut line = json!({
            "timestamp": now().rfc3339(),
            "event": event,
            "audit": true,
            "outcome": "success",
            "operator": operator,
            "target": self.target,
        });
        if let (Value::Object(line), Value::Object(details)) = (&mut line, details) {
            line.extend(details);
        }
        // One write, so that two commands' lines do not mix.
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written.map_err(|error| Failure::new(format!("it is done, but not in the audit log: {error}")))
    }
}
