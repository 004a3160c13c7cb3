//! The document's paths and their parameters.
//! <https://spec.openapis.org/oas/v3.1.0#paths-object>

use serde_json::Value;

/// The document's operations: method in capitals, path template, and operation.
pub(super) fn routes(document: &Value) -> impl Iterator<Item = (String, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        // A path also has members that are not methods, such as `parameters`.
        let operations = methods.filter(|(_, operation)| operation.get("responses").is_some());
        operations.map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
    })
}

/// The template that a request's path matches, the one with the fewest parameters first.
pub(super) fn template<'a>(document: &'a Value, method: &str, path: &str) -> Option<&'a str> {
    routes(document)
        .filter(|(documented, template, _)| documented == method && matches(template, path))
        .map(|(_, template, _)| template)
        .min_by_key(|template| template.matches('{').count())
}

/// A parameter matches one segment, which is not empty.
fn matches(template: &str, path: &str) -> bool {
    let is_parameter = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
    let (mut expected, mut found) = (template.split('/'), path.split('/'));
    loop {
        match (expected.next(), found.next()) {
            (None, None) => return true,
            (Some(expected), Some(found)) if is_parameter(expected) && !found.is_empty() => {}
            (Some(expected), Some(found)) if expected == found => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        let operation = |name: &str| json!({ "operationId": name, "responses": {} });
        json!({ "paths": {
            "/auth/sessions": { "get": operation("list") },
            "/auth/sessions/{id}": {
                "parameters": [{ "name": "id", "in": "path" }],
                "delete": operation("end"),
            },
            "/auth/sessions/current": { "delete": operation("end_current") },
            "/auth/users/{user}/roles/{role}": { "put": operation("grant") },
        } })
    }

    #[test]
    fn a_path_with_parameters_finds_its_template() {
        let document = document();
        for (method, path, found) in [
            ("GET", "/auth/sessions", Some("/auth/sessions")),
            ("DELETE", "/auth/sessions/a1-B2", Some("/auth/sessions/{id}")),
            ("DELETE", "/auth/sessions/{id}", Some("/auth/sessions/{id}")),
            ("DELETE", "/auth/sessions/current", Some("/auth/sessions/current")),
            (
                "PUT",
                "/auth/users/ada/roles/admin",
                Some("/auth/users/{user}/roles/{role}"),
            ),
            ("GET", "/auth/sessions/a1-B2", None),
            ("DELETE", "/auth/sessions", None),
            ("DELETE", "/auth/sessions/", None),
            ("DELETE", "/auth/sessions/a/b", None),
            ("PUT", "/auth/users/ada/roles", None),
            ("PARAMETERS", "/auth/sessions/a", None),
        ] {
            assert_eq!(template(&document, method, path), found, "{method} {path}");
        }
    }
}
