use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{Algorithm, Argon2, Version};
use subtle::ConstantTimeEq as _;
use tokio::{sync::oneshot, task::JoinHandle};
use zeroize::Zeroizing;

use crate::{
    Cost, Password, SALT_BYTES, StoredHash, UnusableHash,
    arena::{Arenas, Loan},
    cost::OUTPUT_BYTES,
};

/// The hash could not be computed: the process is stopping, or a bug.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the password hash could not be computed")]
pub struct HashingFailed;

/// What comparing a password with a stored hash gave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is the right one.
    Match {
        /// The hash was made with another cost than today's: store a new one.
        outdated: bool,
    },
    /// It is the wrong one.
    Mismatch,
    /// The stored hash cannot be used. As much work was done as for any other.
    Unusable(UnusableHash),
}

/// A verdict, given as soon as it is known: the memory that it took is still being wiped, which nobody need wait for
/// before going on.
#[derive(Debug)]
#[must_use]
pub struct Verification {
    /// What it says.
    pub verdict: Verdict,
    wiping: JoinHandle<()>,
}

impl Verification {
    /// Returns once nothing of the hash is left in memory. To be awaited before the answer: Lambda may freeze a
    /// function that has answered.
    pub async fn wiped(self) {
        // A panic wipes as well.
        let _ = self.wiping.await;
    }
}

/// Hashes passwords, each in an arena of its own, at most so many at once.
pub struct Hasher {
    cost: Cost,
    arenas: Arc<Arenas>,
    computed: Arc<AtomicU64>,
}

impl Hasher {
    /// A hasher that makes new hashes at `cost`, with memory for `at_once` hashes: one on Lambda, where a process
    /// answers one request at a time.
    #[must_use]
    pub fn new(cost: Cost, at_once: usize) -> Self {
        Self {
            cost,
            arenas: Arc::new(Arenas::new(at_once.max(1), cost.blocks())),
            computed: Arc::default(),
        }
    }

    /// How many hashes were computed so far, counted where they are.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// Compares `password` with `stored`; with `None`, there being no such user, it does the same work for
    /// nothing, so that the time tells nobody which names exist.
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<StoredHash>,
    ) -> Result<Verification, HashingFailed> {
        let configured = self.cost;
        let parsed = stored.map(|stored| stored.parse()).transpose();
        let work = move |bench: &mut Bench| {
            let Ok(Some(hash)) = parsed else {
                bench.compute(configured, &password, &[0; SALT_BYTES], &mut [0; OUTPUT_BYTES])?;
                return Ok(parsed.map_or_else(Verdict::Unusable, |_| Verdict::Mismatch));
            };
            let mut output = Zeroizing::new(vec![0; hash.output.len()]);
            bench.compute(hash.cost, &password, &hash.salt, &mut output)?;
            if bool::from(output.ct_eq(&hash.output)) {
                let outdated = hash.cost != configured || hash.output.len() != OUTPUT_BYTES;
                Ok(Verdict::Match { outdated })
            } else {
                Ok(Verdict::Mismatch)
            }
        };
        let (verdict, wiping) = self.run(work).await?;
        Ok(Verification { verdict, wiping })
    }

    /// A new hash of `password` at today's cost. `salt` is random and never used before.
    pub async fn hash(
        &self,
        password: Password,
        salt: [u8; SALT_BYTES],
    ) -> Result<StoredHash, HashingFailed> {
        let cost = self.cost;
        let work = move |bench: &mut Bench| {
            let mut output = Zeroizing::new([0; OUTPUT_BYTES]);
            bench.compute(cost, &password, &salt, &mut *output)?;
            StoredHash::new(cost, salt, &output).ok_or(HashingFailed)
        };
        let (hash, wiping) = self.run(work).await?;
        wiping.await.map_err(|_| HashingFailed)?;
        Ok(hash)
    }

    /// Runs `work` off the async thread: for its 10 ms and more nothing else would be served. Gives what came of it,
    /// and the task that then wipes the arena.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Bench) -> Result<T, HashingFailed> + Send + 'static,
    ) -> Result<(T, JoinHandle<()>), HashingFailed> {
        let loan = Arc::clone(&self.arenas).lend().await.ok_or(HashingFailed)?;
        let mut bench = Bench {
            loan,
            computed: Arc::clone(&self.computed),
        };
        let (give, given) = oneshot::channel();
        let wiping = tokio::task::spawn_blocking(move || {
            // Nobody waits any more where the request was given up.
            let _ = give.send(work(&mut bench));
            drop(bench);
        });
        let value = given.await.map_err(|_| HashingFailed)??;
        Ok((value, wiping))
    }
}

/// What one hash works with.
struct Bench {
    loan: Loan,
    computed: Arc<AtomicU64>,
}

impl Bench {
    fn compute(
        &mut self,
        cost: Cost,
        password: &Password,
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), HashingFailed> {
        let params = cost.params(output.len()).map_err(|_| HashingFailed)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(password.bytes(), salt, output, self.loan.blocks(cost.blocks()))
            .map_err(|_| HashingFailed)?;
        self.computed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_for_the_wiping_finds_the_arena_back() {
        let hasher = Hasher::new(Cost::new(4096, 1, 1).unwrap(), 1);
        for _ in 0..20 {
            let verification = hasher.verify(Password::presented("p"), None).await.unwrap();
            verification.wiped().await;
            assert!(hasher.arenas.has_free());
        }
    }
}
