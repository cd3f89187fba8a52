//! Answers that are not what they should be are errors, never a crash.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use uservoice::{Client, Collection, Error, Status};

use crate::server::{Server, answer, ok};

/// The error of a call that gets `body`, in an answer that is well-formed
/// but for that.
fn error_of(body: impl AsRef<[u8]>) -> uservoice::Error {
    let body = body.as_ref();
    let mut whole =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    whole.extend(body);
    let server = Server::start(vec![whole]);
    let client = server.client(",\"timeout_ms\":86400000");
    client.call(None, "GET", "/a", None).unwrap_err()
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn json_nested_too_deep() {
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
    // In a whole answer, what is not JSON for us is text.
    let server = Server::start(vec![ok(&nested(129))]);
    let client = server.client("");
    let whole = client.request(None, "GET", "/a", None, None).unwrap();
    assert!(whole.contains("\"body\":\"[[["), "{whole}");
}

#[test]
fn an_error_nested_too_deep() {
    let body = format!("{{\"errors\":{}}}", nested(200_000));
    let server = Server::start(vec![answer("422 No", "", &body)]);
    let client = server.client("");
    let error = client.call(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::ApiError);
    assert_eq!(error.http_status(), 422);
}

#[test]
fn a_list_nested_too_deep() {
    let body = format!("{{\"users\":[{}]}}", nested(127));
    let server = Server::start(vec![ok(&body)]);
    let client = server.client("");
    let list = Collection::new(&client, None, "/users", None, None).unwrap();
    assert_eq!(list.len().unwrap_err().status(), Status::BadResponse);
}

#[test]
fn parameters_nested_too_deep() {
    let server = Server::start(Vec::<String>::new());
    let client = server.client("");
    let deep = "{\"a\":".repeat(200_000) + "1" + &"}".repeat(200_000);
    for method in ["GET", "POST"] {
        let error = client.call(None, method, "/a", Some(&deep)).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{method}");
    }
}

#[test]
fn one_string_of_64_mib() {
    const MIB_64: usize = 64 << 20;
    let fits = format!("\"{}\"", "x".repeat(MIB_64 - 2));
    let server = Server::start(vec![ok(&fits)]);
    // So much takes its time under a sanitizer.
    let client = server.client(",\"timeout_ms\":86400000");
    assert!(client.call(None, "GET", "/a", None).unwrap() == fits);

    let error = error_of(format!("\"{}\"", "x".repeat(MIB_64 - 1)));
    assert_eq!(error.status(), Status::BadResponse);
    assert!(error.message().contains("max_response_bytes"), "{error}");
}

#[test]
fn text_that_is_not_json() {
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
fn a_whole_answer_of_any_bytes_is_json() {
    let server = Server::start(vec![
        b"HTTP/1.1 200 OK\r\nX: \xff\r\nContent-Length: 4\r\n\r\n\0\xff\"\\".to_vec(),
    ]);
    let client = server.client("");
    let whole = client.request(None, "GET", "/a", None, None).unwrap();
    let whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["body"], "\0\u{fffd}\"\\");
    assert_eq!(whole["headers"]["x"], "\u{fffd}");
}

#[test]
fn answers_that_are_not_http() {
    for whole in [
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
        let server = Server::start(vec![whole]);
        let client = server.client(",\"max_retries\":0");
        let error = client.call(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{whole:?}: {error}");
    }
}

#[test]
fn answers_that_end_too_soon() {
    for whole in [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 ",
    ] {
        let server = Server::start(vec![whole]);
        let client = server.client(",\"max_retries\":0");
        let error = client.call(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Transport, "{whole:?}: {error}");
    }
}

/// What comes behind an answer, or in one that has no body, is not the answer to
/// the next call.
#[test]
fn bytes_that_nobody_asked_for() {
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
        let _ = client.call(None, method, "/a", None);
        let mine = client.call(None, "POST", "/b", None);
        assert_eq!(mine.unwrap(), "\"mine\"", "{first}");
    }
}

#[test]
fn answers_without_a_body() {
    let lengths = [
        "",
        "Content-Length: 1000\r\n",
        "Transfer-Encoding: chunked\r\n",
    ];
    for packed in ["", "Content-Encoding: gzip\r\n"] {
        for length in lengths {
            for (method, status, expected) in [
                ("HEAD", "200 OK", Ok("null")),
                ("GET", "204 No Content", Ok("null")),
                ("GET", "304 Not Modified", Err(304)),
            ] {
                let head = format!("HTTP/1.1 {status}\r\n{packed}{length}\r\n");
                let server = Server::start(vec![head.clone(), ok("2")]);
                let client = server.client(",\"max_retries\":0");
                let result = client.call(None, method, "/a", None);
                let result = result.as_deref().map_err(Error::http_status);
                assert_eq!(result, expected, "{method} {head}");
                // Over the same connection: the server waits for its end otherwise.
                assert_eq!(client.call(None, "POST", "/b", None).unwrap(), "2");
            }
        }
    }
}

#[test]
fn answers_before_the_answer() {
    let early = "HTTP/1.1 100 Continue\r\n\r\n\
                 HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let server = Server::start(vec![format!("{early}{}", ok("1"))]);
    assert_eq!(
        server.client("").call(None, "PUT", "/a", None).unwrap(),
        "1"
    );
    // For ever: they are no answer, and the time limit holds.
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
    let error = client.call(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Timeout);
}

#[test]
fn encodings_that_nobody_asked_for() {
    let packed = |encoding: &str| {
        answer(
            "200 OK",
            &format!("Content-Encoding: {encoding}\r\n"),
            "\u{1}",
        )
    };
    for encoding in ["br", "deflate", "zstd", "gzip, gzip"] {
        let server = Server::start(vec![packed(encoding)]);
        let client = server.client(",\"max_retries\":0");
        let error = client.call(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{encoding}");
        assert!(server.request().contains("accept-encoding: gzip\r\n"));
    }
}

/// An answer that says no length ends with its connection, but not with a reset.
#[test]
fn an_answer_that_is_reset() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n1").unwrap();
        // Time for it to be read; what was not read here makes the end a reset.
        thread::sleep(Duration::from_millis(100));
    });
    let options = format!("{{\"base_url\":\"{base_url}\",\"max_retries\":0}}");
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    let error = client.call(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport, "{error}");
}

/// An escape that is no character is JSON all the same: it is passed on.
#[test]
fn half_a_character() {
    for body in ["{\"a\":\"\\ud800\"}", "{\"\\udc00\":1}", "\"\\ud83dx\""] {
        let server = Server::start(vec![ok(body)]);
        let text = server.client("").call(None, "GET", "/a", None);
        assert_eq!(text.unwrap(), body);
    }
    let message = "{\"errors\":{\"type\":\"\\ud800\",\"message\":\"a\\u0000\\ud800\"}}";
    let server = Server::start(vec![answer("422 No", "", message)]);
    let error = server.client("").call(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::ApiError);
    assert_eq!(error.body(), Some(message));
    assert!(!error.message().chars().any(char::is_control), "{error}");
}
