//! Device cookies: which browsers they identify, and which not.

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
    keys.recognize(name, values.iter().copied(), now)
        .device()
        .cloned()
}

/// The cookie after a sign-in in a browser that has `values`.
fn signed_in(keys: &DeviceKeys, name: &str, values: &[&str], new: &str, now: Timestamp) -> String {
    let browser = keys.recognize(name, values.iter().copied(), now);
    keys.issue(name, &browser, id(new), now)
}

#[test]
fn a_browser_is_known_only_for_the_name_that_signed_in_there() {
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
fn a_renewed_cookie_keeps_its_device_and_expires_later() {
    let keys = keys(ONE);
    let first = signed_in(&keys, "ada", &[], "a", NOW);
    let day = std::time::Duration::from_secs(86_400);
    let later = NOW + LIFETIME - day;
    let second = signed_in(&keys, "ada", &[&first], "b", later);
    assert_eq!(
        device(&keys, "ada", &[&first], NOW + LIFETIME),
        None,
        "it expires"
    );
    assert_eq!(device(&keys, "ada", &[&second], NOW + LIFETIME), Some(id("a")));
    assert_eq!(second.split('~').count(), 1);
    // A sign-in after it expired makes it another device.
    let third = signed_in(&keys, "ada", &[&first], "c", NOW + LIFETIME);
    assert_eq!(device(&keys, "ada", &[&third], NOW + LIFETIME), Some(id("c")));
}

#[test]
fn an_entry_is_valid_for_400_days_and_from_at_most_five_minutes_ahead() {
    let keys = keys(ONE);
    let cookie = signed_in(&keys, "ada", &[], "a", NOW);
    for (now, is_known) in [
        (Timestamp(NOW.0 - 301), false),
        (Timestamp(NOW.0 - 300), true),
        (NOW, true),
        (Timestamp(NOW.0 + 400 * 86_400 - 1), true),
        (Timestamp(NOW.0 + 400 * 86_400), false),
    ] {
        assert_eq!(device(&keys, "ada", &[&cookie], now).is_some(), is_known, "{now}");
    }
    assert_eq!(LIFETIME.as_secs(), 34_560_000);
}

#[test]
fn an_entry_has_a_device_id_of_22_and_a_time_of_at_most_12_characters() {
    let keys = keys(ONE);
    let is_known = |device_id: &str, now: Timestamp| {
        let browser = keys.recognize("ada", [], now);
        let cookie = keys.issue("ada", &browser, device_id.parse().unwrap(), now);
        device(&keys, "ada", &[&cookie], now).is_some()
    };
    for (length, expected) in [(21, false), (22, true), (23, false)] {
        assert_eq!(is_known(&"A".repeat(length), NOW), expected, "{length}");
    }
    assert!(is_known(&"A".repeat(22), Timestamp(999_999_999_999)));
    assert!(!is_known(&"A".repeat(22), Timestamp(1_000_000_000_000)));
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
        "a function without the new key"
    );
}

#[test]
fn a_pseudonym_depends_on_the_text_and_on_the_newest_key_only() {
    let (old, both) = (keys(ONE), keys(TWO));
    let second = keys(r#"{"2":"the-second-secret-of-at-least-32-bytes"}"#);
    assert_eq!(both.pseudonym("ada"), second.pseudonym("ada"));
    assert_ne!(both.pseudonym("ada"), old.pseudonym("ada"));
    // Stable across releases, because keys in the table contain it.
    assert_eq!(old.pseudonym("ada"), "Mp5sTqR8Z0a0_8eSnJpc4g");
}

#[test]
fn an_entry_by_another_key_of_the_same_version_is_not_known() {
    let cookie = signed_in(&keys(ONE), "ada", &[], "a", NOW);
    let other = keys(r#"{"1":"the-other-secret-of-at-least-32-bytes"}"#);
    assert_eq!(device(&other, "ada", &[&cookie], NOW), None);
    let promoted = format!("2{}", &cookie[1..]);
    assert_eq!(device(&keys(TWO), "ada", &[&promoted], NOW), None);
}

#[test]
fn junk_beside_a_valid_entry_has_no_effect() {
    let keys = keys(ONE);
    let good = signed_in(&keys, "ada", &[], "a", NOW);
    let stranger = self::keys(r#"{"1":"the-other-secret-of-at-least-32-bytes"}"#);
    let forged = signed_in(&stranger, "ada", &[], "f", NOW);
    let longer = format!("{good}.x");
    let junk = [
        "",
        "~~~~",
        "x",
        "1.2.3.4",
        &forged,
        &longer,
        &good[..good.len() - 1],
    ];
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
    // As many as fit into the headers that API Gateway accepts.
    let many = vec![forged.as_str(); 160].join("~");
    assert_eq!(device(&keys, "ada", &[&many, &good], NOW), Some(id("a")));
    // After a thousand, the valid one is not parsed.
    let endless = vec![forged.as_str(); 1000].join("~");
    assert_eq!(device(&keys, "ada", &[&endless, &good], NOW), None);
}

#[test]
fn invalid_keys_are_rejected_and_not_printed() {
    let secret = "s".repeat(32);
    let set = |members: &str| DeviceKeys::from_json(members).unwrap_err();
    let version = |version: &str| set(&format!(r#"{{"{version}":"{secret}"}}"#));
    for invalid in [
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
        assert_eq!(version(invalid), InvalidDeviceKeys::Version, "{invalid}");
    }
    for invalid in [
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
        assert_eq!(set(invalid), InvalidDeviceKeys::NotAnObject, "{invalid}");
    }
    for invalid in [
        "s".repeat(31),
        "s".repeat(257),
        format!("{secret} "),
        "ü".repeat(32),
    ] {
        let invalid = format!(r#"{{"1":"{invalid}"}}"#);
        assert_eq!(set(&invalid), InvalidDeviceKeys::Secret, "{invalid}");
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
    fn a_cookie_changed_anywhere_is_not_known(index in any::<prop::sample::Index>(), byte in 0x21..0x7f_u8) {
        let keys = keys(ONE);
        let good = signed_in(&keys, "ada", &[], "a", NOW);
        let mut changed = good.clone().into_bytes();
        let index = index.index(changed.len());
        prop_assume!(changed[index] != byte);
        changed[index] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert_eq!(device(&keys, "ada", &[&changed], NOW), None, "{}", changed);
    }

    #[test]
    fn different_strings_have_different_pseudonyms(one in ".{0,40}", other in ".{0,40}") {
        let keys = keys(ONE);
        prop_assert_eq!(one == other, keys.pseudonym(&one) == keys.pseudonym(&other));
        prop_assert!(keys.pseudonym(&one).len() == 22 && keys.pseudonym(&one).is_ascii());
    }

    #[test]
    fn a_new_key_contains_its_random_bytes(one: [u8; 32], other: [u8; 32]) {
        let pseudonym = |random| keys(&DeviceKeys::new_json(random)).pseudonym("ada");
        prop_assert_eq!(one == other, pseudonym(one) == pseudonym(other));
    }

    /// With any values in the request, the new cookie is bounded and identifies the name that signed in.
    #[test]
    fn the_new_cookie_is_valid_beside_any_values(value in "[ -~]{0,300}", extra in "([0-9.~A-Za-z_-]{0,60}~){0,9}") {
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
