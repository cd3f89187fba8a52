//! One HTTP exchange, over a pool of connections to one origin.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use once_cell::race::OnceBox;
use ureq::http::{HeaderMap, Method, Request, header};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, NextTimeout, RustlsConnector, Transport,
};
use ureq::{Agent, Body, Proxy, SendBody};

use crate::error::Outcome;
use crate::http::authorities::Authorities;
use crate::http::body::RequestBody;
use crate::http::connection::Established;
use crate::http::content_encoding::{ContentCoding, InvalidCoding, check_transfer_coding};
use crate::http::dial::Dial;
use crate::http::exchange::{Exchange, ExchangeOptions};
use crate::http::head_transport::CompleteHeads;
use crate::http::proxy::ProxyChoice;
use crate::http::tunnel::{Tunnel, TunnelError};
use crate::process::fork::PerProcess;

pub(crate) mod authorities;
pub(crate) mod body;
pub(crate) mod cancel;
mod config;
pub(crate) mod connection;
mod content_encoding;
mod dial;
pub(crate) mod exchange;
mod head;
mod head_transport;
pub(crate) mod interrupt;
mod lookup;
pub(crate) mod origin;
pub(crate) mod proxy;
mod sender;
mod tls_error;
mod tunnel;

/// A response, whatever its status code.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The option `max_response_bytes`: what is derived from the body counts against it.
    pub(crate) max_bytes: usize,
    /// Why the body of an error response could not be read; it is empty then. The status
    /// code and headers say what follows (a retry, a redirect), with or without a body.
    pub(crate) body_error: Option<Box<TransportError>>,
}

/// Without headers and body, which may contain secrets.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut response = f.debug_struct("Response");
        response
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Response {
    /// Creates a response without headers.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn of(status: u16, body: &str) -> Self {
        Response {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
            max_bytes: 64 << 20,
            body_error: None,
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the value of a header, if it is ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns when the response was sent, by the clock of the server.
    pub(crate) fn date(&self) -> Option<SystemTime> {
        // Excludes the last year that a timestamp can have: a sum then stays in range.
        const YEAR_9999: Duration = Duration::from_secs(253_370_764_800);
        let date = httpdate::parse_http_date(self.header("date")?).ok()?;
        (date < UNIX_EPOCH + YEAR_9999).then_some(date)
    }
}

/// Why there is no complete response.
#[derive(Debug)]
pub(crate) struct TransportError {
    pub(crate) kind: TransportErrorKind,
    /// Whether a byte of the request was written.
    pub(crate) sent: bool,
    /// Whether a pooled connection was used, and closed before a byte of the response.
    pub(crate) on_stale_connection: bool,
    /// The response with an empty body, if only its body could not be read.
    pub(crate) head: Option<Box<Response>>,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TransportErrorKind {
    /// The connection could not be opened, or was closed.
    Connection,
    /// A retry would fail too, such as a certificate that is not trusted.
    Permanent,
    TimedOut,
    /// The call was cancelled or interrupted.
    Cancelled,
    /// The response is not well-formed HTTP, or too large.
    InvalidResponse,
}

impl TransportError {
    /// Returns whether the attempt reached the service.
    pub(crate) fn outcome(&self) -> Outcome {
        match (self.sent, self.kind) {
            (false, _) => Outcome::NotSent,
            (true, TransportErrorKind::InvalidResponse) => Outcome::Answered,
            // An error status is a response, also without its body.
            (true, _) if self.head.as_ref().is_some_and(|head| !head.is_success()) => {
                Outcome::Answered
            }
            (true, _) => Outcome::Unknown,
        }
    }
}

/// The options that decide how to connect.
#[derive(Clone, PartialEq)]
pub(crate) struct ConnectionOptions {
    pub(crate) max_idle_connections: usize,
    /// `None`: the certificate authorities of the system.
    pub(crate) authorities: Option<Authorities>,
    pub(crate) proxy: ProxyChoice,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        ConnectionOptions {
            max_idle_connections: 16,
            authorities: None,
            proxy: ProxyChoice::FromEnvironment,
        }
    }
}

/// The connections to one origin.
pub(crate) struct ConnectionPool {
    agent: Agent,
}

/// Servers close idle connections; one that was idle for longer may be stale.
const MAX_IDLE_AGE: Duration = Duration::from_secs(15);

impl ConnectionPool {
    pub(crate) fn new(options: &ConnectionOptions, proxy: Option<Proxy>) -> Self {
        ConnectionPool::with_max_idle_age(options, proxy, MAX_IDLE_AGE)
    }

    fn with_max_idle_age(
        options: &ConnectionOptions,
        proxy: Option<Proxy>,
        max_idle_age: Duration,
    ) -> Self {
        let config = config::of_agent(options, max_idle_age);
        let connector =
            ().chain(Tunnel::new(proxy, config.clone()))
                .chain(Dial)
                .chain(Tls::new(options))
                .chain(Established)
                .chain(CompleteHeads);
        ConnectionPool {
            agent: Agent::with_parts(config, connector, LookupInDial),
        }
    }

    /// Sends `request` and waits for the complete response, on this thread.
    pub(crate) fn send(
        &self,
        request: Request<Option<RequestBody<'_>>>,
        options: &ExchangeOptions<'_>,
    ) -> Result<Response, TransportError> {
        let exchange = Exchange::begin(options, &request);
        let result = self.run(request, options.max_response_bytes);
        let error = |kind, head, message| TransportError {
            kind,
            sent: exchange.sent(),
            on_stale_connection: exchange.on_stale_connection(),
            head,
            message,
        };
        if let Some(stop) = exchange.stopped() {
            let message = stop.message().to_owned();
            return Err(error(TransportErrorKind::Cancelled, None, message));
        }
        result.or_else(|(ureq_error, head)| {
            let (kind, message) = classify(ureq_error, exchange.connecting(), options);
            match head {
                Some(head) if !head.is_success() => Ok(Response {
                    body_error: Some(Box::new(error(kind, None, message))),
                    ..*head
                }),
                head => Err(error(kind, head, message)),
            }
        })
    }

    /// Runs the exchange. An error comes with the head of the response if that was read.
    fn run(
        &self,
        request: Request<Option<RequestBody<'_>>>,
        max_response_bytes: u64,
    ) -> Result<Response, (ureq::Error, Option<Box<Response>>)> {
        let method = request.method().clone();
        let (head, body) = request.into_parts();
        let response = match body {
            Some(body) => {
                let mut reader = body.reader();
                let body = SendBody::from_reader(&mut reader);
                self.agent.run(Request::from_parts(head, body))
            }
            None => self.agent.run(Request::from_parts(head, ())),
        };
        let (head, body) = response.map_err(|error| (error, None))?.into_parts();
        let mut response = Response {
            status: head.status.as_u16(),
            headers: head.headers,
            body: Vec::new(),
            max_bytes: usize::try_from(max_response_bytes).unwrap_or(usize::MAX),
            body_error: None,
        };
        let other_fields = Exchange::current().map(|exchange| exchange.take_other_fields());
        response.headers.extend(other_fields.unwrap_or_default());
        // There is no body, also if the headers describe one.
        if method == Method::HEAD || matches!(response.status, 204 | 304) {
            return Ok(response);
        }
        let coding = ContentCoding::of(&response.headers);
        let body = check_transfer_coding(&response.headers)
            .map_err(ureq::Error::from)
            .and_then(|()| read_body(body, &coding, max_response_bytes));
        match body {
            Ok(body) => response.body = body,
            Err(error) => return Err((error, Some(Box::new(response)))),
        }
        if coding == ContentCoding::Gzip {
            // They describe the body as it was sent.
            response.headers.remove(header::CONTENT_ENCODING);
            response.headers.remove(header::CONTENT_LENGTH);
        }
        Ok(response)
    }
}

fn read_body(
    mut body: Body,
    coding: &ContentCoding,
    max_response_bytes: u64,
) -> Result<Vec<u8>, ureq::Error> {
    let length = body.content_length().unwrap_or(0);
    let mut bytes = Vec::new();
    let read = coding.decode(body.as_reader(), |reader| {
        read_up_to(reader, &mut bytes, length, max_response_bytes)
    });
    match read? {
        true => Ok(bytes),
        false => Err(ureq::Error::BodyExceedsLimit(max_response_bytes)),
    }
}

/// Appends a body to `bytes`, and returns whether it has at most `max_len` bytes. The buffer
/// grows to twice its size each time, but not beyond the bound, and `length`, which a
/// Content-Length says, alone reserves little.
fn read_up_to(
    mut reader: &mut dyn Read,
    bytes: &mut Vec<u8>,
    length: u64,
    max_len: u64,
) -> io::Result<bool> {
    const MAX_FIRST_CAPACITY: u64 = 256 * 1024;

    // One more byte, which finds the end, and then is room for the NUL of the C ABI.
    let max_capacity = usize::try_from(max_len.saturating_add(1)).unwrap_or(usize::MAX);
    let mut capacity = max_capacity.min(length.min(MAX_FIRST_CAPACITY) as usize + 1);
    loop {
        let missing = capacity - bytes.len();
        bytes.try_reserve_exact(missing)?;
        let mut piece = Read::take(&mut reader, missing as u64);
        if piece.read_to_end(bytes)? < missing {
            return Ok(true);
        }
        if capacity == max_capacity {
            return Ok(false);
        }
        capacity = max_capacity.min(capacity.saturating_mul(2).max(1024));
    }
}

fn classify(
    error: ureq::Error,
    connecting: bool,
    options: &ExchangeOptions<'_>,
) -> (TransportErrorKind, String) {
    use TransportErrorKind as Kind;
    use ureq::Error as E;

    match error {
        E::Timeout(_) if connecting => {
            let timeout = options.connect_timeout.min(options.timeout).as_millis();
            (Kind::TimedOut, format!("no connection within {timeout} ms"))
        }
        E::Timeout(_) => {
            let timeout = options.timeout.as_millis();
            let message = format!("no complete response within {timeout} ms");
            (Kind::TimedOut, message)
        }
        E::BodyExceedsLimit(limit) => (
            Kind::InvalidResponse,
            format!("the response is larger than max_response_bytes ({limit})"),
        ),
        // ureq reports a stalled body for a chunk header larger than its buffer.
        E::Protocol(_) | E::LargeResponseHeader(..) | E::BodyStalled => (
            Kind::InvalidResponse,
            format!("the response is not well-formed HTTP: {error}"),
        ),
        E::Rustls(error) => (Kind::Permanent, describe_tls(&error)),
        // rustls reports a failed handshake so, invalid certificates included.
        E::Io(error) if connecting && error.kind() == io::ErrorKind::InvalidData => {
            (Kind::Permanent, describe_io(&error))
        }
        E::Io(error) if error.kind() == io::ErrorKind::OutOfMemory => (
            Kind::InvalidResponse,
            "there is not enough memory for the response".to_owned(),
        ),
        E::Io(error) if is_invalid_coding(&error) => (Kind::InvalidResponse, error.to_string()),
        E::Io(error) => (Kind::Connection, describe_io(&error)),
        E::HostNotFound => (Kind::Connection, "the host name is not known".to_owned()),
        E::Other(error) if error.is::<TunnelError>() => {
            let is_permanent = error.downcast_ref().is_some_and(TunnelError::is_permanent);
            let kind = if is_permanent {
                Kind::Permanent
            } else {
                Kind::Connection
            };
            (kind, error.to_string())
        }
        E::ConnectProxyFailed(reason) => (
            Kind::Connection,
            format!("no tunnel through the proxy: {reason}"),
        ),
        // The error's text would contain the URL, and that perhaps a key.
        E::BadUri(_) | E::Http(_) => (Kind::Permanent, "the request is not valid HTTP".to_owned()),
        error => (Kind::Connection, error.to_string()),
    }
}

fn is_invalid_coding(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<InvalidCoding>())
}

fn describe_io(error: &io::Error) -> String {
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref()) {
        Some(error) => describe_tls(error),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the connection was closed before the response was complete".to_owned()
        }
        None => error.to_string(),
    }
}

fn describe_tls(error: &rustls::Error) -> String {
    format!("TLS: {}", tls_error::explain(error))
}

/// Resolves nothing: ureq asks before it looks for a pooled connection, thus for each
/// request. `Dial` looks names up when it opens a connection.
#[derive(Debug)]
struct LookupInDial;

impl Resolver for LookupInDial {
    fn resolve(
        &self,
        _: &ureq::http::Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// TLS by rustls. Loading the system's certificate authorities takes milliseconds: all
/// clients of a process share one connector, which loads them at its first use.
#[derive(Debug)]
struct Tls(Arc<RustlsConnector>);

impl Tls {
    fn new(options: &ConnectionOptions) -> Self {
        static SYSTEM_AUTHORITIES: OnceBox<PerProcess<Arc<RustlsConnector>>> = OnceBox::new();
        let system = || SYSTEM_AUTHORITIES.get_or_init(Box::default);
        match options.authorities {
            Some(_) => Tls(Arc::default()),
            None => Tls(system().get(Arc::default).clone()),
        }
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = <RustlsConnector as Connector<In>>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> std::result::Result<Option<Self::Out>, ureq::Error> {
        self.0.connect(details, chained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;
    use std::sync::mpsc::channel;
    use std::thread;

    #[test]
    fn idle_connections_are_bounded_in_number_and_age() {
        let options = ConnectionOptions {
            max_idle_connections: 3,
            ..ConnectionOptions::default()
        };
        let pool = ConnectionPool::new(&options, None);
        let config = pool.agent.config();
        assert_eq!(config.max_idle_age(), Duration::from_secs(15));
        assert_eq!(config.max_idle_connections(), 3);
        assert_eq!(config.max_idle_connections_per_host(), 3);
    }

    #[test]
    fn closes_connections_idle_for_too_long() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (closed, ends) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, closed) = (stream.unwrap(), closed.clone());
                thread::spawn(move || {
                    // Each request arrives in one piece.
                    while stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                        stream.write_all(response).unwrap();
                    }
                    closed.send(()).unwrap();
                });
            }
        });
        let request = || Request::get(&url).body(None).unwrap();
        let exchange_options = ExchangeOptions {
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(60),
            max_response_bytes: 1,
            cancellation: &Arc::default(),
        };
        let max_idle_age = Duration::from_millis(50);
        let pool =
            ConnectionPool::with_max_idle_age(&ConnectionOptions::default(), None, max_idle_age);
        for _ in 0..2 {
            pool.send(request(), &exchange_options).unwrap();
            thread::sleep(2 * max_idle_age);
        }
        // The first connection is closed when the second request needs one.
        ends.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(ends.try_recv().is_err());
    }
}
