//! A host whose time a test moves and whose randomness follows from a seed.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use gatecrumb_domain::{Clock, NoRandomness, Randomness, Timestamp};
use gatecrumb_runtime::Host;

use crate::random::Random;

/// Its time does not pass by itself. The same draws in the same order give the same bytes on every run, and no two draws
/// of 8 bytes or more are equal. Clones share the clock and the randomness.
#[derive(Clone)]
pub struct TestHost(Arc<Inner>);

struct Inner {
    millis: AtomicU64,
    random: Mutex<Random>,
}

impl TestHost {
    /// One whose clock starts at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Inner {
            millis: AtomicU64::new(now.0 * 1000),
            random: Mutex::new(Random(0)),
        }))
    }

    /// Moves the clock forward.
    pub fn advance(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.0.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// What `start` takes.
    #[must_use]
    pub fn host(&self) -> Host {
        Host {
            clock: Arc::new(self.clone()),
            randomness: Arc::new(self.clone()),
            ..Host::lambda()
        }
    }
}

impl Clock for TestHost {
    fn now_millis(&self) -> u64 {
        self.0.millis.load(Ordering::SeqCst)
    }
}

impl Randomness for TestHost {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        let mut random = self.0.random.lock().unwrap();
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&random.number().to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use gatecrumb_domain::random_bytes;

    use super::*;

    #[test]
    fn clones_share_one_clock_which_only_the_test_moves() {
        let host = TestHost::at(Timestamp(1000));
        let clock = host.host().clock;
        assert_eq!(clock.now_millis(), 1_000_000);
        host.advance(Duration::from_millis(1500));
        assert_eq!((clock.now_millis(), clock.now()), (1_001_500, Timestamp(1001)));
    }

    #[test]
    fn each_host_draws_the_same_bytes_and_none_twice() {
        let draws = || {
            let randomness = TestHost::at(Timestamp(0)).host().randomness;
            [(); 3].map(|()| random_bytes::<20>(&*randomness).unwrap())
        };
        let [first, second, third] = draws();
        assert_eq!(draws(), [first, second, third]);
        assert!(first != second && second != third && first != third);
    }
}
