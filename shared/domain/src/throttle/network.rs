use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// Prefix length of the smallest IPv6 network that one customer gets (RIPE-690 section 4.2: a /56 for a home).
const CUSTOMER_BITS: u32 = 56;

/// One source of attempts: an IPv4 address, or an IPv6 /56, in which one customer has 2⁷² addresses. All clients whose
/// address is unknown are one source.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Network(Option<IpAddr>);

impl Network {
    /// The network of an address. An IPv4-mapped IPv6 address counts as its IPv4 address.
    #[must_use]
    pub fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => {
                let host_bits = Ipv6Addr::BITS - CUSTOMER_BITS;
                Ipv6Addr::from_bits(address.to_bits() >> host_bits << host_bits).into()
            }
            v4 @ IpAddr::V4(_) => v4,
        }))
    }
}

/// As table keys contain it: `192.0.2.1`, `2001:db8:0:100::/56` or `unknown`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(IpAddr::V4(address)) => address.fmt(f),
            Some(IpAddr::V6(network)) => write!(f, "{network}/{CUSTOMER_BITS}"),
            None => f.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_ipv4_address_or_an_ipv6_slash_56() {
        for (address, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/56"),
            ("2001:db8:1:ff:ffff::", "2001:db8:1::/56"),
            ("2001:db8:1:100::", "2001:db8:1:100::/56"),
        ] {
            assert_eq!(Network::of(address.parse().ok()).to_string(), expected);
        }
        assert_eq!(Network::of(None).to_string(), "unknown");
    }
}
