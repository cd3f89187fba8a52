//! Requests: what is sent, what is retried, and which errors they end with.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use uservoice::{Client, Outcome, Status, Token};

use crate::server::{CLOSE, HANG, Server, ok, response, timed_out};

#[test]
fn returns_bodies_unchanged_over_one_connection() {
    let body = "{\"b\":1.10,\"a\":\"\\u00e9\",\"b\":2}\n";
    let server = Server::start(vec![ok(body), response("204 No Content", "", ""), ok("[]")]);
    let client = server.client("");
    let params = Some(r#"{"q":"x y"}"#);
    assert_eq!(
        client.request_json(None, "GET", "/a?p=1", params).unwrap(),
        body
    );
    assert_eq!(
        client.request_json(None, "DELETE", "/a", None).unwrap(),
        "null"
    );
    assert_eq!(
        client
            .request_json(None, "PUT", "/a", Some("[1.0]"))
            .unwrap(),
        "[]"
    );

    let get = server.request();
    assert!(get.starts_with("GET /a?p=1&q=x%20y HTTP/1.1\r\n"), "{get}");
    for header in [
        "accept: application/json\r\n",
        "content-type: application/json\r\n",
        "api-client: uservoice-rust-",
        "authorization: OAuth oauth_consumer_key=\"key\"",
    ] {
        assert!(get.contains(header), "{header} in {get}");
    }
    assert!(server.request().starts_with("DELETE /a HTTP/1.1\r\n"));
    let put = server.request();
    assert!(put.starts_with("PUT /a HTTP/1.1\r\n") && put.ends_with("\r\n\r\n[1.0]"));
}

#[test]
fn retries_get_with_a_new_signature() {
    let server = Server::start(vec![
        response("503 Unavailable", "Retry-After: 0\r\n", "<html>"),
        response("429 Too Many Requests", "Retry-After: 0\r\n", "Slow down"),
        ok("1"),
    ]);
    let client = server.client("");
    assert_eq!(client.request_json(None, "GET", "/a", None).unwrap(), "1");
    let nonce = |request: &str| {
        let (_, rest) = request.split_once("oauth_nonce=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let nonces = [(); 3].map(|()| nonce(&server.request()));
    assert!(nonces[0] != nonces[1] && nonces[1] != nonces[2]);
}

#[test]
fn does_not_retry_a_post_that_may_have_arrived() {
    let server = Server::start(vec![CLOSE.to_owned(), ok("1")]);
    let client = server.client("");
    let error = client.request_json(None, "POST", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::Unknown);
    server.request();
    server.assert_no_more_requests();

    let server = Server::start(vec![CLOSE.to_owned(), ok("1")]);
    let client = server.client("");
    assert_eq!(client.request_json(None, "GET", "/a", None).unwrap(), "1");
}

#[test]
fn retries_idempotent_methods_on_a_stale_connection() {
    for (method, succeeds) in [
        ("GET", true),
        ("PUT", true),
        ("DELETE", true),
        ("POST", false),
    ] {
        let server = Server::start(vec![ok("1"), CLOSE.to_owned(), ok("2")]);
        let client = server.client(",\"max_retries\":0");
        client.request_json(None, "GET", "/a", None).unwrap();
        let result = client.request_json(None, method, "/b", None);
        assert_eq!(result.is_ok(), succeeds, "{method}");
        if let Err(error) = result {
            assert_eq!(error.outcome(), Outcome::Unknown);
            server.request();
            server.request();
            server.assert_no_more_requests();
        }
    }
    // This uses up neither a retry nor the retry budget.
    let server = Server::start(vec![
        ok("1"),
        CLOSE.to_owned(),
        response("503 Unavailable", "Retry-After: 0\r\n", ""),
        ok("2"),
    ]);
    let client = server.client(",\"max_retries\":1");
    client.request_json(None, "GET", "/a", None).unwrap();
    assert_eq!(client.request_json(None, "GET", "/b", None).unwrap(), "2");
    // A connection that ends in the middle of a response is not stale.
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}";
    let server = Server::start(vec![ok("1"), cut.to_owned()]);
    let client = server.client(",\"max_retries\":0");
    client.request_json(None, "GET", "/a", None).unwrap();
    let error = client.request_json(None, "GET", "/b", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
}

/// If the last attempt was not sent, the outcome of the attempt before it counts.
#[test]
fn outcome_includes_earlier_attempts() {
    let unavailable = || response("503 Unavailable", "Retry-After: 1\r\n", "");
    for (first, outcome) in [
        (CLOSE.to_owned(), Outcome::Unknown),
        (unavailable(), Outcome::Answered),
    ] {
        // The server ends after its only response: the next connection is refused.
        let server = Server::start(vec![first.clone()]);
        let client = server.client(",\"max_retries\":1");
        let error = client.request_json(None, "DELETE", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Transport, "{first}: {error}");
        assert_eq!(error.outcome(), outcome, "{first}: {error}");
        assert_eq!(error.http_status(), 0);
    }
    // The same if it is cancelled between two attempts.
    let server = Server::start(vec![unavailable(), ok("1")]);
    let client = server.client(",\"max_retries\":1");
    let error = thread::scope(|scope| {
        let call = scope.spawn(|| client.request_json(None, "DELETE", "/a", None).unwrap_err());
        server.request();
        thread::sleep(Duration::from_millis(50));
        client.cancel();
        call.join().unwrap()
    });
    assert_eq!(error.status(), Status::Cancelled);
    assert_eq!(error.outcome(), Outcome::Answered);
}

#[test]
fn rejects_too_long_paths_headers_and_tokens() {
    let server = Server::start(vec![ok("1")]);
    let client = server.client("");
    let long = "x".repeat(70_000);
    let params = format!("{{\"ids\":\"{long}\"}}");
    let headers = format!("{{\"X-Long\":\"{long}\"}}");
    let many: Vec<String> = (0..24_577)
        .map(|number| format!("\"x{number}\":\"\""))
        .collect();
    let many = format!("{{{}}}", many.join(","));
    let endless = format!("{{\"x\":\"{}\"}}", "x".repeat(1_000_000));
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(2 << 20));
    let nested = "x".repeat(20_000);
    let nested = format!("{{\"{nested}\":{{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}}}}");
    let token = Token::new(&long[..64_000], "s").unwrap();
    let bearer = format!("{{\"type\":\"oauth2\",\"grant\":\"password\",\"token\":\"{long}\"}}");
    let bearer = Token::from_json(&bearer).unwrap();
    for (error, name) in [
        (
            client.request_json(None, "GET", &format!("/{long}"), None),
            "path:",
        ),
        (
            client.request_json(None, "DELETE", "/a", Some(&params)),
            "path:",
        ),
        (
            client.request(None, "POST", "/a", None, Some(&headers)),
            "headers:",
        ),
        (
            client.request(None, "GET", "/a", None, Some(&many)),
            "headers:",
        ),
        (
            client.request(None, "GET", "/a", None, Some(&endless)),
            "headers:",
        ),
        (
            client.request_json(None, "GET", "/a", Some(&endless)),
            "params:",
        ),
        (
            client.request_json(None, "GET", "/a", Some(&nested)),
            "params:",
        ),
        (Token::new(&long, "s").map(|_| String::new()), "token:"),
        (Token::new("t", &long).map(|_| String::new()), "secret:"),
        (
            client.request_json(Some(&token), "GET", "/a", None),
            "token:",
        ),
        (
            client.request_json(Some(&bearer), "GET", "/a", None),
            "token:",
        ),
    ] {
        let error = error.unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.message().starts_with(name), "{error}");
    }
    let rejected = [
        (Client::new("acme", &long, None, None).err(), "api_key"),
        (
            Client::new("acme", "k", Some(&long), None).err(),
            "api_secret",
        ),
        (Client::new("acme", "k", None, Some(&huge)).err(), "options"),
        (client.login_with_password(&long, "p").err(), "email"),
        (client.login_with_password("e", &long).err(), "password"),
        (client.login_with_code(&long, None, "r").err(), "code"),
        (client.login_as(None, &long).err(), "email"),
        (client.sso_url(&long, None).err(), "token"),
        (Token::from_json(&huge).err(), "json"),
    ];
    for (error, argument) in rejected {
        assert_eq!(error.unwrap().argument(), Some(argument));
    }
    server.assert_no_more_requests();
    // A body has no such limit.
    client
        .request_json(None, "POST", "/a", Some(&params))
        .unwrap();
}

#[test]
fn unsigned_redirect_includes_the_api_key() {
    let server = Server::start(vec![
        response("302 Found", "Location: /y?z\r\n", ""),
        ok("1"),
    ]);
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let client = Client::new("acme", "key", None, Some(&options)).unwrap();
    client.request_json(None, "GET", "/x", None).unwrap();
    assert!(server.request().starts_with("GET /x?client=key HTTP"));
    assert!(server.request().starts_with("GET /y?z&client=key HTTP"));
}

/// All handles together have a budget of 20 retries. Five successful requests add one.
#[test]
fn retry_budget_limits_retries_to_a_failing_service() {
    let is_healthy = Arc::new(AtomicBool::new(false));
    let healthy = is_healthy.clone();
    let server = Server::with_handler(move |_| match healthy.load(Ordering::Relaxed) {
        true => ok("1"),
        false => response("500 Error", "Retry-After: 0\r\n", ""),
    });
    let client = server.client(",\"max_retries\":100");
    let clone = client.with_options(None).unwrap();
    let attempts = |client: &Client| {
        let _ = client.request_json(None, "GET", "/a", None);
        let count = server.take_requests().len();
        assert!(count > 0);
        count
    };
    assert_eq!(attempts(&client), 21);
    assert_eq!(attempts(&clone), 1);
    is_healthy.store(true, Ordering::Relaxed);
    (0..9).for_each(|_| assert_eq!(attempts(&client), 1));
    is_healthy.store(false, Ordering::Relaxed);
    assert_eq!(attempts(&clone), 2);
    assert_eq!(attempts(&client), 1);
}

#[test]
fn keeps_max_idle_connections() {
    const CONCURRENT: usize = 8;
    let barrier = Barrier::new(CONCURRENT);
    let server = Server::with_handler(move |_| {
        barrier.wait();
        ok("1")
    });
    let client = server.client(",\"max_idle_connections\":3");
    thread::scope(|scope| {
        for _ in 0..CONCURRENT {
            scope.spawn(|| client.request_json(None, "GET", "/a", None).unwrap());
        }
    });
    (0..CONCURRENT - 3).for_each(|_| server.wait_for_end_of_connection());
    server.assert_no_connection_ended();
}

#[test]
fn returns_a_retry_after_beyond_max_retry_wait() {
    let server = Server::start(vec![
        response(
            "429 Too Many Requests",
            "Retry-After: 3600\r\n",
            "Slow down",
        ),
        ok("1"),
    ]);
    let client = server.client("");
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(error.body(), Some("Slow down"));
    // Other handles of the endpoint know the limit and send nothing.
    let clone = client.with_options(None).unwrap();
    let error = clone.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::RateLimited);
    assert_eq!(error.outcome(), Outcome::NotSent);
    server.request();
    server.assert_no_more_requests();
}

#[test]
fn signs_again_with_the_servers_clock_once() {
    let refusal = r#"{"errors":{"type":"unauthorized","oauth_problem":"timestamp_refused","server_time":1350000000}}"#;
    let server = Server::start(vec![
        response("401 Unauthorized", "", refusal),
        ok("1"),
        response("401 Unauthorized", "", refusal),
        response("401 Unauthorized", "", refusal),
    ]);
    let client = server.client(",\"max_retries\":0");
    assert_eq!(client.request_json(None, "POST", "/a", None).unwrap(), "1");
    server.request();
    assert!(server.request().contains("oauth_timestamp=\"13500000"));
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Unauthorized);
}

#[test]
fn follows_redirects_of_get_within_the_origin() {
    let server = Server::start(vec![
        response("302 Found", "Location: /b?c=d\r\n", ""),
        ok("1"),
        response("302 Found", "Location: http://127.0.0.2:9/\r\n", ""),
        response("302 Found", "Location: /b\r\n", ""),
    ]);
    let client = server.client("");
    assert_eq!(client.request_json(None, "GET", "/a", None).unwrap(), "1");
    server.request();
    assert!(server.request().starts_with("GET /b?c=d "));
    for method in ["GET", "POST"] {
        let error = client.request_json(None, method, "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::ApiError);
        assert_eq!(error.http_status(), 302);
    }
}

#[test]
fn timeout_and_cancel_end_a_request() {
    let server = Server::start(vec![HANG.to_owned()]);
    timed_out(|ms| {
        let client = server.client(&format!(",\"timeout_ms\":{ms},\"max_retries\":0"));
        client.request_json(None, "GET", "/a", None)
    });

    let server = Server::start(vec![HANG.to_owned()]);
    let client = server.client("");
    thread::scope(|scope| {
        let call = scope.spawn(|| client.request_json(None, "GET", "/a", None));
        server.request();
        let started = Instant::now();
        client.cancel();
        let error = call.join().unwrap().unwrap_err();
        assert_eq!(error.status(), Status::Cancelled);
        // Well below the 30 seconds that the server takes.
        assert!(started.elapsed() < Duration::from_secs(10));
    });
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Cancelled);
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[test]
fn rejects_responses_too_large_or_truncated() {
    let server = Server::start(vec![ok(&format!("\"{}\"", "x".repeat(100)))]);
    let client = server.client(",\"max_response_bytes\":50");
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::BadResponse);

    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}".to_owned();
    let server = Server::start(vec![cut]);
    let client = server.client(",\"max_retries\":0");
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
}

#[test]
fn unsigned_request_sends_only_the_api_key() {
    let server = Server::start(vec![ok("1")]);
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let client = Client::new("acme", "key", None, Some(&options)).unwrap();
    client.request_json(None, "GET", "/a?b=c", None).unwrap();
    let request = server.request();
    assert!(request.starts_with("GET /a?b=c&client=key "), "{request}");
    assert!(!request.contains("authorization"));
    let token = Token::new("t", "s").unwrap();
    let error = client
        .request_json(Some(&token), "GET", "/a", None)
        .unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
}

#[test]
fn request_returns_status_headers_and_body() {
    let server = Server::start(vec![
        response(
            "404 Not Found",
            "X-Twice: a\r\nX-Twice: b\r\n",
            "<p>\"no\"</p>",
        ),
        ok("{\"n\":1.0}"),
    ]);
    let client = server.client("");
    let headers = Some(r#"{"X-Mine":"1","Accept":"text/html"}"#);
    assert_eq!(
        client.request(None, "GET", "/a", None, headers).unwrap(),
        r#"{"status":404,"headers":{"x-twice":"a, b","content-length":"11"},"body":"<p>\"no\"</p>"}"#
    );
    let request = server.request();
    assert!(request.contains("x-mine: 1\r\n") && request.contains("accept: text/html\r\n"));
    assert!(!request.contains("accept: application/json"));
    let json = client.request(None, "GET", "/a", None, None).unwrap();
    assert!(json.ends_with(r#""body":{"n":1.0}}"#), "{json}");
    for bad in [
        r#"{"Authorization":"x"}"#,
        r#"{"Host":"x"}"#,
        r#"{"X":"a\r\nb"}"#,
        r#"{"a b":"x"}"#,
        r#"{"X":1}"#,
    ] {
        let error = client
            .request(None, "GET", "/a", None, Some(bad))
            .unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{bad}");
    }
}
