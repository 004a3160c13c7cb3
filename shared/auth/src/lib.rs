//! The flows that functions share: who is signed in, opening and renewing a session, throttled attempts, audit.
//!
//! Nothing here knows HTTP or Lambda: cookies come in as [`PresentedCookies`](gatecrumb_tokens::cookies::PresentedCookies)
//! and go out as `Set-Cookie` values, and each refusal is an enum that the caller turns into its answer.

pub mod audit;
mod client;
mod current_session;
mod session_cookies;
pub mod sign_in;
pub mod throttle;

pub use client::Client;
pub use current_session::{CurrentSession, NoSession};
pub use session_cookies::{Holder, IssueError, SessionCookies};
