//! A server that says what each test tells it to say.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use uservoice::{Client, Error, Outcome, Status};

/// Serves `answers`, one a request, and gives what it was asked.
pub struct Server {
    pub base_url: String,
    requests: Receiver<String>,
    /// Told of by `answering`.
    ends: Receiver<()>,
}

impl Server {
    pub fn start(answers: Vec<impl Into<Vec<u8>>>) -> Self {
        Server::start_on("127.0.0.1:0", answers)
    }

    pub fn start_on(address: &str, answers: Vec<impl Into<Vec<u8>>>) -> Self {
        let answers: Vec<Vec<u8>> = answers.into_iter().map(Into::into).collect();
        let listener = TcpListener::bind(address).unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        thread::spawn(move || {
            let mut answers = answers.into_iter().peekable();
            while answers.peek().is_some() {
                let (stream, _) = listener.accept().unwrap();
                while let Some(request) = read_request(&stream) {
                    sender.send(request).unwrap();
                    let Some(answer) = answers.next() else { return };
                    if answer == HANG.as_bytes() {
                        thread::sleep(Duration::from_secs(30));
                    }
                    if answer == CLOSE.as_bytes() {
                        break;
                    }
                    (&stream).write_all(&answer).unwrap();
                    if answers.peek().is_none() {
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

    /// Serves any number of connections at once, with what `answer` gives for
    /// each request.
    pub fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        let (ended, ends) = channel();
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, sender, answer) =
                    (stream.unwrap(), sender.clone(), answer.clone());
                let ended = ended.clone();
                thread::spawn(move || {
                    while let Some(request) = read_request(&stream) {
                        // The test, or the client, may be done with it.
                        if sender.send(request.clone()).is_err()
                            || stream.write_all(answer(&request).as_bytes()).is_err()
                        {
                            return;
                        }
                    }
                    // Few tests want to know.
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
        self.requests.recv_timeout(Duration::from_secs(5)).unwrap()
    }

    /// Those that no one has asked for yet.
    pub fn take_requests(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }

    pub fn connection_ended(&self) {
        self.ends.recv_timeout(Duration::from_secs(60)).unwrap();
    }

    pub fn no_connection_ended(&self) {
        assert!(self.ends.try_recv().is_err());
    }

    pub fn no_more_requests(&self) {
        assert!(self.requests.try_recv().is_err());
    }
}

/// Options without a limit that a test could live to see: where the one that a test sets
/// besides is not kept, it does not end.
pub const NEVER: &str = ",\"timeout_ms\":86400000,\"connect_timeout_ms\":86400000,\"max_retries\":100,\"max_retry_wait_ms\":86400000";

/// The error of a call that its time limit, in ms, ends after something of it was sent. A
/// busy machine may take longer than that to send it: then there is more time.
pub fn timed_out(call: impl Fn(u64) -> Result<String, Error>) -> Error {
    let errors = (0..6).map(|tries| call(500 << tries).unwrap_err());
    let mut timeouts = errors.inspect(|error| assert_eq!(error.status(), Status::Timeout));
    let was_sent = |error: &Error| error.outcome() == Outcome::Unknown;
    timeouts.find(was_sent).unwrap()
}

pub const HANG: &str = "hang";
pub const CLOSE: &str = "close";

/// One request; none where the connection ends. What follows is left for the next.
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

pub fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

pub fn ok(body: &str) -> String {
    answer("200 OK", "Content-Type: application/json\r\n", body)
}
