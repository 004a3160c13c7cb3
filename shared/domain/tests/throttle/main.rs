//! The throttle: properties of all states, and a small model of attackers and owners.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

mod model;
mod rule;
mod siege;

use gatecrumb_domain::throttle::{Limit, Limits, Network, Stranger, Trio};

/// The default limits.
fn limits() -> Limits {
    Limits {
        device: Limit::new(5),
        trio: Trio {
            pair: Limit::new(5),
            name: Limit::new(100),
            network: Limit::new(100),
        },
    }
}

fn network(number: u32) -> Network {
    Network::of(Some(std::net::Ipv4Addr::from_bits(number).into()))
}

fn stranger(name: &str, from: u32) -> Stranger {
    Stranger {
        name: name.to_owned(),
        network: network(from),
    }
}
