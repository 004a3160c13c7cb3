//! Graceful shutdown.

use tokio::sync::watch;

/// Resolves when `stopping` becomes true.
pub(crate) async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender, and so the server, is gone.
    let _ = stopping.wait_for(|&stop| stop).await;
}

/// Resolves on Ctrl-C or SIGTERM.
pub(crate) async fn stop_requested() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
