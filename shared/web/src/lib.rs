//! HTTP for the functions: requests from API Gateway events, bounded JSON, the cross-origin check, and responses with
//! their common headers, including problems (RFC 9457).

mod address;
mod cross_origin;
mod event;
mod origins;
mod problem;
mod proxy;
mod request;
mod response;
pub mod routes;
mod service;
pub mod session;
pub mod sign_in;
mod user_view;

pub use event::Event;
pub use origins::{AllowedOrigins, InvalidOrigin};
pub use problem::{PROBLEMS, Problem, Refusal};
pub use proxy::Proxy;
pub use request::Request;
pub use response::{Cache, Output, Response};
pub use service::{Handler, HttpService};
pub use user_view::UserView;
