//! Parent and child use the same handles after a fork, whatever other threads were doing.
//!
//! This test has no test harness, whose threads and locks a child would inherit, and a `main` of
//! C. With Rust's `main`, each thread takes a lock of the standard library when it starts and
//! ends, and a fork at that point leaves the lock locked in the child. Host programs that load
//! the library have their own `main`, too.
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
