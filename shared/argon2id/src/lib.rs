//! argon2id v=19 (RFC 9106), faster than the crate `argon2`, which leaves vectorization to the compiler. This crate has
//! compression functions for AVX-512 and AVX2. Other processors run the code of `argon2`.
//!
//! It contains the only `unsafe` block of the workspace: the call of a function that is compiled for more features than
//! the program requires.

#[cfg(target_arch = "x86_64")]
mod compress;
#[cfg(target_arch = "x86_64")]
mod fill;

use argon2::{Algorithm, Argon2, Block, Error, Params, Version};
use blake2::digest::{
    block_api::{UpdateCore as _, VariableOutputCore as _},
    block_buffer::LazyBuffer,
};
use blake2::{Blake2b512, Blake2bVarCore, Digest as _};
use zeroize::{Zeroize as _, Zeroizing};

/// Writes the tag of `password` to `output` with the fastest code for this processor. `secret` may be empty. Overwrites
/// `blocks`, which must be at least [`Params::block_count`] blocks of 1 KiB; the caller must wipe them.
pub fn hash(
    params: &Params,
    [password, salt, secret]: [&[u8]; 3],
    output: &mut [u8],
    blocks: &mut [Block],
) -> Result<(), Error> {
    let kernel = Kernel::available().next();
    match kernel.and_then(|kernel| kernel.hash(params, [password, salt, secret], output, blocks)) {
        Some(()) => Ok(()),
        None => Argon2::new_with_secret(secret, Algorithm::Argon2id, Version::V0x13, params.clone())?
            .hash_password_into_with_memory(password, salt, output, blocks),
    }
}

/// The code for a set of processor features, all of which this processor has.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// The features.
    pub name: &'static str,
    /// Makes all passes over the memory. Private, so that only [`Kernel::available`] creates kernels.
    fill: unsafe fn(&mut [Block], &Params) -> Option<()>,
}

impl Kernel {
    /// The kernels that this processor can run, fastest first.
    pub fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let kernels = [
            (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw"))
                .then_some(("AVX-512", compress::wide::fill as _)),
            is_x86_feature_detected!("avx2").then_some(("AVX2", compress::narrow::fill as _)),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let kernels = [None];
        kernels
            .into_iter()
            .flatten()
            .map(|(name, fill)| Self { name, fill })
    }

    /// Like [`hash`](fn@hash). `None` for input that `argon2` must handle: what it rejects, and outputs of more than 64
    /// bytes.
    #[must_use]
    pub fn hash(
        self,
        params: &Params,
        inputs: [&[u8]; 3],
        output: &mut [u8],
        blocks: &mut [Block],
    ) -> Option<()> {
        let blocks = blocks.get_mut(..params.block_count())?;
        let supported = params.output_len() == Some(output.len())
            && inputs[1].len() >= argon2::MIN_SALT_LEN
            && inputs.iter().all(|input| input.len() <= argon2::MAX_PWD_LEN);
        if !supported {
            return None;
        }
        let mut tag = Blake2bVarCore::new(output.len()).ok()?;
        // H0, section 3.2.
        let [lanes, memory, passes] = [params.p_cost(), params.m_cost(), params.t_cost()].map(|n| n as usize);
        let (version, kind) = (Version::V0x13 as usize, Algorithm::Argon2id as usize);
        let mut initial = Blake2b512::new();
        for number in [lanes, output.len(), memory, passes, version, kind] {
            initial.update(le32(number));
        }
        for input in inputs.into_iter().chain([params.data()]) {
            initial.update(le32(input.len()));
            initial.update(input);
        }
        let mut initial = initial.finalize();
        let lane_length = blocks.len() / lanes;
        for (lane, blocks) in blocks.chunks_exact_mut(lane_length).enumerate() {
            for (index, block) in blocks[..2].iter_mut().enumerate() {
                let input = Blake2b512::new()
                    .chain_update(le32(Block::SIZE))
                    .chain_update(initial);
                first_block(input.chain_update(le32(index)).chain_update(le32(lane)), block);
            }
        }
        initial.as_mut_slice().zeroize();

        #[expect(unsafe_code, reason = "the dispatch to the processor's features")]
        // SAFETY: the function is safe except for one condition: the processor must have the features that it is
        // compiled for. Only `available` creates kernels, and only for features that it has detected.
        unsafe {
            (self.fill)(blocks, params)?;
        }

        // The XOR of the lanes' last blocks.
        let mut last = Zeroizing::new([0_u8; Block::SIZE]);
        for lane in blocks.chunks_exact(lane_length) {
            let bytes = lane[lane_length - 1]
                .as_ref()
                .iter()
                .flat_map(|word| word.to_le_bytes());
            last.iter_mut()
                .zip(bytes)
                .for_each(|(byte, other)| *byte ^= other);
        }
        // H' of up to 64 bytes, section 3.3.
        let mut buffer = LazyBuffer::new(&le32(output.len()));
        buffer.digest_blocks(last.as_slice(), |blocks| tag.update_blocks(blocks));
        let mut digest = blake2::digest::Output::<Blake2bVarCore>::default();
        tag.finalize_variable_core(&mut buffer, &mut digest);
        output.copy_from_slice(&digest[..output.len()]);
        digest.as_mut_slice().zeroize();
        Some(())
    }
}

/// LE32 of a length, an index or a lane.
fn le32(number: usize) -> [u8; 4] {
    let [a, b, c, d, ..] = (number as u64).to_le_bytes();
    [a, b, c, d]
}

/// H' of 1,024 bytes, section 3.3: 32 bytes of each of 30 digests, then the 64 of the last.
fn first_block(input: Blake2b512, block: &mut Block) {
    let mut digest = input.finalize();
    let words = block.as_mut();
    for at in (0..=words.len() - 8).step_by(4) {
        for (word, bytes) in words[at..].iter_mut().zip(digest.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        digest = Blake2b512::digest(digest);
    }
    digest.as_mut_slice().zeroize();
}
