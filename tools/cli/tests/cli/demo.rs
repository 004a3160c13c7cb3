//! The demo user: the banner offers it only if it can sign in.

use gatecrumb_testkit::http::Browser;
use serde_json::json;

use super::{PASSWORD, project::Project};

type Case<'a> = (&'a str, &'a [&'a [&'a str]], &'a [&'a str], &'a str, bool);

#[tokio::test]
async fn the_banner_offers_the_demo_user_only_if_it_can_sign_in() {
    let create = &["user", "create", "ada", "--password-stdin"][..];
    let own = &["user", "create", "demo", "--password-stdin"][..];
    let delete = &["user", "delete", "demo", "--yes"][..];
    let disable = &["user", "disable", "demo"][..];
    let rename = &["user", "rename", "demo", "someone"][..];
    let offer = format!("demo, password: {PASSWORD}");
    let new = format!("{offer} (created just now)");
    let none = "none (restart with --demo to create it)";
    let disabled = "demo is disabled (enable it with `gatecrumb user enable demo`)";
    let cases: [Case<'_>; 9] = [
        ("the first start", &[], &[], &new, true),
        ("an earlier command", &[create], &[], none, false),
        ("an earlier command", &[create], &["--demo"], &new, true),
        ("a user of that name", &[own], &[], &offer, true),
        ("deleted", &[own, delete], &[], none, false),
        ("deleted", &[own, delete], &["--demo"], &new, true),
        ("renamed", &[own, rename], &[], none, false),
        ("disabled", &[own, disable], &["--demo"], disabled, false),
        ("in memory", &[], &["--memory"], &new, true),
    ];
    for (case, commands, options, line, can_sign_in) in cases {
        let project = Project::new();
        for command in commands {
            assert!(project.run(command).status.success(), "{case}: {command:?}");
        }
        let serve = project.serve(options);
        assert_eq!(serve.line("demo user"), line, "{case}");
        assert_eq!(
            serve.banner.contains(&"Try it:".to_owned()),
            can_sign_in,
            "{case}"
        );
        let credentials = json!({ "username": "demo", "password": PASSWORD });
        let answer = Browser::new(serve.base())
            .post_json("/auth/login", &credentials)
            .await;
        assert_eq!(answer.outcome() == "200", can_sign_in, "{case}");
    }
}

#[test]
fn a_restart_offers_the_demo_user_but_does_not_bring_it_back() {
    let project = Project::new();
    drop(project.serve(&[]));
    assert_eq!(
        project.serve(&[]).line("demo user"),
        format!("demo, password: {PASSWORD}")
    );
    let set = [
        "user",
        "set-password",
        "demo",
        "--password-stdin",
        "--state",
        ".gatecrumb",
    ];
    let mut child = super::project::spawn_with(&project.0, &set, "another correct horse");
    assert!(child.wait().unwrap().success());
    assert_eq!(
        project.serve(&["--demo"]).line("demo user"),
        "demo has another password (set one with `gatecrumb user set-password demo`)"
    );
    assert!(project.run(&["user", "delete", "demo", "--yes"]).status.success());
    let line = project.serve(&[]).line("demo user").to_owned();
    assert!(line.starts_with("none"), "{line}");
}
