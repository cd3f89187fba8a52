//! Malformed responses fail with an error and never crash.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use uservoice::{Client, Collection, Error, Status};

use crate::server::{Server, ok, response};

/// Returns the error of a request whose response is well-formed HTTP with this body.
fn error_of(body: impl AsRef<[u8]>) -> uservoice::Error {
    let body = body.as_ref();
    let mut raw = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    raw.extend(body);
    let server = Server::start(vec![raw]);
    let client = server.client(",\"timeout_ms\":86400000");
    client.request_json(None, "GET", "/a", None).unwrap_err()
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn rejects_json_nested_deeper_than_128() {
    for body in [
        nested(129),
        nested(200_000),
        "[".repeat(200_000),
        "{\"a\":".repeat(200_000) + "1" + &"}".repeat(200_000),
    ] {
        let error = error_of(&body);
        assert_eq!(error.status(), Status::BadResponse);
        assert!(error.message().contains("deeper than 128"), "{error}");
    }
    // `request` returns a body that is not valid JSON as a string.
    let server = Server::start(vec![ok(&nested(129))]);
    let client = server.client("");
    let raw = client.request(None, "GET", "/a", None, None).unwrap();
    assert!(raw.contains("\"body\":\"[[["), "{raw}");
}

#[test]
fn reports_an_error_response_nested_too_deep() {
    let body = format!("{{\"errors\":{}}}", nested(200_000));
    let server = Server::start(vec![response("422 No", "", &body)]);
    let client = server.client("");
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::ApiError);
    assert_eq!(error.http_status(), 422);
}

#[test]
fn rejects_a_list_nested_too_deep() {
    let body = format!("{{\"users\":[{}]}}", nested(127));
    let server = Server::start(vec![ok(&body)]);
    let client = server.client("");
    let collection = Collection::new(&client, None, "/users", None, None).unwrap();
    assert_eq!(collection.len().unwrap_err().status(), Status::BadResponse);
}

#[test]
fn rejects_parameters_nested_too_deep() {
    let server = Server::start(Vec::<String>::new());
    let client = server.client("");
    let deep = "{\"a\":".repeat(200_000) + "1" + &"}".repeat(200_000);
    for method in ["GET", "POST"] {
        let error = client
            .request_json(None, method, "/a", Some(&deep))
            .unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{method}");
    }
}

#[test]
fn accepts_a_body_of_max_response_bytes_and_no_more() {
    const MIB_64: usize = 64 << 20;
    let fits = format!("\"{}\"", "x".repeat(MIB_64 - 2));
    let server = Server::start(vec![ok(&fits)]);
    // This is slow under a sanitizer.
    let client = server.client(",\"timeout_ms\":86400000");
    assert!(client.request_json(None, "GET", "/a", None).unwrap() == fits);

    let error = error_of(format!("\"{}\"", "x".repeat(MIB_64 - 1)));
    assert_eq!(error.status(), Status::BadResponse);
    assert!(error.message().contains("max_response_bytes"), "{error}");
}

#[test]
fn rejects_bodies_that_are_not_json() {
    for body in [
        &b"\"\xff\xfe\""[..],
        b"\"\xed\xa0\x80\"",
        b"\"a\0b\"",
        b"{}\0",
        b"\0",
        b"{\"a\":[1,2",
        b"\"abc",
        b"\xef\xbb\xbf{}",
    ] {
        let error = error_of(body);
        assert_eq!(error.status(), Status::BadResponse, "{body:?}");
        assert_eq!(error.http_status(), 200);
        assert_eq!(error.body(), Some(&*String::from_utf8_lossy(body)));
    }
}

#[test]
fn request_returns_json_for_any_bytes() {
    let server = Server::start(vec![
        b"HTTP/1.1 200 OK\r\nX: \xff\r\nContent-Length: 4\r\n\r\n\0\xff\"\\".to_vec(),
    ]);
    let client = server.client("");
    let raw = client.request(None, "GET", "/a", None, None).unwrap();
    let raw: serde_json::Value = serde_json::from_str(&raw).unwrap();
    assert_eq!(raw["body"], "\0\u{fffd}\"\\");
    assert_eq!(raw["headers"]["x"], "\u{fffd}");
}

#[test]
fn rejects_malformed_http() {
    for raw in [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 10\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "<html>\r\n\r\n",
        "SSH-2.0-OpenSSH_9.0\r\n",
    ] {
        let server = Server::start(vec![raw]);
        let client = server.client(",\"max_retries\":0");
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{raw:?}: {error}");
    }
}

#[test]
fn reports_truncated_responses_as_transport_errors() {
    for raw in [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 ",
    ] {
        let server = Server::start(vec![raw]);
        let client = server.client(",\"max_retries\":0");
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Transport, "{raw:?}: {error}");
    }
}

/// Bytes after a response, or in a response that has no body, are not the response to the
/// next request.
#[test]
fn ignores_surplus_bytes_on_a_connection() {
    const EVIL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n\"evil\"";
    for (method, first) in [
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1",
        ),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n",
        ),
        (
            "GET",
            "HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n1",
        ),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n"),
        (
            "GET",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 1\r\n\r\n1",
        ),
        ("GET", "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"),
        ("HEAD", "HTTP/1.1 200 OK\r\n\r\n"),
    ] {
        let server = Server::start(vec![format!("{first}{EVIL}"), ok("\"mine\"")]);
        let client = server.client(",\"max_retries\":0");
        let _ = client.request_json(None, method, "/a", None);
        let second = client.request_json(None, "POST", "/b", None);
        assert_eq!(second.unwrap(), "\"mine\"", "{first}");
    }
}

#[test]
fn accepts_responses_without_a_body() {
    let lengths = [
        "",
        "Content-Length: 1000\r\n",
        "Transfer-Encoding: chunked\r\n",
    ];
    for encoded in ["", "Content-Encoding: gzip\r\n"] {
        for length in lengths {
            for (method, status, expected) in [
                ("HEAD", "200 OK", Ok("null")),
                ("GET", "204 No Content", Ok("null")),
                ("GET", "304 Not Modified", Err(304)),
            ] {
                let head = format!("HTTP/1.1 {status}\r\n{encoded}{length}\r\n");
                let server = Server::start(vec![head.clone(), ok("2")]);
                let client = server.client(",\"max_retries\":0");
                let result = client.request_json(None, method, "/a", None);
                let result = result.as_deref().map_err(Error::http_status);
                assert_eq!(result, expected, "{method} {head}");
                // On the same connection: the server serves one at a time.
                assert_eq!(client.request_json(None, "POST", "/b", None).unwrap(), "2");
            }
        }
    }
}

#[test]
fn skips_informational_responses() {
    let early = "HTTP/1.1 100 Continue\r\n\r\n\
                 HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let server = Server::start(vec![format!("{early}{}", ok("1"))]);
    assert_eq!(
        server
            .client("")
            .request_json(None, "PUT", "/a", None)
            .unwrap(),
        "1"
    );
    // An endless sequence of them ends with the timeout.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            while stream.write_all(early.as_bytes()).is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        }
    });
    let options = format!("{{\"base_url\":\"{base_url}\",\"timeout_ms\":200,\"max_retries\":0}}");
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Timeout);
}

#[test]
fn rejects_unsupported_content_encodings() {
    let encoded = |encoding: &str| {
        response(
            "200 OK",
            &format!("Content-Encoding: {encoding}\r\n"),
            "\u{1}",
        )
    };
    for encoding in ["br", "deflate", "zstd", "gzip, gzip"] {
        let server = Server::start(vec![encoded(encoding)]);
        let client = server.client(",\"max_retries\":0");
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{encoding}");
        assert!(server.request().contains("accept-encoding: gzip\r\n"));
    }
}

/// A response without a length ends with its connection, but not with a reset.
#[test]
fn reports_a_reset_in_a_response_without_length() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n1").unwrap();
        // Gives the client time to read. The rest of the request, which is unread here, turns
        // the close into a reset.
        thread::sleep(Duration::from_millis(100));
    });
    let options = format!("{{\"base_url\":\"{base_url}\",\"max_retries\":0}}");
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport, "{error}");
}

/// An escaped surrogate without its other half is valid JSON.
#[test]
fn passes_lone_surrogates_through() {
    for body in ["{\"a\":\"\\ud800\"}", "{\"\\udc00\":1}", "\"\\ud83dx\""] {
        let server = Server::start(vec![ok(body)]);
        let result = server.client("").request_json(None, "GET", "/a", None);
        assert_eq!(result.unwrap(), body);
    }
    let message = "{\"errors\":{\"type\":\"\\ud800\",\"message\":\"a\\u0000\\ud800\"}}";
    let server = Server::start(vec![response("422 No", "", message)]);
    let error = server
        .client("")
        .request_json(None, "GET", "/a", None)
        .unwrap_err();
    assert_eq!(error.status(), Status::ApiError);
    assert_eq!(error.body(), Some(message));
    assert!(!error.message().chars().any(char::is_control), "{error}");
}
