//! Retries: what the status line and headers decide, what they cost, and what errors say
//! of earlier attempts.

use std::collections::HashSet;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use uservoice::{LogLevel, Outcome, Status};

use crate::server::{CLOSE, Server, ok, response};

/// Returns responses whose body cannot be read, and a part of the message that says so.
fn unreadable(status: &str, headers: &str) -> Vec<(Vec<u8>, &'static str)> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}");
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&[b' '; 100_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    let gzip = format!(
        "{head}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        bomb.len()
    );
    vec![
        (
            format!("{head}Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip").into(),
            "not valid gzip",
        ),
        ([gzip.as_bytes(), &bomb].concat(), "max_response_bytes"),
        (
            format!("{head}Content-Length: 2000\r\n\r\n{}", " ".repeat(2000)).into(),
            "max_response_bytes",
        ),
        (
            format!("{head}Transfer-Encoding: chunked\r\n\r\nno chunk\r\n").into(),
            "not well-formed HTTP",
        ),
    ]
}

#[test]
fn retries_a_response_whose_body_cannot_be_read() {
    let mut responses = unreadable("503 Unavailable", "Retry-After: 0\r\n");
    responses.extend(unreadable("429 Too Many Requests", "Retry-After: 0\r\n"));
    // Nor does a body fail that is not valid UTF-8, or that is empty although compressed.
    let head = "HTTP/1.1 503 Unavailable\r\nRetry-After: 0\r\n";
    let empty = format!("{head}Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n");
    let not_utf_8 = [
        head.as_bytes(),
        b"Content-Length: 1\r\nConnection: close\r\n\r\n\xff",
    ];
    responses.push((empty.into(), ""));
    responses.push((not_utf_8.concat(), ""));
    for (response, _) in responses {
        let server = Server::start(vec![response.clone(), ok("1").into()]);
        let client = server.client(",\"max_response_bytes\":1000");
        let result = client.request_json(None, "POST", "/a", None);
        let response = String::from_utf8_lossy(&response);
        assert_eq!(result.unwrap(), "1", "{response:?}");
    }
}

#[test]
fn final_error_response_keeps_its_status_and_headers_without_its_body() {
    let headers = "Retry-After: 5\r\nX-Request-Id: 7\r\n";
    for (response, reason) in unreadable("429 Too Many Requests", headers) {
        let server = Server::start(vec![response.clone()]);
        let client = server.client(",\"max_response_bytes\":1000,\"max_retry_wait_ms\":10");
        let error = client.request_json(None, "POST", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::RateLimited, "{error}");
        assert_eq!(error.outcome(), Outcome::Answered);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
        assert_eq!(error.header("x-request-id").as_deref(), Some("7"));
        assert_eq!(error.body(), None);
        let message = error.message();
        assert!(message.starts_with("POST /a: HTTP 429: "), "{message}");
        assert!(message.contains(reason), "{message}");
    }
    // `request` returns responses, and has none to return here.
    for (response, _) in unreadable("404 Not Found", "") {
        let server = Server::start(vec![response.clone()]);
        let client = server.client(",\"max_response_bytes\":1000");
        let error = client.request(None, "GET", "/a", None, None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{error}");
        assert_eq!(error.http_status(), 404);
        assert_eq!(error.outcome(), Outcome::Answered);
    }
}

/// An error response that is cut off is an error response, not a broken connection.
#[test]
fn truncated_error_response_decides_by_its_status() {
    let truncated = "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n{}";
    for method in ["GET", "POST"] {
        // A server closes the connection after its last response.
        let server = Server::start(vec![truncated]);
        let client = server.client("");
        let error = client.request_json(None, method, "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::NotFound, "{error}");
        assert_eq!(error.outcome(), Outcome::Answered);
        let server = Server::start(vec![truncated]);
        let client = server.client("");
        let error = client.request(None, method, "/a", None, None).unwrap_err();
        assert_eq!(error.status(), Status::Transport, "{error}");
        assert_eq!(error.outcome(), Outcome::Answered);
    }
}

#[test]
fn too_many_requests_costs_no_retry_budget() {
    let last_was_refused = Mutex::new(false);
    let server = Server::with_handler(move |_| {
        let mut refused = last_was_refused.lock().unwrap();
        *refused = !*refused;
        match *refused {
            true => response("429 Too Many Requests", "Retry-After: 0\r\n", ""),
            false => response("404 Not Found", "", ""),
        }
    });
    let client = server.client("");
    for _ in 0..40 {
        let error = client.request_json(None, "POST", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::NotFound);
    }
}

#[test]
fn backoff_is_random() {
    let server = Server::with_handler(|_| response("500 Error", "", ""));
    let waits: Arc<Mutex<HashSet<String>>> = Arc::default();
    thread::scope(|scope| {
        for _ in 0..8 {
            let client = server.client(",\"max_retries\":1");
            let sink = waits.clone();
            let log = move |_, line: &str| {
                let wait = line
                    .split(' ')
                    .find(|word| word.starts_with("retry_in_ms="));
                sink.lock().unwrap().extend(wait.map(str::to_owned));
            };
            client.set_log(LogLevel::Warning, log);
            scope.spawn(move || client.request_json(None, "GET", "/a", None).unwrap_err());
        }
    });
    assert!(waits.lock().unwrap().len() > 1);
}

/// The attempt whose response was lost may have deleted the record.
#[test]
fn error_after_a_retried_write_tells_of_the_earlier_attempt() {
    let not_found = || response("404 Not Found", "", "");
    const LOST: &str = "the connection was closed before the response was complete";
    for (first, end) in [
        (CLOSE.to_owned(), LOST),
        (
            response("502 Bad Gateway", "Retry-After: 0\r\n", ""),
            "HTTP 502",
        ),
    ] {
        for method in ["DELETE", "PUT"] {
            let server = Server::start(vec![first.clone(), not_found()]);
            let client = server.client("");
            let error = client.request_json(None, method, "/a", None).unwrap_err();
            assert_eq!(error.status(), Status::NotFound);
            assert_eq!(error.outcome(), Outcome::Answered);
            assert_eq!(
                error.message(),
                format!(
                    "{method} /a: HTTP 404 (an earlier attempt may have been processed: {end})"
                )
            );
        }
        // A request that changes nothing has no such story.
        let server = Server::start(vec![first, not_found()]);
        let client = server.client("");
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.message(), "GET /a: HTTP 404");
    }
    // Nor has one that the service did not process.
    for refusal in ["429 Too Many Requests", "503 Unavailable"] {
        let refusal = response(refusal, "Retry-After: 0\r\n", "");
        let server = Server::start(vec![refusal, not_found()]);
        let client = server.client("");
        let error = client.request_json(None, "DELETE", "/a", None).unwrap_err();
        assert_eq!(error.message(), "DELETE /a: HTTP 404");
    }
}

fn timestamp_of(request: &str) -> u64 {
    let (_, rest) = request.split_once("oauth_timestamp=\"").unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}

#[test]
fn signs_again_only_with_a_time_that_can_be_right() {
    let refusal = |server_time: &str| {
        let body = format!(
            r#"{{"errors":{{"oauth_problem":"timestamp_refused","server_time":{server_time}}}}}"#
        );
        response("401 Unauthorized", "", &body)
    };
    for server_time in ["1350000000", "1350000000.75", "\"1350000000\""] {
        let server = Server::start(vec![refusal(server_time), ok("1")]);
        let client = server.client("");
        client.request_json(None, "GET", "/a", None).unwrap();
        server.request();
        let timestamp = timestamp_of(&server.request());
        assert!((1_350_000_000..1_350_086_400).contains(&timestamp));
    }
    for server_time in ["-5", "0", "9000000000000000000", "1e400", "null", "\"now\""] {
        let server = Server::start(vec![refusal(server_time), ok("1")]);
        let client = server.client("");
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Unauthorized, "{server_time}");
        server.request();
        client.request_json(None, "GET", "/a", None).unwrap();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let timestamp = timestamp_of(&server.request());
        assert!(timestamp.abs_diff(now.unwrap().as_secs()) < 86400);
    }
}
