//! Parent and children use the same handles after a fork, whatever other
//! threads were doing at that moment. Not under the usual harness, whose own
//! threads and locks a child would inherit, nor with a `main` of Rust's: with
//! it, each thread takes a lock of the standard library as it starts and ends,
//! and a fork at that moment leaves it locked. Hosts that load the library have
//! their own `main`.
#![cfg_attr(unix, no_main)]

#[cfg(unix)]
#[path = "fork/cases.rs"]
mod cases;
#[cfg(unix)]
#[path = "faults/server.rs"]
#[allow(dead_code)] // Shared with another test, which uses all of it.
mod server;
#[cfg(unix)]
#[path = "faults/tls_server.rs"]
#[allow(dead_code)]
mod tls_server;

#[cfg(unix)]
#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    cases::run();
    0
}

#[cfg(not(unix))]
fn main() {}
