//! A client for UserVoice.
#![deny(unsafe_code)]
#![warn(missing_docs)]

mod connection;
mod error;
mod interrupt;
mod json;
mod options;
mod per_process;
mod signature;
pub mod sso;
mod threads;
mod transport;

pub use error::{Error, Outcome, Result, Status};
