//! HTTP for the functions: API Gateway events to requests, bounded JSON, the cross-origin check, and responses with the
//! headers that all of them have, problems (RFC 9457) among them.

mod address;
mod codes;
mod cross_origin;
mod event;
mod origins;
mod problem;
mod proxy;
mod request;
mod response;
mod service;
mod user_view;

pub use event::Event;
pub use origins::{AllowedOrigins, InvalidOrigin};
pub use problem::{Problem, Refusal};
pub use proxy::Proxy;
pub use request::Request;
pub use response::{Output, Response};
pub use service::{Handler, HttpService};
pub use user_view::UserView;
