//! The order in which the memory is filled: RFC 9106 sections 3.2 and 3.4, one lane after the other.

use argon2::{Algorithm, Block, Params};

/// The number of slices in a pass.
const SLICES: usize = 4;

/// Makes all passes over `blocks`. `compress(into, x, y, over)` writes G(x, y) to `into`, or if `over`, the XOR of G(x,
/// y) and `into`.
#[inline]
pub(crate) fn fill(
    blocks: &mut [Block],
    params: &Params,
    compress: impl Fn(&mut Block, &Block, &Block, bool),
) -> Option<()> {
    let (passes, lanes) = (params.t_cost() as usize, params.p_cost() as usize);
    let lane_length = blocks.len() / lanes;
    let segment_length = lane_length / SLICES;
    let zeros = Block::new();
    for segment in 0..passes * SLICES * lanes {
        let (pass, slice, lane) = (
            segment / lanes / SLICES,
            segment / lanes % SLICES,
            segment % lanes,
        );
        let at_start = (pass, slice) == (0, 0);
        // In the first half of the first pass no address depends on the password.
        let independent = pass == 0 && slice < SLICES / 2;
        let (mut counter, mut addresses) = (zeros, zeros);
        let numbers = [
            pass,
            lane,
            slice,
            blocks.len(),
            passes,
            Algorithm::Argon2id as usize,
        ];
        for (word, number) in counter.as_mut().iter_mut().zip(numbers) {
            *word = number as u64;
        }
        // The first two blocks of a lane are already filled.
        let first = if at_start { 2 } else { 0 };
        for index in first..segment_length {
            let current = slice * segment_length + index;
            let previous = current.checked_sub(1).unwrap_or(lane_length - 1);
            let random = if independent {
                let word = index % addresses.as_ref().len();
                if word == 0 || index == first {
                    counter.as_mut()[6] += 1;
                    let mut once = zeros;
                    compress(&mut once, &zeros, &counter, false);
                    compress(&mut addresses, &zeros, &once, false);
                }
                addresses.as_ref()[word]
            } else {
                blocks[lane * lane_length + previous].as_ref()[0]
            };
            // Section 3.4.2.
            let (j1, j2) = (random & u64::from(u32::MAX), (random >> 32) as usize);
            let from = if at_start { lane } else { j2 % lanes };
            let finished = if pass == 0 { slice } else { SLICES - 1 };
            let unfinished = if from == lane {
                index
            } else {
                usize::from(index > 0)
            };
            let area = finished * segment_length + unfinished - 1;
            let back = (area as u64 * ((j1 * j1) >> 32)) >> 32;
            let oldest = if pass == 0 {
                0
            } else {
                (slice + 1) * segment_length
            };
            let reference = (oldest + area - 1 - back as usize) % lane_length;

            // Three different blocks: the area contains neither the current nor the previous one.
            let at = [(lane, current), (lane, previous), (from, reference)];
            let [into, x, y] = blocks
                .get_disjoint_mut(at.map(|(lane, i)| lane * lane_length + i))
                .ok()?;
            compress(into, x, y, pass > 0);
        }
    }
    Some(())
}
