//! Runs that are interrupted by an error: what the progress says when they are resumed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use uservoice::Export;

use crate::server::{Server, response};
use crate::service::{Directory, Service, client};

const BOTH: &str = r#"{"resources":["users","suggestions"]}"#;

/// A server before a service. Pages of suggestions beyond the second one fail.
struct Gate {
    server: Server,
    closed: Arc<AtomicBool>,
}

impl Gate {
    fn new(service: &Service) -> Self {
        let closed = Arc::new(AtomicBool::new(true));
        let (base_url, is_closed) = (service.base_url.clone(), closed.clone());
        let server = Server::with_handler(move |request| {
            let is_late = request.contains("/suggestions?") && request.contains("cursor=20");
            if is_late && is_closed.load(Ordering::SeqCst) {
                return response("422 No", "", "{}");
            }
            let target = request.split(' ').nth(1).unwrap();
            let body = client(&base_url, "").request_json(None, "GET", target, None);
            let date = "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
            response("200 OK", date, &body.unwrap())
        });
        Gate { server, closed }
    }

    fn export(&self, directory: &Directory, options: &str) -> Export {
        let client = client(&self.server.base_url, "");
        Export::new(&client, None, &directory.0, options).unwrap()
    }

    /// Runs an export until nothing more is written. Returns its last progress.
    fn export_until_closed(&self, directory: &Directory) -> Value {
        let export = self.export(directory, BOTH);
        let mut last = Value::Null;
        while last["resources"]["users"]["done"] != true || last["written"] != 45 {
            if let Ok(progress) = export.next() {
                last = parse(&progress.unwrap());
            }
        }
        assert!(export.next().is_err());
        last
    }

    fn requests_of(&self, list: &str) -> usize {
        let requests = self.server.take_requests();
        requests
            .iter()
            .filter(|request| request.contains(list))
            .count()
    }
}

fn parse(progress: &str) -> Value {
    serde_json::from_str(progress).unwrap()
}

#[test]
fn progress_does_not_go_back_when_a_run_is_resumed() {
    let service = Service::new(25);
    let gate = Gate::new(&service);
    let directory = Directory::new("resumed");
    let before = gate.export_until_closed(&directory);
    gate.requests_of("");
    gate.closed.store(false, Ordering::SeqCst);
    let export = gate.export(&directory, BOTH);
    let first = parse(&export.next().unwrap().unwrap());
    assert_eq!(first["resources"]["users"], before["resources"]["users"]);
    assert_eq!(first["written"], 50, "{first}");
    assert_eq!(export.next().unwrap(), None);
    assert_eq!(gate.requests_of("/users?"), 0);
    drop(export);

    // The run is complete. The next one reads both lists.
    let export = gate.export(&directory, BOTH);
    while let Some(progress) = export.next().unwrap() {
        assert_eq!(parse(&progress)["written"], 0);
    }
    assert_eq!(gate.requests_of("/users?"), 1);
}

/// A run of other lists does not resume the one that was interrupted.
#[test]
fn run_of_a_completed_list_reads_it_again() {
    let service = Service::new(25);
    let gate = Gate::new(&service);
    let directory = Directory::new("others");
    gate.export_until_closed(&directory);
    for options in [
        r#"{"resources":["users"]}"#,
        r#"{"resources":["users","forums"]}"#,
    ] {
        service.site.advance_clock(3600);
        service.site.change(3);
        gate.requests_of("");
        let export = gate.export(&directory, options);
        while export.next().unwrap().is_some() {}
        assert_eq!(gate.requests_of("/users?"), 1);
    }
    assert_eq!(directory.read("users.jsonl").lines().count(), 27);
}

/// Exports a list without a paging object, each call in an export of its own, which resumes it.
/// `records` are those after the skipped ones. Returns the file.
fn export_call_by_call(name: &str, records: fn(usize) -> std::ops::Range<usize>) -> String {
    let server = Server::with_handler(move |request| {
        let query = request.split(' ').nth(1).unwrap();
        let number = |key| {
            let mut pairs = query.split(['?', '&']);
            let value = pairs.find_map(|pair| pair.strip_prefix(key));
            value.map(|value| value.parse::<usize>().unwrap())
        };
        let size = number("per_page=").unwrap();
        let skipped = (number("page=").unwrap_or(1) - 1) * size;
        let ids: Vec<_> = records(skipped)
            .take(size)
            .map(|id| id.to_string())
            .collect();
        response("200 OK", "", &format!("{{\"users\":[{}]}}", ids.join(",")))
    });
    let client = client(&server.base_url, "");
    let directory = Directory::new(name);
    let options = r#"{"resources":[{"name":"users","incremental":false}]}"#;
    let next = || Export::new(&client, None, &directory.0, options)?.next();
    while !directory.0.join("users.jsonl").exists() {
        next().unwrap();
    }
    directory.read("users.jsonl")
}

#[test]
fn a_list_without_a_reported_page_size_is_resumed_with_the_same_size() {
    let written = export_call_by_call("unsized", |skipped| skipped.min(130)..130);
    let expected: Vec<_> = (0..130).map(|id| id.to_string()).collect();
    assert_eq!(written.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_list_without_pages_is_resumed_at_its_end() {
    assert_eq!(export_call_by_call("unpaged", |_| 0..3), "0\n1\n2\n");
}
