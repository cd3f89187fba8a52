//! Handles that 64 threads use at the same time. `make sanitize` runs these tests under
//! ThreadSanitizer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use uservoice::{Client, Collection, LogLevel, Token};

use crate::server::{Server, ok};

const THREADS: usize = 64;
const RECORDS: usize = 700;
const PER_PAGE: usize = 7;

/// Returns a page of a list for /users, and the target of the request for any other path.
fn handler(request: &str) -> String {
    let target = request.split(' ').nth(1).unwrap_or_default();
    if !target.starts_with("/users") {
        return ok(&format!("{{\"target\":\"{target}\"}}"));
    }
    let page: usize = target.rsplit("page=").next().unwrap().parse().unwrap();
    let first = (page - 1) * PER_PAGE;
    let records: Vec<String> = (first..first + PER_PAGE).map(|id| id.to_string()).collect();
    ok(&format!(
        "{{\"response_data\":{{\"per_page\":{PER_PAGE},\"total_records\":{RECORDS}}},\"users\":[{}]}}",
        records.join(",")
    ))
}

fn assert_echo(client: &Client, token: &Token, target: &str) {
    let body = client
        .request_json(Some(token), "GET", target, None)
        .unwrap();
    assert_eq!(body, format!("{{\"target\":\"{target}\"}}"));
}

#[test]
fn threads_share_a_client_a_token_and_a_collection() {
    let server = Server::with_handler(handler);
    let client = server.client("");
    let token = Token::new("t", "s").unwrap();
    let collection = Collection::new(&client, Some(&token), "/users", None, None).unwrap();
    let read = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (client, token, collection, read) = (&client, &token, &collection, &read);
            scope.spawn(move || {
                for call in 0..5 {
                    assert_echo(client, token, &format!("/shared/{number}/{call}"));
                    // Created and dropped while other threads send requests.
                    let clone = client.with_options(Some("{\"max_retries\":0}")).unwrap();
                    let copy = Token::from_json(&token.to_json()).unwrap();
                    assert_echo(&clone, &copy, &format!("/clone/{number}/{call}"));
                    clone.cancel();
                }
                while let Some(record) = collection.next().unwrap() {
                    read.lock().unwrap().push(record.parse::<usize>().unwrap());
                }
                assert_eq!(collection.get(number).unwrap(), number.to_string());
                assert_eq!(collection.len().unwrap(), RECORDS);
            });
        }
    });
    let mut read = read.into_inner().unwrap();
    read.sort_unstable();
    assert_eq!(read, (0..RECORDS).collect::<Vec<_>>());
}

#[test]
fn collections_are_dropped_during_prefetch() {
    let server = Server::with_handler(handler);
    let client = server.client(",\"prefetch_pages\":16");
    thread::scope(|scope| {
        for number in 0..THREADS / 4 {
            let client = &client;
            scope.spawn(move || {
                for factor in 0..6 {
                    let collection = Collection::new(client, None, "/users", None, None).unwrap();
                    for record in 0..factor * number {
                        let read = collection.next().unwrap();
                        assert_eq!(read, Some(record.to_string()));
                    }
                }
            });
        }
    });
}

#[test]
fn collections_outlive_their_client() {
    let server = Server::with_handler(handler);
    let client = server.client("");
    thread::scope(|scope| {
        for _ in 0..THREADS / 4 {
            let collection = Collection::new(&client, None, "/users", None, None).unwrap();
            scope.spawn(move || {
                let records = std::iter::from_fn(|| collection.next().unwrap());
                assert_eq!(records.count(), RECORDS);
            });
        }
        drop(client);
    });
}

/// Runs `work` in threads while `calls` runs in as many others.
fn during(calls: impl Fn() + Sync, work: impl Fn() + Sync) {
    let running = Arc::new(());
    thread::scope(|scope| {
        for _ in 0..THREADS / 4 {
            let (is_running, all) = (running.clone(), Arc::downgrade(&running));
            let (calls, work) = (&calls, &work);
            scope.spawn(move || {
                // Dropped also by a panic, which must end the test.
                let _is_running = is_running;
                calls();
            });
            scope.spawn(move || {
                while all.strong_count() > 0 {
                    work();
                }
            });
        }
        drop(running);
    });
}

fn send_and_read(client: &Client) {
    for _ in 0..30 {
        client.request_json(None, "GET", "/a", None).unwrap();
    }
    let collection = Collection::new(client, None, "/users", None, None).unwrap();
    let records = std::iter::from_fn(|| collection.next().unwrap());
    assert_eq!(records.take(PER_PAGE * 5).count(), PER_PAGE * 5);
}

#[test]
fn callbacks_are_replaced_and_removed_during_calls() {
    let server = Server::with_handler(handler);
    let client = server.client("");
    let called = Arc::new(AtomicUsize::new(0));
    let set = || {
        let called = called.clone();
        client.set_log(LogLevel::Info, move |_, line| {
            assert!(line.starts_with("method=GET path=/"), "{line}");
            called.fetch_add(1, Ordering::SeqCst);
        });
        client.set_interrupt(Some(Arc::new(|| false)));
    };
    during(
        || send_and_read(&client),
        || {
            set();
            client.keep_log(LogLevel::Info);
            client.set_interrupt(None);
            client.remove_log();
        },
    );
    set();
    let before = called.load(Ordering::SeqCst);
    client.request_json(None, "GET", "/a", None).unwrap();
    assert_eq!(called.load(Ordering::SeqCst), before + 1);
}

#[test]
fn each_attempt_is_in_the_lines_of_one_take() {
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = attempts.clone();
    let server = Server::with_handler(move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        handler(request)
    });
    // A page that is prefetched in vain is cancelled, perhaps before it is sent.
    let client = server.client(",\"prefetch_pages\":0");
    client.keep_log(LogLevel::Info);
    let lines = AtomicUsize::new(0);
    let take = || {
        let taken = client.take_log().unwrap().unwrap_or_default();
        lines.fetch_add(taken.matches("\"line\":").count(), Ordering::SeqCst);
    };
    during(|| send_and_read(&client), take);
    take();
    assert_eq!(lines.into_inner(), attempts.load(Ordering::SeqCst));
}
