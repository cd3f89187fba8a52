//! Parent and children use the same handles after a fork, whatever other
//! threads were doing at that moment. Not under the usual harness, whose own
//! threads and locks a child would inherit.

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

fn main() {
    #[cfg(unix)]
    cases::run();
}
