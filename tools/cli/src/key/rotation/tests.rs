use gatecrumb_runtime::SystemRandomness;
use gatecrumb_tokens::SigningKeys;
use proptest::{collection::vec, prelude::*};

use super::*;

const WAITS: Waits = Waits {
    jwks_max_age: Duration::from_secs(300),
    session_idle: Duration::from_secs(7200),
};
const START: Timestamp = Timestamp(1_000_000);

fn set() -> KeySet {
    KeySet::generate(&SystemRandomness).unwrap()
}

/// What the command line does, with its file in between.
fn rotate(set: &mut KeySet, at: u64, force: bool) -> Result<Step, Refused> {
    let step = set.next_step(START + Duration::from_secs(at), &WAITS, force)?;
    apply(set, &step, at);
    Ok(step)
}

fn apply(set: &mut KeySet, step: &Step, at: u64) {
    set.take(step, START + Duration::from_secs(at), &WAITS, &SystemRandomness)
        .unwrap();
    *set = KeySet::from_json(&set.to_json(), None).unwrap();
}

fn newest(set: &KeySet) -> String {
    set.keys.kids().last().unwrap().to_owned()
}

#[test]
fn a_rotation_publishes_then_signs_then_retires_and_no_step_is_a_second_early() {
    let mut set = set();
    let old = set.signing_kid.clone();
    assert_eq!(rotate(&mut set, 0, false), Ok(Step::Publish));
    let new = newest(&set);
    assert_eq!(set.signing_kid, old);
    for at in [0, 1, 599] {
        let error = rotate(&mut set, at, false).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "it is too early to sign with {new}: services may have cached the public keys without it until \
                 1970-01-12T13:56:40Z. Run this again then, or add --force: they refuse its tokens until they have it"
            )
        );
    }
    assert_eq!(rotate(&mut set, 600, false), Ok(Step::Sign(new.clone())));
    assert_eq!(set.signing_kid, new);
    for at in [600, 600 + 7499] {
        let error = rotate(&mut set, at, false).unwrap_err();
        assert!(matches!(&error, Refused::TooEarlyToRetire { kids, idle: 7200, .. } if *kids == old));
    }
    assert_eq!(rotate(&mut set, 600 + 7500, false), Ok(Step::Retire(vec![old])));
    assert_eq!(set.keys.kids().collect::<Vec<_>>(), [&new]);
    assert_eq!(set.rotation(), None);
    assert_eq!(rotate(&mut set, 600 + 7500, false), Ok(Step::Publish));
}

#[test]
fn a_forced_step_does_not_wait() {
    let mut set = set();
    rotate(&mut set, 0, false).unwrap();
    assert!(matches!(rotate(&mut set, 0, true), Ok(Step::Sign(_))));
    assert!(matches!(rotate(&mut set, 0, true), Ok(Step::Retire(_))));
    assert_eq!(set.keys.kids().count(), 1);
}

#[test]
fn a_longer_lifetime_counts_whether_it_was_set_before_or_after_the_step() {
    let mut set = set();
    rotate(&mut set, 0, false).unwrap();
    rotate(&mut set, 600, false).unwrap();
    let ends = |idle: u64| {
        let waits = Waits {
            session_idle: Duration::from_secs(idle),
            ..WAITS
        };
        set.not_before(&waits).unwrap().since(START).as_secs()
    };
    assert_eq!([ends(60), ends(7200), ends(9000)], [8100, 8100, 9900]);
}

/// Keys of an earlier version: the signing one by its index, and the stage that is then recorded.
#[test]
fn a_set_without_stages_waits_from_now_on() {
    for (count, signing, stage) in [
        (2, 0, Stage::Published),
        (2, 1, Stage::Signing),
        (3, 1, Stage::Published),
        (3, 2, Stage::Signing),
    ] {
        let mut keys = SigningKeys::from_seed([0; 32]);
        for seed in 1..count {
            keys.extend(SigningKeys::from_seed([seed; 32]));
        }
        let kid = keys.kids().nth(signing).unwrap().to_owned();
        let mut set = KeySet::from_json(&keys.to_private_json(), Some(&kid)).unwrap();
        let old = set.other_kids();
        assert_eq!(
            set.retirement(&old[0], START, &WAITS, false),
            Err(Refused::Unrecorded(old[0].clone()))
        );
        assert_eq!(rotate(&mut set, 0, false), Ok(Step::Record(stage)));
        assert!(rotate(&mut set, 0, false).is_err());
        if stage == Stage::Published {
            assert_eq!(rotate(&mut set, 600, false), Ok(Step::Sign(newest(&set))));
        }
        let old = set.other_kids();
        assert_eq!(rotate(&mut set, 600 + 7500, false), Ok(Step::Retire(old)));
    }
}

#[test]
fn leaked_keys_are_not_public_and_may_be_retired_at_once() {
    let mut set = set();
    rotate(&mut set, 0, false).unwrap();
    let old: Vec<String> = set.keys.kids().map(str::to_owned).collect();
    set.replace_leaked(START, &SystemRandomness).unwrap();
    set = KeySet::from_json(&set.to_json(), None).unwrap();
    assert!(!old.contains(&set.signing_kid));
    let public = set.to_public_json().unwrap();
    for kid in &old {
        assert!(!public.contains(kid));
        assert!(set.retirement(kid, START, &WAITS, false).is_ok());
    }
    assert!(public.contains(&set.signing_kid));
    assert_eq!(rotate(&mut set, 0, false), Ok(Step::Retire(old)));
}

#[test]
fn one_key_is_retired_only_when_nobody_uses_it() {
    let mut set = set();
    let (old, at) = (set.signing_kid.clone(), |at: u64| START + Duration::from_secs(at));
    assert_eq!(set.retirement(&old, START, &WAITS, true), Err(Refused::Only));
    assert_eq!(
        set.retirement("x", START, &WAITS, true),
        Err(Refused::Unknown("x".to_owned()))
    );
    rotate(&mut set, 0, false).unwrap();
    assert_eq!(set.retirement(&old, START, &WAITS, true), Err(Refused::Signs));
    // The new key has signed nothing.
    let step = set.retirement(&newest(&set), START, &WAITS, false).unwrap();
    apply(&mut set, &step, 0);
    assert_eq!((set.keys.kids().count(), set.rotation()), (1, None));

    rotate(&mut set, 0, false).unwrap();
    rotate(&mut set, 600, false).unwrap();
    assert!(matches!(
        set.retirement(&old, at(600 + 7499), &WAITS, false),
        Err(Refused::TooEarlyToRetire { .. })
    ));
    assert!(set.retirement(&old, at(600), &WAITS, true).is_ok());
    assert!(set.retirement(&old, at(600 + 7500), &WAITS, false).is_ok());
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Rotate,
    Retire(usize),
    Leak,
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        6 => Just(Call::Rotate),
        2 => (0..4_usize).prop_map(Call::Retire),
        1 => Just(Call::Leak),
    ]
}

proptest! {
    /// Whatever is called when, without `--force`: the set can be read again, its signing key is in it, a key signs only
    /// after it has been public for two times the caches' age, and one that signed stays public for the idle lifetime,
    /// except after a leak.
    #[test]
    fn no_order_of_calls_breaks_the_rule(calls in vec((call(), 0..9000_u64), 1..40)) {
        let (mut set, mut now) = (set(), 0);
        let mut public_since = std::collections::HashMap::from([(set.signing_kid.clone(), 0)]);
        let mut signed_until = std::collections::HashMap::new();
        let mut leaked = std::collections::HashSet::new();
        for (call, pause) in calls {
            now += pause;
            let before: Vec<String> = set.keys.kids().map(str::to_owned).collect();
            let signer = set.signing_kid.clone();
            match call {
                Call::Rotate => drop(rotate(&mut set, now, false)),
                Call::Retire(index) => {
                    let kid = before.get(index).map_or("x", String::as_str);
                    let time = START + Duration::from_secs(now);
                    if let Ok(step) = set.retirement(kid, time, &WAITS, false) {
                        apply(&mut set, &step, now);
                    }
                }
                // The functions accept at most 16 keys.
                Call::Leak if before.len() < 16 => {
                    set.replace_leaked(START + Duration::from_secs(now), &SystemRandomness).unwrap();
                    set = KeySet::from_json(&set.to_json(), None).unwrap();
                    leaked.extend(before.iter().cloned());
                }
                Call::Leak => {}
            }
            let public = set.to_public_json().unwrap();
            for kid in set.keys.kids() {
                public_since.entry(kid.to_owned()).or_insert(now);
                prop_assert_eq!(public.contains(kid), !leaked.contains(kid));
            }
            if set.signing_kid != signer {
                signed_until.insert(signer.clone(), now);
                let waited = now - public_since[&set.signing_kid];
                prop_assert!(waited >= 600 || leaked.contains(&signer));
            }
            prop_assert!(!leaked.contains(&set.signing_kid));
            for kid in before.iter().filter(|kid| !set.keys.kids().any(|other| other == *kid)) {
                let waited = signed_until.get(kid).map(|until| now - until);
                prop_assert!(leaked.contains(kid) || waited.is_none_or(|waited| waited >= 7500));
                prop_assert!(*kid != signer || leaked.contains(kid));
            }
        }
    }
}
