//! Two projects on one machine: no command ever reaches the table of the other one.

use std::fs;

use serde_json::Value;

use super::project::{Project, spawn_in, text};

/// Points the announcement in `of` to the port of the `serve` in `to`: the same as if the second `serve` had got the port
/// of the first.
fn redirect(announcement: &str, of: &Project, to: &Project) {
    let url = |announcement: &str| {
        let parsed: Value = serde_json::from_str(announcement).unwrap();
        parsed["url"].as_str().unwrap().to_owned()
    };
    let other = fs::read_to_string(to.state().join("dynamodb-endpoint")).unwrap();
    let stale = announcement.replace(&url(announcement), &url(&other));
    assert_ne!(stale, announcement);
    fs::write(of.state().join("dynamodb-endpoint"), stale).unwrap();
}

#[test]
fn a_stale_endpoint_leads_no_command_to_the_table_of_another_project() {
    let (own, other) = (Project::new(), Project::new());
    let _neighbour = other.serve(&[]);
    let file = own.state().join("dynamodb-endpoint");
    for signal in ["-INT", "-TERM", "-KILL"] {
        let mut serve = own.serve(&[]);
        let announcement = fs::read_to_string(&file).unwrap();
        serve.signal(signal);
        serve.wait();
        assert_eq!(file.exists(), signal == "-KILL", "{signal}");
        redirect(&announcement, &own, &other);
        // All at once, without a `serve`: they take turns.
        let names: Vec<String> = (0..8)
            .map(|n| format!("user{n}{}", signal.to_lowercase()))
            .collect();
        let commands: Vec<_> = names
            .iter()
            .map(|name| spawn_in(&own.0, &["user", "create", name, "--password-stdin"]))
            .collect();
        for command in commands {
            let output = command.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        for name in &names {
            assert!(own.has(name) && !other.has(name), "{name}");
        }
    }
}

/// The window in which the lock is held, and somebody else listens at the announced port.
#[test]
fn while_the_lock_is_held_a_foreign_server_is_not_taken_for_its_holder() {
    let (own, other) = (Project::new(), Project::new());
    let mut serve = own.serve(&[]);
    let announcement = fs::read_to_string(own.state().join("dynamodb-endpoint")).unwrap();
    serve.signal("-KILL");
    serve.wait();
    let _neighbour = other.serve(&[]);
    let lock = fs::File::open(own.state().join("lock")).unwrap();
    lock.lock().unwrap();
    redirect(&announcement, &own, &other);
    let waiting = spawn_in(&own.0, &["user", "create", "ada", "--password-stdin"]);
    let output = waiting.wait_with_output().unwrap();
    let error = text(output.stderr);
    assert!(!output.status.success(), "{error}");
    assert!(
        error.contains("another gatecrumb has been using .gatecrumb for 10 s"),
        "{error}"
    );
    assert!(!other.has("ada"));
    drop(lock);
    assert!(!own.has("ada"));
}
