//! The threads that compute hashes. They are not the runtime's, because they start the next waiting hash without
//! sleeping. On a machine that only hashes, this saves a tenth of the time.

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

/// Threads with one arena each, and their queue. The threads end when this is dropped.
pub(crate) struct Threads {
    jobs: Sender<Job>,
}

struct Job {
    work: Box<dyn FnOnce(&mut Arena) + Send>,
    /// Dropped when the arena has been wiped, or the next job starts to overwrite it.
    wiped: oneshot::Sender<()>,
}

/// The wiping of an arena, with zeros or by the next waiting hash. A hash overwrites every block in its first pass, and
/// zeroing them before would add a twentieth to its work.
#[derive(Debug)]
pub(crate) struct Wiping(oneshot::Receiver<()>);

impl Wiping {
    /// Returns when the wiping is done.
    pub(crate) async fn done(self) {
        // The sender never sends; it is dropped.
        let _ = self.0.await;
    }
}

impl Threads {
    /// Returns when every thread has an arena of `blocks` blocks whose pages are mapped.
    pub(crate) async fn start(threads: usize, blocks: usize) -> Self {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut ready = Vec::new();
        for _ in 0..threads {
            let (mapped, wait) = oneshot::channel();
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                let mut arena = Arena::new(blocks);
                // This fails if the caller stopped waiting.
                let _ = mapped.send(());
                run_jobs(&queue, &mut arena);
            });
            ready.push(wait);
        }
        for wait in ready {
            // If a thread has panicked, its hashes fail later.
            let _ = wait.await;
        }
        Self { jobs }
    }

    /// Waits for a thread and returns the result of `work` and the wiping, which is still in progress. `None` if `work`
    /// panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Arena) -> T + Send + 'static,
    ) -> Option<(T, Wiping)> {
        let (result, receiver) = oneshot::channel();
        let (wiped, wiping) = oneshot::channel();
        let work = move |arena: &mut Arena| {
            // Skips the work if the caller stopped waiting before it started.
            if !result.is_closed() {
                // This fails if the caller stopped waiting during the work.
                let _ = result.send(work(arena));
            }
        };
        let work = Box::new(work);
        self.jobs.send(Job { work, wiped }).ok()?;
        Some((receiver.await.ok()?, Wiping(wiping)))
    }
}

/// Runs jobs until the queue is closed.
fn run_jobs(queue: &Mutex<Receiver<Job>>, arena: &mut Arena) {
    let mut waiting = None;
    while let Some(job) = waiting.take().or_else(|| next(queue)) {
        let Job { work, wiped } = job;
        // A panic is a bug. It closes the channel that the caller waits for; the thread and its arena remain usable.
        let _ = catch_unwind(AssertUnwindSafe(|| work(arena)));
        waiting = try_next(queue);
        if waiting.is_none() {
            arena.wipe();
        }
        drop(wiped);
    }
}

fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    // A panic cannot leave the queue inconsistent, so poisoning is ignored.
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// The next job if it is already in the queue. `None` while another thread waits at the queue: that thread takes the
/// next job.
fn try_next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.try_lock().ok()?.try_recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(arena: &mut Arena) -> u64 {
        arena.blocks(2)[1].as_ref()[3]
    }

    #[tokio::test]
    async fn the_arena_is_wiped_before_the_next_job() {
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
    async fn a_waiting_job_overwrites_the_arena_and_the_last_job_leaves_it_wiped() {
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
    async fn after_a_panic_the_thread_is_usable_and_the_arena_wiped() {
        let threads = Threads::start(1, 2).await;
        let died = threads.run(|arena| {
            arena.blocks(2)[1].as_mut()[3] = 9;
            panic!("on purpose");
        });
        assert!(died.await.is_none());
        // This job may have started before the wiping.
        threads.run(|_| ()).await.unwrap().1.done().await;
        assert_eq!(threads.run(word).await.unwrap().0, 0);
    }

    #[tokio::test]
    async fn a_job_whose_caller_stopped_waiting_is_not_run() {
        let threads = Threads::start(1, 1).await;
        let (go, wait) = mpsc::channel::<()>();
        let busy = threads.run(move |_| wait.recv());
        let ran = Arc::new(Mutex::new(false));
        let runs = Arc::clone(&ran);
        let abandoned = threads.run(move |_| *runs.lock().unwrap() = true);
        tokio::pin!(busy);
        {
            tokio::pin!(abandoned);
            // Both jobs are in the queue after they were polled.
            let polled = std::future::poll_fn(|context| {
                let pending =
                    busy.as_mut().poll(context).is_pending() && abandoned.as_mut().poll(context).is_pending();
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
