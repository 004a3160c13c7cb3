//! The visitor's address in the text of a header or an event.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// More than any of the forms has.
const MAX_BYTES: usize = 64;
/// Groups after `::` that lie behind the first 64 bits wherever the address's first groups end.
const MAX_LATE_GROUPS: usize = 4;

/// An address, with or without a port behind it.
///
/// `CloudFront-Viewer-Address` writes IPv6 and port without brackets, and `2001:db8::1:443` reads as an address as
/// well. It is taken for one, as long as address and port would lie in one network anyway: both have the groups before
/// `::` in common, and zeros after them. Only where `::` has more than four groups behind it could a group more move
/// another one into the first 64 bits; there, and where the rest is an IPv4-mapped address, the last group counts as
/// a port. So with and without a port an address is in one network of 56 bits. Of an address that really ends there,
/// which nobody has (`2001::3:4:5:6:7`, all zeros in the second and third groups), a part is lost, so that its network
/// is larger. The one exception are addresses in `::ffff:0/112`, which no host has: with a port they are IPv4-mapped.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
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
        // Read as it is without brackets, so that the form makes no difference either.
        Ok(SocketAddr::V6(_)) => return address(text.strip_prefix('[')?.split(']').next()?),
        Err(_) => {}
    }
    // What cannot be read as an address with its last group has a port. An IPv4 address would have been read.
    stripped.filter(|text| text.contains(':')).and_then(address)
}

/// The text before a port of 1 to 65535.
fn without_port(text: &str) -> Option<&str> {
    let (address, port) = text.rsplit_once(':')?;
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let is_port = is_number && port.parse::<u16>().is_ok_and(|port| port > 0);
    is_port.then_some(address)
}

/// Whether it is an IPv4-mapped address, in whichever form.
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

    /// Every way to write the address: in full, padded, in capitals, with the last 32 bits as an IPv4 address, and
    /// each of them with `::` in place of each run of zeros.
    fn forms(address: Ipv6Addr) -> Vec<String> {
        let groups = address.segments();
        let [.., a, b, c, d] = address.octets();
        let dotted = Ipv4Addr::new(a, b, c, d).to_string();
        let mut forms = vec![address.to_string()];
        for (last, count) in [(None, 8), (Some(dotted), 6)] {
            let write = |range: std::ops::Range<usize>, padded: bool| {
                let texts = groups[range].iter().map(|group| {
                    if padded {
                        format!("{group:04X}")
                    } else {
                        format!("{group:x}")
                    }
                });
                texts.collect::<Vec<_>>()
            };
            for padded in [false, true] {
                let whole: Vec<String> = write(0..count, padded).into_iter().chain(last.clone()).collect();
                forms.push(whole.join(":"));
                for start in 0..count {
                    for end in start + 1..=count {
                        if groups[start..end].iter().all(|group| *group == 0) {
                            let behind: Vec<String> = write(end..count, padded)
                                .into_iter()
                                .chain(last.clone())
                                .collect();
                            forms.push(format!(
                                "{}::{}",
                                write(0..start, padded).join(":"),
                                behind.join(":")
                            ));
                        }
                    }
                }
            }
        }
        forms
    }

    /// An address with zeros in it, and groups that could be ports.
    fn any_address() -> impl Strategy<Value = Ipv6Addr> {
        let group = prop_oneof![3 => Just(0_u16), 1 => Just(0xffff), 2 => 1..0x9999_u16, 2 => any::<u16>()];
        prop::array::uniform8(group)
            .prop_map(|[a, b, c, d, e, f, g, h]| Ipv6Addr::new(a, b, c, d, e, f, g, h))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn a_port_never_makes_another_network(
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

        /// Of every address that somebody may have the network is its own, in the form that everybody writes (RFC 5952).
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
