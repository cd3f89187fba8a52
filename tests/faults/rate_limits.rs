//! Rate limits that the service reports apply to all handles of the process.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use uservoice::{Client, Error, Outcome, Status};

use crate::server::{NO_TIMEOUT, Server, ok, read_request, response};

fn in_an_hour() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs() + 3600
}

fn limited(remaining: u32, reset: u64) -> String {
    let headers = format!("X-Rate-Limit-Remaining: {remaining}\r\nX-Rate-Limit-Reset: {reset}\r\n");
    response("200 OK", &headers, "1")
}

#[test]
fn threads_share_the_remaining_requests() {
    let reset = in_an_hour();
    let server = Server::with_handler(move |_| limited(3, reset));
    let first = server.client("");
    first.request_json(None, "GET", "/a", None).unwrap();
    server.request();

    // Each thread has its own client, created by `new`.
    let clients: Vec<_> = (0..16).map(|_| server.client("")).collect();
    let results: Vec<_> = thread::scope(|scope| {
        let call = |client| {
            scope.spawn(move || uservoice::Client::request_json(client, None, "GET", "/a", None))
        };
        let calls: Vec<_> = clients.iter().map(call).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!(error.status(), Status::RateLimited);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.retry_after().unwrap() > Duration::from_secs(3000));
    }
    (0..3).for_each(|_| drop(server.request()));
    server.assert_no_more_requests();
}

/// Otherwise one such response would block all requests of the process.
#[test]
fn ignores_a_reset_far_in_the_future() {
    const YEAR_2030_IN_MS: &str = "1893456000000";
    let too_many = format!("Retry-After: {YEAR_2030_IN_MS}\r\n");
    let none_left =
        format!("X-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: {YEAR_2030_IN_MS}\r\n");
    let server = Server::start(vec![
        response("429 Too Many Requests", &too_many, ""),
        response("200 OK", &none_left, "1"),
        ok("2"),
    ]);
    let client = server.client("");
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert!(error.retry_after().unwrap() > Duration::from_secs(3600));
    assert_eq!(client.request_json(None, "GET", "/a", None).unwrap(), "1");
    assert_eq!(client.request_json(None, "GET", "/a", None).unwrap(), "2");
}

#[test]
fn each_api_key_has_its_own_limit() {
    let reset = in_an_hour();
    let server = Server::with_handler(move |_| limited(0, reset));
    let client = server.client("");
    client.request_json(None, "GET", "/a", None).unwrap();
    assert!(client.request_json(None, "GET", "/a", None).is_err());
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let other = uservoice::Client::new("acme", "other", Some("secret"), Some(&options)).unwrap();
    assert!(other.request_json(None, "GET", "/a", None).is_ok());
}

#[test]
fn waits_for_the_reset() {
    let server = Server::start(vec![
        response(
            "200 OK",
            "X-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: 1\r\n",
            "1",
        ),
        ok("2"),
    ]);
    let client = server.client("");
    client.request_json(None, "GET", "/a", None).unwrap();
    assert_eq!(client.request_json(None, "POST", "/a", None).unwrap(), "2");
}

/// Neither a request that cannot be sent nor one that is invalid uses up the limit.
#[test]
fn unsent_requests_do_not_count() {
    let too_long = format!("/{}", "a".repeat(63_990));
    let server = Server::start(vec![limited(1, in_an_hour()), limited(1, in_an_hour())]);
    let client = server.client(",\"max_retries\":0");
    let status = |path: &str| {
        let result = client.request_json(None, "GET", path, None);
        result.map_err(|error| error.status())
    };
    status("/a").unwrap();
    assert_eq!(status(&too_long), Err(Status::InvalidArgument));
    status("/a").unwrap();

    // After one response nothing listens any more: connections are refused.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let service = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&stream).unwrap();
        let response = limited(1, in_an_hour());
        let response = response.replace("Content", "Connection: close\r\nContent");
        stream.write_all(response.as_bytes()).unwrap();
    });
    let options = format!("{{\"base_url\":\"http://{address}\",\"max_retries\":0}}");
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    client.request_json(None, "GET", "/a", None).unwrap();
    service.join().unwrap();
    for _ in 0..2 {
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Transport, "{error}");
    }
}

#[test]
fn returns_each_form_of_retry_after_beyond_max_retry_wait() {
    let unix_time = in_an_hour().to_string();
    for (form, at_least) in [
        ("3600", 3600),
        (&*unix_time, 3500),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 3600),
    ] {
        for status in ["429 Too Many Requests", "503 Unavailable"] {
            let server = Server::start(vec![
                response(status, &format!("Retry-After: {form}\r\n"), ""),
                ok("1"),
            ]);
            let client = server.client("");
            let error = client.request_json(None, "GET", "/a", None).unwrap_err();
            assert!(error.retry_after().unwrap().as_secs() >= at_least, "{form}");
            assert_eq!(error.outcome(), Outcome::Answered);
            server.request();
            server.assert_no_more_requests();
        }
    }
}

/// Starts a service that accepts `limit` requests per window and refuses the others.
fn limited_service(limit: usize, length: Duration) -> (Server, &'static AtomicUsize) {
    let refused: &AtomicUsize = Box::leak(Box::default());
    let window = Mutex::new((Instant::now(), 0));
    let server = Server::with_handler(move |_| {
        let mut window = window.lock().unwrap();
        let (began, used) = &mut *window;
        if began.elapsed() >= length {
            (*began, *used) = (Instant::now(), 0);
        }
        let reset = length.saturating_sub(began.elapsed()).as_secs_f64();
        if *used == limit {
            refused.fetch_add(1, Ordering::Relaxed);
            let headers = format!("Retry-After: {reset:.3}\r\n");
            return response("429 Too Many Requests", &headers, "");
        }
        *used += 1;
        let remaining = limit - *used;
        let headers = format!(
            "X-Rate-Limit-Limit: {limit}\r\nX-Rate-Limit-Remaining: {remaining}\r\nX-Rate-Limit-Reset: {reset:.3}\r\n"
        );
        response("200 OK", &headers, "1")
    });
    (server, refused)
}

/// 60 calls, twelve at a time, and five per window.
#[test]
fn calls_beyond_the_limit_wait_for_their_turn() {
    const THREADS: usize = 12;
    let (server, refused) = limited_service(5, Duration::from_secs(2));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let client = server.client(NO_TIMEOUT);
            scope.spawn(move || {
                for _ in 0..5 {
                    client.request_json(None, "POST", "/a", None).unwrap();
                }
            });
        }
    });
    // None on an idle machine. Without a queue there are more than calls.
    assert!(
        refused.load(Ordering::Relaxed) <= THREADS / 2,
        "{refused:?}"
    );
}

fn refusal(retry_after: u32) -> String {
    let headers = format!("Retry-After: {retry_after}\r\n");
    response("429 Too Many Requests", &headers, "")
}

fn call(client: &Client) -> Result<String, Error> {
    client.request_json(None, "GET", "/a", None)
}

/// No limit blocks a process for longer than its calls wait.
#[test]
fn sends_a_probe_while_a_long_limit_lasts() {
    let server = Server::start(vec![refusal(3600), refusal(3000), ok("1"), ok("2")]);
    let client = server.client(",\"max_retry_wait_ms\":1000");
    // Until a request was sent: the error of another one comes at once.
    let probe = || {
        (0..).find_map(|_| match call(&client) {
            Err(error) if error.outcome() == Outcome::NotSent => {
                assert_eq!(error.status(), Status::RateLimited);
                assert!(error.retry_after().unwrap() > Duration::from_secs(2000));
                thread::sleep(Duration::from_millis(50));
                None
            }
            result => Some(result),
        })
    };
    for retry_after in [3600, 3000] {
        let error = probe().unwrap().unwrap_err();
        assert_eq!(error.http_status(), 429);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(retry_after)));
    }
    assert_eq!(probe().unwrap().unwrap(), "1");
    assert_eq!(call(&client).unwrap(), "2");
}

/// Of the requests that wait for a reset, one is sent. It ends without a response, and the
/// others follow.
#[test]
fn a_probe_that_fails_lets_another_one_follow() {
    let requests = AtomicUsize::new(0);
    let server = Server::with_handler(move |_| match requests.fetch_add(1, Ordering::Relaxed) {
        0 => refusal(1),
        1 => "not HTTP\r\n\r\n".to_owned(),
        _ => ok("1"),
    });
    let client = server.client(",\"max_retries\":0");
    assert_eq!(call(&client).unwrap_err().http_status(), 429);
    let results: Vec<_> = thread::scope(|scope| {
        let calls: Vec<_> = (0..3).map(|_| scope.spawn(|| call(&client))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    let failed: Vec<_> = results
        .iter()
        .filter_map(|result| result.as_ref().err())
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].status(), Status::BadResponse);
}

/// Whoever waits can be cancelled, and leaves the queue to the others.
#[test]
fn cancel_ends_a_wait_for_the_limit() {
    let reset = in_an_hour();
    let server = Server::start(vec![limited(0, reset), ok("2")]);
    let client = server.client(NO_TIMEOUT);
    call(&client).unwrap();
    let waiting = client.with_options(None).unwrap();
    thread::scope(|scope| {
        let cancelled = scope.spawn(|| call(&waiting).unwrap_err());
        thread::sleep(Duration::from_millis(50));
        waiting.cancel();
        let error = cancelled.join().unwrap();
        assert_eq!(error.status(), Status::Cancelled);
        assert_eq!(error.outcome(), Outcome::NotSent);
    });
    server.request();
    server.assert_no_more_requests();
}
