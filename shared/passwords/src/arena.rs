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
    /// all of them. What an earlier one left in others is wiped.
    pub(crate) fn blocks(&mut self, count: usize) -> &mut [Block] {
        self.wipe_from(count);
        if self.blocks.len() < count {
            self.blocks.resize(count, Block::new());
        }
        self.used = count;
        &mut self.blocks[..count]
    }

    /// Leaves nothing of the hashes so far in memory.
    pub(crate) fn wipe(&mut self) {
        self.wipe_from(0);
    }

    fn wipe_from(&mut self, start: usize) {
        let start = start.min(self.used);
        // The slice: `Vec::zeroize` would empty the vector and throw its pages away.
        self.blocks[start..self.used].iter_mut().zeroize();
        self.used = start;
        let size = self.size.max(start);
        if self.blocks.len() > size {
            self.blocks.truncate(size);
            self.blocks.shrink_to_fit();
        }
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
        for (count, left) in [(6, 4), (3, 4), (2, 4)] {
            for block in arena.blocks(count) {
                block.as_mut()[0] = 7;
            }
            let next = count - 1;
            arena.blocks(next);
            assert_eq!(
                (arena.blocks.len(), is_wiped(&arena.blocks[next..])),
                (left.max(next), true)
            );
            assert!(!is_wiped(&arena.blocks[..next]));
        }
        arena.wipe();
        assert!(is_wiped(&arena.blocks));
    }

    #[test]
    fn its_pages_are_reused() {
        let mut arena = Arena::new(4);
        let address = arena.blocks(4).as_ptr();
        arena.wipe();
        assert_eq!(arena.blocks(2).as_ptr(), address);
    }
}
