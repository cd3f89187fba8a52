//! Answers that are not what they should be are errors, never a crash.

use uservoice::{Collection, Status};

use crate::server::{Server, answer, ok};

/// The error of a call that gets `body`, in an answer that is well-formed
/// but for that.
fn error_of(body: impl AsRef<[u8]>) -> uservoice::Error {
    let body = body.as_ref();
    let mut whole =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    whole.extend(body);
    let server = Server::start(vec![whole]);
    let client = server.client("");
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
    let text = server.client("").call(None, "GET", "/a", None).unwrap();
    assert!(text == fits);

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
