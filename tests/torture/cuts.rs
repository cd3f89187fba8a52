//! Responses are cut at each byte, by the end of the stream and by a reset. No part of a response
//! is taken for the whole.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use nix::libc;
use uservoice::{Client, Status};

use crate::step;

const BODY: &str = r#"{"suggestions":[{"id":1,"title":"a record"},{"id":2}]}"#;

/// Returns responses with the same body.
fn responses() -> Vec<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(BODY.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let head = |headers: String| format!("HTTP/1.1 200 OK\r\nX-A: b\r\n{headers}\r\n").into_bytes();
    let (first, rest) = BODY.split_at(20);
    let chunks = format!(
        "{:x}\r\n{first}\r\n{:x};a=b\r\n{rest}\r\n0\r\nX-Trailer: c\r\n\r\n",
        first.len(),
        rest.len()
    );
    let chunked = "Transfer-Encoding: chunked\r\n";
    let gzip_chunks = [
        format!("{:x}\r\n", gzip.len()).as_bytes(),
        &gzip,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    [
        (format!("Content-Length: {}\r\n", BODY.len()), BODY.into()),
        (chunked.to_owned(), chunks.into_bytes()),
        (
            format!(
                "Content-Encoding: gzip\r\nContent-Length: {}\r\n",
                gzip.len()
            ),
            gzip,
        ),
        (format!("Content-Encoding: gzip\r\n{chunked}"), gzip_chunks),
    ]
    .map(|(headers, body): (String, Vec<u8>)| [head(headers), body].concat())
    .into()
}

/// Sends the beginning of `response` to each connection, one byte more to each pair of them.
/// The first of a pair ends in the usual way, the second is reset.
fn serve(listener: &TcpListener, response: &[u8], lengths: &[usize], sent: &AtomicUsize) {
    for length in lengths {
        for reset in [false, true] {
            let (mut stream, _) = listener.accept().unwrap();
            read_head(&mut stream);
            stream.write_all(&response[..*length]).unwrap();
            sent.fetch_add(1, Ordering::SeqCst);
            if reset {
                reset_when_closed(&stream);
            }
        }
    }
}

fn reset_when_closed(stream: &TcpStream) {
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    let size = size_of_val(&linger) as libc::socklen_t;
    // SAFETY: reads `linger`, which lives longer.
    let status = unsafe {
        let value = (&raw const linger).cast();
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            value,
            size,
        )
    };
    assert_eq!(status, 0);
}

fn read_head(stream: &mut TcpStream) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        request.extend(byte);
    }
}

pub fn run() -> String {
    let sent = Arc::new(AtomicUsize::new(0));
    for response in responses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let options = format!(
            "{{\"base_url\":\"http://{address}\",\"max_retries\":0,\"max_idle_connections\":1}}"
        );
        let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
        let lengths: Vec<usize> = (0..response.len()).step_by(step(11)).collect();
        thread::scope(|scope| {
            scope.spawn(|| serve(&listener, &response, &lengths, &sent));
            for length in &lengths {
                for _ in 0..2 {
                    check(&client, *length);
                }
            }
        });
    }
    let sent = sent.load(Ordering::SeqCst);
    assert!(sent > 50, "{sent}");
    format!("{sent} cut, no part was taken for the whole")
}

fn check(client: &Client, length: usize) {
    match client.request_json(None, "GET", "/a", None) {
        // Only what follows the body is missing.
        Ok(json) => assert_eq!(json, BODY, "cut after {length} bytes"),
        Err(error) => {
            let expected = [Status::Transport, Status::BadResponse];
            assert!(expected.contains(&error.status()), "{length}: {error}");
            assert_ne!(
                error.outcome(),
                uservoice::Outcome::NotSent,
                "{length}: {error}"
            );
        }
    }
}
