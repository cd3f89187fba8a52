//! Each wait of a call ends when the interrupt callback asks to. The wait for a name lookup is
//! tested in ../name_lookup.rs.

use std::io::Read;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use uservoice::{Client, Collection, Error, Export, LogLevel, Outcome, Status, Token};

use crate::server::{NO_TIMEOUT, Server, ok, read_request, response};
use crate::timeouts::{client, get, slow_body, start, unresponsive};

/// An interrupt callback that ends the call when it is called for the third time after it was
/// armed: a busy machine may call it several times before the wait that is tested.
#[derive(Default)]
struct Stop {
    armed: AtomicBool,
    calls: AtomicUsize,
    threads: Mutex<Vec<ThreadId>>,
}

impl Stop {
    fn set(client: &Client) -> Arc<Self> {
        let stop = Arc::new(Stop::default());
        let callback = stop.clone();
        client.set_interrupt(Some(Arc::new(move || {
            let thread = thread::current().id();
            callback.threads.lock().unwrap().push(thread);
            let armed = callback.armed.load(Ordering::Relaxed);
            armed && callback.calls.fetch_add(1, Ordering::Relaxed) >= 2
        })));
        stop
    }

    fn arm(&self, armed: bool) {
        self.calls.store(0, Ordering::Relaxed);
        self.armed.store(armed, Ordering::Relaxed);
    }

    /// Checks that an error is that of the interrupted call, which this thread made.
    fn check(&self, error: &Error) {
        assert_eq!(error.status(), Status::Cancelled, "{error}");
        let message = "the call was interrupted";
        assert!(error.message().contains(message), "{error}");
        assert_eq!(self.calls.load(Ordering::Relaxed), 3);
        let this = thread::current().id();
        assert!(self.threads.lock().unwrap().iter().all(|&id| id == this));
    }
}

/// Returns the error of a call that is interrupted, at the earliest when `is_waiting` returns.
fn interrupted_when<T>(
    client: &Client,
    is_waiting: impl FnOnce(),
    call: impl FnOnce(&Client) -> Result<T, Error> + Send,
) -> Error {
    let stop = Stop::set(client);
    let error = thread::scope(|scope| {
        let call = scope.spawn(|| {
            let error = call(client).err().unwrap();
            stop.check(&error);
            error
        });
        is_waiting();
        stop.arm(true);
        call.join().unwrap()
    });
    client.set_interrupt(None);
    error
}

/// Returns the error of a call that is interrupted.
fn interrupted<T>(client: &Client, call: impl FnOnce(&Client) -> Result<T, Error> + Send) -> Error {
    interrupted_when(client, || (), call)
}

fn silent_server() -> Server {
    Server::with_handler(|_| {
        loop {
            thread::park();
        }
    })
}

#[test]
fn interrupts_connecting() {
    let (base_url, _listener, _queue) = unresponsive();
    let error = interrupted(&client(&base_url, NO_TIMEOUT), get);
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[test]
fn interrupts_a_tls_handshake() {
    let (connections, accepted) = channel();
    let base_url = start(move |stream| connections.send(stream).unwrap());
    let base_url = base_url.replace("http:", "https:");
    let error = interrupted(&client(&base_url, NO_TIMEOUT), get);
    assert_eq!(error.outcome(), Outcome::NotSent);
    accepted.recv().unwrap();
}

#[test]
fn interrupts_sending_a_body() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let body = format!("\"{}\"", "x".repeat(32 << 20));
    let put = |client: &Client| client.request_json(None, "PUT", "/a", Some(&body));
    let upload = |client: &Client| client.upload(None, "/a", "a", None, body.as_bytes());
    let mut streams = Vec::new();
    let mut is_waiting = || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0]).unwrap();
        streams.push(stream);
    };
    let client = client(&base_url, NO_TIMEOUT);
    let error = interrupted_when(&client, &mut is_waiting, put);
    assert_eq!(error.outcome(), Outcome::Unknown);
    let error = interrupted_when(&client, &mut is_waiting, upload);
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[test]
fn interrupts_receiving_and_closes_the_connection() {
    let (connections, accepted) = channel();
    let base_url = start(move |stream| connections.send(stream).unwrap());
    let client = client(&base_url, NO_TIMEOUT);
    for _ in 0..2 {
        let mut streams = Vec::new();
        let is_waiting = || {
            let stream = accepted.recv().unwrap();
            read_request(&stream).unwrap();
            streams.push(stream);
        };
        let error = interrupted_when(&client, is_waiting, get);
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(streams[0].read(&mut [0]).unwrap(), 0);
    }
}

/// Each read of the body returns something before a wait is as long as the interval.
#[test]
fn interrupts_a_body_that_arrives_slowly() {
    interrupted(&client(&slow_body(), NO_TIMEOUT), get);
}

#[test]
fn interrupts_the_wait_between_attempts() {
    let server = Server::with_handler(|_| response("503 Unavailable", "Retry-After: 3600\r\n", ""));
    let client = client(&server.base_url, NO_TIMEOUT);
    let is_waiting = || assert!(server.request().starts_with("GET /a "));
    let error = interrupted_when(&client, is_waiting, get);
    assert_ne!(error.outcome(), Outcome::NotSent);
    server.assert_no_more_requests();
}

#[test]
fn interrupts_the_wait_for_the_rate_limit() {
    let headers = "X-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: 3600\r\n";
    let server = Server::with_handler(move |_| response("200 OK", headers, "1"));
    let limited = client(&server.base_url, NO_TIMEOUT);
    get(&limited).unwrap();
    server.request();
    for _ in 0..2 {
        let error = interrupted(&limited, get);
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    server.assert_no_more_requests();
}

#[test]
fn handle_remains_usable() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let server = Server::with_handler(move |_| {
        // Fails when the test has ended.
        let _ = released.lock().unwrap().recv();
        ok("1")
    });
    let client = client(&server.base_url, NO_TIMEOUT);
    interrupted_when(&client, || drop(server.request()), get);
    // For the requests of both calls.
    release.send(()).unwrap();
    release.send(()).unwrap();
    assert_eq!(get(&client).unwrap(), "1");
}

#[test]
fn interrupts_a_token_refresh_and_the_wait_for_another_calls_refresh() {
    let server = silent_server();
    let json =
        "{\"type\":\"oauth2\",\"grant\":\"client_credentials\",\"token\":\"t\",\"expires_at\":1}";
    let token = Token::from_json(json).unwrap();
    let get = |client: &Client| client.request_json(Some(&token), "GET", "/a", None);
    let first = client(&server.base_url, NO_TIMEOUT);
    thread::scope(|scope| {
        let refreshing = scope.spawn(|| get(&first));
        assert!(server.request().starts_with("POST /api/v2/oauth/token "));
        let error = interrupted(&client(&server.base_url, NO_TIMEOUT), get);
        assert_eq!(error.outcome(), Outcome::NotSent);
        first.cancel();
        refreshing.join().unwrap().unwrap_err();
    });
    server.assert_no_more_requests();
    let is_waiting = || assert!(server.request().starts_with("POST /api/v2/oauth/token "));
    interrupted_when(&client(&server.base_url, NO_TIMEOUT), is_waiting, get);
}

/// A server of a list whose third page arrives when the test sends a message.
fn list_with_late_page() -> (Server, Sender<()>) {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let server = Server::with_handler(move |request| {
        if request.contains("page=3 ") {
            released.lock().unwrap().recv().unwrap();
        }
        let (_, page) = request.split_once("&page=").unwrap();
        let page = page.split(' ').next().unwrap();
        let paging = "{\"per_page\":1,\"total_records\":3}";
        ok(&format!(
            "{{\"response_data\":{paging},\"users\":[{page}]}}"
        ))
    });
    (server, release)
}

#[test]
fn interrupts_the_wait_for_a_page_which_its_worker_still_delivers() {
    let (server, release) = list_with_late_page();
    let client = client(&server.base_url, NO_TIMEOUT);
    let stop = Stop::set(&client);
    let collection = Collection::new(&client, None, "/users?per_page=1", None, None).unwrap();
    assert!(collection.next().unwrap().is_some());
    assert!(collection.next().unwrap().is_some());
    while !server.request().contains("page=3 ") {}
    stop.arm(true);
    stop.check(&collection.next().unwrap_err());
    stop.arm(false);
    release.send(()).unwrap();
    assert_eq!(collection.next().unwrap().as_deref(), Some("3"));
    assert_eq!(collection.next().unwrap(), None);
    // Requests of several threads arrive in any order.
    let mut requests = server.take_requests().into_iter();
    assert!(!requests.any(|request| request.contains("page=3 ")));
}

#[test]
fn a_collection_uses_the_current_callback_of_its_client() {
    let (server, release) = list_with_late_page();
    let client = client(&server.base_url, NO_TIMEOUT);
    let collection = Collection::new(&client, None, "/users?per_page=1", None, None).unwrap();
    assert!(collection.next().unwrap().is_some());
    assert!(collection.next().unwrap().is_some());
    while !server.request().contains("page=3 ") {}
    let stop = Stop::set(&client);
    stop.arm(true);
    stop.check(&collection.next().unwrap_err());
    client.set_interrupt(None);
    release.send(()).unwrap();
    assert_eq!(collection.next().unwrap().as_deref(), Some("3"));
}

#[test]
fn interrupts_an_export() {
    let server = silent_server();
    let client = client(&server.base_url, NO_TIMEOUT);
    let directory = std::env::temp_dir().join(format!("uservoice-{}", std::process::id()));
    let stop = Stop::set(&client);
    let export = Export::new(&client, None, &directory, "{\"resources\":[\"users\"]}").unwrap();
    for _ in 0..2 {
        stop.arm(true);
        stop.check(&export.next().unwrap_err());
    }
    server.request();
    server.assert_no_more_requests();
    drop(export);
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn clones_inherit_the_callback_of_their_creation() {
    let server = silent_server();
    let client = client(&server.base_url, NO_TIMEOUT);
    let stop = Stop::set(&client);
    let clone = client.with_options(None).unwrap();
    client.set_interrupt(None);
    stop.arm(true);
    stop.check(&get(&clone).unwrap_err());
}

/// The callback runs outside of all locks and of the exchange that waits.
#[test]
fn callback_may_use_the_library() {
    let silent = silent_server();
    let other = Server::with_handler(|_| ok("1"));
    let client = Arc::new(client(&silent.base_url, NO_TIMEOUT));
    let inner = other.client(NO_TIMEOUT);
    let weak = Arc::downgrade(&client);
    inner.set_interrupt(Some(Arc::new(|| true)));
    client.set_interrupt(Some(Arc::new(move || {
        // Its own callback is not called within another one.
        assert_eq!(get(&inner).unwrap(), "1");
        weak.upgrade().unwrap().cancel();
        false
    })));
    let error = get(&client).unwrap_err();
    assert_eq!(error.status(), Status::Cancelled);
    assert!(error.message().contains("cancelled"), "{error}");
}

/// Makes the interrupt callback of `client` send a request with `inner` once `is_due` is set.
fn call_in_callback(
    client: &Client,
    inner: Client,
    is_due: Arc<AtomicBool>,
) -> Receiver<Result<String, Error>> {
    let (sender, result) = channel();
    client.set_interrupt(Some(Arc::new(move || {
        if is_due.swap(false, Ordering::SeqCst) {
            sender.send(get(&inner)).unwrap();
        }
        false
    })));
    result
}

const REFUSED: &str =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";

/// Otherwise it would wait for the response that it delays.
#[test]
fn a_call_in_the_callback_does_not_wait_for_the_probe_of_its_own_thread() {
    let requests = AtomicUsize::new(0);
    let is_due = Arc::new(AtomicBool::new(false));
    let (arrived, inner) = channel();
    let inner = Mutex::new(inner);
    let due = is_due.clone();
    let server = Server::with_handler(move |_| {
        match requests.fetch_add(1, Ordering::SeqCst) {
            0 => return REFUSED.to_owned(),
            1 => {
                due.store(true, Ordering::SeqCst);
                inner.lock().unwrap().recv().unwrap();
            }
            _ => arrived.send(()).unwrap(),
        }
        ok("1")
    });
    let client = server.client(NO_TIMEOUT);
    let inner = call_in_callback(&client, server.client(NO_TIMEOUT), is_due);
    assert_eq!(get(&client).unwrap(), "1");
    assert_eq!(inner.recv().unwrap().unwrap(), "1");
}

/// Otherwise it would wait for its turn behind the call that waits for it.
#[test]
fn a_call_in_the_callback_does_not_wait_behind_its_own_thread() {
    let requests = AtomicUsize::new(0);
    let server = Server::with_handler(move |_| match requests.fetch_add(1, Ordering::SeqCst) {
        0 => REFUSED.to_owned(),
        _ => ok("1"),
    });
    let client = server.client(NO_TIMEOUT);
    let is_due = Arc::new(AtomicBool::new(false));
    let inner = call_in_callback(&client, server.client(NO_TIMEOUT), is_due.clone());
    // After the refusal: the call waits in the queue.
    client.set_log(LogLevel::Info, move |_, line| {
        is_due.store(line.contains("status=429"), Ordering::SeqCst);
    });
    assert_eq!(get(&client).unwrap(), "1");
    assert_eq!(inner.recv().unwrap().unwrap(), "1");
}
