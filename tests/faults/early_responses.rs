//! Responses that arrive before the request is sent (RFC 9112, section 9.5).

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustls::{ServerConnection, StreamOwned};
use uservoice::{Client, Error, Outcome, Status};

use crate::server::{NO_TIMEOUT, ok, response};
use crate::tls_server::{Authority, start};

/// More than the buffers of two sockets hold.
const BODY_LEN: usize = 32 << 20;

/// Sends a large POST, without a timeout in practice.
fn post(base_url: &str) -> (Client, Result<String, Error>) {
    let options = format!("{{\"base_url\":\"{base_url}\"{NO_TIMEOUT}}}");
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    let result = post_from(&client);
    (client, result)
}

fn post_from(client: &Client) -> Result<String, Error> {
    let body = format!("\"{}\"", "x".repeat(BODY_LEN - 2));
    client.request_json(None, "POST", "/a", Some(&body))
}

fn read_head(mut stream: impl Read) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
}

/// Starts a server that reads the head of a request and calls `serve`, for one connection after
/// the other.
fn start_plain(serve: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            read_head(&stream);
            serve(stream);
        }
    });
    base_url
}

fn too_large() -> String {
    response(
        "413 Content Too Large",
        "",
        "{\"errors\":{\"message\":\"big\"}}",
    )
}

fn assert_too_large(result: Result<String, Error>) {
    let error = result.unwrap_err();
    assert_eq!(error.http_status(), 413, "{error}");
    assert_eq!(error.outcome(), Outcome::Answered);
    assert!(error.message().ends_with("HTTP 413: big"), "{error}");
}

/// Waits until the client closes the connection, without reading what it sends.
fn hold(stream: TcpStream, end: &Receiver<()>) {
    end.recv().unwrap();
    drop(stream);
}

#[test]
fn returns_a_response_of_a_server_that_closes_the_connection() {
    for length in ["", "Content-Length: 28\r\n", "Connection: close\r\n"] {
        let head = format!("HTTP/1.1 413 Content Too Large\r\n{length}\r\n");
        let base_url = start_plain(move |mut stream| {
            let response = format!("{head}{{\"errors\":{{\"message\":\"big\"}}}}");
            stream.write_all(response.as_bytes()).unwrap();
        });
        let (client, result) = post(&base_url);
        assert_too_large(result);
        // On another connection.
        assert_too_large(post_from(&client));
    }
}

#[test]
fn returns_a_response_of_a_server_that_does_not_read() {
    let (end, ends) = channel();
    let base_url = start_plain(move |mut stream| {
        // Informational responses first, which do not end the request.
        let early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n";
        stream.write_all(early).unwrap();
        stream.read_exact(&mut vec![0; BODY_LEN / 2]).unwrap();
        stream.write_all(too_large().as_bytes()).unwrap();
        hold(stream, &ends);
    });
    let (client, result) = post(&base_url);
    assert_too_large(result);
    end.send(()).unwrap();
    // On another connection: not all of the request was sent on this one.
    let second = thread::spawn(move || post_from(&client));
    end.send(()).unwrap();
    assert_too_large(second.join().unwrap());
}

#[test]
fn returns_a_response_after_which_the_server_closes_its_side() {
    let (end, ends) = channel();
    let base_url = start_plain(move |mut stream| {
        stream.write_all(too_large().as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        hold(stream, &ends);
    });
    assert_too_large(post(&base_url).1);
    end.send(()).unwrap();
}

#[test]
fn a_server_that_closes_its_side_without_a_response_is_a_transport_error() {
    let (end, ends) = channel();
    let base_url = start_plain(move |stream| {
        stream.shutdown(Shutdown::Write).unwrap();
        hold(stream, &ends);
    });
    let error = post(&base_url).1.unwrap_err();
    assert_eq!(error.status(), Status::Transport, "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    end.send(()).unwrap();
}

#[test]
fn sends_the_whole_request_after_an_early_success() {
    let base_url = start_plain(move |mut stream| {
        stream.write_all(ok("1").as_bytes()).unwrap();
        stream.read_exact(&mut vec![0; BODY_LEN]).unwrap();
        // The next request on this connection.
        read_head(&stream);
        stream.write_all(ok("2").as_bytes()).unwrap();
    });
    let (client, result) = post(&base_url);
    assert_eq!(result.unwrap(), "1");
    assert_eq!(client.request_json(None, "GET", "/b", None).unwrap(), "2");
}

#[test]
fn returns_early_responses_over_tls() {
    let authority = Authority::new();
    let config = authority.certify(|_| {}).config(rustls::ALL_VERSIONS);
    for closes in [true, false] {
        let config = config.clone();
        let (end, ends) = channel();
        let ends = std::sync::Mutex::new(ends);
        let (base_url, _) = start("127.0.0.1:0", move |stream| {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            read_head(&mut stream);
            // Session tickets, which TLS 1.3 sends with the first data, are no response.
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
            let mut half = vec![0; BODY_LEN / 2];
            stream.read_exact(&mut half).unwrap();
            stream.write_all(too_large().as_bytes()).unwrap();
            if closes {
                stream.sock.shutdown(Shutdown::Both).unwrap();
            } else {
                hold(stream.sock, &ends.lock().unwrap());
            }
        });
        let options = authority.options(&base_url, NO_TIMEOUT);
        let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
        assert_too_large(post_from(&client));
        if !closes {
            end.send(()).unwrap();
        }
    }
}

#[test]
fn sends_a_large_request_to_a_slow_server_over_tls() {
    let authority = Authority::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = authority.certify(|_| {}).config(&[version]);
        let (base_url, _) = start("127.0.0.1:0", move |stream| {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            read_head(&mut stream);
            // The client fills the buffers of the sockets.
            thread::sleep(std::time::Duration::from_millis(100));
            stream.read_exact(&mut vec![0; BODY_LEN]).unwrap();
            stream.write_all(ok("1").as_bytes()).unwrap();
        });
        let options = authority.options(&base_url, NO_TIMEOUT);
        let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
        assert_eq!(post_from(&client).unwrap(), "1");
    }
}
