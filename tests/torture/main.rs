//! Injects failures at every point where they can occur: each large allocation, each call of the
//! C library that writes a file, each byte of a response, and signals during every system call.
//!
//! With USERVOICE_TORTURE=1, as `make torture` sets it, no point is left out; otherwise a
//! sample of them is tested. Prints what was injected.

#[cfg(unix)]
mod allocations;
#[cfg(unix)]
mod cuts;
#[cfg(unix)]
mod durability;
#[cfg(unix)]
mod files;
#[path = "../faults/server.rs"]
#[cfg(unix)]
#[allow(dead_code)] // Shared with other tests, here and below.
mod server;
#[path = "../export/service.rs"]
#[cfg(unix)]
#[allow(dead_code)]
mod service;
#[cfg(unix)]
mod signals;

#[cfg(unix)]
fn main() {
    for (name, torture) in [
        ("allocations that fail", allocations::run as fn() -> String),
        ("calls on files that fail", files::run),
        ("files that a power failure leaves", durability::run),
        ("connections that are cut", cuts::run),
        ("signals", signals::run),
    ] {
        println!("torture: {name}: {}", torture());
    }
}

#[cfg(not(unix))]
fn main() {}

/// Returns the step between two tested points, of which `sample` are left out unless all are
/// to be tested.
#[cfg(unix)]
fn step(sample: usize) -> usize {
    match std::env::var_os("USERVOICE_TORTURE") {
        Some(_) => 1,
        None => sample,
    }
}
