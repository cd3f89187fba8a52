//! The C ABI: converts pointers to values and results to out-parameters. All
//! `unsafe` of the library is here and in `process`.
//!
//! - [`call`] runs the body of each function: it sets the out-parameters and
//!   turns an error into a status.
//! - [`panic`] turns a panic into an error.
//! - [`pointer`] has the conversions between C pointers and Rust values.
//! - Each other module has the functions of one section of the header.
//!
//! `uservoice.h.in` is the frame of the header and sets the order in it;
//! `make header` fills in the declarations and comments of these modules.
#![allow(unsafe_code)]
#![allow(non_camel_case_types)]

mod call;
mod client;
mod collection;
mod error;
mod export;
mod interrupt;
mod json;
mod library;
mod log;
mod login;
mod panic;
mod pointer;
mod request;
mod sso;
mod token;
mod webhook;
