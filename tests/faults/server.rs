//! An HTTP server with scripted responses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use uservoice::{Client, Error, Outcome, Status};

pub struct Server {
    pub base_url: String,
    requests: Receiver<String>,
    /// Receives a message for each connection that ended. Used by `with_handler` only.
    ends: Receiver<()>,
}

impl Server {
    /// Starts a server that sends one of `responses` for each request, in this order.
    pub fn start(responses: Vec<impl Into<Vec<u8>>>) -> Self {
        Server::start_on("127.0.0.1:0", responses)
    }

    pub fn start_on(address: &str, responses: Vec<impl Into<Vec<u8>>>) -> Self {
        let responses: Vec<Vec<u8>> = responses.into_iter().map(Into::into).collect();
        let listener = TcpListener::bind(address).unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        thread::spawn(move || {
            let mut responses = responses.into_iter().peekable();
            while responses.peek().is_some() {
                let (stream, _) = listener.accept().unwrap();
                while let Some(request) = read_request(&stream) {
                    sender.send(request).unwrap();
                    let Some(response) = responses.next() else {
                        return;
                    };
                    if response == HANG.as_bytes() {
                        thread::sleep(Duration::from_secs(30));
                    }
                    if response == CLOSE.as_bytes() {
                        break;
                    }
                    (&stream).write_all(&response).unwrap();
                    if responses.peek().is_none() {
                        return;
                    }
                }
            }
        });
        let (_, ends) = channel();
        Server {
            base_url,
            requests,
            ends,
        }
    }

    /// Starts a server for any number of connections at once. `handler` returns the response
    /// to each request.
    pub fn with_handler(handler: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        let (ended, ends) = channel();
        let handler = Arc::new(handler);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, sender, handler) =
                    (stream.unwrap(), sender.clone(), handler.clone());
                let ended = ended.clone();
                thread::spawn(move || {
                    while let Some(request) = read_request(&stream) {
                        // The test or the client may have ended.
                        if sender.send(request.clone()).is_err()
                            || stream.write_all(handler(&request).as_bytes()).is_err()
                        {
                            return;
                        }
                    }
                    // Few tests receive it.
                    let _ = ended.send(());
                });
            }
        });
        Server {
            base_url,
            requests,
            ends,
        }
    }

    pub fn client(&self, options: &str) -> Client {
        let options = format!("{{\"base_url\":\"{}\"{options}}}", self.base_url);
        Client::new("acme", "key", Some("secret"), Some(&options)).unwrap()
    }

    pub fn request(&self) -> String {
        self.requests.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    /// Returns the requests that the test has not taken yet.
    pub fn take_requests(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }

    pub fn wait_for_end_of_connection(&self) {
        self.ends.recv_timeout(Duration::from_secs(60)).unwrap();
    }

    pub fn assert_no_connection_ended(&self) {
        assert!(self.ends.try_recv().is_err());
    }

    pub fn assert_no_more_requests(&self) {
        assert!(self.requests.try_recv().is_err());
    }
}

/// Options that disable all timeouts in practice, so that a test hangs if the one that it sets
/// in addition has no effect.
pub const NO_TIMEOUT: &str = ",\"timeout_ms\":86400000,\"connect_timeout_ms\":86400000,\"max_retries\":100,\"max_retry_wait_ms\":86400000";

/// Returns the error of a request that times out after it was sent. `send` receives the
/// timeout in ms. A busy machine may take longer to send it, so it grows.
pub fn timed_out(send: impl Fn(u64) -> Result<String, Error>) -> Error {
    let errors = (0..6).map(|attempt| send(500 << attempt).unwrap_err());
    let mut timeouts = errors.inspect(|error| assert_eq!(error.status(), Status::Timeout));
    let was_sent = |error: &Error| error.outcome() == Outcome::Unknown;
    timeouts.find(was_sent).unwrap()
}

/// Instead of a response: the server does not respond.
pub const HANG: &str = "hang";
/// Instead of a response: the server closes the connection.
pub const CLOSE: &str = "close";

/// Reads one request; `None` if the connection ends. Leaves the next request unread.
pub fn read_request(stream: impl Read) -> Option<String> {
    let mut reader = BufReader::with_capacity(1, stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}

pub fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

pub fn ok(body: &str) -> String {
    response("200 OK", "Content-Type: application/json\r\n", body)
}
