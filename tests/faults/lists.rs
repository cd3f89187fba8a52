//! Lists that are loaded as they are read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use uservoice::{Collection, LogLevel, Status};

use crate::server::{Server, answer, ok};

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

fn read_all(list: &Collection) -> Vec<String> {
    std::iter::from_fn(|| list.next().unwrap()).collect()
}

#[test]
fn a_list_is_read_by_the_page_size_that_the_service_gives() {
    let server = Server::start(vec![
        page(1, &[1, 2], 5),
        page(2, &[3, 4], 5),
        page(3, &[5], 5),
    ]);
    let client = server.client(",\"prefetch_pages\":0");
    let list = Collection::new(&client, None, "/users", None, None).unwrap();
    drop(client);
    assert_eq!(list.len().unwrap(), 5);
    assert_eq!(list.get(3).unwrap(), "{\"id\":4}");
    assert_eq!(list.get(5).unwrap_err().status(), Status::InvalidArgument);
    assert_eq!(list.next().unwrap().unwrap(), "{\"id\":1}");
    assert_eq!(list.next_page().unwrap().unwrap(), "[{\"id\":2}]");
    assert_eq!(
        list.next_page().unwrap().unwrap(),
        "[{\"id\":3},{\"id\":4}]"
    );
    assert_eq!(list.next().unwrap().unwrap(), "{\"id\":5}");
    assert_eq!(list.next().unwrap(), None);
    assert!(list.info().unwrap().contains("\"page\":3"));
    assert!(
        server
            .request()
            .starts_with("GET /users?per_page=100&page=1 ")
    );
}

/// A part of a list must not be taken for the whole.
#[test]
fn a_cancelled_list_gives_nothing_more() {
    let server = Server::start(vec![page(1, &[1, 2], 2)]);
    let client = server.client("");
    let list = |limit| Collection::new(&client, None, "/users", None, limit).unwrap();
    let (list, empty) = (list(None), list(Some(0)));
    list.next().unwrap();
    client.cancel();
    for error in [
        list.next().map(|_| ()),
        list.next_page().map(|_| ()),
        list.get(0).map(|_| ()),
        list.len().map(|_| ()),
        list.info().map(|_| ()),
        empty.next().map(|_| ()),
        empty.len().map(|_| ()),
    ] {
        assert_eq!(error.unwrap_err().status(), Status::Cancelled);
    }
}

/// It is called while its own thread loads a page.
#[test]
fn a_log_may_not_use_the_list_that_tells_it() {
    let server = Server::start(vec![page(1, &[1, 2], 2)]);
    let client = server.client("");
    let list: Arc<Mutex<Option<Arc<Collection>>>> = Arc::default();
    let (of_log, (sender, errors)) = (list.clone(), channel());
    let use_it = move |_, _: &str| {
        let list = of_log.lock().unwrap().clone().unwrap();
        sender.send(list.len().unwrap_err()).unwrap();
    };
    client.set_log(LogLevel::Info, use_it).unwrap();
    let made = Arc::new(Collection::new(&client, None, "/users", None, None).unwrap());
    *list.lock().unwrap() = Some(made.clone());
    assert!(made.next().unwrap().is_some());
    let error = errors.recv().unwrap();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().starts_with("collection:"), "{error}");
    assert_eq!(made.len().unwrap(), 2);
    list.lock().unwrap().take();
}

#[test]
fn limits_bound_a_list() {
    let server = Server::start(vec![page(1, &[1, 2], 5), page(2, &[3, 4], 5)]);
    let client = server.client("");
    let none = Collection::new(&client, None, "/users", None, Some(0)).unwrap();
    assert_eq!(none.len().unwrap(), 0);
    assert_eq!(none.next().unwrap(), None);
    assert_eq!(none.next_page().unwrap(), None);
    let three = Collection::new(&client, None, "/users", None, Some(3)).unwrap();
    assert_eq!(three.len().unwrap(), 3);
    assert_eq!(read_all(&three).len(), 3);
}

#[test]
fn a_list_that_shrinks_ends_early() {
    let server = Server::start(vec![page(1, &[1, 2], 5), page(2, &[], 2)]);
    let client = server.client(",\"prefetch_pages\":0");
    let list = Collection::new(&client, None, "/users?per_page=9", None, None).unwrap();
    assert_eq!(read_all(&list).len(), 2);
    assert!(
        server
            .request()
            .starts_with("GET /users?per_page=9&page=1 ")
    );
}

#[test]
fn an_error_in_a_list_is_told_and_reading_goes_on() {
    let server = Server::start(vec![
        page(1, &[1, 2], 4),
        answer("404 Not Found", "", "gone"),
        page(2, &[3, 4], 4),
    ]);
    let client = server.client("");
    let list = Collection::new(&client, None, "/users", None, None).unwrap();
    list.next_page().unwrap();
    assert_eq!(list.next().unwrap_err().status(), Status::NotFound);
    assert_eq!(list.next().unwrap().unwrap(), "{\"id\":3}");
}

#[test]
fn a_page_that_was_used_is_not_loaded_for_each_of_its_records() {
    let records: Vec<String> = (0..40)
        .map(|n| page(n + 1, &[2 * n, 2 * n + 1], 80))
        .collect();
    let again = vec![page(1, &[0, 1], 80)];
    let server = Server::start([records, again].concat());
    let client = server.client(",\"prefetch_pages\":0");
    let list = Collection::new(&client, None, "/users", None, None).unwrap();
    assert_eq!(read_all(&list).len(), 80);
    // The server has one answer left for both.
    assert_eq!(list.get(0).unwrap(), "{\"id\":0}");
    assert_eq!(list.get(1).unwrap(), "{\"id\":1}");
}

/// A list by cursor is read by cursor, also by a thread that another one's rewind
/// overtakes.
#[test]
fn a_rewind_overtakes_a_reader_by_cursor() {
    let (arrived, arrival) = channel();
    let (go_on, may_go_on) = channel();
    let gate = Mutex::new(Some((arrived, may_go_on)));
    let server = Server::answering(move |request| {
        assert!(!request.contains("&page="), "{request}");
        let cursor = request
            .split_once("cursor=")
            .map_or("0", |(_, rest)| &rest[..1]);
        let page: usize = cursor.parse().unwrap();
        let gate = (page == 1).then(|| gate.lock().unwrap().take()).flatten();
        if let Some((arrived, may_go_on)) = gate {
            arrived.send(()).unwrap();
            may_go_on.recv().unwrap();
        }
        let (first, second, next) = (2 * page, 2 * page + 1, page + 1);
        ok(&format!(
            "{{\"users\":[{first},{second}],\"pagination\":{{\"total_records\":8,\"per_page\":2,\"cursor\":{next}}}}}"
        ))
    });
    let client = server.client(",\"prefetch_pages\":0,\"max_retries\":0");
    let list = Collection::new(&client, None, "/api/v2/admin/users", None, None).unwrap();
    thread::scope(|scope| {
        let reader = scope.spawn(|| list.get(5));
        arrival.recv().unwrap();
        list.rewind();
        go_on.send(()).unwrap();
        assert_eq!(reader.join().unwrap().unwrap(), "5");
    });
    assert_eq!(read_all(&list).len(), 8);
}

#[test]
fn a_log_that_panics_leaves_a_list_readable() {
    let server = Server::start(vec![page(1, &[1, 2], 2), page(1, &[1, 2], 2)]);
    let client = server.client("");
    let once = AtomicBool::new(true);
    let panics = move |_, _: &str| assert!(!once.swap(false, Ordering::Relaxed), "a log's own");
    client.set_log(LogLevel::Info, panics).unwrap();
    let list = Collection::new(&client, None, "/users", None, None).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| list.next())).is_err());
    assert_eq!(list.next().unwrap().unwrap(), "{\"id\":1}");
}

/// Requests that wait for each other: as many as `size` are answered at once.
struct Together {
    size: usize,
    /// Those that wait, and how often they were answered.
    state: Mutex<(usize, usize)>,
    all_there: Condvar,
}

impl Together {
    fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        state.0 += 1;
        assert!(state.0 <= self.size, "more than there may be");
        if state.0 == self.size {
            *state = (0, state.1 + 1);
            self.all_there.notify_all();
            return;
        }
        // A list that loads fewer would hang.
        let patience = Duration::from_secs(20);
        let round = state.1;
        let waiting = |state: &mut (usize, usize)| state.1 == round;
        let waited = self.all_there.wait_timeout_while(state, patience, waiting);
        assert!(!waited.unwrap().1.timed_out(), "fewer than there may be");
    }
}

/// The page that the reader waits for, and four ahead: also when those that come together
/// leave no thread that loads.
#[test]
fn all_pages_that_may_be_loaded_ahead_are_loaded_at_once() {
    let together = Arc::new(Together {
        size: 5,
        state: Mutex::default(),
        all_there: Condvar::new(),
    });
    let gate = together.clone();
    let server = Server::answering(move |request| {
        let (_, rest) = request.split_once("&page=").unwrap();
        let number: usize = rest.split(' ').next().unwrap().parse().unwrap();
        if (11..=25).contains(&number) {
            gate.wait();
        }
        page(number, &[2 * number - 1, 2 * number], 60)
    });
    let client = server.client(",\"prefetch_pages\":4");
    let list = Collection::new(&client, None, "/users", None, None).unwrap();
    assert_eq!(read_all(&list).len(), 60);
    assert_eq!(together.state.lock().unwrap().1, 3);
}
