//! A client library for the UserVoice API.
//!
//! The product is the C ABI of `include/uservoice.h`, which is a thin layer over this crate
//! (`ffi`), and whose manual is in `docs/`. The modules, from the top of a call downwards:
//!
//! - `export`: exports of collections into files; `collection`: lists that are loaded page by
//!   page; `login`: the flows that obtain a token.
//! - `client`: the handle, its options, and a call with its retries.
//! - `request`: a validated request, and what decides about retries and waits.
//! - `auth`: OAuth 1.0a signatures and OAuth 2 bearer tokens; `signon`: single sign-on tokens
//!   and webhooks.
//! - `http`: one exchange over a pooled connection.
//! - `encoding`, `process`: JSON and forms; fork, threads and random numbers.
//!
//! Modules import those below them only. Every function that uses the network blocks the
//! calling thread, and every type may be used from any number of threads at once.
#![deny(unsafe_code)]
#![warn(missing_docs)]

mod auth;
mod client;
mod collection;
mod encoding;
mod error;
mod export;
#[allow(missing_docs)]
mod ffi;
#[cfg(fuzzing)]
pub mod fuzzing;
mod http;
#[doc(hidden)]
pub mod inner;
mod login;
mod process;
mod request;
mod signon;

pub use auth::token::Token;
pub use client::Client;
pub use collection::Collection;
pub use error::{Error, Outcome, Result, Status};
pub use export::Export;
pub use login::oauth2::AuthorizationRequest;
pub use request::log::LogLevel;
pub use signon::{sso, webhook};
