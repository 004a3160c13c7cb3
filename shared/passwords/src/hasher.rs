use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use gatecrumb_domain::PasswordHash;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{
    Cost, Password, SALT_BYTES, UnusableHash,
    arena::Arena,
    cost::OUTPUT_BYTES,
    phc::{self, Argon2idHash},
    threads::{Threads, Wiping},
};

/// The hash could not be computed: the process is stopping, or there is a bug.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the password hash could not be computed")]
pub struct HashingFailed;

/// The result of comparing a password with a stored hash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The password is correct.
    Match {
        /// The hash has another cost than the configured one: store a new hash.
        outdated: bool,
    },
    /// The password is wrong.
    Mismatch,
    /// The stored hash cannot be used. A hash of the configured cost was computed anyway.
    Unusable(UnusableHash),
}

/// A verdict, returned as soon as it is known, while the memory of the hash is still being wiped.
#[derive(Debug)]
#[must_use]
pub struct Verification {
    /// The verdict.
    pub verdict: Verdict,
    wiping: Wiping,
}

impl Verification {
    /// Returns when the hash's data is wiped from memory, or the next hash is overwriting it. Await this before the
    /// response: Lambda may freeze the function after the response, with the data in memory.
    pub async fn wiped(self) {
        self.wiping.done().await;
    }
}

/// Hashes passwords on its own threads, each with an arena. When all threads are busy, further hashes wait.
pub struct Hasher {
    cost: Cost,
    threads: Threads,
    computed: Arc<AtomicU64>,
}

impl Hasher {
    /// A hasher with `threads` threads that makes new hashes with `cost`. On Lambda, where a process handles one
    /// request at a time, use one thread. Returns when the memory of all threads is mapped.
    ///
    /// # Panics
    /// If the operating system cannot start a thread.
    pub async fn start(cost: Cost, threads: usize) -> Self {
        Self {
            cost,
            threads: Threads::start(threads.max(1), cost.blocks()).await,
            computed: Arc::default(),
        }
    }

    /// How many hashes have been computed.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// Compares `password` with `stored`. With `None`, which means that the user does not exist, it also computes a
    /// hash, so that the response time does not reveal which names exist.
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<PasswordHash>,
    ) -> Result<Verification, HashingFailed> {
        let configured = self.cost;
        let parsed = stored.as_ref().map(Argon2idHash::read).transpose();
        let computed = Arc::clone(&self.computed);
        let work = move |arena: &mut Arena| {
            let Ok(Some(hash)) = parsed else {
                let mut output = [0; OUTPUT_BYTES];
                compute(
                    configured,
                    &password,
                    &[0; SALT_BYTES],
                    &mut output,
                    arena,
                    &computed,
                )?;
                return Ok(parsed.map_or_else(Verdict::Unusable, |_| Verdict::Mismatch));
            };
            let mut output = Zeroizing::new(vec![0; hash.output.len()]);
            compute(hash.cost, &password, &hash.salt, &mut output, arena, &computed)?;
            if bool::from(output.ct_eq(&hash.output)) {
                let outdated = hash.cost != configured || hash.output.len() != OUTPUT_BYTES;
                Ok(Verdict::Match { outdated })
            } else {
                Ok(Verdict::Mismatch)
            }
        };
        let (verdict, wiping) = self.threads.run(work).await.ok_or(HashingFailed)?;
        Ok(Verification {
            verdict: verdict?,
            wiping,
        })
    }

    /// A new hash of `password` with the configured cost. `salt` must be random and new.
    pub async fn hash(
        &self,
        password: Password,
        salt: [u8; SALT_BYTES],
    ) -> Result<PasswordHash, HashingFailed> {
        let cost = self.cost;
        let computed = Arc::clone(&self.computed);
        let work = move |arena: &mut Arena| {
            let mut output = Zeroizing::new([0; OUTPUT_BYTES]);
            compute(cost, &password, &salt, &mut *output, arena, &computed)?;
            phc::write(cost, salt, &output).ok_or(HashingFailed)
        };
        let (hash, wiping) = self.threads.run(work).await.ok_or(HashingFailed)?;
        wiping.done().await;
        hash
    }
}

fn compute(
    cost: Cost,
    password: &Password,
    salt: &[u8],
    output: &mut [u8],
    arena: &mut Arena,
    computed: &AtomicU64,
) -> Result<(), HashingFailed> {
    let params = cost.params(output.len()).map_err(|_| HashingFailed)?;
    let blocks = arena.blocks(cost.blocks());
    gatecrumb_argon2id::hash(&params, [password.bytes(), salt, &[]], output, blocks)
        .map_err(|_| HashingFailed)?;
    computed.fetch_add(1, Ordering::Relaxed);
    Ok(())
}
