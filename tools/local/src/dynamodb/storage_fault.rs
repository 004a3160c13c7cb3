//! What is wrong with the table's file, in words for the developer.

use std::{fmt, fs::File, io::Read as _, path::Path};

use dynoxide::DynoxideError;

/// The first bytes of every SQLite database.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Why the table's file cannot be used: the file, the problem and the fix in one line.
#[derive(Debug)]
pub struct StorageFault {
    file: String,
    problem: Problem,
    /// The engine's own message, if it adds something.
    cause: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Problem {
    NotUtf8,
    NotADatabase,
    Newer,
    Damaged,
    Full,
    NotWritable,
    Unreadable,
    InUse,
    Other,
}

impl StorageFault {
    pub(super) fn not_utf8(path: &Path) -> Self {
        Self::new(path, Problem::NotUtf8, None)
    }

    /// For an error while opening the file.
    pub(super) fn opening(path: &Path, error: &DynoxideError) -> Self {
        let problem = match error {
            _ if is_foreign(path) => Problem::NotADatabase,
            // The engine has no variant for this error. A test opens such a file.
            DynoxideError::InternalServerError(message) if message.contains("newer version") => {
                Problem::Newer
            }
            error => problem(error),
        };
        Self::of(path, problem, error)
    }

    /// For an error of a request; `None` if the file is not its cause, or if it passes by itself.
    pub(super) fn running(path: &Path, error: &DynoxideError) -> Option<Self> {
        let storage = matches!(
            error,
            DynoxideError::InternalServerError(_) | DynoxideError::SqliteError(_)
        );
        let problem = problem(error);
        let lasting = !matches!(problem, Problem::InUse | Problem::Other);
        (storage && lasting).then(|| Self::of(path, problem, error))
    }

    fn of(path: &Path, problem: Problem, error: &DynoxideError) -> Self {
        let cause = (problem == Problem::Other).then(|| error.to_string());
        Self::new(path, problem, cause)
    }

    fn new(path: &Path, problem: Problem, cause: Option<String>) -> Self {
        Self {
            file: path.display().to_string(),
            problem,
            cause,
        }
    }
}

impl fmt::Display for StorageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOVE: &str = "restore it from a copy, or move it away to start with an empty table";
        let (problem, fix) = match self.problem {
            Problem::NotUtf8 => ("has a path that is not UTF-8", "choose another directory"),
            Problem::NotADatabase => ("is not an SQLite database", MOVE),
            Problem::Newer => (
                "was written by a newer version of gatecrumb",
                "update gatecrumb, or move the file away to start with an empty table",
            ),
            Problem::Damaged => ("is damaged", MOVE),
            Problem::Full => (
                "cannot be written, because the disk is full",
                "free some space, then try again",
            ),
            Problem::NotWritable => (
                "cannot be written",
                "make the file and its directory writable for you, or choose another directory",
            ),
            Problem::Unreadable => (
                "cannot be read or written",
                "check the free space, quotas and file size limits of its disk, then try again",
            ),
            Problem::InUse => (
                "is in use by another program",
                "close that program, then try again",
            ),
            Problem::Other => ("cannot be used", MOVE),
        };
        write!(f, "{} {problem}: {fix}", self.file)?;
        match &self.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for StorageFault {}

/// By SQLite's result code, or by its message, which is all that the engine keeps of most errors.
fn problem(error: &DynoxideError) -> Problem {
    let code = match error {
        DynoxideError::SqliteError(error) => error.sqlite_error().map(|error| error.extended_code & 0xff),
        _ => None,
    };
    let message = error.to_string();
    let is = |primary, text: &str| code == Some(primary) || message.contains(text);
    if is(13, "disk is full") {
        Problem::Full
    } else if is(11, "malformed") {
        Problem::Damaged
    } else if is(26, "not a database") {
        Problem::NotADatabase
    } else if is(8, "readonly database") || is(14, "unable to open database file") || code == Some(3) {
        Problem::NotWritable
    } else if is(10, "disk I/O error") {
        Problem::Unreadable
    } else if is(5, "is locked") || code == Some(6) {
        Problem::InUse
    } else {
        Problem::Other
    }
}

/// Whether the file has content that is not SQLite's.
fn is_foreign(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut start));
    read.is_ok() && !start.is_empty() && start != MAGIC
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem_of(message: &str) -> Option<Problem> {
        let error = DynoxideError::InternalServerError(message.to_owned());
        StorageFault::running(Path::new("table"), &error).map(|fault| fault.problem)
    }

    #[test]
    fn a_message_of_sqlite_names_the_problem() {
        for (message, problem) in [
            ("database or disk is full", Some(Problem::Full)),
            ("storage error: disk I/O error", Some(Problem::Unreadable)),
            ("database disk image is malformed", Some(Problem::Damaged)),
            ("attempt to write a readonly database", Some(Problem::NotWritable)),
            ("unable to open database file: table", Some(Problem::NotWritable)),
            ("file is not a database", Some(Problem::NotADatabase)),
            // The SDK tries again.
            ("database is locked", None),
            // A fault of the engine.
            ("something new", None),
        ] {
            assert_eq!(problem_of(message), problem, "{message}");
        }
    }

    #[test]
    fn an_invalid_request_is_no_fault_of_the_file() {
        let error = DynoxideError::ValidationException("disk is full".to_owned());
        assert!(StorageFault::running(Path::new("table"), &error).is_none());
    }
}
