//! Parses the visitor's address from a header or an event.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Longer than every accepted form.
const MAX_BYTES: usize = 64;
/// Up to this many groups after `::` lie outside the first 64 bits.
const MAX_LATE_GROUPS: usize = 4;

/// Parses an address with or without a port.
///
/// `CloudFront-Viewer-Address` writes an IPv6 address and its port without brackets, so `2001:db8::1:443` is ambiguous.
/// It is read as an address without a port if both readings are in the same /56 network: they share the groups before
/// `::`, followed by zeros. The last group is read as a port in two cases: if more than four groups follow `::`, because
/// one more group could move another into the first 64 bits, and if the rest is an IPv4-mapped address. So an address is
/// in the same network with and without a port.
///
/// Two kinds of addresses, which no host has, are misread. An address such as `2001::3:4:5:6:7`, whose second and third
/// groups are zero, loses its last group, so that several such networks count as one. An address in `::ffff:0/112` with a
/// port counts as IPv4-mapped.
#[must_use]
pub fn address(text: &str) -> Option<IpAddr> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let stripped = without_port(text);
    if let Ok(bare) = text.parse::<IpAddr>() {
        let late = text
            .split_once("::")
            .map_or(0, |(_, late)| late.split(':').count());
        return match stripped {
            Some(stripped) if late > MAX_LATE_GROUPS || is_mapped(stripped) => address(stripped),
            _ => Some(bare),
        };
    }
    match text.parse::<SocketAddr>() {
        Ok(SocketAddr::V4(address)) => return Some(IpAddr::V4(*address.ip())),
        // Parse it as without brackets, so that both forms give the same network.
        Ok(SocketAddr::V6(_)) => return address(text.strip_prefix('[')?.split(']').next()?),
        Err(_) => {}
    }
    // The text is no address as a whole, so its last group must be a port. IPv4 with a port was parsed above.
    stripped.filter(|text| text.contains(':')).and_then(address)
}

/// The text before a port from 1 to 65535.
fn without_port(text: &str) -> Option<&str> {
    let (address, port) = text.rsplit_once(':')?;
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let is_port = is_number && port.parse::<u16>().is_ok_and(|port| port > 0);
    is_port.then_some(address)
}

/// Whether it is an IPv4-mapped address in any notation.
fn is_mapped(text: &str) -> bool {
    let address = text.parse::<Ipv6Addr>();
    address.is_ok_and(|address| address.to_ipv4_mapped().is_some())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use gatecrumb_domain::throttle::Network;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_with_and_without_ports() {
        for (text, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:4711", Some("192.0.2.1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]:4711", Some("2001:db8::1")),
            ("2001:db8:0:0:0:0:0:1:4711", Some("2001:db8::1")),
            ("2001:db8::1:54321", Some("2001:db8::1")),
            ("2001:db8:::443", Some("2001:db8::")),
            ("2001:db8::500:6:7:8:443", Some("2001:db8::500:6:7:8")),
            ("::ffff:192.0.2.1", Some("::ffff:192.0.2.1")),
            ("::ffff:192.0.2.1:443", Some("::ffff:192.0.2.1")),
            ("::ffff:c000:201:443", Some("::ffff:192.0.2.1")),
            (&"1:".repeat(40), None),
            ("unknown", None),
            ("unknown:443", None),
            ("192.0.2.1:0x1bb", None),
            ("2001:db8::1:port", None),
            ("", None),
        ] {
            assert_eq!(address(text), expected.map(|ip| ip.parse().unwrap()), "{text}");
        }
    }

    fn network(text: &str) -> Option<Network> {
        address(text).map(|address| Network::of(Some(address)))
    }

    /// Every notation of the address: in full, padded, in capitals, with the last 32 bits as an IPv4 address, and each
    /// of these with `::` for each run of zeros.
    fn forms(address: Ipv6Addr) -> Vec<String> {
        let groups = address.segments();
        let [.., a, b, c, d] = address.octets();
        let dotted = Ipv4Addr::new(a, b, c, d).to_string();
        let mut forms = vec![address.to_string()];
        for (last, count) in [(None, 8), (Some(dotted), 6)] {
            let write = |range: std::ops::Range<usize>, padded: bool| {
                let strings = groups[range].iter().map(|group| {
                    if padded {
                        format!("{group:04X}")
                    } else {
                        format!("{group:x}")
                    }
                });
                strings.collect::<Vec<_>>()
            };
            for padded in [false, true] {
                let whole: Vec<String> = write(0..count, padded).into_iter().chain(last.clone()).collect();
                forms.push(whole.join(":"));
                for start in 0..count {
                    for end in start + 1..=count {
                        if groups[start..end].iter().all(|group| *group == 0) {
                            let after: Vec<String> = write(end..count, padded)
                                .into_iter()
                                .chain(last.clone())
                                .collect();
                            forms.push(format!(
                                "{}::{}",
                                write(0..start, padded).join(":"),
                                after.join(":")
                            ));
                        }
                    }
                }
            }
        }
        forms
    }

    /// Addresses with many zeros and with groups that could be ports.
    fn any_address() -> impl Strategy<Value = Ipv6Addr> {
        let group = prop_oneof![3 => Just(0_u16), 1 => Just(0xffff), 2 => 1..0x9999_u16, 2 => any::<u16>()];
        prop::array::uniform8(group)
            .prop_map(|[a, b, c, d, e, f, g, h]| Ipv6Addr::new(a, b, c, d, e, f, g, h))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn a_port_never_changes_the_network(
            address in any_address().prop_filter("no host has it", |address| address.to_bits() >> 16 != 0xffff),
            port in 1..=u16::MAX,
        ) {
            for text in forms(address) {
                let alone = network(&text);
                prop_assert!(alone.is_some(), "{}", text);
                prop_assert_eq!(network(&format!("{text}:{port}")), alone, "{}", text);
                prop_assert_eq!(network(&format!("[{text}]:{port}")), alone, "{}", text);
            }
        }

        /// Holds for every address that a registry can assign, written as in RFC 5952.
        #[test]
        fn an_address_is_in_its_own_network(
            address in any_address().prop_filter("of a registry", |address| {
                let [first, second, third, ..] = address.segments();
                first >> 13 == 1 && (second, third) != (0, 0)
            }),
        ) {
            prop_assert_eq!(network(&address.to_string()), Some(Network::of(Some(address.into()))));
        }
    }
}
