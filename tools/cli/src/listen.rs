//! Ports, and what is said when one is taken.

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;

use crate::Failure;

pub(crate) async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => taken(address.port(), option),
            _ => Failure::new(format!("cannot listen on {address}: {error}")),
        })
}

pub(crate) fn taken(port: u16, option: &str) -> Failure {
    Failure::new(format!(
        "port {port} is taken: stop what listens there, or choose another one with {option}"
    ))
}

pub(crate) fn local_address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::new(format!("cannot tell the port: {error}")))
}

/// Where this machine reaches what listens on all of its addresses.
pub(crate) fn reachable(address: SocketAddr) -> String {
    match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
