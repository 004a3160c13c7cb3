use std::sync::{Arc, Mutex, PoisonError};

use argon2::Block;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroize as _;

/// The memory that hashes work in: so many arenas, lent one at a time, wiped on return.
pub(crate) struct Arenas {
    free: Mutex<Vec<Vec<Block>>>,
    permits: Arc<Semaphore>,
    blocks: usize,
}

impl Arenas {
    /// Faults in the pages of all of them: start-up is when Lambda gives the whole CPU.
    pub(crate) fn new(count: usize, blocks: usize) -> Self {
        Self {
            free: Mutex::new(vec![vec![Block::new(); blocks]; count]),
            permits: Arc::new(Semaphore::new(count)),
            blocks,
        }
    }

    /// Waits until an arena is free and lends it.
    pub(crate) async fn lend(self: Arc<Self>) -> Option<Loan> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
        let blocks = self.free().pop()?;
        Some(Loan {
            blocks,
            used: 0,
            arenas: self,
            _permit: permit,
        })
    }

    /// Whether one can be lent at once.
    #[cfg(test)]
    pub(crate) fn has_free(&self) -> bool {
        self.permits.available_permits() > 0
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        // A push or pop cannot leave the list half done.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An arena on loan. Dropping it wipes what was used and gives it back, a panic in between included.
pub(crate) struct Loan {
    blocks: Vec<Block>,
    used: usize,
    arenas: Arc<Arenas>,
    _permit: OwnedSemaphorePermit,
}

impl Loan {
    /// The first `count` blocks, more than the arena usually has where a stored hash wants more.
    pub(crate) fn blocks(&mut self, count: usize) -> &mut [Block] {
        self.used = self.used.max(count);
        if self.blocks.len() < count {
            self.blocks.resize(count, Block::new());
        }
        &mut self.blocks[..count]
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let mut blocks = std::mem::take(&mut self.blocks);
        // The slice: `Vec::zeroize` would empty the vector and throw its pages away.
        blocks[..self.used].iter_mut().zeroize();
        if blocks.len() > self.arenas.blocks {
            blocks.truncate(self.arenas.blocks);
            blocks.shrink_to_fit();
        }
        self.arenas.free().push(blocks);
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

    #[tokio::test]
    async fn what_was_used_is_wiped_and_the_arena_keeps_its_size() {
        let arenas = Arc::new(Arenas::new(1, 4));
        let mut loan = Arc::clone(&arenas).lend().await.unwrap();
        loan.blocks(6)[5].as_mut()[0] = 7;
        loan.blocks(2)[0].as_mut()[0] = 7;
        drop(loan);
        let mut again = Arc::clone(&arenas).lend().await.unwrap();
        assert_eq!(again.blocks.len(), 4);
        assert!(is_wiped(again.blocks(4)));
        drop(again);
        let mut small = Arc::clone(&arenas).lend().await.unwrap();
        small.blocks(2);
        let address_again = small.blocks.as_ptr();
        drop(small);
        assert_eq!(
            Arc::clone(&arenas).lend().await.unwrap().blocks.as_ptr(),
            address_again,
            "reused"
        );
    }

    #[tokio::test]
    async fn a_panic_gives_the_arena_back_wiped() {
        let arenas = Arc::new(Arenas::new(1, 2));
        let mut loan = Arc::clone(&arenas).lend().await.unwrap();
        let died = tokio::task::spawn_blocking(move || {
            loan.blocks(2)[1].as_mut()[3] = 9;
            panic!("on purpose");
        });
        assert!(died.await.is_err());
        let mut again = arenas.lend().await.unwrap();
        assert!(is_wiped(again.blocks(2)));
    }
}
