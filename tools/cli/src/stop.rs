//! Graceful shutdown.

use tokio::sync::watch;

use crate::{Failure, output};

/// Resolves when `stopping` becomes true.
pub(crate) async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender, and so the server, is gone.
    let _ = stopping.wait_for(|&stop| stop).await;
}

/// Ctrl-C and SIGTERM. No signal is lost between two waits.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Signals {
    /// From now on, these signals do not end the process. Call it before the first message about Ctrl-C.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let failure = |error| Failure::new(format!("cannot listen for Ctrl-C: {error}"));
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};

            Ok(Self {
                interrupt: signal(SignalKind::interrupt()).map_err(failure)?,
                terminate: signal(SignalKind::terminate()).map_err(failure)?,
            })
        }
        #[cfg(windows)]
        Ok(Self {
            interrupt: tokio::signal::windows::ctrl_c().map_err(failure)?,
        })
    }

    /// Waits for the requests in progress, until another signal.
    pub(crate) async fn or_again(
        mut self,
        stopping: impl Future<Output = Result<(), Failure>>,
    ) -> Result<(), Failure> {
        tokio::select! {
            stopped = stopping => stopped,
            () = self.next() => {
                output::line("stopped without waiting for the requests in progress");
                Ok(())
            }
        }
    }

    /// Resolves at the next signal.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(windows)]
        let _ = self.interrupt.recv().await;
    }
}
