//! A client for UserVoice: single sign-on tokens, calls and logins by OAuth 1.0a
//! and OAuth 2, web hooks.
//!
//! The C ABI of `include/uservoice.h` is a thin layer over this crate, and the
//! place to look for the full manual. Everything blocks the calling thread;
//! every type may be used from any number of threads at once.
#![deny(unsafe_code)]
#![warn(missing_docs)]

mod answer;
mod bearer;
mod call;
mod client;
mod collection;
mod connection;
mod error;
mod export;
#[allow(missing_docs)]
mod ffi;
#[cfg(fuzzing)]
pub mod fuzzing;
#[doc(hidden)]
pub mod inner;
mod interrupt;
mod json;
mod jwt;
mod log;
mod login;
mod oauth2;
mod options;
mod page;
mod page_cache;
mod per_process;
mod proxy;
mod random;
mod rate_limit;
mod retry;
mod signature;
mod site;
pub mod sso;
mod target;
mod threads;
mod token;
mod transport;
pub mod webhook;

pub use client::Client;
pub use collection::Collection;
pub use error::{Error, Outcome, Result, Status};
pub use export::Export;
pub use log::LogLevel;
pub use oauth2::CodeRequest;
pub use token::Token;
