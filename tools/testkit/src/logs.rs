//! The log of a whole test run, and the secrets that must not be in it.

use std::{
    collections::BTreeSet,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use gatecrumb_runtime::log::init_json;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Captures this process's log from now on.
pub fn capture() {
    init_json(|| Capture, Some("test".to_owned()));
}

/// Registers a secret, such as a password, token or key, that must not occur in a log.
pub fn never_log(secret: &str) {
    // Shorter strings can occur by chance.
    if secret.len() >= 8 {
        lock(&SECRETS).insert(secret.to_owned());
    }
}

/// The captured log so far.
#[must_use]
pub fn captured() -> String {
    String::from_utf8_lossy(&lock(&LOG)).into_owned()
}

/// Panics if `log` contains a registered secret.
pub fn assert_clean(log: &str) {
    let secrets = lock(&SECRETS);
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    // Tokens share a prefix: if the log lacks the prefix, it lacks all of them.
    for alike in secrets.chunk_by(|one, next| prefix(one) == prefix(next)) {
        if log.contains(prefix(alike[0])) {
            for secret in alike {
                let length = secret.len();
                assert!(!log.contains(secret), "a secret of {length} bytes is in the log");
            }
        }
    }
}

/// The first eight bytes, or the whole string if they end within a character.
fn prefix(secret: &str) -> &str {
    secret.get(..8).unwrap_or(secret)
}

struct Capture;

impl io::Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&LOG).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lock<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
