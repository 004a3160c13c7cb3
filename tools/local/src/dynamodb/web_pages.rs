//! Refuses web pages: only programs on this machine and containers may use the local DynamoDB.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, header};

/// Names of the host in containers. Elsewhere they do not resolve, or resolve to the same machine.
const CONTAINER_HOSTS: [&str; 3] = [
    "host.docker.internal",
    "gateway.docker.internal",
    "host.containers.internal",
];

/// Refuses a request from a web page: one with `Origin`, or with a `Host` that is not a name of this machine (DNS
/// rebinding). An IP address cannot be rebound.
pub(crate) fn refuse(headers: &HeaderMap) -> Result<(), &'static str> {
    if headers.contains_key(header::ORIGIN) {
        return Err("{\"message\":\"web pages must not use the local DynamoDB\"}");
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    if is_local(host) {
        Ok(())
    } else {
        Err("{\"message\":\"unknown Host: use localhost or an IP address to reach the local DynamoDB\"}")
    }
}

fn is_local(host: &str) -> bool {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, _)| name)
        .to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || CONTAINER_HOSTS.contains(&name.as_str())
        || name.parse::<Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_and_containers_are_accepted() {
        for host in [
            "localhost:8000",
            "LOCALHOST",
            "127.0.0.1:8000",
            "[::1]:8000",
            "172.17.0.1:8000",
            "host.docker.internal:8000",
        ] {
            assert!(is_local(host), "{host}");
        }
    }

    #[test]
    fn other_names_are_refused() {
        for host in [
            "",
            "evil.example:8000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "[evil]:8000",
            "notlocalhost",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn a_web_page_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "localhost:8000".parse().unwrap());
        assert!(refuse(&headers).is_ok());
        headers.insert(header::ORIGIN, "http://localhost:3000".parse().unwrap());
        assert!(refuse(&headers).is_err());
    }
}
