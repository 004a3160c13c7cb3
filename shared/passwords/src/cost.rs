use argon2::Params;

/// The length of a new hash's output in bytes.
pub(crate) const OUTPUT_BYTES: usize = 32;

/// A cost outside the bounds for stored hashes and for the configuration.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "argon2id takes 8 × parallelism to 131072 KiB of memory, 1 to 10 iterations and a parallelism of 1 to 4"
)]
pub struct InvalidCost;

/// What a hash costs: the parameters of argon2id, within bounds. Without bounds, a hash that an attacker stored could
/// exhaust the function's memory and time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
}

impl Cost {
    /// 128 MiB.
    const MAX_MEMORY_KIB: u32 = 131_072;
    const MAX_ITERATIONS: u32 = 10;
    const MAX_PARALLELISM: u32 = 4;

    /// A cost of `memory_kib` KiB of memory, `iterations` passes over it, and `parallelism` lanes.
    pub fn new(memory_kib: u32, iterations: u32, parallelism: u32) -> Result<Self, InvalidCost> {
        let within = (1..=Self::MAX_PARALLELISM).contains(&parallelism)
            && (1..=Self::MAX_ITERATIONS).contains(&iterations)
            && (8 * parallelism..=Self::MAX_MEMORY_KIB).contains(&memory_kib);
        if within {
            Ok(Self {
                memory_kib,
                iterations,
                parallelism,
            })
        } else {
            Err(InvalidCost)
        }
    }

    /// The number of blocks of 1 KiB that a hash of this cost uses.
    pub(crate) fn blocks(self) -> usize {
        self.memory_kib as usize
    }

    pub(crate) fn params(self, output_bytes: usize) -> Result<Params, argon2::Error> {
        Params::new(
            self.memory_kib,
            self.iterations,
            self.parallelism,
            Some(output_bytes),
        )
    }
}

impl TryFrom<&Params> for Cost {
    type Error = InvalidCost;

    fn try_from(params: &Params) -> Result<Self, InvalidCost> {
        Self::new(params.m_cost(), params.t_cost(), params.p_cost())
    }
}

/// 19 MiB, two passes, one lane: a recommendation of OWASP's Password Storage Cheat Sheet.
impl Default for Cost {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
        }
    }
}
