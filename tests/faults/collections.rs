//! Collections: lengths, limits, cursors, errors, rewind and prefetch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use uservoice::{Collection, LogLevel, Status};

use crate::server::{Server, ok, response};

fn page(page: usize, records: &[usize], total: usize) -> String {
    let records: Vec<String> = records
        .iter()
        .map(|id| format!("{{\"id\":{id}}}"))
        .collect();
    let records = records.join(",");
    ok(&format!(
        "{{\"response_data\":{{\"page\":{page},\"per_page\":2,\"total_records\":{total}}},\"users\":[{records}]}}"
    ))
}

/// Returns the page number that a request asks for.
fn page_number(request: &str) -> usize {
    let (_, rest) = request.split_once("&page=").unwrap();
    rest.split(' ').next().unwrap().parse().unwrap()
}

fn read_all(collection: &Collection) -> Vec<String> {
    std::iter::from_fn(|| collection.next().unwrap()).collect()
}

#[test]
fn uses_the_page_size_that_the_service_reports() {
    let server = Server::start(vec![
        page(1, &[1, 2], 5),
        page(2, &[3, 4], 5),
        page(3, &[5], 5),
    ]);
    let client = server.client(",\"prefetch_pages\":0");
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    drop(client);
    assert_eq!(collection.len().unwrap(), 5);
    assert_eq!(collection.get(3).unwrap(), "{\"id\":4}");
    assert_eq!(
        collection.get(5).unwrap_err().status(),
        Status::InvalidArgument
    );
    assert_eq!(collection.next().unwrap().unwrap(), "{\"id\":1}");
    assert_eq!(collection.next_page().unwrap().unwrap(), "[{\"id\":2}]");
    assert_eq!(
        collection.next_page().unwrap().unwrap(),
        "[{\"id\":3},{\"id\":4}]"
    );
    assert_eq!(collection.next().unwrap().unwrap(), "{\"id\":5}");
    assert_eq!(collection.next().unwrap(), None);
    assert!(collection.info().unwrap().contains("\"page\":3"));
    assert!(
        server
            .request()
            .starts_with("GET /users?per_page=100&page=1 ")
    );
}

/// Otherwise a program could mistake a part of a list for the whole.
#[test]
fn returns_nothing_after_cancel() {
    let server = Server::start(vec![page(1, &[1, 2], 2)]);
    let client = server.client("");
    let collection = |limit| Collection::new(&client, None, "/users", None, limit).unwrap();
    let (collection, empty) = (collection(None), collection(Some(0)));
    collection.next().unwrap();
    client.cancel();
    for error in [
        collection.next().map(|_| ()),
        collection.next_page().map(|_| ()),
        collection.get(0).map(|_| ()),
        collection.len().map(|_| ()),
        collection.info().map(|_| ()),
        empty.next().map(|_| ()),
        empty.len().map(|_| ()),
    ] {
        assert_eq!(error.unwrap_err().status(), Status::Cancelled);
    }
}

/// The callback runs on the thread that loads the page, which would wait for itself.
#[test]
fn rejects_use_by_the_log_callback_while_loading() {
    let server = Server::start(vec![page(1, &[1, 2], 2)]);
    let client = server.client("");
    let collection: Arc<Mutex<Option<Arc<Collection>>>> = Arc::default();
    let (log_collection, (sender, errors)) = (collection.clone(), channel());
    let use_collection = move |_, _: &str| {
        let collection = log_collection.lock().unwrap().clone().unwrap();
        sender.send(collection.len().unwrap_err()).unwrap();
    };
    client.set_log(LogLevel::Info, use_collection);
    let shared = Arc::new(Collection::new(&client, None, "/users", None, None).unwrap());
    *collection.lock().unwrap() = Some(shared.clone());
    assert!(shared.next().unwrap().is_some());
    let error = errors.recv().unwrap();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().starts_with("collection:"), "{error}");
    assert_eq!(shared.len().unwrap(), 2);
    collection.lock().unwrap().take();
}

/// A reader that waits for the worker gets its error, and a later one loads the page again.
#[test]
fn reports_the_error_of_a_worker_at_most_once() {
    let first = AtomicBool::new(true);
    let server = Server::with_handler(move |request| {
        if page_number(request) == 3 && first.swap(false, Ordering::Relaxed) {
            return response("500 Error", "", "");
        }
        let (number, paging) = (page_number(request), "{\"per_page\":1,\"total_records\":3}");
        ok(&format!(
            "{{\"response_data\":{paging},\"users\":[{number}]}}"
        ))
    });
    let client = server.client(",\"max_retries\":0");
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    (0..2).for_each(|_| drop(collection.next().unwrap().unwrap()));
    // A worker requests the third page.
    while !server.request().contains("&page=3 ") {}
    let record = collection.next().or_else(|error| {
        assert_eq!(error.status(), Status::ApplicationError);
        collection.next()
    });
    assert_eq!(record.unwrap().unwrap(), "3");
    assert_eq!(collection.next().unwrap(), None);
}

#[test]
fn limit_bounds_length_and_records() {
    let pages = || [page(1, &[1, 2], 5), page(2, &[3, 4], 5)];
    let server = Server::start([pages(), pages()].concat());
    let client = server.client("");
    let none = Collection::new(&client, None, "/users", None, Some(0)).unwrap();
    assert_eq!(none.len().unwrap(), 0);
    assert_eq!(none.next().unwrap(), None);
    assert_eq!(none.next_page().unwrap(), None);
    let three = Collection::new(&client, None, "/users", None, Some(3)).unwrap();
    assert_eq!(three.len().unwrap(), 3);
    assert_eq!(read_all(&three).len(), 3);
    three.rewind();
    for records in [Some("[{\"id\":1},{\"id\":2}]"), Some("[{\"id\":3}]"), None] {
        assert_eq!(three.next_page().unwrap().as_deref(), records);
    }
}

#[test]
fn ends_early_if_the_list_shrinks() {
    let server = Server::start(vec![page(1, &[1, 2], 5), page(2, &[], 2)]);
    let client = server.client(",\"prefetch_pages\":0");
    let collection = Collection::new(&client, None, "/users?per_page=9", None, None).unwrap();
    assert_eq!(read_all(&collection).len(), 2);
    assert!(
        server
            .request()
            .starts_with("GET /users?per_page=9&page=1 ")
    );
}

#[test]
fn continues_at_the_same_record_after_an_error() {
    let server = Server::start(vec![
        page(1, &[1, 2], 4),
        response("404 Not Found", "", "gone"),
        page(2, &[3, 4], 4),
    ]);
    let client = server.client("");
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    collection.next_page().unwrap();
    assert_eq!(collection.next().unwrap_err().status(), Status::NotFound);
    assert_eq!(collection.next().unwrap().unwrap(), "{\"id\":3}");
}

#[test]
fn get_keeps_an_evicted_page_after_loading_it_again() {
    let records: Vec<String> = (0..40)
        .map(|n| page(n + 1, &[2 * n, 2 * n + 1], 80))
        .collect();
    let again = vec![page(1, &[0, 1], 80)];
    let server = Server::start([records, again].concat());
    let client = server.client(",\"prefetch_pages\":0");
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    assert_eq!(read_all(&collection).len(), 80);
    // The server has one response left for both.
    assert_eq!(collection.get(0).unwrap(), "{\"id\":0}");
    assert_eq!(collection.get(1).unwrap(), "{\"id\":1}");
}

/// A collection read by cursor never falls back to page numbers, even if another thread
/// rewinds it in the middle of a request.
#[test]
fn rewind_during_get_keeps_using_cursors() {
    let (arrived, arrival) = channel();
    let (resume, resumed) = channel();
    let gate = Mutex::new(Some((arrived, resumed)));
    let server = Server::with_handler(move |request| {
        assert!(!request.contains("&page="), "{request}");
        let cursor = request
            .split_once("cursor=")
            .map_or("0", |(_, rest)| &rest[..1]);
        let page: usize = cursor.parse().unwrap();
        let gate = (page == 1).then(|| gate.lock().unwrap().take()).flatten();
        if let Some((arrived, resumed)) = gate {
            arrived.send(()).unwrap();
            resumed.recv().unwrap();
        }
        let (first, second, next) = (2 * page, 2 * page + 1, page + 1);
        ok(&format!(
            "{{\"users\":[{first},{second}],\"pagination\":{{\"total_records\":8,\"per_page\":2,\"cursor\":{next}}}}}"
        ))
    });
    let client = server.client(",\"prefetch_pages\":0,\"max_retries\":0");
    let collection = Collection::new(&client, None, "/api/v2/admin/users", None, None).unwrap();
    thread::scope(|scope| {
        let reader = scope.spawn(|| collection.get(5));
        arrival.recv().unwrap();
        collection.rewind();
        resume.send(()).unwrap();
        assert_eq!(reader.join().unwrap().unwrap(), "5");
    });
    assert_eq!(read_all(&collection).len(), 8);
}

#[test]
fn uses_page_numbers_without_a_cursor() {
    let page = |ids: &str, number: usize| {
        ok(&format!(
            "{{\"users\":[{ids}],\"pagination\":{{\"page\":{number},\"per_page\":2,\"total_pages\":2,\"total_records\":3}}}}"
        ))
    };
    let server = Server::start(vec![page("1,2", 1), page("3", 2)]);
    let client = server.client("");
    let collection = Collection::new(&client, None, "/api/v2/admin/users", None, None).unwrap();
    assert_eq!(collection.next_page().unwrap().unwrap(), "[1,2]");
    assert_eq!(collection.next_page().unwrap().unwrap(), "[3]");
    assert_eq!(collection.next_page().unwrap(), None);
    server.request();
    assert!(
        server
            .request()
            .starts_with("GET /api/v2/admin/users?per_page=100&page=2 ")
    );
}

#[test]
fn begins_at_a_cursor_and_works_without_a_total() {
    let server = Server::start(vec![
        ok(r#"{"users":[4,5],"pagination":{"cursor":"c"}}"#),
        ok(r#"{"users":[],"pagination":{"cursor":"d"}}"#),
        ok(r#"{"users":[6],"pagination":{"cursor":null}}"#),
    ]);
    let client = server.client(",\"prefetch_pages\":0");
    let path = "/api/v2/admin/users?cursor=b%2F&per_page=2";
    let collection = Collection::new(&client, None, path, None, None).unwrap();
    assert_eq!(collection.len().unwrap_err().status(), Status::BadResponse);
    let records: Vec<String> = std::iter::from_fn(|| collection.next().unwrap()).collect();
    assert_eq!(records, ["4", "5", "6"]);
    assert!(
        server
            .request()
            .starts_with("GET /api/v2/admin/users?per_page=2&cursor=b%2F ")
    );
    assert!(
        server
            .request()
            .starts_with("GET /api/v2/admin/users?per_page=2&cursor=c ")
    );
}

#[test]
fn length_from_a_cursor_excludes_earlier_pages() {
    let page =
        r#"{"users":[5,6],"pagination":{"page":3,"per_page":2,"total_records":7,"cursor":"c"}}"#;
    let server = Server::start(vec![ok(page)]);
    let path = "/api/v2/admin/users?cursor=b";
    let collection = Collection::new(&server.client(""), None, path, None, None).unwrap();
    assert_eq!(collection.len().unwrap(), 3);
}

#[test]
fn survives_a_panic_of_the_log_callback() {
    let server = Server::start(vec![page(1, &[1, 2], 2), page(1, &[1, 2], 2)]);
    let client = server.client("");
    let first = AtomicBool::new(true);
    let panic_once = move |_, _: &str| {
        assert!(
            !first.swap(false, Ordering::Relaxed),
            "panic of the callback"
        )
    };
    client.set_log(LogLevel::Info, panic_once);
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| collection.next())).is_err());
    assert_eq!(collection.next().unwrap().unwrap(), "{\"id\":1}");
}

/// Makes `size` concurrent requests wait for each other.
struct Rendezvous {
    size: usize,
    /// The number of waiting requests, and of completed rounds.
    state: Mutex<(usize, usize)>,
    complete: Condvar,
}

impl Rendezvous {
    fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        state.0 += 1;
        assert!(state.0 <= self.size, "too many concurrent requests");
        if state.0 == self.size {
            *state = (0, state.1 + 1);
            self.complete.notify_all();
            return;
        }
        // A collection that loads fewer pages at once would hang.
        let timeout = Duration::from_secs(20);
        let round = state.1;
        let is_incomplete = |state: &mut (usize, usize)| state.1 == round;
        let result = self
            .complete
            .wait_timeout_while(state, timeout, is_incomplete);
        assert!(
            !result.unwrap().1.timed_out(),
            "too few concurrent requests"
        );
    }
}

/// Also when all workers were idle at the same time.
#[test]
fn prefetches_all_pages_of_the_window_at_once() {
    let rendezvous = Arc::new(Rendezvous {
        size: 4,
        state: Mutex::default(),
        complete: Condvar::new(),
    });
    let gate = rendezvous.clone();
    let server = Server::with_handler(move |request| {
        let number = page_number(request);
        if (11..=22).contains(&number) {
            gate.wait();
        }
        page(number, &[2 * number - 1, 2 * number], 60)
    });
    let client = server.client(",\"prefetch_pages\":4");
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    assert_eq!(read_all(&collection).len(), 60);
    assert_eq!(rendezvous.state.lock().unwrap().1, 3);
}

/// The service returns the whole list, whatever page size it says it uses.
#[test]
fn finds_the_records_of_a_page_that_is_larger_than_its_size() {
    let server = Server::start(vec![page(1, &[1, 2, 3, 4, 5], 5)]);
    let client = server.client(",\"prefetch_pages\":0");
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    assert_eq!(collection.get(4).unwrap(), "{\"id\":5}");
    assert_eq!(read_all(&collection).len(), 5);
}

/// The total is that of the whole list, of which the cursor skips an unknown part.
#[test]
fn ends_after_a_cursor_although_each_page_has_number_one() {
    let paging = "\"pagination\":{\"page\":1,\"per_page\":2,\"total_records\":9";
    let server = Server::start(vec![
        ok(&format!("{{\"users\":[1,2],{paging},\"cursor\":\"b\"}}}}")),
        ok(&format!("{{\"users\":[3],{paging}}}}}")),
    ]);
    let client = server.client(",\"prefetch_pages\":0");
    let path = "/api/v2/admin/users?cursor=a";
    let collection = Collection::new(&client, None, path, None, None).unwrap();
    assert_eq!(read_all(&collection), ["1", "2", "3"]);
}

/// A program that reads until an index is past the end must not take a gap for the end.
#[test]
fn an_index_is_past_the_end_only_if_the_service_reports_no_record_there() {
    let server = Server::with_handler(|request| match page_number(request) {
        1 => page(1, &[1, 2], 6),
        2 => page(2, &[3], 6),
        // The list has shrunk.
        number => page(number, &[5], 5),
    });
    let client = server.client("");
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    let status = |index| collection.get(index).map_err(|error| error.status());
    assert_eq!(status(2).unwrap(), "{\"id\":3}");
    assert_eq!(status(3), Err(Status::BadResponse));
    assert_eq!(status(4).unwrap(), "{\"id\":5}");
    assert_eq!(status(5), Err(Status::InvalidArgument));
}
