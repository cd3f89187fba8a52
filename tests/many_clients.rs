//! Clients that are created and freed leave nothing behind. A separate test program, because it
//! counts what the process has.
#![cfg(target_os = "linux")]

#[path = "memory/counting.rs"]
#[allow(dead_code)] // Shared with other tests, here and below.
mod counting;
#[path = "faults/server.rs"]
#[allow(dead_code)]
mod server;

use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use uservoice::{Client, LogLevel};

use crate::server::{Server, ok};

const ROUNDS: usize = 20;
/// Clients of a round, all of which exist at once, each with an API key of its own.
const CLIENTS: usize = 500;

fn count(directory: &str) -> usize {
    fs::read_dir(directory).unwrap().count()
}

/// Creates clients, some of which send a request, and frees them.
fn use_clients(base_url: &str, round: usize) {
    let options = format!("{{\"base_url\":\"{base_url}\",\"proxy\":\"\"}}");
    let create = |number: usize| {
        let key = format!("key-{:05}", round * CLIENTS + number);
        let client = Client::new("acme", &key, Some("secret"), Some(&options)).unwrap();
        client.set_log(LogLevel::Info, |_, _| {});
        client.set_interrupt(Some(Arc::new(|| false)));
        let clone = client.with_options(Some("{\"timeout_ms\":60000}")).unwrap();
        if number.is_multiple_of(5) {
            client.request_json(None, "GET", "/a", None).unwrap();
        }
        (client, clone)
    };
    let clients: Vec<_> = (0..CLIENTS).map(create).collect();
    drop(clients);
}

/// Waits for the server, which is in the same process, to notice the ends of its connections.
fn wait_for_ends(descriptors: usize, threads: usize) {
    const DESCRIPTORS: &str = "/proc/self/fd";
    const THREADS: &str = "/proc/self/task";
    let deadline = Instant::now() + Duration::from_secs(60);
    while count(DESCRIPTORS) > descriptors || count(THREADS) > threads {
        assert!(
            Instant::now() < deadline,
            "{} descriptors instead of {descriptors}, {} threads instead of {threads}",
            count(DESCRIPTORS),
            count(THREADS),
        );
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn ten_thousand_clients_leave_no_memory_descriptors_or_threads() {
    let server = Server::with_handler(|_| ok("{}"));
    let (descriptors, threads) = (count("/proc/self/fd"), count("/proc/self/task"));
    let mut allocated = None;
    for round in 0..ROUNDS {
        use_clients(&server.base_url, round);
        wait_for_ends(descriptors, threads);
        // The first round creates what the process has once.
        let before = *allocated.get_or_insert(counting::allocated());
        assert_eq!(counting::allocated(), before, "round {round}");
    }
}
