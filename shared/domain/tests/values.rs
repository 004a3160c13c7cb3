//! Identifiers, roles, password hashes, times, and the sources of time and randomness.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use std::sync::atomic::{AtomicUsize, Ordering};

use gatecrumb_domain::{
    Clock, InvalidRole, NoRandomness, PasswordHash, Randomness, Role, Roles, Timestamp, UserId, random_bytes,
};
use proptest::prelude::*;

/// Returns the given bytes one draw after the other, then fails.
struct Draws(Vec<[u8; 16]>, AtomicUsize);

impl Draws {
    fn of(draws: &[[u8; 16]]) -> Self {
        Self(draws.to_vec(), AtomicUsize::new(0))
    }
}

impl Randomness for Draws {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        let draw = self.0.get(self.1.fetch_add(1, Ordering::Relaxed));
        bytes.copy_from_slice(draw.ok_or(NoRandomness)?);
        Ok(())
    }
}

struct FixedClock(u64);

impl Clock for FixedClock {
    fn now_millis(&self) -> u64 {
        self.0
    }
}

#[test]
fn a_random_id_is_drawn_until_it_does_not_start_with_a_hyphen() {
    // Base64url encodes the bits 111110 as a hyphen.
    let (hyphen, other) = ([0xf8; 16], [0xfc; 16]);
    let id = UserId::random(&Draws::of(&[hyphen, hyphen, other])).unwrap();
    assert_eq!(id.as_str(), "_Pz8_Pz8_Pz8_Pz8_Pz8_A");
    assert!(UserId::random(&Draws::of(&[hyphen])).is_err());
}

#[test]
fn an_id_is_1_to_64_safe_characters() {
    let longest = "x".repeat(64);
    for valid in ["a", "0", "Z", "-", "_", "aZ-09_", longest.as_str()] {
        let id: UserId = valid.parse().unwrap();
        assert_eq!((id.as_str(), id.to_string().as_str()), (valid, valid));
        assert_eq!(String::from(id), valid);
    }
    let too_long = "x".repeat(65);
    for invalid in [
        "",
        " ",
        "a b",
        "a#b",
        "a.b",
        "a/b",
        "a\n",
        "\u{e9}",
        too_long.as_str(),
    ] {
        assert!(invalid.parse::<UserId>().is_err(), "{invalid:?}");
        assert!(UserId::try_from(invalid.to_owned()).is_err(), "{invalid:?}");
    }
}

/// FIPS 180-2 appendix B.1: the SHA-256 of `abc`.
#[test]
fn a_fingerprint_is_the_start_of_the_sha_256() {
    let id: UserId = "abc".parse().unwrap();
    assert_eq!(id.fingerprint(), "ba7816bf8f01cfea");
}

#[test]
fn a_role_is_1_to_32_allowed_characters() {
    let longest = "r".repeat(32);
    for valid in [
        "a",
        "9",
        "Z",
        ".",
        ":",
        "/",
        "_",
        "-",
        "billing:read",
        longest.as_str(),
    ] {
        let role: Role = valid.parse().unwrap();
        assert_eq!(String::from(role), valid);
    }
    let too_long = "r".repeat(33);
    for invalid in ["", " ", "a b", "a\"b", "a,b", "\u{e9}", too_long.as_str()] {
        assert_eq!(invalid.parse::<Role>(), Err(InvalidRole::Format), "{invalid:?}");
    }
}

#[test]
fn roles_are_sorted_without_duplicates_and_at_most_16() {
    let roles = |names: &[String]| -> Vec<Role> { names.iter().map(|name| name.parse().unwrap()).collect() };
    let names: Vec<String> = (10..26).map(|number| format!("role{number}")).collect();
    let mut twice: Vec<String> = names.iter().rev().cloned().collect();
    twice.extend(names.clone());
    let sorted = Roles::try_from(roles(&twice)).unwrap();
    assert_eq!(Vec::from(sorted), roles(&names));
    twice.push("role26".to_owned());
    assert_eq!(Roles::try_from(roles(&twice)), Err(InvalidRole::TooMany));
    assert_eq!(Vec::from(Roles::default()), []);
}

#[test]
fn a_password_hash_keeps_its_string_and_redacts_it() {
    let hash = PasswordHash::from("$argon2id$…".to_owned());
    assert_eq!(hash.expose(), "$argon2id$…");
    assert_eq!(format!("{hash:?}"), "PasswordHash(redacted)");
}

#[test]
fn rfc_3339_ends_with_the_year_9999() {
    for (seconds, expected) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_795_443_023, "2026-11-23T14:10:23Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
        (253_402_300_800, "9999-12-31T23:59:59Z"),
        (u64::MAX, "9999-12-31T23:59:59Z"),
    ] {
        assert_eq!(Timestamp(seconds).rfc3339(), expected);
    }
}

proptest! {
    #[test]
    fn random_bytes_are_those_of_the_source(first: [u8; 16], second: [u8; 16]) {
        let draws = Draws::of(&[first, second]);
        prop_assert_eq!(random_bytes::<16>(&draws).unwrap(), first);
        prop_assert_eq!(random_bytes::<16>(&draws).unwrap(), second);
        prop_assert!(random_bytes::<16>(&draws).is_err());
    }

    #[test]
    fn a_clock_returns_whole_seconds(seconds in 0..u64::MAX / 1000, millis in 0..1000_u64) {
        let clock = FixedClock(seconds * 1000 + millis);
        prop_assert_eq!(clock.now(), Timestamp(seconds));
    }

    #[test]
    fn a_timestamp_prints_its_seconds(seconds: u64) {
        prop_assert_eq!(Timestamp(seconds).to_string(), seconds.to_string());
    }
}
