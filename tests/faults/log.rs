//! What a log tells, on which thread, and what never.

use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use uservoice::{Client, Collection, LogLevel, Status};

use crate::server::{CLOSE, HANG, Server, answer, ok};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(ThreadId, LogLevel, String)>>>);

impl Lines {
    fn of(client: &Client, level: LogLevel) -> Self {
        let lines = Lines::default();
        let sink = lines.clone();
        let note = move |level, line: &str| {
            let told = (thread::current().id(), level, line.to_owned());
            sink.0.lock().unwrap().push(told);
        };
        client.set_log(level, note).unwrap();
        lines
    }

    /// The lines so far, with what a clock says as N.
    fn take(&self) -> Vec<String> {
        let lines = std::mem::take(&mut *self.0.lock().unwrap());
        let timeless = |word: &str| match word.split_once("ms=") {
            Some((before, _)) => format!("{before}ms=N"),
            None => word.to_owned(),
        };
        let told = |line: &str| line.split(' ').map(timeless).collect::<Vec<_>>().join(" ");
        lines.iter().map(|(_, _, line)| told(line)).collect()
    }
}

#[test]
fn one_line_an_attempt() {
    let server = Server::start(vec![
        answer("503 Unavailable", "Retry-After: 0\r\n", ""),
        answer("302 Found", "Location: /b?c=d\r\n", ""),
        CLOSE.to_owned(),
        ok("1"),
        answer(
            "200 OK",
            "X-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: 1\r\n",
            "1",
        ),
        answer("404 Not Found", "", ""),
    ]);
    let client = server.client("");
    let lines = Lines::of(&client, LogLevel::Info);
    client
        .call(None, "GET", "/a?x=1", Some(r#"{"y":"2"}"#))
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
    client.call(None, "POST", "/a", None).unwrap();
    client.call(None, "DELETE", "/a", None).unwrap_err();
    assert_eq!(
        lines.take(),
        [
            "method=POST path=/a status=200 duration_ms=N attempt=1",
            "method=DELETE path=/a status=404 duration_ms=N attempt=1 rate_limit_wait_ms=N",
        ]
    );
}

/// A list that is not read to its end is nothing to warn of.
#[test]
fn what_was_cancelled_is_no_warning() {
    let server = Server::start(vec![HANG.to_owned()]);
    let client = server.client("");
    let lines = Lines::of(&client, LogLevel::Info);
    thread::scope(|scope| {
        let call = scope.spawn(|| client.call(None, "GET", "/a", None).unwrap_err());
        server.request();
        client.cancel();
        assert_eq!(call.join().unwrap().status(), Status::Cancelled);
    });
    let told = lines.0.lock().unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, LogLevel::Info, "{}", told[0].2);
}

#[test]
fn levels_and_handles() {
    let status = |status: &'static str| answer(status, "", "");
    let all = [
        "404 Not Found",
        "200 OK",
        "500 Error",
        "429 Too Many Requests",
    ];
    let twice = all.iter().chain(&all).map(|line| status(line)).collect();
    let server = Server::start(twice);
    let client = server.client(",\"max_retries\":0");
    let warnings = Lines::of(&client, LogLevel::Warning);
    let clone = client.with_options(None).unwrap();
    for _ in all {
        let _ = clone.call(None, "GET", "/a", None);
    }
    for (_, level, _) in &*warnings.0.lock().unwrap() {
        assert_eq!(*level, LogLevel::Warning);
    }
    assert_eq!(warnings.take().len(), 2);
    let error = client.set_log(LogLevel::Info, |_, _| ()).unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);

    let quiet = Lines::of(&clone, LogLevel::Off);
    for _ in all {
        let _ = clone.call(None, "GET", "/a", None);
    }
    assert!(quiet.take().is_empty() && warnings.take().is_empty());
}

#[test]
fn a_list_tells_on_its_readers_thread() {
    let server = Server::answering(|request| {
        let paging = "{\"per_page\":1,\"total_records\":20}";
        assert!(request.contains("&page="));
        ok(&format!("{{\"response_data\":{paging},\"users\":[1]}}"))
    });
    let client = server.client("");
    let lines = Lines::of(&client, LogLevel::Info);
    let list = Collection::new(&client, None, "/users", None, None).unwrap();
    while list.next().unwrap().is_some() {}
    drop(list);
    for (told_on, _, _) in &*lines.0.lock().unwrap() {
        assert_eq!(*told_on, thread::current().id());
    }
    assert_eq!(lines.take().len(), 20);
}

#[test]
fn never_a_secret() {
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
        answer("302 Found", "Location: /b?c=my-value\r\n", ""),
        answer("401 Unauthorized", "X: my-secret\r\n", refusal),
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
    let mut told = 3;
    for (method, path) in [
        ("GET", "/a?p=my-value"),
        ("POST", "/a?p=my-value"),
        ("GET", "/a"),
        ("GET", "/a"),
        ("GET", "/a"),
    ] {
        assert!(client.call(Some(&token), method, path, query).is_err());
        told += 1;
    }
    let another = Server::start(vec![ok("1")]);
    let unsigned = new(None, &another.base_url, "");
    let of_unsigned = Lines::of(&unsigned, LogLevel::Info);
    unsigned.call(None, "GET", "/a", None).unwrap();

    let proxy = ",\"proxy\":\"http://u:my-password@127.0.0.1:1\"";
    let proxied = new(Some("my-api-secret"), &server.base_url, proxy);
    let of_proxied = Lines::of(&proxied, LogLevel::Info);
    let login = proxied.login_with_verifier(&token, "my-verifier");
    assert!(login.is_err());

    let lines = lines.take();
    // The redirect is one more.
    assert_eq!(lines.len(), told + 1, "{lines:#?}");
    let of_others = [of_unsigned.take(), of_proxied.take()].concat();
    assert_eq!(of_others.len(), 2);
    for line in lines.iter().chain(&of_others) {
        for secret in SECRETS {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}
