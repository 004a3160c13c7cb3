//! The registry of routes. The local gateway, its banner and CORS, the log, the benchmark and the tests read it. Tests
//! compare `template.yaml` and `openapi.yaml` with it.

/// A route of the API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Route {
    /// The name of the function's package, binary and folder in `events/`.
    pub function: &'static str,
    /// In upper case.
    pub method: &'static str,
    /// As in `openapi.yaml`: `{name}` matches one segment.
    pub path: &'static str,
    /// Whether it signs tokens and therefore reads the signing keys.
    pub signs: bool,
    /// Whether it limits attempts and therefore may respond with 429.
    pub throttles: bool,
}

/// Every route.
pub const ROUTES: [Route; 5] = [
    Route {
        function: "login",
        method: "POST",
        path: "/auth/login",
        signs: true,
        throttles: true,
    },
    Route {
        function: "refresh",
        method: "POST",
        path: "/auth/refresh",
        signs: true,
        throttles: false,
    },
    Route {
        function: "me",
        method: "GET",
        path: "/auth/me",
        signs: false,
        throttles: false,
    },
    Route {
        function: "logout",
        method: "POST",
        path: "/auth/logout",
        signs: false,
        throttles: false,
    },
    Route {
        function: "jwks",
        method: "GET",
        path: "/auth/jwks.json",
        signs: false,
        throttles: false,
    },
];

/// Names and values of path parameters. The values are not decoded.
pub type Parameters<'a> = Vec<(&'static str, &'a str)>;

impl Route {
    /// API Gateway's route key, such as `POST /auth/login`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path parameters, or `None` if the request is for another route.
    #[must_use]
    pub fn matches<'a>(&self, method: &str, path: &'a str) -> Option<Parameters<'a>> {
        if self.method != method {
            return None;
        }
        let (mut expected, mut found) = (self.path.split('/'), path.split('/'));
        let mut parameters = Vec::new();
        loop {
            match (expected.next(), found.next()) {
                (None, None) => return Some(parameters),
                (Some(expected), Some(found)) => match name(expected) {
                    Some(name) if !found.is_empty() => parameters.push((name, found)),
                    None if expected == found => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
    }
}

/// The name of a parameter's segment, which is in braces.
fn name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The route of a request. If several match, the one with the fewest parameters, as in API Gateway.
#[must_use]
pub fn find<'a>(
    routes: &'static [Route],
    method: &str,
    path: &'a str,
) -> Option<(&'static Route, Parameters<'a>)> {
    let matches = routes
        .iter()
        .filter_map(|route| Some((route, route.matches(method, path)?)));
    matches.min_by_key(|(_, parameters)| parameters.len())
}

/// The names of all functions, without duplicates.
pub fn functions() -> impl Iterator<Item = &'static str> {
    let first = |(index, route): &(usize, &Route)| {
        let mut before = ROUTES[..*index].iter();
        before.all(|other| other.function != route.function)
    };
    let routes = ROUTES.iter().enumerate().filter(first);
    routes.map(|(_, route)| route.function)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const fn route(method: &'static str, path: &'static str) -> Route {
        Route {
            function: "sessions",
            method,
            path,
            signs: false,
            throttles: false,
        }
    }

    static SOME: [Route; 4] = [
        route("GET", "/auth/sessions/{id}"),
        route("GET", "/auth/sessions/current"),
        route("DELETE", "/auth/sessions/{id}"),
        route("GET", "/auth/{a}/of/{b}"),
    ];

    fn found<'a>(method: &str, path: &'a str) -> Option<(&'static str, Parameters<'a>)> {
        find(&SOME, method, path).map(|(route, parameters)| (route.path, parameters))
    }

    #[test]
    fn a_parameter_is_one_segment_that_is_not_empty() {
        let id = |id| Some(("/auth/sessions/{id}", vec![("id", id)]));
        assert_eq!(found("GET", "/auth/sessions/a-1"), id("a-1"));
        assert_eq!(found("DELETE", "/auth/sessions/current"), id("current"));
        assert_eq!(found("GET", "/auth/sessions/%2F"), id("%2F"));
        let two = vec![("a", "x"), ("b", "y")];
        assert_eq!(found("GET", "/auth/x/of/y"), Some(("/auth/{a}/of/{b}", two)));
        for path in [
            "/auth/sessions/",
            "/auth/sessions",
            "/auth/sessions/a/b",
            "/auth/sessions/a/",
            "//auth/sessions/a",
            "/auth/SESSIONS/a",
            "",
        ] {
            assert_eq!(found("GET", path), None, "{path}");
        }
        assert_eq!(found("POST", "/auth/sessions/a"), None);
    }

    #[test]
    fn a_path_without_parameters_is_preferred() {
        let current = Some(("/auth/sessions/current", vec![]));
        assert_eq!(found("GET", "/auth/sessions/current"), current);
    }

    #[test]
    fn every_route_is_found_and_each_function_listed_once() {
        for route in &ROUTES {
            assert_eq!(find(&ROUTES, route.method, route.path).unwrap().0, route);
        }
        let names: BTreeSet<&str> = functions().collect();
        assert_eq!(names.len(), functions().count());
        assert_eq!(names, ROUTES.iter().map(|route| route.function).collect());
    }
}
