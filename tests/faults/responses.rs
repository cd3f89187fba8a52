//! Malformed responses fail with an error and never crash.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
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
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;a\r\n{}\r\n0\r\n\r\n",
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
        "HTTP/1.1 1000 OK\r\n\r\n",
        // An empty head.
        "\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}",
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
        (
            "GET",
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n"),
        (
            "GET",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 1\r\n\r\n1",
        ),
        ("GET", "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"),
        ("HEAD", "HTTP/1.1 200 OK\r\n\r\n"),
        (
            "HEAD",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
    ] {
        let server = Server::start(vec![format!("{first}{EVIL}"), ok("\"mine\"")]);
        let client = server.client(",\"max_retries\":0");
        let _ = client.request_json(None, method, "/a", None);
        let second = client.request_json(None, "POST", "/b", None);
        assert_eq!(second.unwrap(), "\"mine\"", "{first}");
    }
}

/// RFC 9112, section 9.3. The header is a list without case, and HTTP/1.0 closes by default.
#[test]
fn reuses_a_connection_unless_the_response_closes_it() {
    for (version, connection, closes) in [
        ("1.1", "Connection: close\r\n", true),
        ("1.1", "Connection: foo , CLOSE,bar\r\n", true),
        (
            "1.1",
            "Connection: keep-alive\r\nConnection: Close\r\n",
            true,
        ),
        ("1.1", "Connection: closed, \"close\"\r\n", false),
        ("1.1", "Proxy-Connection: close\r\n", false),
        ("1.0", "", true),
        ("1.0", "Connection: foo, Keep-Alive\r\n", false),
    ] {
        let raw = format!("HTTP/{version} 200 OK\r\n{connection}Content-Length: 1\r\n\r\n1");
        let server = Server::with_handler(move |_| raw.clone());
        let client = server.client("");
        for _ in 0..2 {
            client.request_json(None, "GET", "/a", None).unwrap();
        }
        match closes {
            true => server.wait_for_end_of_connection(),
            false => server.assert_no_connection_ended(),
        }
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
    let early = "HTTP/1.1 100 Continue\r\nServer: a\r\n\r\n\
                 HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: x\r\n\r\n";
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

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Returns a response with this `Content-Encoding`, in one piece or in chunks of one byte.
fn encoded(status: &str, encoding: &str, chunked: bool, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Encoding: {encoding}\r\n");
    if !chunked {
        let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
        return [head.as_bytes(), body].concat();
    }
    let head = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    let chunks = body
        .iter()
        .flat_map(|&byte| [b'1', b'\r', b'\n', byte, b'\r', b'\n']);
    let end = *b"0\r\n\r\n";
    head.into_iter().chain(chunks).chain(end).collect()
}

#[test]
fn decodes_gzip_whatever_the_case_of_its_name() {
    let members = [gzip("{\"a\":"), gzip("1}")].concat();
    for encoding in ["gzip", "GZIP", "x-gzip", "X-GZip", "identity, gzip"] {
        for chunked in [false, true] {
            let response = encoded("200 OK", encoding, chunked, &members);
            let server = Server::start(vec![response, ok("2").into()]);
            let client = server.client("");
            let raw = client.request(None, "GET", "/a", None, None).unwrap();
            let raw: serde_json::Value = serde_json::from_str(&raw).unwrap();
            assert_eq!(raw["body"]["a"], 1, "{encoding}");
            // They describe the encoded body.
            assert!(raw["headers"]["content-encoding"].is_null());
            assert!(raw["headers"]["content-length"].is_null());
            assert!(server.request().contains("accept-encoding: gzip\r\n"));
            // On the same connection: the server serves one at a time.
            assert_eq!(client.request_json(None, "GET", "/b", None).unwrap(), "2");
        }
    }
}

#[test]
fn an_empty_body_is_empty_whatever_its_content_encoding() {
    for encoding in ["gzip", "x-gzip", "br", "deflate", "gzip, gzip"] {
        for chunked in [false, true] {
            let response = encoded("201 Created", encoding, chunked, b"");
            let server = Server::start(vec![response]);
            let client = server.client("");
            let result = client.request_json(None, "POST", "/a", None);
            assert_eq!(result.unwrap(), "null", "{encoding}");
        }
    }
}

#[test]
fn errors_name_a_content_encoding_that_is_not_supported() {
    for encoding in ["br", "deflate", "zstd", "gzip, gzip"] {
        let response = encoded("200 OK", encoding, false, b"\x01");
        let server = Server::start(vec![response]);
        let client = server.client(",\"max_retries\":0");
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{encoding}");
        let name = format!("content coding {encoding:?}");
        assert!(error.message().contains(&name), "{error}");
    }
}

/// RFC 9112, section 6.1: the message is faulty, whatever else it says.
#[test]
fn rejects_a_transfer_coding_in_http_1_0() {
    const BODY: &str = "2\r\n[]\r\n0\r\n\r\n";
    for headers in [
        "Connection: keep-alive\r\nContent-Length: 12\r\n",
        "Connection: keep-alive\r\n",
        "",
    ] {
        let raw = format!("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n{BODY}");
        let server = Server::start(vec![raw, ok("2")]);
        let client = server.client(",\"max_retries\":0");
        let error = client.request(None, "GET", "/a", None, None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{headers}: {error}");
        assert!(error.message().contains("HTTP/1.0"), "{error}");
        // On another connection.
        assert_eq!(client.request_json(None, "POST", "/b", None).unwrap(), "2");
    }
}

/// RFC 9110, section 5.6.1: empty elements of a list mean nothing.
#[test]
fn ignores_empty_elements_in_the_list_of_transfer_codings() {
    for coding in ["chunked,", ", ,Chunked", " chunked , "] {
        let raw =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n1\r\n1\r\n0\r\n\r\n");
        let server = Server::start(vec![raw]);
        let result = server.client("").request_json(None, "GET", "/a", None);
        assert_eq!(result.unwrap(), "1", "{coding}");
    }
    let server = Server::start(vec![response("200 OK", "Transfer-Encoding: ,\r\n", "1")]);
    let result = server.client("").request_json(None, "GET", "/a", None);
    assert_eq!(result.unwrap(), "1");
}

/// RFC 9112, sections 2.2 and 7.1: extensions and trailer fields are ignored, and a line feed
/// ends a line.
#[test]
fn reads_every_form_of_chunks() {
    let extension = format!(
        "2;{}={}\r\n[]\r\n0;b\r\n\r\n",
        "a".repeat(500),
        "b".repeat(9000)
    );
    let large = format!("[{}]", " ".repeat(200_000));
    let chunk = format!("{:X}\r\n{large}\r\n0\r\n\r\n", large.len());
    for (chunks, expected) in [
        ("2\n[]\n0\n\n", "[]"),
        ("1\n[\r\n001 \r\n]\n0\r\n\n", "[]"),
        ("2\r\n[]\r\n0\r\nX: y\r\nZ: a\r\n\r\n", "[]"),
        (&extension, "[]"),
        (&chunk, &large),
    ] {
        let raw = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        let server = Server::start(vec![raw, ok("2")]);
        let client = server.client(",\"max_retries\":0");
        let result = client.request_json(None, "GET", "/a", None);
        assert_eq!(result.unwrap(), expected, "{chunks:?}");
        // On the same connection: the server serves one at a time.
        assert_eq!(client.request_json(None, "POST", "/b", None).unwrap(), "2");
    }
}

/// RFC 9110, section 7.8: only to a protocol that the request offers.
#[test]
fn rejects_a_switch_to_another_protocol() {
    for method in ["GET", "HEAD", "POST"] {
        let switch =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n";
        let server = Server::start(vec![switch]);
        let client = server.client(",\"max_retries\":0");
        let error = client.request(None, method, "/a", None, None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{error}");
        assert!(error.message().contains("another protocol"), "{error}");
    }
}

/// RFC 9112, section 6.1. Content-Length does not say where such a body ends.
#[test]
fn errors_name_a_transfer_coding_that_is_not_supported() {
    for coding in [
        "gzip, chunked",
        "gzip",
        "xchunked",
        "identity",
        "chunked, chunked",
    ] {
        let headers = format!("Transfer-Encoding: {coding}\r\n");
        let server = Server::start(vec![response("200 OK", &headers, "2\r\n[]\r\n0\r\n\r\n")]);
        let client = server.client(",\"max_retries\":0");
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{coding}: {error}");
        let name = format!("transfer coding {coding:?}");
        assert!(error.message().contains(&name), "{error}");
        assert_eq!(error.http_status(), 200);
    }
}

#[test]
fn reports_invalid_and_truncated_gzip() {
    let whole = gzip("[1,2,3]");
    let half = &whole[..whole.len() / 2];
    let with = |trailing: &[u8]| [&whole[..], trailing].concat();
    for body in [
        half,
        b"{}",
        &with(b"x"),
        &with(b"\r\n"),
        &with(&[0; 512]),
        &with(half),
    ] {
        let server = Server::start(vec![encoded("200 OK", "gzip", false, body)]);
        let client = server.client(",\"max_retries\":0");
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{error}");
        assert!(error.message().contains("not valid gzip"), "{error}");
    }
    // The connection ends within the body.
    let mut cut = encoded("200 OK", "gzip", false, &whole);
    cut.truncate(cut.len() - 3);
    let server = Server::start(vec![cut]);
    let client = server.client(",\"max_retries\":0");
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport, "{error}");
}

/// Status code and headers were received.
#[test]
fn errors_about_a_body_have_the_status_code_and_the_headers() {
    let headers = "X-Request-Id: 7\r\nRetry-After: 5\r\n";
    for end in [
        "Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
        "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        "Content-Length: 2\r\n\r\n{",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let server = Server::start(vec![format!("HTTP/1.1 422 No\r\n{headers}{end}")]);
        let client = server.client(",\"max_retries\":0");
        let error = client.request_json(None, "GET", "/a", None).unwrap_err();
        assert_eq!(error.http_status(), 422, "{error}");
        assert_eq!(error.header("x-request-id").as_deref(), Some("7"));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
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

/// RFC 9112, section 5: many fields and folded lines.
#[test]
fn reads_unusual_heads() {
    let many: String = (0..500).map(|n| format!("X-{n}: {n}\r\n")).collect();
    let unusual = format!("HTTP/1.1 103 Early Hints\r\n{many}\r\nHTTP/1.1 200 OK\r\n{many}");
    let unusual = format!("{unusual}X-Fold: a\r\n\t b\r\nContent-Length: 1\r\n\r\n1");
    let too_many = "A: b\r\n".repeat(3000);
    let server = Server::start(vec![
        unusual.clone(),
        unusual,
        // The fields of an informational response are not those of the response after it.
        format!("HTTP/1.1 103 Early Hints\r\n{many}\r\n{}", ok("1")),
        response("404 Not Found", &many, "{}"),
        response("200 OK", &too_many, "1"),
    ]);
    let client = server.client("");
    // The second request uses the same connection.
    for _ in 0..2 {
        let json = client.request(None, "GET", "/a", None, None).unwrap();
        let expected = [
            r#""x-0":"0""#,
            r#""x-499":"499""#,
            r#""x-fold":"a b""#,
            r#""body":1"#,
        ];
        for part in expected {
            assert!(json.contains(part), "{part}: {json}");
        }
    }
    let json = client.request(None, "GET", "/a", None, None).unwrap();
    assert!(!json.contains("x-"), "{json}");
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::NotFound);
    assert_eq!(error.header("X-499").as_deref(), Some("499"));
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::BadResponse, "{error}");
}

#[test]
fn reads_a_head_of_60_kib() {
    let field = format!("X-Long: {}\r\n", "a".repeat(60 * 1024));
    let server = Server::start(vec![response("200 OK", &field, "1")]);
    let json = server.client("").request_json(None, "GET", "/a", None);
    assert_eq!(json.unwrap(), "1");
}
