//! Responses without end.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use uservoice::{Client, Error, Status};

use crate::counting::peak_of;
use crate::{MIB, bound};

/// Options in which HERE stands for the address of the test's server.
const SERVICE: &str = "\"base_url\":\"http://HERE\"";
const PROXY: &str = "\"base_url\":\"https://a.invalid\",\"proxy\":\"http://HERE\"";

/// A response that is larger than permitted: `head`, and then `piece` `times` times.
struct Endless<'a> {
    head: Vec<u8>,
    piece: &'a [u8],
    times: usize,
}

/// Returns a response with about 1 GiB of `piece`.
fn endless(head: impl AsRef<[u8]>, piece: &[u8]) -> Endless<'_> {
    Endless {
        head: head.as_ref().to_vec(),
        piece,
        times: 1024 * MIB / piece.len(),
    }
}

impl Endless<'_> {
    /// Writes the response until the client closes the connection.
    fn write(&self, stream: &mut TcpStream) {
        let _ = stream.write_all(&self.head);
        let repetitions = MIB.div_ceil(self.piece.len()).min(self.times);
        let pieces = self.piece.repeat(repetitions);
        for _ in 0..self.times / repetitions {
            if stream.write_all(&pieces).is_err() {
                return;
            }
        }
    }
}

/// Returns the client's error for `response`, and the peak of the call's memory.
fn error_of(options: &str, response: &Endless<'_>) -> (Error, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let options = options.replace("HERE", &address);
    let options = format!("{{{options},\"max_retries\":0,\"max_response_bytes\":{MIB}}}");
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            response.write(&mut stream);
        });
        let (result, peak) = peak_of(|| client.request_json(None, "GET", "/a", None));
        // Closes the connection, which ends the server.
        drop(client);
        (result.unwrap_err(), peak)
    })
}

#[test]
fn responses_of_1_gib_stay_within_the_memory_bound() {
    const OK: &str = "HTTP/1.1 200 OK\r\n";
    const TOO_LARGE: &str = "max_response_bytes";
    const NOT_HTTP: &str = "not well-formed HTTP";
    let gzip = format!("{OK}Content-Encoding: gzip\r\nConnection: close\r\n\r\n");
    let chunked = format!("{OK}Transfer-Encoding: chunked\r\n\r\n");
    let long = format!("{OK}Content-Length: {}\r\n\r\n", 1024 * MIB);
    // A sequence of gzip members is valid gzip.
    let mut member = GzEncoder::new(Vec::new(), Compression::best());
    member.write_all(&vec![b' '; MIB]).unwrap();
    let member = member.finish().unwrap();
    assert!(member.len() < 2000);
    let bomb = Endless {
        times: 1024,
        ..endless(&gzip, &member)
    };
    // A Content-Length reserves no memory before the bytes arrive.
    let short = Endless {
        times: 1,
        ..endless(&long, b"{}")
    };
    // Blocks without data.
    let mut empty_blocks = GzEncoder::new(gzip.clone().into_bytes(), Compression::best());
    empty_blocks.flush().unwrap();
    let empty_blocks = empty_blocks.get_ref();

    for (name, options, response, expected_message) in [
        ("bomb", SERVICE, bomb, TOO_LARGE),
        ("body", SERVICE, endless(&long, b" "), TOO_LARGE),
        (
            "short",
            SERVICE,
            short,
            "closed before the response was complete",
        ),
        (
            "empty blocks",
            SERVICE,
            endless(empty_blocks, b"\0\0\0\xff\xff"),
            TOO_LARGE,
        ),
        ("status", SERVICE, endless("HTTP/1.1 200 ", b"x"), NOT_HTTP),
        (
            "header",
            SERVICE,
            endless(format!("{OK}X: "), b"x"),
            NOT_HTTP,
        ),
        ("headers", SERVICE, endless(OK, b"X: y\r\n"), NOT_HTTP),
        (
            "early",
            SERVICE,
            endless("", b"HTTP/1.1 100 \r\n\r\n"),
            TOO_LARGE,
        ),
        (
            "chunk",
            SERVICE,
            endless(format!("{chunked}1;x="), b"x"),
            NOT_HTTP,
        ),
        (
            "trailer",
            SERVICE,
            endless(format!("{chunked}0\r\nX: "), b"x"),
            NOT_HTTP,
        ),
        (
            "trailers",
            SERVICE,
            endless(format!("{chunked}0\r\n"), b"X: y\r\n"),
            TOO_LARGE,
        ),
        (
            "status",
            PROXY,
            endless("HTTP/1.1 200 ", b"x"),
            "no tunnel through the proxy",
        ),
        (
            "header",
            PROXY,
            endless(format!("{OK}X: "), b"x"),
            "no tunnel through the proxy",
        ),
        ("headers", PROXY, endless(OK, b"X: y\r\n"), NOT_HTTP),
    ] {
        // None of them times out.
        let (error, peak) = error_of(options, &response);
        assert!(
            error.message().contains(expected_message),
            "{name}: {error}"
        );
        let expected = match expected_message {
            TOO_LARGE | NOT_HTTP => Status::BadResponse,
            _ => Status::Transport,
        };
        assert_eq!(error.status(), expected, "{name}: {error}");
        assert!(peak <= bound(MIB), "{name}: {peak} bytes");
    }
}
