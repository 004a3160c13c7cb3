//! Who may read the state directory.

use super::{PASSWORD, State};

/// As `umask` 022, a copy or an archive would leave it.
#[cfg(unix)]
#[test]
fn a_state_directory_that_others_may_read_is_closed_to_them() {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    let state = State::new();
    state.create("ada");
    state.json(&["key", "generate"], "");
    assert!(state.is_private());
    for command in [
        &["user", "show", "ada"][..],
        &["user", "disable", "ada"],
        &["session", "list", "ada"],
        &["key", "public"],
        &["key", "rotate"],
    ] {
        // What SQLite and a crash may leave, too.
        for name in [
            "dynamodb.sqlite-shm",
            "dynamodb.sqlite-journal",
            "signing-keys.new",
        ] {
            fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(state.0.join(name))
                .unwrap();
        }
        for entry in fs::read_dir(&state.0).unwrap() {
            fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o666)).unwrap();
        }
        fs::set_permissions(&state.0, fs::Permissions::from_mode(0o777)).unwrap();
        state.json(command, "");
        assert!(state.is_private(), "{command:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_directory_that_many_share_is_refused() {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    let state = State::new();
    fs::create_dir(&state.0).unwrap();
    fs::set_permissions(&state.0, fs::Permissions::from_mode(0o1777)).unwrap();
    let failure = state.failure(&["user", "show", "ada"], "");
    assert!(failure.contains("give --state one of your own"), "{failure}");
    assert_eq!(fs::read_dir(&state.0).unwrap().count(), 0);
    assert_eq!(
        fs::metadata(&state.0).unwrap().permissions().mode() & 0o7777,
        0o1777
    );
}

#[cfg(unix)]
#[test]
fn no_file_of_the_state_directory_is_opened_through_a_link() {
    use std::{fs, os::unix};

    type Link = fn(&std::path::Path, &std::path::Path) -> std::io::Result<()>;
    let symbolic: Link = |target, link| unix::fs::symlink(target, link);
    let hard: Link = |target, link| fs::hard_link(target, link);
    for name in [
        "audit.log",
        "lock",
        "dynamodb.sqlite",
        "dynamodb.sqlite-wal",
        "signing-keys.json",
    ] {
        for (kind, link) in [("symbolic", symbolic), ("hard", hard)] {
            let state = State::new();
            let victim = state.0.with_extension("victim");
            fs::create_dir(&state.0).unwrap();
            fs::write(&victim, "precious").unwrap();
            link(&victim, &state.0.join(name)).unwrap();
            let failure = state.failure(&["user", "create", "ada", "--password-stdin"], PASSWORD);
            assert!(
                failure.contains(name) && failure.contains("link"),
                "{name}, {kind}: {failure}"
            );
            assert_eq!(fs::read_to_string(&victim).unwrap(), "precious", "{name}, {kind}");
            fs::remove_file(&victim).unwrap();
        }
    }
}
