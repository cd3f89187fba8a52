//! A client for UserVoice: single sign-on tokens, calls and logins by OAuth 1.0a
//! and OAuth 2, web hooks.
//!
//! The C ABI of `include/uservoice.h` is a thin layer over this crate, and the
//! place to look for the full manual. Everything blocks the calling thread;
//! every type may be used from any number of threads at once.
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
pub use login::oauth2::CodeRequest;
pub use request::log::LogLevel;
pub use signon::{sso, webhook};
