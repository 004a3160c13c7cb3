//! What commands print: lines for people, JSON for scripts. A write that fails never panics, because the command may have
//! changed something already.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

use serde::Serialize;

use crate::{Failure, failure::Exit};

/// Prints `value` as JSON, or `text`.
pub(crate) fn result(json: bool, value: &impl Serialize, text: impl Display) -> Result<(), Failure> {
    if json {
        // Structs of strings and numbers always serialize.
        print(serde_json::to_string_pretty(value).unwrap_or_default())
    } else {
        print(text)
    }
}

/// As [`result`], for a command that has changed something.
pub(crate) fn changed(json: bool, value: &impl Serialize, text: impl Display) -> Result<(), Failure> {
    after_a_change(result(json, value, text))
}

/// What was printed after a change: if it could not be printed, the error says that the change was made.
pub(crate) fn after_a_change(printed: Result<(), Failure>) -> Result<(), Failure> {
    printed.map_err(|failure| {
        Failure::with(
            Exit::Output,
            format!("the change was made, but its result was not printed: {failure}"),
        )
    })
}

/// Prints `text` and a line break.
pub(crate) fn print(text: impl Display) -> Result<(), Failure> {
    printed(write(text))
}

/// What was written to standard output by something else. A reader that closes the pipe, such as `head`, has all that it
/// wants: this is no error.
pub(crate) fn printed(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| Failure::with(Exit::Output, cannot_write(&error))),
    }
}

/// Prints a line of a command that runs until it is stopped. If that fails, the command continues.
pub(crate) fn line(text: impl Display) {
    if let Err(failure) = print(text) {
        error(failure);
    }
}

/// Prints a line beside the result, on standard error.
pub(crate) fn note(text: impl Display) {
    // Nothing is left to report the failure to.
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}

pub(crate) fn error(failure: impl Display) {
    note(format_args!("gatecrumb: {failure}"));
}

fn write(text: impl Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(format!("{text}\n").as_bytes())?;
    stdout.flush()
}

fn cannot_write(error: &io::Error) -> String {
    format!("cannot write to standard output: {error}")
}
