//! The notes API over HTTP, beside a running `gatecrumb serve`.

mod access;
mod faults;
mod notes;
mod stack;
mod template;
