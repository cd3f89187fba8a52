//! The Idea Collection API, for programs of end users: lists are bare arrays, and a record is an
//! object of its own.
//!
//! As in UserVoice's example `end-user-api-ios-demo`, which has the calls, their bodies and the
//! fields. How lists are paged and sorted, and the status codes of errors, have no public source:
//! they are as in API v2.

mod http;
mod ideas;

pub use http::api;
