//! Request bodies that are not JSON: what is sent, and what is sent again.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use uservoice::{Client, Error, Outcome, Status};

use crate::server::{CLOSE, Server, ok, response};

const BINARY: Option<&str> = Some(r#"{"Content-Type":"application/octet-stream","X-A":"b"}"#);

fn send(client: &Client, method: &str, body: &[u8]) -> Result<String, Error> {
    client.send(None, method, "/a", BINARY, body)
}

fn upload(client: &Client, data: &[u8]) -> Result<String, Error> {
    client.upload(None, "/a", "a.png", None, data)
}

/// Reads a request and returns its head, and its body as it was sent.
fn receive(mut stream: &TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let length = header(&head, "content-length").parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

/// Returns the value of a header that a request has once.
fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(other, _)| other.eq_ignore_ascii_case(name));
    let (_, value) = values.next().unwrap();
    assert!(values.next().is_none(), "{head}");
    value
}

#[test]
fn sends_a_body_byte_for_byte_with_each_method() {
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let options = format!(
        "{{\"base_url\":\"http://{}\"}}",
        listener.local_addr().unwrap()
    );
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    thread::scope(|scope| {
        let expected = bytes.clone();
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                for body in [&expected[..], b""] {
                    let (head, received) = receive(&stream);
                    assert!(
                        head.starts_with(&format!("{method} /a HTTP/1.1\r\n")),
                        "{head}"
                    );
                    assert_eq!(header(&head, "content-type"), "application/octet-stream");
                    assert_eq!(header(&head, "x-a"), "b");
                    assert!(received == body, "{method}");
                    stream.write_all(ok("1").as_bytes()).unwrap();
                }
            }
        });
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            for body in [&bytes[..], b""] {
                let response = send(&client, method, body).unwrap();
                assert!(response.ends_with(",\"body\":1}"), "{response}");
            }
        }
    });
}

#[test]
fn send_returns_an_error_status_as_a_response_and_upload_as_an_error() {
    let invalid = || response("422 Invalid", "", "{\"errors\":{\"file\":\"required\"}}");
    let server = Server::start(vec![invalid(), invalid()]);
    let client = server.client("");
    let response = send(&client, "POST", b"a").unwrap();
    assert!(response.starts_with("{\"status\":422,"), "{response}");
    let error = upload(&client, b"a").unwrap_err();
    assert_eq!(error.status(), Status::ApiError);
    assert_eq!(error.http_status(), 422);
    assert_eq!(error.request(), Some("POST /a"));
}

/// Returns what follows the head of a request.
fn body_of(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn a_retry_sends_the_same_bytes_with_a_new_signature() {
    let refused = || response("429 Too Many Requests", "Retry-After: 0\r\n", "");
    let server = Server::start(vec![refused(), ok("1"), refused(), ok("2")]);
    let client = server.client("");
    upload(&client, b"the file").unwrap();
    send(&client, "PATCH", b"the body").unwrap();
    for part in ["the file", "the body"] {
        let (first, second) = (server.request(), server.request());
        assert!(body_of(&first).contains(part), "{first}");
        assert_eq!(body_of(&first), body_of(&second));
        assert_eq!(
            header(&first, "content-type"),
            header(&second, "content-type")
        );
        assert_ne!(
            header(&first, "authorization"),
            header(&second, "authorization")
        );
    }
}

/// Like a JSON body: the method decides.
#[test]
fn retries_a_lost_body_only_with_an_idempotent_method() {
    for method in ["PUT", "DELETE"] {
        let server = Server::start(vec![CLOSE.to_owned(), ok("1")]);
        send(&server.client(""), method, b"the body").unwrap();
        for request in [server.request(), server.request()] {
            assert_eq!(body_of(&request), "the body");
        }
    }
    for call in [
        |client: &Client| send(client, "POST", b"a"),
        |client: &Client| send(client, "PATCH", b"a"),
        |client: &Client| upload(client, b"a"),
    ] {
        let server = Server::start(vec![CLOSE.to_owned(), ok("1")]);
        let error = call(&server.client("")).unwrap_err();
        assert_eq!(error.status(), Status::Transport);
        assert_eq!(error.outcome(), Outcome::Unknown);
        server.request();
        server.assert_no_more_requests();
    }
}

#[test]
fn sends_nothing_if_the_body_is_longer_than_max_request_bytes() {
    let server = Server::start(vec![ok("1"), ok("2"), ok("3")]);
    let client = server.client(",\"max_request_bytes\":400");
    let body = [b'1'; 401];
    let json = std::str::from_utf8(&body).unwrap();
    for (result, argument) in [
        (send(&client, "POST", &body), "body"),
        (upload(&client, &body), "data"),
        (
            client.request_json(None, "POST", "/a", Some(json)),
            "params",
        ),
        (
            client.request(None, "PUT", "/a", Some(json), None),
            "params",
        ),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.argument(), Some(argument));
        assert!(
            error.message().contains("max_request_bytes (400)"),
            "{error}"
        );
    }
    assert_eq!(server.take_requests(), [""; 0]);
    send(&client, "POST", &body[1..]).unwrap();
    upload(&client, &body[201..]).unwrap();
    client
        .request_json(None, "POST", "/a", Some(&json[1..]))
        .unwrap();
}

#[test]
fn a_form_is_signed_and_no_other_body() {
    let server = Server::start(vec![ok("1"); 3]);
    let client = server.client("");
    let form = Some(r#"{"Content-Type":"application/x-www-form-urlencoded"}"#);
    client
        .send(None, "POST", "/a?q=1", form, b"a=b+c&d=%C3%A9")
        .unwrap();
    client
        .send(None, "POST", "/a?q=1", BINARY, b"a=b+c&d=%C3%A9")
        .unwrap();
    upload(&client, b"a=b").unwrap();
    for (target, signed_form) in [("/a?q=1", "a=b+c&d=%C3%A9"), ("/a?q=1", ""), ("/a", "")] {
        let request = server.request();
        let authorization = header(&request, "authorization");
        let expected = signature(&server.base_url, target, signed_form, authorization);
        assert_eq!(parameter(authorization, "oauth_signature"), expected);
    }
}

fn parameter(authorization: &str, name: &str) -> String {
    let start = format!("{name}=\"");
    let (_, rest) = authorization.split_once(&start).unwrap();
    let value = rest.split('"').next().unwrap();
    let decoded = percent_encoding::percent_decode_str(value);
    decoded.decode_utf8().unwrap().into_owned()
}

/// Computes the signature with the crate oauth1-request.
fn signature(base_url: &str, target: &str, form: &str, authorization: &str) -> String {
    use oauth1_request::signature_method::HmacSha1;
    use oauth1_request::{Builder, Credentials, ParameterList};

    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').chain(form.split('&'));
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
        decoded.unwrap().into_owned()
    };
    let pairs = pairs.filter_map(|pair| pair.split_once('='));
    let pairs: Vec<_> = pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    let timestamp: std::num::NonZeroU64 =
        parameter(authorization, "oauth_timestamp").parse().unwrap();
    let nonce = parameter(authorization, "oauth_nonce");
    let mut builder =
        Builder::<_, _, String>::new(Credentials::new("key", "secret"), HmacSha1::new());
    builder.nonce(&*nonce).timestamp(timestamp).version(true);
    let signed = builder.authorize(
        "POST",
        format!("{base_url}{path}"),
        &ParameterList::new(pairs),
    );
    parameter(&signed, "oauth_signature")
}
