//! The compression function G, RFC 9106 sections 3.5 and 3.6, in vectors of 8 words (AVX-512) or 4 (AVX2).
//!
//! This uses only intrinsics on values, which are safe in a function that is compiled for their features. Intrinsics
//! that take a pointer are not safe, so words are loaded and stored one by one. The compiler merges that into one
//! instruction.

use std::{arch::x86_64 as arch, array::from_fn};

use argon2::{Block, Params};

/// The code of both widths. A block is `$count` vectors.
macro_rules! kernel {
    ($features:literal, $count:literal) => {
        /// Makes all passes over `blocks`.
        #[target_feature(enable = $features)]
        pub(crate) fn fill(blocks: &mut [Block], params: &Params) -> Option<()> {
            crate::fill::fill(blocks, params, |into, x, y, over| {
                compress(into, x, y, over)
            })
        }

        /// Writes G(x, y) to `into`, or if `over`, the XOR of G(x, y) and `into`.
        #[target_feature(enable = $features)]
        fn compress(into: &mut Block, x: &Block, y: &Block, over: bool) {
            const ROW: usize = $count / 8;
            let r: [Vector; $count] = from_fn(|i| xor(load(x, i), load(y, i)));
            let mut q = r;
            // P of each row: its 16 words are four words of each operand of GB. Then P of the diagonals.
            for four in q.as_chunks_mut().0 {
                let [a, c, b, d] = regroup(*four);
                let [a, b, c, d] = gb([a, b, c, d]);
                let [a, b, c, d] = gb([a, turn::<0x39>(b), turn::<0x4e>(c), turn::<0x93>(d)]);
                *four = regroup([a, turn::<0x4e>(c), turn::<0x93>(b), turn::<0x39>(d)]);
            }
            // P of each column, which has two words of each of the 8 rows.
            let cross = |x, y| [pair::<8>(y, x), pair::<8>(x, y)];
            for i in 0..ROW {
                let [a, e, b, f, c, g, d, h] = from_fn(|row| q[row * ROW + i]);
                let ([a, b, c, d], [e, f, g, h]) = (gb([a, b, c, d]), gb([e, f, g, h]));
                let ([b, f], [d, h]) = (cross(b, f), cross(h, d));
                let ([a, b, g, d], [e, f, c, h]) = (gb([a, b, g, d]), gb([e, f, c, h]));
                let ([b, f], [d, h]) = (cross(f, b), cross(d, h));
                for (row, vector) in [a, e, b, f, c, g, d, h].into_iter().enumerate() {
                    q[row * ROW + i] = vector;
                }
            }
            for i in 0..$count {
                let before = if over { xor(r[i], load(into, i)) } else { r[i] };
                store(into, i, xor(q[i], before));
            }
        }

        /// GB on as many groups of operands as a vector has words.
        #[inline]
        #[target_feature(enable = $features)]
        fn gb([mut a, mut b, mut c, mut d]: [Vector; 4]) -> [Vector; 4] {
            let double = |x| add(x, x);
            let mix = |x, y| add(add(x, y), double(multiply_low_halves(x, y)));
            a = mix(a, b);
            d = rotate_right::<32>(xor(d, a));
            c = mix(c, d);
            b = rotate_right::<24>(xor(b, c));
            a = mix(a, b);
            d = rotate_right::<16>(xor(d, a));
            c = mix(c, d);
            b = rotate_right::<63>(xor(b, c));
            [a, b, c, d]
        }
    };
}

/// Eight words.
pub(crate) mod wide {
    use super::arch::{
        __m512i as Vector, _mm512_add_epi64 as add, _mm512_alignr_epi8 as pair,
        _mm512_mul_epu32 as multiply_low_halves, _mm512_permutex_epi64 as turn,
        _mm512_ror_epi64 as rotate_right, _mm512_xor_si512 as xor,
    };
    use super::{Block, Params, arch, from_fn, narrow};

    kernel!("avx512f,avx512bw", 16);

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn load(from: &Block, at: usize) -> Vector {
        let w: [i64; 8] = from_fn(|i| from.as_ref()[8 * at + i].cast_signed());
        arch::_mm512_set_epi64(w[7], w[6], w[5], w[4], w[3], w[2], w[1], w[0])
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn store(into: &mut Block, at: usize, vector: Vector) {
        narrow::store(into, 2 * at, arch::_mm512_extracti64x4_epi64::<0>(vector));
        narrow::store(into, 2 * at + 1, arch::_mm512_extracti64x4_epi64::<1>(vector));
    }

    /// From two rows to a, c, b, d of both, or back.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn regroup([w, x, y, z]: [Vector; 4]) -> [Vector; 4] {
        let low = arch::_mm512_shuffle_i64x2::<0x44>;
        let high = arch::_mm512_shuffle_i64x2::<0xee>;
        [low(w, y), low(x, z), high(w, y), high(x, z)]
    }
}

/// Four words.
pub(crate) mod narrow {
    use super::arch::{
        __m256i as Vector, _mm256_add_epi64 as add, _mm256_alignr_epi8 as pair,
        _mm256_mul_epu32 as multiply_low_halves, _mm256_permute4x64_epi64 as turn, _mm256_xor_si256 as xor,
    };
    use super::{Block, Params, arch, from_fn};

    kernel!("avx2", 32);

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(from: &Block, at: usize) -> Vector {
        let w: [i64; 4] = from_fn(|i| from.as_ref()[4 * at + i].cast_signed());
        arch::_mm256_set_epi64x(w[3], w[2], w[1], w[0])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn store(into: &mut Block, at: usize, vector: Vector) {
        let words = &mut into.as_mut()[4 * at..4 * at + 4];
        words[0] = arch::_mm256_extract_epi64::<0>(vector).cast_unsigned();
        words[1] = arch::_mm256_extract_epi64::<1>(vector).cast_unsigned();
        words[2] = arch::_mm256_extract_epi64::<2>(vector).cast_unsigned();
        words[3] = arch::_mm256_extract_epi64::<3>(vector).cast_unsigned();
    }

    /// From a row to its a, c, b, d, or back.
    fn regroup([w, x, y, z]: [Vector; 4]) -> [Vector; 4] {
        [w, y, x, z]
    }

    /// AVX2 has no rotation. For whole bytes, the compiler replaces this by one shuffle.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn rotate_right<const BITS: i64>(vector: Vector) -> Vector {
        let [right, left] = [BITS, 64 - BITS].map(|bits| arch::_mm256_set1_epi64x(bits));
        arch::_mm256_or_si256(
            arch::_mm256_srlv_epi64(vector, right),
            arch::_mm256_sllv_epi64(vector, left),
        )
    }
}
