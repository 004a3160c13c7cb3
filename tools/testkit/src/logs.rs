//! The logs of a whole test run, and the secrets that must not be among them.

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

/// Something that no log may show: a password, a token, a key.
pub fn never_log(secret: &str) {
    // Of a token, the signature alone would be enough to find it; short texts occur by chance.
    if secret.len() >= 8 {
        lock(&SECRETS).insert(secret.to_owned());
    }
}

/// The captured log so far.
#[must_use]
pub fn captured() -> String {
    String::from_utf8_lossy(&lock(&LOG)).into_owned()
}

/// Stops the test if `log` shows any secret.
pub fn assert_clean(log: &str) {
    let secrets = lock(&SECRETS);
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    // Tokens begin alike: one search rules out most of them.
    for alike in secrets.chunk_by(|one, next| start(one) == start(next)) {
        if log.contains(start(alike[0])) {
            for secret in alike {
                let length = secret.len();
                assert!(!log.contains(secret), "a secret of {length} bytes is in the log");
            }
        }
    }
}

/// The first eight bytes, or all where they end within a character.
fn start(secret: &str) -> &str {
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
