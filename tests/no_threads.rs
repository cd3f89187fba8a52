//! A collection in a process that cannot start threads. The test program runs itself as that
//! process.
#![cfg(target_os = "linux")]

#[path = "faults/server.rs"]
#[allow(dead_code)] // Shared with another test, which uses all of it.
mod server;

use std::env;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Barrier};
use std::thread;

use nix::sys::resource::{Resource, setrlimit};
use uservoice::{Client, Collection, Outcome, Status};

use crate::server::{Server, ok};

const PAGES: usize = 20;
const PER_PAGE: usize = 3;

/// Starts a service with numbered pages.
fn start_service() -> Server {
    Server::with_handler(|request| {
        let (_, number) = request.split_once("&page=").unwrap();
        let number: usize = number.split(' ').next().unwrap().parse().unwrap();
        let first = (number - 1) * PER_PAGE;
        let records: Vec<String> = (first..first + PER_PAGE).map(|id| id.to_string()).collect();
        let (records, total) = (records.join(","), PAGES * PER_PAGE);
        let paging = format!("{{\"per_page\":{PER_PAGE},\"total_records\":{total}}}");
        ok(&format!(
            "{{\"response_data\":{paging},\"users\":[{records}]}}"
        ))
    })
}

/// Uses up the addresses that stacks of threads need.
fn start_threads_until_none_can_be_started() {
    const STACKS: u64 = 32 << 20;
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
    let limit = pages * 4096 + STACKS;
    setrlimit(Resource::RLIMIT_AS, limit, limit).unwrap();
    let barrier = Arc::new(Barrier::new(usize::MAX));
    loop {
        let barrier = barrier.clone();
        if thread::Builder::new()
            .spawn(move || barrier.wait())
            .is_err()
        {
            return;
        }
    }
}

fn a_name_lookup_says_what_is_missing() {
    let options = "{\"proxy\":\"\",\"max_retries\":0}";
    let client = Client::new("acme", "key", Some("secret"), Some(options)).unwrap();
    let error = client.request_json(None, "GET", "/", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
    let missing = "no thread can be started for the name lookup";
    assert!(error.message().contains(missing), "{error}");
}

#[test]
fn a_collection_is_read_without_other_threads() {
    const NAME: &str = "a_collection_is_read_without_other_threads";
    if let Ok(base_url) = env::var("BASE_URL") {
        let options = format!("{{\"base_url\":\"{base_url}\"}}");
        let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
        // A connection takes a thread, and is kept.
        let path = "/users?a=b&page=1";
        client.request_json(None, "GET", path, None).unwrap();
        start_threads_until_none_can_be_started();
        let collection = Collection::new(&client, None, "/users", None, None).unwrap();
        for id in 0..PAGES * PER_PAGE {
            assert_eq!(collection.next().unwrap().unwrap(), id.to_string());
        }
        assert_eq!(collection.next().unwrap(), None);
        a_name_lookup_says_what_is_missing();
        return;
    }
    let service = start_service();
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env("BASE_URL", &service.base_url)
        .status();
    assert!(status.unwrap().success());
}
