//! The events `events/<function>/<case>.json` and their responses `<case>.answer.json`. A function's own tests declare
//! its cases and [`check`] that its real binary gives each response.

mod case;
mod check;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

pub use case::{Case, credentials};
pub use check::{check, check_folder, check_foreign, compare};
use gatecrumb_web::routes;
use serde_json::{Value, json};

use crate::logs;

/// The folder `events/`.
#[must_use]
pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events"))
}

/// Whether to rewrite the files: run `UPDATE_EVENTS=1 cargo test --workspace` and review the changes.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "how a developer requests it")]
pub fn update() -> bool {
    std::env::var("UPDATE_EVENTS").is_ok()
}

/// An event in the folder.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Stored {
    /// The function, such as `login`.
    pub function: String,
    /// Such as `wrong-password`.
    pub case: String,
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.function, self.case)
    }
}

impl Stored {
    /// Its file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        folder().join(&self.function).join(format!("{}.json", self.case))
    }

    /// The file of its response.
    #[must_use]
    pub fn answer_file(&self) -> PathBuf {
        folder()
            .join(&self.function)
            .join(format!("{}.answer.json", self.case))
    }

    /// The event; null if there is no file.
    #[must_use]
    pub fn event(&self) -> Value {
        read(&self.file())
    }

    /// The expected response; null if there is no file.
    #[must_use]
    pub fn answer(&self) -> Value {
        read(&self.answer_file())
    }
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// The names in a folder, or none if it does not exist.
fn names(folder: &Path) -> Vec<String> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        entries => entries.unwrap(),
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// The functions with a route that have events, by name. Those of `authorizer` are events of another kind.
#[must_use]
pub fn functions() -> Vec<String> {
    let mut functions = names(&folder());
    functions.retain(|name| routes::functions().any(|function| function == name));
    functions.sort();
    functions
}

/// The events of a function, by name.
#[must_use]
pub fn of(function: &str) -> Vec<Stored> {
    let names = names(&folder().join(function));
    let cases = names.iter().filter_map(|name| name.strip_suffix(".json"));
    let mut stored: Vec<Stored> = cases
        .filter(|case| !case.ends_with(".answer"))
        .map(|case| Stored {
            function: function.to_owned(),
            case: case.to_owned(),
        })
        .collect();
    stored.sort();
    stored
}

/// Whether a function answered what it was asked, with a status below 500 or with a decision.
#[must_use]
pub fn is_served(answer: &Value) -> bool {
    answer["statusCode"].as_u64().is_some_and(|status| status < 500) || answer["isAuthorized"].is_boolean()
}

/// The events of all functions with a route.
#[must_use]
pub fn all() -> Vec<Stored> {
    functions().iter().flat_map(|function| of(function)).collect()
}

/// The event of `events/{path}.json`, such as `login/success`.
#[must_use]
pub fn named(path: &str) -> Value {
    stored(path).event()
}

/// The response in `events/{path}.answer.json`, such as `login/success`.
#[must_use]
pub fn answer(path: &str) -> Value {
    stored(path).answer()
}

fn stored(path: &str) -> Stored {
    let (function, case) = path.split_once('/').unwrap();
    let stored = Stored {
        function: function.to_owned(),
        case: case.to_owned(),
    };
    assert!(stored.file().is_file(), "there is no events/{path}.json");
    stored
}

/// A response with `<jwt>` for each token and `<device>` for each device cookie's value, and with its body parsed.
#[must_use]
pub fn normalized(mut answer: Value) -> Value {
    let cookies = answer["cookies"].as_array().cloned().unwrap_or_default();
    let cookies = cookies.iter().map(|line| {
        let line = line.as_str().unwrap();
        let (name, rest) = line.split_once('=').unwrap();
        let (value, attributes) = rest.split_once(';').unwrap();
        logs::never_log(value);
        let value = match value {
            jwt if jwt.starts_with("eyJ") => "<jwt>",
            device if name.ends_with("-device") && !device.is_empty() => "<device>",
            other => other,
        };
        json!(format!("{name}={value};{attributes}"))
    });
    let cookies: Vec<Value> = cookies.collect();
    let body = answer["body"].as_str().unwrap_or_default();
    let body = serde_json::from_str(body).unwrap_or_else(|_| json!(body));
    answer["cookies"] = Value::Array(cookies);
    answer["body"] = body;
    answer
}
