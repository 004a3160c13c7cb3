use std::hint::black_box;

use argon2::Block;
use zeroize::Zeroize as _;

/// Blocks of 1 KiB in a page of memory.
const BLOCKS_A_PAGE: usize = 4;

/// The memory that one hash after another works in.
pub(crate) struct Arena {
    blocks: Vec<Block>,
    /// How many it has between hashes.
    size: usize,
    used: usize,
}

impl Arena {
    /// Faults its pages in: start-up is when Lambda gives the whole CPU.
    pub(crate) fn new(size: usize) -> Self {
        let mut blocks = vec![Block::new(); size];
        // Zeros alone an allocator may give without memory behind them, and the compiler may ask it to.
        for page in blocks.chunks_mut(BLOCKS_A_PAGE) {
            black_box(page[0].as_mut())[0] = 0;
        }
        Self {
            blocks: black_box(blocks),
            size,
            used: 0,
        }
    }

    /// The first `count` blocks, more than there usually are where a stored hash wants more, for a hash that writes over
    /// all of them. What an earlier one left elsewhere is wiped.
    pub(crate) fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.blocks.len().max(count) == self.size {
            self.wipe_from(count);
        } else {
            // What grows or shrinks may move, and would leave a copy behind.
            self.wipe();
            self.blocks.resize(self.size.max(count), Block::new());
        }
        self.used = count;
        &mut self.blocks[..count]
    }

    /// Leaves nothing of the hashes so far in memory.
    pub(crate) fn wipe(&mut self) {
        self.wipe_from(0);
        if self.blocks.len() > self.size {
            self.blocks.truncate(self.size);
            self.blocks.shrink_to_fit();
        }
    }

    fn wipe_from(&mut self, start: usize) {
        let start = start.min(self.used);
        // The slice: `Vec::zeroize` would empty the vector and throw its pages away.
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
    fn what_was_used_is_wiped_and_the_arena_keeps_its_size() {
        let mut arena = Arena::new(4);
        for block in arena.blocks(6) {
            block.as_mut()[0] = 7;
        }
        // Looked at where it lies, before it is given back.
        let whole = arena.blocks.len();
        assert_eq!((whole, is_wiped(&arena.blocks)), (6, false));
        arena.wipe();
        assert_eq!((arena.blocks.len(), is_wiped(&arena.blocks)), (4, true));
    }

    #[test]
    fn what_the_next_one_does_not_write_over_is_wiped_before_it() {
        let mut arena = Arena::new(4);
        for (first, next) in [(4, 3), (3, 2), (2, 1)] {
            for block in arena.blocks(first) {
                block.as_mut()[0] = 7;
            }
            arena.blocks(next);
            let (over, rest) = arena.blocks.split_at(next);
            assert_eq!((is_wiped(over), is_wiped(rest)), (false, true));
        }
        arena.wipe();
        assert!(is_wiped(&arena.blocks));
    }

    #[test]
    fn what_grows_or_shrinks_is_wiped_before_it() {
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
    fn its_pages_are_reused() {
        let mut arena = Arena::new(4);
        let address = arena.blocks(4).as_ptr();
        arena.wipe();
        assert_eq!(arena.blocks(2).as_ptr(), address);
    }
}
