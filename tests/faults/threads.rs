//! Handles that 64 threads use at once. Also run under ThreadSanitizer, by
//! `make sanitize`.

use std::sync::Mutex;
use std::thread;

use uservoice::{Client, Collection, Token};

use crate::server::{Server, ok};

const THREADS: usize = 64;
const RECORDS: usize = 700;
const PER_PAGE: usize = 7;

/// A list at /users, whose pages are whole, and anywhere else the path itself.
fn answer(request: &str) -> String {
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

fn echoes(client: &Client, token: &Token, target: &str) {
    let answer = client.call(Some(token), "GET", target, None).unwrap();
    assert_eq!(answer, format!("{{\"target\":\"{target}\"}}"));
}

#[test]
fn threads_share_a_client_a_token_and_a_list() {
    let server = Server::answering(answer);
    let client = server.client("");
    let token = Token::new("t", "s").unwrap();
    let list = Collection::new(&client, Some(&token), "/users", None, None).unwrap();
    let read = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (client, token, list, read) = (&client, &token, &list, &read);
            scope.spawn(move || {
                for call in 0..5 {
                    echoes(client, token, &format!("/shared/{number}/{call}"));
                    // Made and freed while the others call.
                    let clone = client.with_options(Some("{\"max_retries\":0}")).unwrap();
                    let own = Token::from_json(&token.to_json()).unwrap();
                    echoes(&clone, &own, &format!("/own/{number}/{call}"));
                    clone.cancel();
                }
                while let Some(record) = list.next().unwrap() {
                    read.lock().unwrap().push(record.parse::<usize>().unwrap());
                }
                assert_eq!(list.get(number).unwrap(), number.to_string());
                assert_eq!(list.len().unwrap(), RECORDS);
            });
        }
    });
    let mut read = read.into_inner().unwrap();
    read.sort_unstable();
    assert_eq!(read, (0..RECORDS).collect::<Vec<_>>());
}

#[test]
fn lists_are_freed_while_their_pages_come() {
    let server = Server::answering(answer);
    let client = server.client(",\"prefetch_pages\":16");
    thread::scope(|scope| {
        for number in 0..THREADS / 4 {
            let client = &client;
            scope.spawn(move || {
                for taken in 0..6 {
                    let list = Collection::new(client, None, "/users", None, None).unwrap();
                    for record in 0..taken * number {
                        let read = list.next().unwrap();
                        assert_eq!(read, Some(record.to_string()));
                    }
                }
            });
        }
    });
}

/// A client that is freed lives on in the lists that were made from it.
#[test]
fn a_client_is_freed_while_its_lists_are_read() {
    let server = Server::answering(answer);
    let client = server.client("");
    thread::scope(|scope| {
        for _ in 0..THREADS / 4 {
            let list = Collection::new(&client, None, "/users", None, None).unwrap();
            scope.spawn(move || {
                let records = std::iter::from_fn(|| list.next().unwrap());
                assert_eq!(records.count(), RECORDS);
            });
        }
        drop(client);
    });
}
