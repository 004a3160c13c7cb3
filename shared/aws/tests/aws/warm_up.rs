use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::Client;
use gatecrumb_aws::Connection;
use gatecrumb_local::DynamoDb;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// A proxy in front of `upstream` that counts connections.
async fn counted(upstream: SocketAddr) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut upstream = TcpStream::connect(upstream).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut upstream).await;
            });
        }
    });
    (address, count)
}

#[tokio::test]
async fn the_first_call_uses_the_open_connection() {
    let (address, connections) = counted(DynamoDb::in_memory().unwrap().spawn().await.unwrap()).await;
    let connection = Connection::local(&format!("http://{address}"));
    let client = Client::new(&connection.dynamodb());
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    connection.warm_up(1).await;
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    for _ in 0..2 {
        client.list_tables().send().await.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1, "the calls reuse it");
}

#[tokio::test]
async fn an_endpoint_that_is_down_or_hangs_does_not_stop_the_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let patience = Duration::from_secs(5);
    // It accepts connections and never responds.
    timeout(patience, Connection::local(&endpoint).warm_up(3))
        .await
        .unwrap();
    drop(listener);
    timeout(patience, Connection::local(&endpoint).warm_up(3))
        .await
        .unwrap();
}
