//! HTTP for the functions: requests from the events of `gatecrumb-api`, bounded JSON, the cross-origin check, and responses with
//! their common headers, including problems (RFC 9457).

mod cross_origin;
mod problem;
mod request;
mod response;
mod service;
pub mod session;
pub mod sign_in;
mod user_view;

pub use gatecrumb_api::{Event, Proxy, routes};
pub use gatecrumb_tokens::{AllowedOrigins, InvalidOrigin};
pub use problem::{PROBLEMS, Problem, Refusal};
pub use request::Request;
pub use response::{Cache, Output, Response};
pub use service::{Handler, HttpService};
pub use user_view::UserView;
