//! `user list`.

use serde_json::Value;

use super::State;

fn names(page: &Value) -> Vec<&str> {
    let users = page["users"].as_array().unwrap().iter();
    users.map(|user| user["username"].as_str().unwrap()).collect()
}

/// The pages of a list, until the last one.
fn pages(state: &State, arguments: &[&str]) -> Vec<Value> {
    let mut pages: Vec<Value> = Vec::new();
    loop {
        let next = pages.last().map(|page| page["next"].as_str().unwrap().to_owned());
        let mut arguments = [&["user", "list"], arguments].concat();
        if let Some(next) = &next {
            arguments.extend(["--after", next]);
        }
        pages.push(state.json(&arguments, ""));
        assert!(pages.len() < 20, "{pages:?}");
        if pages.last().unwrap()["next"].is_null() {
            return pages;
        }
    }
}

#[test]
fn every_user_is_on_exactly_one_page() {
    let state = State::new();
    state.create("first");
    state.json(&["user", "delete", "first", "--yes"], "");
    assert_eq!(names(&pages(&state, &[])[0]), [""; 0]);
    let created: Vec<Value> = ["eve", "ada", "adam", "bob", "carol"]
        .map(|name| state.create(name))
        .into();
    // Other items of the table, such as that of the name, are no users.
    let all = state.json(&["user", "list"], "");
    assert_eq!(names(&all), ["ada", "adam", "bob", "carol", "eve"], "sorted");
    assert_eq!(all["users"][0], created[1], "as `user show` prints it");
    assert!(!all.to_string().contains("argon2"));

    for (limit, full) in [("1", 5), ("2", 2), ("4", 1), ("5", 1), ("1000", 0)] {
        let pages = pages(&state, &["--limit", limit]);
        let limit: usize = limit.parse().unwrap();
        let mut listed: Vec<&str> = pages.iter().flat_map(names).collect();
        assert!(pages.iter().all(|page| names(page).len() <= limit));
        let filled = pages.iter().filter(|page| names(page).len() == limit);
        assert_eq!(filled.count(), full, "limit {limit}");
        listed.sort_unstable();
        assert_eq!(listed, ["ada", "adam", "bob", "carol", "eve"], "limit {limit}");
    }
    for (prefix, expected) in [
        ("ada", &["ada", "adam"][..]),
        ("ADA", &["ada", "adam"]),
        ("adam", &["adam"]),
        ("d", &[]),
        ("e", &["eve"]),
    ] {
        let pages = pages(&state, &["--prefix", prefix, "--limit", "1"]);
        let mut listed: Vec<&str> = pages.iter().flat_map(names).collect();
        listed.sort_unstable();
        assert_eq!(listed, expected, "{prefix}");
    }
    // A page may begin after a user who was deleted in between.
    let first = state.json(&["user", "list", "--limit", "2"], "");
    let next = first["next"].as_str().unwrap();
    let users = first["users"].as_array().unwrap();
    let last = users.iter().find(|user| user["id"] == next).unwrap();
    state.json(
        &["user", "delete", last["username"].as_str().unwrap(), "--yes"],
        "",
    );
    let rest = state.json(&["user", "list", "--after", next], "");
    assert_eq!(names(&rest).len(), 3);
}

#[test]
fn the_list_for_people_has_a_line_for_each_user() {
    let state = State::new();
    let list = |arguments: &[&str]| {
        let output = state.run(&[&["user", "list"], arguments].concat(), "");
        assert!(output.status.success());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    state.create("ada");
    state.json(&["user", "delete", "ada", "--yes"], "");
    assert_eq!(list(&[]), ("no users\n".to_owned(), String::new()));
    state.create("ada");
    state.json(&["user", "roles", "ada", "--set", "admin,reader"], "");
    state.create("bob");
    state.json(&["user", "disable", "bob"], "");
    let (lines, note) = list(&[]);
    let lines: Vec<&str> = lines.lines().collect();
    assert!(
        lines[0].starts_with("ada ") && lines[0].contains("admin, reader"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("bob ") && lines[1].ends_with("disabled"),
        "{lines:?}"
    );
    assert_eq!((lines.len(), note.as_str()), (2, ""));
    // The note is beside the list: a script can count its lines.
    let (lines, note) = list(&["--limit", "1"]);
    assert_eq!(lines.lines().count(), 1);
    assert!(
        note.starts_with("there are more: continue with --after "),
        "{note}"
    );
}
