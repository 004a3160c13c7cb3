//! The threads that hashes are computed on. Not the runtime's: one of these goes from a hash to the next that waits
//! without going to sleep, which on a machine that does nothing but hash saves a tenth of the time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use tokio::sync::oneshot;

use crate::arena::Arena;

/// Threads with an arena each, and what waits for them. The threads end when it is dropped.
pub(crate) struct Threads {
    jobs: Sender<Job>,
}

struct Job {
    work: Box<dyn FnOnce(&mut Arena) + Send>,
    /// Dropped when the arena has been wiped, or the next job begins to write over it.
    wiped: oneshot::Sender<()>,
}

/// The wiping of an arena, by zeros or by the next hash that waits for it: that writes over every block in its first
/// pass, and zeros before would be a twentieth of its work.
#[derive(Debug)]
pub(crate) struct Wiping(oneshot::Receiver<()>);

impl Wiping {
    /// Returns when it is done.
    pub(crate) async fn done(self) {
        // Nothing is ever sent: the other end is dropped.
        let _ = self.0.await;
    }
}

impl Threads {
    /// Returns once every thread has an arena of `blocks` blocks whose pages are there.
    pub(crate) async fn start(threads: usize, blocks: usize) -> Self {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut ready = Vec::new();
        for _ in 0..threads {
            let (touched, wait) = oneshot::channel();
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                let mut arena = Arena::new(blocks);
                // Nobody waits any more when the start was given up.
                let _ = touched.send(());
                work_off(&queue, &mut arena);
            });
            ready.push(wait);
        }
        for wait in ready {
            // A thread that died would let its hashes fail, not this.
            let _ = wait.await;
        }
        Self { jobs }
    }

    /// What `work` returns, when its turn has come, and the wiping that goes on meanwhile. `None` when it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Arena) -> T + Send + 'static,
    ) -> Option<(T, Wiping)> {
        let (give, given) = oneshot::channel();
        let (wiped, wiping) = oneshot::channel();
        let work = move |arena: &mut Arena| {
            // A request that was given up while it waited costs nothing more.
            if !give.is_closed() {
                // Or meanwhile.
                let _ = give.send(work(arena));
            }
        };
        let work = Box::new(work);
        self.jobs.send(Job { work, wiped }).ok()?;
        Some((given.await.ok()?, Wiping(wiping)))
    }
}

/// Ends when the queue does.
fn work_off(queue: &Mutex<Receiver<Job>>, arena: &mut Arena) {
    let mut waiting = None;
    while let Some(job) = waiting.take().or_else(|| next(queue)) {
        let Job { work, wiped } = job;
        // A panic is a bug; whoever waits is told by a channel that closes, and the thread and its arena go on.
        let _ = catch_unwind(AssertUnwindSafe(|| work(arena)));
        waiting = already_there(queue);
        if waiting.is_none() {
            arena.wipe();
        }
        drop(wiped);
    }
}

fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    // Taking from the queue cannot leave it half done.
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// One that waits already. None does while another thread holds the queue, which takes whatever comes.
fn already_there(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.try_lock().ok()?.try_recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(arena: &mut Arena) -> u64 {
        arena.blocks(2)[1].as_ref()[3]
    }

    #[tokio::test]
    async fn the_next_one_finds_the_arena_wiped() {
        let threads = Threads::start(1, 2).await;
        for _ in 0..20 {
            let (found, wiping) = threads
                .run(|arena| {
                    let found = word(arena);
                    arena.blocks(2)[1].as_mut()[3] = 7;
                    found
                })
                .await
                .unwrap();
            wiping.done().await;
            assert_eq!(found, 0);
        }
    }

    #[tokio::test]
    async fn one_that_waits_writes_over_what_is_there_and_the_last_leaves_nothing() {
        let threads = Threads::start(1, 2).await;
        let (go, wait) = mpsc::channel::<()>();
        let busy = threads.run(move |arena| {
            arena.blocks(2)[1].as_mut()[3] = 7;
            wait.recv()
        });
        let (_, waiting, sent) = tokio::join!(biased; busy, threads.run(word), async { go.send(()) });
        sent.unwrap();
        let (found, wiping) = waiting.unwrap();
        wiping.done().await;
        assert_eq!((found, threads.run(word).await.unwrap().0), (7, 0));
    }

    #[tokio::test]
    async fn a_panic_leaves_the_thread_and_a_wiped_arena() {
        let threads = Threads::start(1, 2).await;
        let died = threads.run(|arena| {
            arena.blocks(2)[1].as_mut()[3] = 9;
            panic!("on purpose");
        });
        assert!(died.await.is_none());
        // This one may have come before the wiping.
        threads.run(|_| ()).await.unwrap().1.done().await;
        assert_eq!(threads.run(word).await.unwrap().0, 0);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_computed() {
        let threads = Threads::start(1, 1).await;
        let (go, wait) = mpsc::channel::<()>();
        let busy = threads.run(move |_| wait.recv());
        let ran = Arc::new(Mutex::new(false));
        let runs = Arc::clone(&ran);
        let given_up = threads.run(move |_| *runs.lock().unwrap() = true);
        tokio::pin!(busy);
        {
            tokio::pin!(given_up);
            // Both are in the queue once they were polled.
            let polled = std::future::poll_fn(|context| {
                let pending =
                    busy.as_mut().poll(context).is_pending() && given_up.as_mut().poll(context).is_pending();
                std::task::Poll::Ready(pending)
            });
            assert!(polled.await);
        }
        go.send(()).unwrap();
        busy.await.unwrap().0.unwrap();
        threads.run(|_| ()).await.unwrap();
        assert!(!*ran.lock().unwrap());
    }
}
