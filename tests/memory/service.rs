//! A server that sends one compressed response to every request.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::MIB;

/// A body of `before`, `piece` repeated, and `after`.
#[derive(Clone, Copy)]
pub struct Shape {
    pub name: &'static str,
    pub status: u16,
    pub before: &'static [u8],
    pub piece: &'static [u8],
    pub after: &'static [u8],
}

const fn shape(
    name: &'static str,
    before: &'static [u8],
    piece: &'static [u8],
    after: &'static [u8],
) -> Shape {
    Shape {
        name,
        status: 200,
        before,
        piece,
        after,
    }
}

/// Bodies whose text is small compared with what can be made of it.
pub const SHAPES: [Shape; 14] = [
    shape("records", b"{\"suggestions\":[0", b",0", PAGING),
    shape("bare array", b"[0", b",0", b"]"),
    shape("members", b"{\"\":0", b",\"\":0", b"}"),
    shape(
        "members of the paging object",
        b"{\"suggestions\":[1],\"response_data\":{\"\":0",
        b",\"\":0",
        b"}}",
    ),
    shape("not UTF-8", b"", b"\xff", b""),
    shape("control characters", b"", b"\x01", b""),
    shape(
        "escapes",
        b"{\"suggestions\":[\"",
        b"\\u0001",
        PAGING_AFTER_STRING,
    ),
    shape("a key of escapes", b"{\"", b"\\u0001", b"\":[1]}"),
    shape(
        "a cursor of escapes",
        b"{\"suggestions\":[1],\"pagination\":{\"cursor\":\"",
        b"\\u0001",
        b"\"}}",
    ),
    shape(
        "an error's type and message",
        b"{\"errors\":{\"type\":\"",
        b"\\u0001",
        b"\"}}",
    ),
    shape("errors", b"{\"errors\":[0", b",0", b"]}"),
    shape("a token", b"{\"access_token\":\"\\u0041", b"x", b"\"}"),
    shape("a form", b"oauth_token=x&oauth_token_secret=", b"%41", b""),
    Shape {
        status: 500,
        ..shape("an error page", b"<html>", b"\xff", b"")
    },
];

const PAGING: &[u8] = b"],\"response_data\":{\"page\":1,\"per_page\":100,\"total_records\":100}}";
const PAGING_AFTER_STRING: &[u8] =
    b"\"],\"response_data\":{\"page\":1,\"per_page\":100,\"total_records\":100}}";

impl Shape {
    /// Returns the response with a body of about `len` bytes, not more.
    fn response(&self, len: usize) -> Vec<u8> {
        let mut body = GzEncoder::new(Vec::new(), Compression::fast());
        body.write_all(self.before).unwrap();
        let rest = len - self.before.len() - self.after.len();
        let pieces = self.piece.repeat(MIB / 16);
        let mut count = rest / self.piece.len();
        while count > 0 {
            let some = count.min(MIB / 16);
            body.write_all(&pieces[..some * self.piece.len()]).unwrap();
            count -= some;
        }
        body.write_all(self.after).unwrap();
        response(self.status, body)
    }
}

fn response(status: u16, body: GzEncoder<Vec<u8>>) -> Vec<u8> {
    let body = body.finish().unwrap();
    let mut response = format!(
        "HTTP/1.1 {status} X\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    response.extend(body);
    response
}

/// Starts a server and returns its address.
pub fn start(shape: &Shape, body_len: usize) -> String {
    let response = shape.response(body_len);
    serve_all(move |_| response.clone())
}

/// Starts a server of pages, whose cursors are their numbers. Returns its address.
pub fn start_pages(bodies: &[Vec<u8>]) -> String {
    let responses = bodies.iter().map(|body| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        response(200, encoder)
    });
    let responses: Vec<_> = responses.collect();
    serve_all(move |request| {
        let cursor = request.split("cursor=").nth(1);
        let cursor = cursor.and_then(|cursor| cursor.split(' ').next());
        responses[cursor.map_or(0, |cursor| cursor.parse().unwrap())].clone()
    })
}

fn serve_all(respond: impl Fn(&str) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (started, has_started) = channel();
    thread::spawn(move || {
        started.send(()).unwrap();
        for stream in listener.incoming() {
            serve(stream.unwrap(), &respond);
        }
    });
    // To start, it needs memory, which the caller may limit next.
    has_started.recv().unwrap();
    address
}

/// Responds to each request of a connection.
fn serve(mut stream: TcpStream, respond: &impl Fn(&str) -> Vec<u8>) {
    let mut request = Vec::<u8>::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        request.extend(&buffer[..read]);
        // The bodies of requests are shorter than what is read at once.
        if request.windows(4).any(|window| window == b"\r\n\r\n") {
            let response = respond(&String::from_utf8_lossy(&request));
            request.clear();
            if stream.write_all(&response).is_err() {
                return;
            }
        }
    }
}
