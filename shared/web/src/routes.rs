//! The registry of routes: the local gateway and its banner, CORS, the log, the benchmark and the tests read it.
//! `template.yaml` and `openapi.yaml` are held against it.

/// A route of the API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Route {
    /// The function's name: its package, its binary and its folder in `events/`.
    pub function: &'static str,
    /// In capitals.
    pub method: &'static str,
    /// As in `openapi.yaml`: `{name}` stands for one segment.
    pub path: &'static str,
    /// Whether it signs tokens, and so reads the signing keys.
    pub signs: bool,
    /// Whether it bounds attempts, and so may answer 429.
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

/// Path parameters by their names, as they are in the path.
pub type Parameters<'a> = Vec<(&'static str, &'a str)>;

impl Route {
    /// `POST /auth/login`: what API Gateway calls the route.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path's parameters, if the request is for this route.
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

/// The name between the braces of a segment that is a parameter.
fn name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The route of a request, of several the one with the fewest parameters, as in API Gateway.
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

/// The names of all functions, each once.
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
    fn a_parameter_is_one_segment_with_something_in_it() {
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
    fn a_path_without_parameters_goes_before_one_with_some() {
        let current = Some(("/auth/sessions/current", vec![]));
        assert_eq!(found("GET", "/auth/sessions/current"), current);
    }

    #[test]
    fn every_route_is_found_and_each_function_named_once() {
        for route in &ROUTES {
            assert_eq!(find(&ROUTES, route.method, route.path).unwrap().0, route);
        }
        let names: BTreeSet<&str> = functions().collect();
        assert_eq!(names.len(), functions().count());
        assert_eq!(names, ROUTES.iter().map(|route| route.function).collect());
    }
}
