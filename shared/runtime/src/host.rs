use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use gatecrumb_aws::Http;
use gatecrumb_domain::{Clock, NoRandomness, Randomness, Timestamp};
use ring::rand::{SecureRandom as _, SystemRandom};

/// What a function takes from the machine that it runs on: Lambda, `gatecrumb serve`, a test or the benchmark.
/// Everything below `start` gets these as parameters.
#[derive(Clone)]
pub struct Host {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws identifiers and salts.
    pub randomness: Arc<dyn Randomness>,
    /// Connections to AWS; without them the function opens its own, to endpoints that `AWS_CA_BUNDLE` or Amazon's roots
    /// vouch for.
    pub http: Option<Http>,
    /// Password hashes computed at once, each on a thread of its own.
    pub hash_threads: usize,
}

impl Host {
    /// A process on Lambda: the machine's clock and randomness, and one request at a time.
    #[must_use]
    pub fn lambda() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
            http: None,
            hash_threads: 1,
        }
    }
}

/// The machine's clock: the one place that reads it.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is that place")]
    fn now_millis(&self) -> u64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        since_epoch.map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The machine's time, for the command line and for tests. Code below `start` takes a [`Clock`] or a [`Timestamp`].
#[must_use]
pub fn now() -> Timestamp {
    SystemClock.now()
}

/// The operating system's random bytes: the one place that draws them.
#[derive(Clone, Copy, Debug)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(clippy::disallowed_methods, reason = "this is that place")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        SystemRandom::new().fill(bytes).map_err(|_| NoRandomness)
    }
}
