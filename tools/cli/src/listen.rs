//! Listening, with an error that names the option to change.

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;

use crate::Failure;

pub(crate) async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => port_in_use(address.port(), option),
            _ => Failure::new(format!("cannot listen on {address}: {error}")),
        })
}

pub(crate) fn port_in_use(port: u16, option: &str) -> Failure {
    Failure::new(format!(
        "port {port} is in use: stop the program that listens there, or choose another port with {option}"
    ))
}

pub(crate) fn local_address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::new(format!("cannot read the port of the listener: {error}")))
}

/// The host by which programs on this machine reach a listener; loopback if it listens on all addresses.
pub(crate) fn reachable(address: SocketAddr) -> String {
    match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
