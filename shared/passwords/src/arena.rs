use std::hint::black_box;

use argon2::Block;
use zeroize::Zeroize as _;

/// Blocks of 1 KiB in a page of memory.
const BLOCKS_A_PAGE: usize = 4;

/// The memory in which hashes are computed one after the other.
pub(crate) struct Arena {
    blocks: Vec<Block>,
    /// The number of blocks between hashes.
    size: usize,
    /// The number of blocks that may contain data of a hash.
    used: usize,
}

impl Arena {
    /// Faults in the pages, because Lambda provides a full CPU only during startup.
    pub(crate) fn new(size: usize) -> Self {
        let mut blocks = vec![Block::new(); size];
        // The compiler may allocate zeroed memory, for which the operating system maps no pages yet.
        for page in blocks.chunks_mut(BLOCKS_A_PAGE) {
            black_box(page[0].as_mut())[0] = 0;
        }
        Self {
            blocks: black_box(blocks),
            size,
            used: 0,
        }
    }

    /// The first `count` blocks, for a hash that overwrites all of them. Allocates more if a stored hash requires more
    /// than usual, and wipes the data of earlier hashes in all other blocks.
    pub(crate) fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.blocks.len().max(count) == self.size {
            self.wipe_from(count);
        } else {
            // Resizing may move the blocks and leave a copy in memory.
            self.wipe();
            self.blocks.resize(self.size.max(count), Block::new());
        }
        self.used = count;
        &mut self.blocks[..count]
    }

    /// Wipes the data of all hashes from memory.
    pub(crate) fn wipe(&mut self) {
        self.wipe_from(0);
        if self.blocks.len() > self.size {
            self.blocks.truncate(self.size);
            self.blocks.shrink_to_fit();
        }
    }

    fn wipe_from(&mut self, start: usize) {
        let start = start.min(self.used);
        // The slice, because `Vec::zeroize` would also empty the vector.
        self.blocks[start..self.used].iter_mut().zeroize();
        self.used = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_wiped(blocks: &[Block]) -> bool {
        blocks
            .iter()
            .all(|block| block.as_ref().iter().all(|&word| word == 0))
    }

    #[test]
    fn used_blocks_are_wiped_and_the_arena_returns_to_its_size() {
        let mut arena = Arena::new(4);
        for block in arena.blocks(6) {
            block.as_mut()[0] = 7;
        }
        // Checked before the additional blocks are freed.
        let whole = arena.blocks.len();
        assert_eq!((whole, is_wiped(&arena.blocks)), (6, false));
        arena.wipe();
        assert_eq!((arena.blocks.len(), is_wiped(&arena.blocks)), (4, true));
    }

    #[test]
    fn blocks_that_the_next_hash_does_not_overwrite_are_wiped_before_it() {
        let mut arena = Arena::new(4);
        for (first, next) in [(4, 3), (3, 2), (2, 1)] {
            for block in arena.blocks(first) {
                block.as_mut()[0] = 7;
            }
            arena.blocks(next);
            let (overwritten, rest) = arena.blocks.split_at(next);
            assert_eq!((is_wiped(overwritten), is_wiped(rest)), (false, true));
        }
        arena.wipe();
        assert!(is_wiped(&arena.blocks));
    }

    #[test]
    fn blocks_are_wiped_before_they_are_resized() {
        let mut arena = Arena::new(4);
        for count in [3, 7, 6, 8, 2] {
            for block in arena.blocks(count) {
                block.as_mut()[0] = 7;
            }
            let next = if count == 8 { 4 } else { count + 4 };
            assert!(is_wiped(arena.blocks(next)), "{count}, then {next}");
            assert_eq!(arena.blocks.len(), next);
        }
    }

    #[test]
    fn pages_are_reused() {
        let mut arena = Arena::new(4);
        let address = arena.blocks(4).as_ptr();
        arena.wipe();
        assert_eq!(arena.blocks(2).as_ptr(), address);
    }
}
