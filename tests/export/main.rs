//! Exports: nothing is lost and nothing is written twice, whatever happens.
#![cfg(unix)]

mod files;
mod kills;
#[path = "../faults/server.rs"]
#[allow(dead_code)] // Shared with another test, which uses all of it.
mod server;
mod service;
mod windows;
