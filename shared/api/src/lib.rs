//! What API Gateway sends to the functions: the routes, the events, and the proxy in front. Knows no session, no response and no AWS SDK.

mod address;
mod authorizer;
mod deadline;
mod event;
mod proxy;
pub mod routes;
mod text;

pub use address::address;
pub use authorizer::{AuthorizerEvent, AuthorizerRequest, NotARequest};
pub use deadline::time_left;
pub use event::{Event, HttpEvent, Kind, Unsupported};
pub use proxy::Proxy;
pub use text::{is_plain, trim_ows};
