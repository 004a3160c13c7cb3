//! What the functions share: the current session, sign-in, session cookies, the throttle and the audit log.
//!
//! Nothing here depends on HTTP or Lambda. Input is [`PresentedCookies`](gatecrumb_tokens::cookies::PresentedCookies),
//! output is `Set-Cookie` values, and each refusal is an enum that the caller maps to a response.

pub mod audit;
mod client;
mod current_session;
mod session_cookies;
pub mod sign_in;
pub mod throttle;

pub use client::Client;
pub use current_session::{CurrentSession, NoSession};
pub use session_cookies::{Holder, IssueError, SessionCookies};
