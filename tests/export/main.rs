//! Exports: no record is lost or written twice, even if the process is killed.
#![cfg(unix)]

mod clocks;
mod files;
mod interruptions;
mod kills;
mod places;
mod processes;
mod repeats;
#[path = "../faults/server.rs"]
#[allow(dead_code)] // Shared with another test, which uses all of it.
mod server;
mod service;
mod sizes;
mod windows;
