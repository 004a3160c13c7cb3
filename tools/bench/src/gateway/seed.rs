//! A table with so many users, put straight into the embedded engine's file: all with the demo user's password, and
//! with one hash between them.

use std::{fs, path::Path};

use dynoxide::{Database, ImportOptions, Item};
use serde_json::{Value, json};

use super::server::Server;
use crate::Result;

/// The demo user's, which `serve` says on the terminal.
pub(super) const PASSWORD: &str = "correct horse battery staple";
const TABLE: &str = "gatecrumb";
const BATCH: u64 = 20_000;

pub(super) fn username(number: u64) -> String {
    format!("user{number}")
}

/// Makes the table unless an earlier run has done so.
pub(super) fn table(gatecrumb: &Path, state: &Path, users: u64) -> Result<()> {
    let done = state.join("seeded");
    if done.exists() {
        return Ok(());
    }
    println!("putting {users} users into {}", state.display());
    // Makes the table, the keys and the demo user.
    drop(Server::start(gatecrumb, state, None)?);
    let file = state.join("dynamodb.sqlite");
    let database = Database::new(file.to_str().ok_or("the path is not UTF-8")?)?;
    let name = get(&database, "LOGIN#demo", "LOGIN")?;
    let id = name["user_id"]["S"].as_str().ok_or("no demo user")?.to_owned();
    let user = get(&database, &format!("USER#{id}"), "USER")?;
    let password = get(&database, &format!("PASSWORD#{id}"), "PASSWORD")?;
    database.enable_bulk_loading()?;
    for start in (0..users).step_by(usize::try_from(BATCH)?) {
        let mut items = Vec::new();
        for number in start..users.min(start + BATCH) {
            let (username, id) = (username(number), format!("id{number}"));
            let mut user = user.clone();
            user["pk"]["S"] = json!(format!("USER#{id}"));
            user["username"]["S"] = json!(username);
            let mut name = name.clone();
            name["pk"]["S"] = json!(format!("LOGIN#{username}"));
            name["user_id"]["S"] = json!(id);
            let mut password = password.clone();
            password["pk"]["S"] = json!(format!("PASSWORD#{id}"));
            for item in [name, user, password] {
                items.push(serde_json::from_value::<Item>(item)?);
            }
        }
        database.import_items(TABLE, items, ImportOptions::default())?;
    }
    database.disable_bulk_loading()?;
    fs::write(done, "")?;
    Ok(())
}

fn get(database: &Database, pk: &str, sk: &str) -> Result<Value> {
    let request = json!({ "TableName": TABLE, "Key": { "pk": { "S": pk }, "sk": { "S": sk } } });
    let answer = database.get_item(serde_json::from_value(request)?)?;
    Ok(serde_json::to_value(answer)?["Item"].take())
}
