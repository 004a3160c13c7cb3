use std::sync::Arc;

#[cfg(feature = "aws")]
use gatecrumb_aws::Http;
use gatecrumb_domain::{Clock, NoRandomness, Randomness, Timestamp};
use gatecrumb_tokens::guard::SystemClock;
use ring::rand::{SecureRandom as _, SystemRandom};

/// What differs between Lambda, `gatecrumb serve`, tests and the benchmark. Code below `start` takes these values as
/// parameters.
#[derive(Clone)]
pub struct Host {
    /// The current time.
    pub clock: Arc<dyn Clock>,
    /// Source of identifiers and salts.
    pub randomness: Arc<dyn Randomness>,
    /// Connections to AWS. Without them the function opens its own, and trusts `AWS_CA_BUNDLE` or Amazon's roots.
    #[cfg(feature = "aws")]
    pub http: Option<Http>,
    /// Password hashes that are computed at the same time, each on its own thread.
    pub hash_threads: usize,
}

impl Host {
    /// The machine's clock and randomness, for one request at a time.
    #[must_use]
    pub fn lambda() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
            #[cfg(feature = "aws")]
            http: None,
            hash_threads: 1,
        }
    }
}

/// The machine's time, for the command line and tests. Code below `start` takes a [`Clock`] or a [`Timestamp`].
#[must_use]
pub fn now() -> Timestamp {
    SystemClock.now()
}

/// The operating system's random bytes. No other code reads them.
#[derive(Clone, Copy, Debug)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(clippy::disallowed_methods, reason = "the only source of randomness")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        SystemRandom::new().fill(bytes).map_err(|_| NoRandomness)
    }
}
