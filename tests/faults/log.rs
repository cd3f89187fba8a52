//! Log lines: contents, levels, threads, and the absence of secrets.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use uservoice::{Client, Collection, LogLevel, Status};

use crate::server::{CLOSE, HANG, Server, ok, response};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(ThreadId, LogLevel, String)>>>);

impl Lines {
    fn of(client: &Client, level: LogLevel) -> Self {
        let lines = Lines::default();
        let sink = lines.clone();
        let record = move |level, line: &str| {
            let entry = (thread::current().id(), level, line.to_owned());
            sink.0.lock().unwrap().push(entry);
        };
        client.set_log(level, record);
        lines
    }

    /// Returns the lines since the last call, with durations replaced by N.
    fn take(&self) -> Vec<String> {
        let lines = std::mem::take(&mut *self.0.lock().unwrap());
        let without_duration = |word: &str| match word.split_once("ms=") {
            Some((before, _)) => format!("{before}ms=N"),
            None => word.to_owned(),
        };
        let normalize = |line: &str| {
            line.split(' ')
                .map(without_duration)
                .collect::<Vec<_>>()
                .join(" ")
        };
        lines.iter().map(|(_, _, line)| normalize(line)).collect()
    }
}

#[test]
fn logs_one_line_per_attempt() {
    let server = Server::start(vec![
        response("503 Unavailable", "Retry-After: 0\r\n", ""),
        response("302 Found", "Location: /b?c=d\r\n", ""),
        CLOSE.to_owned(),
        ok("1"),
        response(
            "200 OK",
            "X-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: 1\r\n",
            "1",
        ),
        response("404 Not Found", "", ""),
        response("429 Too Many Requests", "Retry-After: 1\r\n", ""),
        ok("1"),
    ]);
    let client = server.client("");
    let lines = Lines::of(&client, LogLevel::Info);
    client
        .request_json(None, "GET", "/a?secret&x=1", Some(r#"{"y":"2"}"#))
        .unwrap();
    assert_eq!(
        lines.take(),
        [
            "method=GET path=/a?x&y status=503 duration_ms=N attempt=1 retry_in_ms=N",
            "method=GET path=/a?x&y status=302 duration_ms=N attempt=2 retry_in_ms=N",
            "method=GET path=/b?c status=0 duration_ms=N attempt=3 retry_in_ms=N error=\"the connection was closed before the response was complete\"",
            "method=GET path=/b?c status=200 duration_ms=N attempt=4",
        ]
    );
    client.request_json(None, "POST", "/a", None).unwrap();
    client.request_json(None, "DELETE", "/a", None).unwrap_err();
    assert_eq!(
        lines.take(),
        [
            "method=POST path=/a status=200 duration_ms=N attempt=1",
            "method=DELETE path=/a status=404 duration_ms=N attempt=1 rate_limit_wait_ms=N",
        ]
    );
    // A refused request waits in the queue, where it keeps its place.
    client.request_json(None, "POST", "/a", None).unwrap();
    assert_eq!(
        lines.take(),
        [
            "method=POST path=/a status=429 duration_ms=N attempt=1 retry_in_ms=N",
            "method=POST path=/a status=200 duration_ms=N attempt=2 rate_limit_wait_ms=N",
        ]
    );
}

/// Dropping a collection cancels its prefetch, which is not worth a warning.
#[test]
fn logs_a_cancelled_attempt_at_info() {
    let server = Server::start(vec![HANG.to_owned()]);
    let client = server.client("");
    let lines = Lines::of(&client, LogLevel::Info);
    thread::scope(|scope| {
        let call = scope.spawn(|| client.request_json(None, "GET", "/a", None).unwrap_err());
        server.request();
        client.cancel();
        assert_eq!(call.join().unwrap().status(), Status::Cancelled);
    });
    let entries = lines.0.lock().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].1, LogLevel::Info, "{}", entries[0].2);
}

#[test]
fn clones_inherit_the_log_and_its_level() {
    let status = |status: &'static str| response(status, "", "");
    let all = [
        "404 Not Found",
        "200 OK",
        "500 Error",
        "429 Too Many Requests",
    ];
    let responses = all.iter().chain(&all).map(|line| status(line)).collect();
    let server = Server::start(responses);
    let client = server.client(",\"max_retries\":0");
    let warnings = Lines::of(&client, LogLevel::Warning);
    let clone = client.with_options(None).unwrap();
    for _ in all {
        let _ = clone.request_json(None, "GET", "/a", None);
    }
    for (_, level, _) in &*warnings.0.lock().unwrap() {
        assert_eq!(*level, LogLevel::Warning);
    }
    assert_eq!(warnings.take().len(), 2);

    let quiet = Lines::of(&clone, LogLevel::Off);
    for _ in all {
        let _ = clone.request_json(None, "GET", "/a", None);
    }
    assert!(quiet.take().is_empty() && warnings.take().is_empty());
}

#[test]
fn replaces_and_removes_the_log() {
    let server = Server::with_handler(|_| ok("{\"response_data\":{},\"users\":[1]}"));
    let client = server.client("");
    let get = |client: &Client| client.request_json(None, "GET", "/a", None).unwrap();
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    let first = Lines::of(&client, LogLevel::Info);
    let clone = client.with_options(None).unwrap();
    let second = Lines::of(&client, LogLevel::Info);
    get(&client);
    collection.next().unwrap();
    get(&clone);
    assert_eq!((first.take().len(), second.take().len()), (1, 2));
    client.remove_log();
    get(&client);
    collection.rewind();
    collection.next().unwrap();
    get(&clone);
    assert_eq!((first.take().len(), second.take().len()), (1, 0));
}

/// A callback that is called no more is dropped, with all that it refers to.
#[test]
fn replaced_callback_is_dropped() {
    let client = Client::new("acme", "key", None, None).unwrap();
    let lines = Lines::of(&client, LogLevel::Info);
    assert_eq!(Arc::strong_count(&lines.0), 2);
    client.set_log(LogLevel::Info, |_, _| ());
    assert_eq!(Arc::strong_count(&lines.0), 1);
}

#[test]
fn keeps_lines_until_they_are_taken() {
    let records = AtomicUsize::new(0);
    let server = Server::with_handler(move |request| match request.contains("/users") {
        true => ok(&format!(
            "{{\"response_data\":{{\"per_page\":1,\"total_records\":20}},\"users\":[{}]}}",
            records.fetch_add(1, Ordering::Relaxed)
        )),
        false => response("500 Error", "", ""),
    });
    let client = server.client(",\"max_retries\":0");
    let error = client.take_log().unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
    client.keep_log(LogLevel::Info);
    assert_eq!(client.take_log().unwrap(), None);
    let clone = client.with_options(None).unwrap();
    clone.request_json(None, "GET", "/a?b=c", None).unwrap_err();
    let lines = client.take_log().unwrap().unwrap();
    let start = "[{\"level\":1,\"line\":\"method=GET path=/a?b status=500 duration_ms=";
    assert!(
        lines.starts_with(start) && lines.ends_with("attempt=1\"}]"),
        "{lines}"
    );

    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    while collection.next().unwrap().is_some() {}
    drop(collection);
    let lines = clone.take_log().unwrap().unwrap();
    assert_eq!(lines.matches("\"level\":2").count(), 20, "{lines}");
    assert_eq!(client.take_log().unwrap(), None);
    clone.remove_log();
    clone.take_log().unwrap_err();
}

#[test]
fn prefetch_logs_on_the_readers_thread() {
    let server = Server::with_handler(|request| {
        let paging = "{\"per_page\":1,\"total_records\":20}";
        let (_, number) = request.split_once("&page=").unwrap();
        let number = number.split(' ').next().unwrap();
        ok(&format!(
            "{{\"response_data\":{paging},\"users\":[{number}]}}"
        ))
    });
    let client = server.client("");
    let lines = Lines::of(&client, LogLevel::Info);
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    while collection.next().unwrap().is_some() {}
    drop(collection);
    for (thread, _, _) in &*lines.0.lock().unwrap() {
        assert_eq!(*thread, thread::current().id());
    }
    assert_eq!(lines.take().len(), 20);
}

#[test]
fn passes_lines_of_workers_to_the_next_call_and_to_drop() {
    const PER_PAGE: usize = 100;
    let (_resume, resumed) = channel::<()>();
    let resumed = Mutex::new(resumed);
    let server = Server::with_handler(move |request| {
        if request.contains("&page=4 ") {
            // Until the test ends.
            let _ = resumed.lock().unwrap().recv();
        }
        let target = request.split(' ').nth(1).unwrap();
        let records = vec![format!("\"{target}\""); PER_PAGE].join(",");
        let paging = format!("{{\"per_page\":{PER_PAGE},\"total_records\":500}}");
        ok(&format!(
            "{{\"response_data\":{paging},\"users\":[{records}]}}"
        ))
    });
    let client = server.client("");
    let lines = Lines::of(&client, LogLevel::Info);
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    // The first record of the second page starts a worker that loads the third page.
    (0..=PER_PAGE).for_each(|_| drop(collection.next().unwrap().unwrap()));
    for _ in 1..PER_PAGE {
        if lines.0.lock().unwrap().len() < 3 {
            thread::sleep(Duration::from_millis(20));
        }
        collection.next().unwrap().unwrap();
    }
    assert_eq!(lines.take().len(), 3);
    // The first record of the third page starts a worker that loads the fourth page.
    collection.next().unwrap().unwrap();
    while !server.request().contains("&page=4 ") {}
    drop(collection);
    let lines = lines.take();
    let cancelled = |line: &String| line.ends_with("error=\"the call was cancelled\"");
    assert!(lines.iter().any(cancelled), "{lines:?}");
}

#[test]
fn never_logs_a_secret() {
    const SECRETS: [&str; 9] = [
        "my-api-key",
        "my-api-secret",
        "my-token",
        "my-secret",
        "my-value",
        "my-verifier",
        "my-password",
        "someone@",
        "OAuth",
    ];
    let token = "oauth_token=my-token&oauth_token_secret=my-secret";
    let refusal = r#"{"errors":{"type":"unauthorized","message":"my-value my-secret"}}"#;
    let server = Server::start(vec![
        ok(token),
        ok(token),
        ok(token),
        response("302 Found", "Location: /b?c=my-value\r\n", ""),
        response("401 Unauthorized", "X: my-secret\r\n", refusal),
        CLOSE.to_owned(),
        "my-value my-secret\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nmy-secret\r\n\r\n".to_owned(),
        ok("\"my-value"),
    ]);
    let new = |secret, base_url: &str, more: &str| {
        let options = format!("{{\"base_url\":\"{base_url}\",\"max_retries\":0{more}}}");
        Client::new("acme", "my-api-key", secret, Some(&options)).unwrap()
    };
    let client = new(Some("my-api-secret"), &server.base_url, "");
    let lines = Lines::of(&client, LogLevel::Info);
    let token = client.request_token().unwrap();
    client
        .login_as(Some(&token), "someone@example.com")
        .unwrap();
    let query = Some(r#"{"q":"my-value"}"#);
    let mut attempts = 3;
    for (method, path) in [
        ("GET", "/a?p=my-value"),
        ("POST", "/a?p=my-value"),
        ("GET", "/a"),
        ("GET", "/a"),
        ("GET", "/a"),
    ] {
        assert!(
            client
                .request_json(Some(&token), method, path, query)
                .is_err()
        );
        attempts += 1;
    }
    let other_server = Server::start(vec![ok("1")]);
    let unsigned = new(None, &other_server.base_url, "");
    let unsigned_lines = Lines::of(&unsigned, LogLevel::Info);
    unsigned.request_json(None, "GET", "/a", None).unwrap();

    let proxy = ",\"proxy\":\"http://u:my-password@127.0.0.1:1\"";
    let proxied = new(Some("my-api-secret"), &server.base_url, proxy);
    let proxied_lines = Lines::of(&proxied, LogLevel::Info);
    let login = proxied.login_with_verifier(&token, "my-verifier");
    assert!(login.is_err());

    let lines = lines.take();
    // The redirect adds one.
    assert_eq!(lines.len(), attempts + 1, "{lines:#?}");
    let other_lines = [unsigned_lines.take(), proxied_lines.take()].concat();
    assert_eq!(other_lines.len(), 2);
    for line in lines.iter().chain(&other_lines) {
        for secret in SECRETS {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}
