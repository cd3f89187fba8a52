//! What an answer costs in memory: in a process of its own, whose peak is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use uservoice::{Client, Error, Status};

const MIB: usize = 1 << 20;

/// What the client says to an answer that `serve` writes, and the process's
/// peak memory after that, in bytes.
fn error_and_peak(serve: impl FnOnce(&mut TcpStream) + Send + 'static) -> (Error, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        serve(&mut stream);
    });
    let options =
        format!("{{\"base_url\":\"{base_url}\",\"max_retries\":0,\"max_response_bytes\":{MIB}}}");
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    let error = client.call(None, "GET", "/a", None).unwrap_err();
    (error, peak())
}

fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<usize>().unwrap() * 1024
}

/// Writes `pieces` after `head` for as long as the client takes them.
fn write(stream: &mut TcpStream, head: &str, piece: &[u8], pieces: usize) {
    if stream.write_all(head.as_bytes()).is_err() {
        return;
    }
    for _ in 0..pieces {
        if stream.write_all(piece).is_err() {
            return;
        }
    }
}

#[test]
fn answers_of_a_gibibyte_cost_no_more_than_the_bound() {
    let before = peak();
    // 1 GiB as gzip: a member of 1 MiB again and again, which is gzip too.
    let mut member = GzEncoder::new(Vec::new(), Compression::best());
    member.write_all(&vec![b' '; MIB]).unwrap();
    let member = member.finish().unwrap();
    assert!(member.len() < 2000);
    let (error, bomb) = error_and_peak(move |stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
        write(stream, head, &member, 1024);
    });
    assert_eq!(error.status(), Status::BadResponse);
    assert!(error.message().contains("max_response_bytes"), "{error}");

    let (error, plain) = error_and_peak(|stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 1024 * MIB);
        write(stream, &head, &vec![b' '; MIB], 1024);
    });
    assert_eq!(error.status(), Status::BadResponse);

    // A length is believed only as far as bytes come.
    let (error, short) = error_and_peak(|stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 1024 * MIB);
        write(stream, &head, b"{}", 1);
    });
    assert_eq!(error.status(), Status::Transport);

    let (error, head) = error_and_peak(|stream| {
        write(stream, "HTTP/1.1 200 OK\r\nX: ", &vec![b'x'; MIB], 1024);
    });
    assert_eq!(error.status(), Status::BadResponse);

    let (error, heads) = error_and_peak(|stream| {
        write(
            stream,
            "HTTP/1.1 200 OK\r\n",
            &b"X: y\r\n".repeat(MIB / 6),
            1024,
        );
    });
    assert_eq!(error.status(), Status::BadResponse);

    for (what, peak) in [
        ("bomb", bomb),
        ("plain", plain),
        ("short", short),
        ("head", head),
        ("heads", heads),
    ] {
        let cost = peak.saturating_sub(before);
        assert!(cost < 32 * MIB, "{what}: {cost} bytes");
    }
}
