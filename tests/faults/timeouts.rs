//! Each wait of a request ends with the timeout and with cancel. The waits for TLS handshakes,
//! proxies and name lookups are tested in tls.rs, proxies.rs and ../name_lookup.rs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use uservoice::{Client, Collection, Error, Outcome, Status, Token};

use crate::server::{NO_TIMEOUT, Server, read_request, response, timed_out};

fn with_timeout(ms: u64) -> String {
    format!("{NO_TIMEOUT},\"timeout_ms\":{ms},\"max_retries\":0")
}

pub fn client(base_url: &str, options: &str) -> Client {
    let options = format!("{{\"base_url\":\"{base_url}\"{options}}}");
    Client::new("acme", "key", Some("secret"), Some(&options)).unwrap()
}

pub fn get(client: &Client) -> Result<String, Error> {
    client.request_json(None, "GET", "/a", None)
}

/// Returns the error of a request that is cancelled once `is_waiting` returns.
fn cancelled<T: Send>(
    client: &Client,
    call: impl FnOnce(&Client) -> Result<T, Error> + Send,
    is_waiting: impl FnOnce(),
) -> Error {
    thread::scope(|scope| {
        let call = scope.spawn(|| call(client));
        is_waiting();
        client.cancel();
        let error = call.join().unwrap().err().unwrap();
        assert_eq!(error.status(), Status::Cancelled, "{error}");
        error
    })
}

/// Starts a server that calls `serve` for one connection after the other.
pub fn start(serve: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        listener
            .incoming()
            .for_each(|stream| serve(stream.unwrap()))
    });
    base_url
}

/// Starts a server that sends headers and then an endless body, one byte every 20 ms.
pub fn slow_body() -> String {
    start(|mut stream| {
        if read_request(&stream).is_none() {
            return;
        }
        let mut piece = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        while stream.write_all(piece.as_bytes()).is_ok() {
            piece = "1\r\n1\r\n";
            thread::sleep(Duration::from_millis(20));
        }
    })
}

/// Returns an address that neither accepts nor refuses connections, because the queue of its
/// listener is full. It stays so until the listener and the streams are dropped.
pub fn unresponsive() -> (String, TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // A busy machine may time out once. The queue is full if that happens three times.
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(100));
    let retry = || (0..3).find_map(|_| connect().ok());
    let queue = std::iter::from_fn(retry).collect();
    (format!("http://{address}"), listener, queue)
}

#[test]
fn connecting_ends() {
    let (base_url, _listener, _queue) = unresponsive();
    for limit in ["timeout_ms", "connect_timeout_ms"] {
        let limits = format!("{NO_TIMEOUT},\"max_retries\":0,\"{limit}\":500");
        let error = get(&client(&base_url, &limits)).unwrap_err();
        assert_eq!(error.status(), Status::Timeout);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(
            error.message().contains("no connection within 500 ms"),
            "{error}"
        );
    }
    let client = client(&base_url, NO_TIMEOUT);
    let error = cancelled(&client, get, || thread::sleep(Duration::from_millis(50)));
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[test]
fn slow_response_body_ends() {
    let base_url = slow_body();
    let client = |options: &str| self::client(&base_url, options);
    let error = timed_out(|ms| get(&client(&with_timeout(ms))));
    let has_message = error.message().contains("no complete response within ");
    assert!(has_message, "{error}");
    let error = cancelled(&client(NO_TIMEOUT), get, || {
        thread::sleep(Duration::from_millis(50));
    });
    assert_ne!(error.outcome(), Outcome::Answered);
}

#[test]
fn slow_response_headers_end() {
    let base_url = start(|mut stream| {
        if read_request(&stream).is_none() {
            return;
        }
        let mut piece = "HTTP/1.1 200 OK\r\nX: ";
        while stream.write_all(piece.as_bytes()).is_ok() {
            piece = "x";
            thread::sleep(Duration::from_millis(20));
        }
    });
    let error = get(&client(&base_url, &with_timeout(500))).unwrap_err();
    assert_eq!(error.status(), Status::Timeout);
}

#[test]
fn sending_a_body_that_is_not_read_ends() {
    let body = format!("\"{}\"", "x".repeat(32 << 20));
    sending_ends(|client| client.request_json(None, "PUT", "/a", Some(&body)));
    let headers = Some(r#"{"Content-Type":"application/json"}"#);
    sending_ends(|client| client.send(None, "PUT", "/a", headers, body.as_bytes()));
    sending_ends(|client| client.upload(None, "/a", "a", None, body.as_bytes()));
}

fn sending_ends(send: impl Fn(&Client) -> Result<String, Error> + Send) {
    let listen = || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        (listener, base_url)
    };
    let (_listener, base_url) = listen();
    timed_out(|ms| send(&client(&base_url, &with_timeout(ms))));
    let (listener, base_url) = listen();
    let client = client(&base_url, NO_TIMEOUT);
    let mut streams = Vec::new();
    cancelled(&client, send, || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0]).unwrap();
        streams.push(stream);
    });
}

#[test]
fn wait_between_attempts_ends_with_cancel() {
    let server = Server::with_handler(|_| response("503 Unavailable", "Retry-After: 3600\r\n", ""));
    let client = client(&server.base_url, NO_TIMEOUT);
    let error = cancelled(&client, get, || {
        server.request();
        thread::sleep(Duration::from_millis(50));
    });
    assert_ne!(error.outcome(), Outcome::NotSent);
    server.assert_no_more_requests();
}

#[test]
fn wait_for_the_rate_limit_ends_with_cancel() {
    let headers = "X-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: 3600\r\n";
    let server = Server::with_handler(move |_| response("200 OK", headers, "1"));
    let client = client(&server.base_url, NO_TIMEOUT);
    get(&client).unwrap();
    server.request();
    let error = cancelled(&client, get, || thread::sleep(Duration::from_millis(50)));
    assert_eq!(error.outcome(), Outcome::NotSent);
    server.assert_no_more_requests();
}

/// Starts a server that never responds to requests for pages after `last`.
fn list_with_pages(last: usize) -> Server {
    Server::with_handler(move |request| {
        let is_requested = |page: &usize| request.contains(&format!("page={page} "));
        let Some(page) = (1..=last).find(is_requested) else {
            loop {
                thread::park();
            }
        };
        let paging = "{\"per_page\":1,\"total_records\":9}";
        let body = format!("{{\"response_data\":{paging},\"users\":[{page}]}}");
        response("200 OK", "", &body)
    })
}

#[test]
fn wait_for_a_page_ends_with_cancel() {
    let server = list_with_pages(1);
    let client = client(&server.base_url, NO_TIMEOUT);
    let collection = Collection::new(&client, None, "/users?per_page=1", None, None).unwrap();
    assert_eq!(collection.next().unwrap().unwrap(), "1");
    // One reader loads the page, and the other one waits for it.
    let next = |_: &Client| -> Result<Option<String>, Error> {
        thread::scope(|scope| {
            let other = scope.spawn(|| collection.next());
            let error = collection.next().unwrap_err();
            assert_eq!(error.status(), Status::Cancelled);
            other.join().unwrap()
        })
    };
    cancelled(&client, next, || thread::sleep(Duration::from_millis(50)));
}

#[test]
fn dropping_a_collection_ends_its_prefetch() {
    let server = list_with_pages(2);
    let client = client(&server.base_url, NO_TIMEOUT);
    let collection = Collection::new(&client, None, "/users?per_page=1", None, None).unwrap();
    collection.next().unwrap();
    collection.next().unwrap();
    // A worker requests the third page.
    while !server.request().contains("page=3 ") {}
    drop(collection);
}

/// One request refreshes the token at a service that does not respond, and others wait for it.
#[test]
fn wait_for_another_requests_refresh_ends() {
    let server = Server::with_handler(|_| {
        loop {
            thread::park();
        }
    });
    let json =
        "{\"type\":\"oauth2\",\"grant\":\"client_credentials\",\"token\":\"t\",\"expires_at\":1}";
    let token = Token::from_json(json).unwrap();
    let get = |client: &Client| client.request_json(Some(&token), "GET", "/a", None);
    let first = client(&server.base_url, NO_TIMEOUT);
    cancelled(&first, get, || {
        assert!(server.request().starts_with("POST /api/v2/oauth/token "));
        let error = get(&client(&server.base_url, &with_timeout(500))).unwrap_err();
        assert_eq!(error.status(), Status::Timeout, "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        let second = client(&server.base_url, NO_TIMEOUT);
        cancelled(&second, get, || thread::sleep(Duration::from_millis(50)));
        server.assert_no_more_requests();
    });
}
