//! Every place where a call waits ends with its time limit, and with cancel. But
//! for TLS (tls.rs), proxies (proxies.rs) and name lookups (../name_lookup.rs).

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use uservoice::{Client, Collection, Error, Outcome, Status, Token};

use crate::server::{NEVER, Server, answer, read_request, timed_out};

fn soon(ms: u64) -> String {
    format!("{NEVER},\"timeout_ms\":{ms},\"max_retries\":0")
}

fn client(base_url: &str, options: &str) -> Client {
    let options = format!("{{\"base_url\":\"{base_url}\"{options}}}");
    Client::new("acme", "key", Some("secret"), Some(&options)).unwrap()
}

fn get(client: &Client) -> Result<String, Error> {
    client.call(None, "GET", "/a", None)
}

/// What a call says that is cancelled once `arrived` returns.
fn cancelled<T: Send>(
    client: &Client,
    call: impl FnOnce(&Client) -> Result<T, Error> + Send,
    arrived: impl FnOnce(),
) -> Error {
    thread::scope(|scope| {
        let call = scope.spawn(|| call(client));
        arrived();
        client.cancel();
        let error = call.join().unwrap().err().unwrap();
        assert_eq!(error.status(), Status::Cancelled, "{error}");
        error
    })
}

/// Serves one connection after the other with `serve`.
fn start(serve: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        listener
            .incoming()
            .for_each(|stream| serve(stream.unwrap()))
    });
    base_url
}

/// Answers with a head, and then a byte of the body now and then for ever.
fn dripping() -> String {
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

/// An address that neither accepts nor refuses, since its queue is full: it is
/// until the listener and the streams are dropped.
fn silent() -> (String, TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // A busy machine can be late once: only what is late again and again is full.
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(100));
    let again = || (0..3).find_map(|_| connect().ok());
    let queue = std::iter::from_fn(again).collect();
    (format!("http://{address}"), listener, queue)
}

#[test]
fn a_connection_that_does_not_come_about() {
    let (base_url, _listener, _queue) = silent();
    for limit in ["timeout_ms", "connect_timeout_ms"] {
        let limits = format!("{NEVER},\"max_retries\":0,\"{limit}\":500");
        let error = get(&client(&base_url, &limits)).unwrap_err();
        assert_eq!(error.status(), Status::Timeout);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(
            error.message().contains("no connection within 500 ms"),
            "{error}"
        );
    }
    let client = client(&base_url, NEVER);
    let error = cancelled(&client, get, || thread::sleep(Duration::from_millis(50)));
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[test]
fn an_answer_that_drips() {
    let base_url = dripping();
    let client = |options: &str| self::client(&base_url, options);
    let error = timed_out(|ms| get(&client(&soon(ms))));
    let said = error.message().contains("no complete response within ");
    assert!(said, "{error}");
    let error = cancelled(&client(NEVER), get, || {
        thread::sleep(Duration::from_millis(50));
    });
    assert_ne!(error.outcome(), Outcome::Answered);
}

#[test]
fn a_head_that_drips() {
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
    let error = get(&client(&base_url, &soon(500))).unwrap_err();
    assert_eq!(error.status(), Status::Timeout);
}

#[test]
fn a_body_that_is_not_taken() {
    let body = format!("\"{}\"", "x".repeat(32 << 20));
    let put = |client: &Client| client.call(None, "PUT", "/a", Some(&body));
    let listen = || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        (listener, base_url)
    };
    let (_listener, base_url) = listen();
    timed_out(|ms| put(&client(&base_url, &soon(ms))));
    let (listener, base_url) = listen();
    let client = client(&base_url, NEVER);
    let mut streams = Vec::new();
    cancelled(&client, put, || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0]).unwrap();
        streams.push(stream);
    });
}

#[test]
fn a_sleep_between_two_tries() {
    let server = Server::answering(|_| answer("503 Unavailable", "Retry-After: 3600\r\n", ""));
    let client = client(&server.base_url, NEVER);
    let error = cancelled(&client, get, || {
        server.request();
        thread::sleep(Duration::from_millis(50));
    });
    assert_ne!(error.outcome(), Outcome::NotSent);
    server.no_more_requests();
}

#[test]
fn a_wait_for_the_rate_limit() {
    let headers = "X-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: 3600\r\n";
    let server = Server::answering(move |_| answer("200 OK", headers, "1"));
    let client = client(&server.base_url, NEVER);
    get(&client).unwrap();
    server.request();
    let error = cancelled(&client, get, || thread::sleep(Duration::from_millis(50)));
    assert_eq!(error.outcome(), Outcome::NotSent);
    server.no_more_requests();
}

/// A list whose pages after `last` never come.
fn list_up_to_page(last: usize) -> Server {
    Server::answering(move |request| {
        let comes = |page| request.contains(&format!("page={page} "));
        while !(1..=last).any(comes) {
            thread::park();
        }
        let paging = "{\"per_page\":1,\"total_records\":9}";
        let body = format!("{{\"response_data\":{paging},\"users\":[1]}}");
        answer("200 OK", "", &body)
    })
}

#[test]
fn a_page_that_does_not_come() {
    let server = list_up_to_page(1);
    let client = client(&server.base_url, NEVER);
    let list = Collection::new(&client, None, "/users?per_page=1", None, None).unwrap();
    assert_eq!(list.next().unwrap().unwrap(), "1");
    // One reader loads the page, the other waits for the first.
    let next = |_: &Client| -> Result<Option<String>, Error> {
        thread::scope(|scope| {
            let other = scope.spawn(|| list.next());
            let error = list.next().unwrap_err();
            assert_eq!(error.status(), Status::Cancelled);
            other.join().unwrap()
        })
    };
    cancelled(&client, next, || thread::sleep(Duration::from_millis(50)));
}

#[test]
fn a_list_is_freed_in_the_middle_of_its_prefetch() {
    let server = list_up_to_page(2);
    let client = client(&server.base_url, NEVER);
    let list = Collection::new(&client, None, "/users?per_page=1", None, None).unwrap();
    list.next().unwrap();
    list.next().unwrap();
    // The third page is asked for by a thread of ours.
    while !server.request().contains("page=3 ") {}
    drop(list);
}

/// One call renews its token, at a service that does not answer; others wait for
/// that.
#[test]
fn another_calls_renewal() {
    let server = Server::answering(|_| {
        loop {
            thread::park();
        }
    });
    let json =
        "{\"type\":\"oauth2\",\"grant\":\"client_credentials\",\"token\":\"t\",\"expires_at\":1}";
    let token = Token::from_json(json).unwrap();
    let get = |client: &Client| client.call(Some(&token), "GET", "/a", None);
    let first = client(&server.base_url, NEVER);
    cancelled(&first, get, || {
        assert!(server.request().starts_with("POST /api/v2/oauth/token "));
        let error = get(&client(&server.base_url, &soon(500))).unwrap_err();
        assert_eq!(error.status(), Status::Timeout, "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        let second = client(&server.base_url, NEVER);
        cancelled(&second, get, || thread::sleep(Duration::from_millis(50)));
        server.no_more_requests();
    });
}
