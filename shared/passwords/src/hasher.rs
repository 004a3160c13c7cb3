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
    wiping: Wiping,
}

impl Verification {
    /// Returns once nothing of the hash is left in memory, or the next one is writing over it. To be awaited before
    /// the answer: Lambda may freeze a function that has answered, and then there is no next one.
    pub async fn wiped(self) {
        self.wiping.done().await;
    }
}

/// Hashes passwords on threads of its own, each in its arena: so many at once, and the others wait their turn.
pub struct Hasher {
    cost: Cost,
    threads: Threads,
    computed: Arc<AtomicU64>,
}

impl Hasher {
    /// A hasher that makes new hashes at `cost` with `threads` threads: one on Lambda, where a process answers one
    /// request at a time. Returns once the memory of all of them has been touched.
    ///
    /// # Panics
    /// When the system starts no thread.
    pub async fn start(cost: Cost, threads: usize) -> Self {
        Self {
            cost,
            threads: Threads::start(threads.max(1), cost.blocks()).await,
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

    /// A new hash of `password` at today's cost. `salt` is random and never used before.
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
