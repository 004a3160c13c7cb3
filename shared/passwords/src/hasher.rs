use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{Algorithm, Argon2, Version};
use subtle::ConstantTimeEq as _;
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
    ) -> Result<Verdict, HashingFailed> {
        let configured = self.cost;
        let parsed = stored.map(|stored| stored.parse()).transpose();
        self.run(move |bench| {
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
        })
        .await
    }

    /// A new hash of `password` at today's cost. `salt` is random and never used before.
    pub async fn hash(
        &self,
        password: Password,
        salt: [u8; SALT_BYTES],
    ) -> Result<StoredHash, HashingFailed> {
        let cost = self.cost;
        self.run(move |bench| {
            let mut output = Zeroizing::new([0; OUTPUT_BYTES]);
            bench.compute(cost, &password, &salt, &mut *output)?;
            StoredHash::new(cost, salt, &output).ok_or(HashingFailed)
        })
        .await
    }

    /// Runs `work` off the async thread: for its 10 ms and more nothing else would be served.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Bench) -> Result<T, HashingFailed> + Send + 'static,
    ) -> Result<T, HashingFailed> {
        let loan = Arc::clone(&self.arenas).lend().await.ok_or(HashingFailed)?;
        let mut bench = Bench {
            loan,
            computed: Arc::clone(&self.computed),
        };
        tokio::task::spawn_blocking(move || work(&mut bench))
            .await
            .map_err(|_| HashingFailed)?
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
