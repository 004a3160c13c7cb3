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
    for secret in lock(&SECRETS).iter() {
        assert!(
            !log.contains(secret.as_str()),
            "a secret of {} bytes is in the log",
            secret.len()
        );
    }
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
