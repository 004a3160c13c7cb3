//! The functions under measurement. The one list of them in this crate, until `gatecrumb_web::routes::ROUTES` takes its
//! place: the fields have the same names and meanings.

pub(crate) struct Route {
    pub(crate) function: &'static str,
    /// Whether it signs tokens, and so reads the signing keys.
    pub(crate) signs: bool,
}

pub(crate) const ROUTES: [Route; 4] = [
    Route {
        function: "login",
        signs: true,
    },
    Route {
        function: "refresh",
        signs: true,
    },
    Route {
        function: "me",
        signs: false,
    },
    Route {
        function: "logout",
        signs: false,
    },
];

/// The names of all functions.
pub(crate) fn functions() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.function)
}
