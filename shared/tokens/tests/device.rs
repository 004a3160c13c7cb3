//! Device cookies: who is recognised by them, and who is not.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use gatecrumb_domain::{DeviceId, Timestamp};
use gatecrumb_tokens::device::{DeviceKeys, InvalidDeviceKeys, LIFETIME, MAX_ENTRIES};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_800_000_000);
const ONE: &str = r#"{"1":"the-first-secret-of-at-least-32-bytes"}"#;
const TWO: &str =
    r#"{"2":"the-second-secret-of-at-least-32-bytes","1":"the-first-secret-of-at-least-32-bytes"}"#;

fn keys(json: &str) -> DeviceKeys {
    DeviceKeys::from_json(json).unwrap()
}

fn id(text: &str) -> DeviceId {
    format!("{text:A<22}").parse().unwrap()
}

fn device(keys: &DeviceKeys, name: &str, values: &[&str], now: Timestamp) -> Option<DeviceId> {
    keys.recognise(name, values.iter().copied(), now)
        .device()
        .cloned()
}

/// The cookie after a sign-in in a browser that has `values`.
fn signed_in(keys: &DeviceKeys, name: &str, values: &[&str], new: &str, now: Timestamp) -> String {
    let browser = keys.recognise(name, values.iter().copied(), now);
    keys.issue(name, &browser, id(new), now)
}

#[test]
fn a_browser_is_known_for_the_name_that_signed_in_there_and_for_no_other() {
    let keys = keys(ONE);
    let cookie = signed_in(&keys, "ada", &[], "a", NOW);
    assert_eq!(device(&keys, "ada", &[&cookie], NOW), Some(id("a")));
    for other in ["eve", "Ada", "ada ", "", "ad"] {
        assert_eq!(device(&keys, other, &[&cookie], NOW), None, "{other:?}");
    }
    assert!(!cookie.contains("ada") && cookie.len() < 64, "{cookie}");
    let octet = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
    assert!(cookie.bytes().all(octet), "{cookie}");
}

#[test]
fn a_renewed_cookie_keeps_its_device_and_lives_on() {
    let keys = keys(ONE);
    let first = signed_in(&keys, "ada", &[], "a", NOW);
    let day = std::time::Duration::from_secs(86_400);
    let later = NOW + LIFETIME - day;
    let second = signed_in(&keys, "ada", &[&first], "b", later);
    assert_eq!(
        device(&keys, "ada", &[&first], NOW + LIFETIME),
        None,
        "it runs out"
    );
    assert_eq!(device(&keys, "ada", &[&second], NOW + LIFETIME), Some(id("a")));
    assert_eq!(second.split('~').count(), 1);
    // Signed in anew after it ran out, it is another device.
    let third = signed_in(&keys, "ada", &[&first], "c", NOW + LIFETIME);
    assert_eq!(device(&keys, "ada", &[&third], NOW + LIFETIME), Some(id("c")));
}

#[test]
fn the_four_latest_accounts_of_a_browser_are_known() {
    let keys = keys(ONE);
    let mut cookie = String::new();
    for name in ["a", "b", "c", "d", "e", "b"] {
        cookie = signed_in(&keys, name, &[&cookie], name, NOW);
    }
    let known = |name| device(&keys, name, &[&cookie], NOW).is_some();
    let known = ["a", "b", "c", "d", "e"].map(known);
    assert_eq!(known, [false, true, true, true, true]);
    assert_eq!(cookie.split('~').count(), MAX_ENTRIES);
}

#[test]
fn every_version_verifies_and_the_highest_one_issues() {
    let (old, both) = (keys(ONE), keys(TWO));
    let cookie = signed_in(&old, "ada", &[], "a", NOW);
    assert_eq!(device(&both, "ada", &[&cookie], NOW), Some(id("a")));
    let renewed = signed_in(&both, "ada", &[&cookie], "b", NOW);
    assert!(renewed.starts_with("2.") && device(&both, "ada", &[&renewed], NOW) == Some(id("a")));
    assert_eq!(
        device(&old, "ada", &[&renewed], NOW),
        None,
        "not yet deployed there"
    );
    assert_ne!(old.pseudonym("ada"), both.pseudonym("ada"));
    assert_ne!(both.pseudonym("ada"), both.pseudonym("eve"));
    assert_eq!(both.pseudonym("ada").len(), 22);
}

#[test]
fn an_entry_of_another_version_under_the_right_number_is_not_known() {
    let cookie = signed_in(&keys(ONE), "ada", &[], "a", NOW);
    let other = keys(r#"{"1":"the-other-secret-of-at-least-32-bytes"}"#);
    assert_eq!(device(&other, "ada", &[&cookie], NOW), None);
    let promoted = format!("2{}", &cookie[1..]);
    assert_eq!(device(&keys(TWO), "ada", &[&promoted], NOW), None);
}

#[test]
fn junk_beside_a_good_entry_hides_nothing() {
    let keys = keys(ONE);
    let good = signed_in(&keys, "ada", &[], "a", NOW);
    let stranger = self::keys(r#"{"1":"the-other-secret-of-at-least-32-bytes"}"#);
    let forged = signed_in(&stranger, "ada", &[], "f", NOW);
    let junk = ["", "~~~~", "x", "1.2.3.4", &forged, &good[..good.len() - 1]];
    for value in junk {
        for values in [[value, &good], [&good, value]] {
            assert_eq!(device(&keys, "ada", &values, NOW), Some(id("a")), "{value}");
        }
        assert_eq!(
            device(&keys, "ada", &[&format!("{value}~{good}")], NOW),
            Some(id("a")),
            "{value}"
        );
        assert_eq!(device(&keys, "ada", &[value], NOW), None, "{value}");
    }
    // As many as fit into the headers that API Gateway takes.
    let many = vec![forged.as_str(); 160].join("~");
    assert_eq!(device(&keys, "ada", &[&many, &good], NOW), Some(id("a")));
    // A thousand more are not looked at.
    let endless = vec![forged.as_str(); 1000].join("~");
    assert_eq!(device(&keys, "ada", &[&endless, &good], NOW), None);
}

#[test]
fn keys_that_are_odd_are_refused_without_being_shown() {
    let secret = "s".repeat(32);
    let set = |members: &str| DeviceKeys::from_json(members).unwrap_err();
    let version = |version: &str| set(&format!(r#"{{"{version}":"{secret}"}}"#));
    for odd in [
        "0",
        "1000",
        "01",
        "+1",
        "-1",
        "1.0",
        " 1",
        "",
        "x",
        "99999999999999999999",
    ] {
        assert_eq!(version(odd), InvalidDeviceKeys::Version, "{odd}");
    }
    for odd in [
        "",
        "null",
        "[]",
        "7",
        r#""x""#,
        r#"{"1":7}"#,
        r#"{"1":null}"#,
        r#"{"1":{}}"#,
        "{",
    ] {
        assert_eq!(set(odd), InvalidDeviceKeys::NotAnObject, "{odd}");
    }
    for odd in [
        "s".repeat(31),
        "s".repeat(257),
        format!("{secret} "),
        "ü".repeat(32),
    ] {
        let odd = format!(r#"{{"1":"{odd}"}}"#);
        assert_eq!(set(&odd), InvalidDeviceKeys::Secret, "{odd}");
    }
    assert_eq!(set("{}"), InvalidDeviceKeys::Count);
    let many: Vec<String> = (1..=9)
        .map(|version| format!(r#""{version}":"{secret}""#))
        .collect();
    assert_eq!(set(&format!("{{{}}}", many.join(","))), InvalidDeviceKeys::Count);
    let twice = format!(r#"{{"1":"{secret}","1":"{secret}"}}"#);
    assert_eq!(set(&twice), InvalidDeviceKeys::Duplicate);
    for good in ["1", "999"] {
        let json = format!(r#"{{"{good}":"{}"}}"#, "s".repeat(256));
        assert!(DeviceKeys::from_json(&json).is_ok(), "{good}");
    }
    assert_eq!(format!("{:?}", keys(TWO)), "[1, 2]");
    assert!(DeviceKeys::from_json(&DeviceKeys::new_json([7; 32])).is_ok());
}

proptest! {
    #[test]
    fn a_cookie_changed_anywhere_is_not_known(place in any::<prop::sample::Index>(), byte in 0x21..0x7f_u8) {
        let keys = keys(ONE);
        let good = signed_in(&keys, "ada", &[], "a", NOW);
        let mut changed = good.clone().into_bytes();
        let place = place.index(changed.len());
        prop_assume!(changed[place] != byte);
        changed[place] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert_eq!(device(&keys, "ada", &[&changed], NOW), None, "{}", changed);
    }

    /// Whatever comes in, what goes out is bounded, and known for the name that signed in.
    #[test]
    fn any_value_makes_a_good_cookie(value in "[ -~]{0,300}", extra in "([0-9.~A-Za-z_-]{0,60}~){0,9}") {
        let keys = keys(ONE);
        let good = signed_in(&keys, "eve", &[], "e", NOW);
        let values = [value.as_str(), extra.as_str(), good.as_str()];
        let cookie = signed_in(&keys, "ada", &values, "a", NOW);
        prop_assert!(cookie.len() <= 4 * 64);
        prop_assert!(cookie.split('~').count() <= MAX_ENTRIES);
        prop_assert_eq!(device(&keys, "ada", &[&cookie], NOW), Some(id("a")));
        prop_assert_eq!(device(&keys, "eve", &[&cookie], NOW), Some(id("e")));
    }
}
