//! A stored password hash: not a stranger's, but a row may have come from anywhere.

use gatecrumb_domain::PasswordHash;
use gatecrumb_passwords::Cost;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let stored = PasswordHash::from(text.to_owned());
    assert_eq!(format!("{stored:?}"), "PasswordHash(redacted)");
    let Ok(cost) = Cost::of(&stored) else {
        return;
    };
    // The algorithm is pinned, and what it asks for is what the text says, within the bounds.
    let rest = text.strip_prefix("$argon2id$v=19$").expect("argon2id version 19");
    let mut parameters = rest.split('$').next().unwrap().split(',');
    let mut next = |name: &str| -> u32 {
        let parameter = parameters.next().expect("three parameters");
        let number = parameter.strip_prefix(name).expect("in their order");
        number.parse().expect("a number")
    };
    let (memory, iterations, parallelism) = (next("m="), next("t="), next("p="));
    assert_eq!(Cost::new(memory, iterations, parallelism), Ok(cost));
    assert!(parameters.next().is_none(), "each of them once");
}
