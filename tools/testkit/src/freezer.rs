//! Between the SDK and a DynamoDB: connections that die in a freeze as they do on Lambda. They stay open, and whatever
//! is sent on them is never answered.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
};

/// In front of a DynamoDB; passes everything on until it freezes.
#[derive(Clone, Default)]
pub struct Freezer {
    accepted: Arc<AtomicUsize>,
    /// So many of the first connections are dead.
    dead: Arc<AtomicUsize>,
    tried: Arc<AtomicUsize>,
}

impl Freezer {
    /// Starts one before `upstream`, and says where it listens.
    pub async fn before(upstream: SocketAddr) -> (Self, SocketAddr) {
        let freezer = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = freezer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = accepting.accepted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(accepting.clone().serve(number, stream, upstream));
            }
        });
        (freezer, address)
    }

    /// All connections that there are die.
    pub fn freeze(&self) {
        self.dead.store(self.accepted(), Ordering::SeqCst);
    }

    /// Connections that were opened.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Dead connections on which something was sent.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.tried.load(Ordering::SeqCst)
    }

    async fn serve(self, number: usize, client: TcpStream, upstream: SocketAddr) {
        let (mut requests, mut answers) = client.into_split();
        let upstream = TcpStream::connect(upstream).await.unwrap();
        let (mut from_upstream, mut to_upstream) = upstream.into_split();
        let back = tokio::spawn(async move { copy(&mut from_upstream, &mut answers).await });
        let mut counted = false;
        let mut bytes = vec![0; 65536];
        while let Ok(length @ 1..) = requests.read(&mut bytes).await {
            if number >= self.dead.load(Ordering::SeqCst) {
                let _ = to_upstream.write_all(&bytes[..length]).await;
            } else if !std::mem::replace(&mut counted, true) {
                self.tried.fetch_add(1, Ordering::SeqCst);
            }
        }
        back.abort();
    }
}
