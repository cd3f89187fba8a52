//! One HTTP exchange, over a pool of connections to one origin.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use once_cell::race::OnceBox;
use ureq::http::{HeaderMap, Request, StatusCode};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, NextTimeout, RustlsConnector, Transport,
};
use ureq::{Agent, Proxy, SendBody};

use crate::http::authorities::Authorities;
use crate::http::connection::Established;
use crate::http::dial::Dial;
use crate::http::exchange::{Exchange, ExchangeOptions};
use crate::http::proxy::ProxyChoice;
use crate::http::request_body::RequestBody;
use crate::http::response_body::InvalidBody;
use crate::http::response_transport::WellFormed;
use crate::http::transport_error::classify;
pub(crate) use crate::http::transport_error::{TransportError, TransportErrorKind};
use crate::http::tunnel::Tunnel;
use crate::process::fork::PerProcess;

pub(crate) mod authorities;
pub(crate) mod cancel;
mod chunked;
mod config;
pub(crate) mod connection;
mod content_encoding;
mod dial;
pub(crate) mod exchange;
mod head;
pub(crate) mod host;
pub(crate) mod interrupt;
mod lookup;
pub(crate) mod origin;
pub(crate) mod proxy;
pub(crate) mod request_body;
mod response_body;
mod response_transport;
mod sender;
mod socket_buffers;
mod tls_error;
mod transport_error;
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
                .chain(WellFormed);
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
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err((InvalidBody::OtherProtocol.into(), None));
        }
        let mut response = Response {
            status: head.status.as_u16(),
            headers: head.headers,
            body: Vec::new(),
            max_bytes: usize::try_from(max_response_bytes).unwrap_or(usize::MAX),
            body_error: None,
        };
        let other_fields = Exchange::current().map(|exchange| exchange.take_other_fields());
        response.headers.extend(other_fields.unwrap_or_default());
        match response_body::read(&mut response, body, &method, head.version) {
            Ok(()) => Ok(response),
            Err(error) => Err((error, Some(Box::new(response)))),
        }
    }
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
    use std::io::{Read, Write};
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
