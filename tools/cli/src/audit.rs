//! `audit.log` in the state directory: each change that the command line makes, one JSON object a line, append-only.
//!
//! On AWS, `CloudTrail` data events also record the changes to the table and the secret. The operator cannot edit them.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
};

use gatecrumb_runtime::{Environment, now};
use serde_json::{Value, json};

use crate::{
    Failure,
    state::{State, explain},
};

/// Open it before a change: if it cannot be opened, nothing changes unrecorded.
pub(crate) struct AuditLog {
    file: File,
    path: PathBuf,
    target: String,
}

impl AuditLog {
    /// `target`: the table or the secret on AWS; `None` for the local state.
    pub(crate) fn open(state: Option<&Path>, target: Option<&str>) -> Result<Self, Failure> {
        let state = State::locate(state)?;
        // A local change has said already which directory it uses.
        if target.is_some() {
            state.say_where("audit log", true);
        }
        let path = state.audit_log_file();
        Ok(Self {
            file: state.append(&path)?,
            path,
            target: target.unwrap_or("local").to_owned(),
        })
    }

    /// Appends a line. `details` is an object that says what changed; it must contain no secret.
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
        // A single write: the lines of two commands do not interleave.
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written.map_err(|error| {
            Failure::new(format!(
                "the change was made, but cannot be recorded in {}: {}",
                self.path.display(),
                explain(&error)
            ))
        })
    }
}
