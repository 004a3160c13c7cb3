//! Who may ask: programs on this machine and containers, no web page.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, header};

/// Names that containers reach their host by. They resolve inside of containers only, or to the same machine.
const CONTAINER_HOSTS: [&str; 3] = [
    "host.docker.internal",
    "gateway.docker.internal",
    "host.containers.internal",
];

/// Refuses what a browser sends: any request of a page (`Origin`), and a foreign name that was made to resolve
/// to this machine (DNS rebinding). An address cannot be rebound.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), &'static str> {
    if headers.contains_key(header::ORIGIN) {
        return Err("{\"message\":\"web pages may not use the local DynamoDB\"}");
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    if is_local(host) {
        Ok(())
    } else {
        Err("{\"message\":\"this Host may not use the local DynamoDB\"}")
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
    fn this_machine_and_containers_pass() {
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
    fn foreign_names_do_not() {
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
    fn a_page_does_not() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "localhost:8000".parse().unwrap());
        assert!(check(&headers).is_ok());
        headers.insert(header::ORIGIN, "http://localhost:3000".parse().unwrap());
        assert!(check(&headers).is_err());
    }
}
