//! One HTTP exchange, over a pool of connections to one site.

pub(crate) mod cancel;
pub(crate) mod connection;
pub(crate) mod proxy;

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use once_cell::race::OnceBox;
use ureq::http::{HeaderMap, Method, Request as HttpRequest, Response as HttpResponse, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, RustlsConnector, Transport,
};
use ureq::{Agent, Body, Proxy};

use crate::client::options::EndpointOptions;
use crate::http::cancel::Cancellation;
use crate::http::connection::{Attempt, Dial, Established};
use crate::process::fork::PerProcess;

/// What is sent.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<&'a str>,
}

/// What may happen meanwhile.
pub(crate) struct Limits<'a> {
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_response_bytes: u64,
    pub(crate) interrupt: &'a Arc<Cancellation>,
}

/// A complete response, whatever its status.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// An response that nobody sent.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn of(status: u16, body: &str) -> Self {
        Response {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
        }
    }

    /// A header's value, where it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no complete response.
#[derive(Debug)]
pub(crate) struct TransportError {
    pub(crate) cause: Cause,
    /// Whether a byte of the request was written.
    pub(crate) sent: bool,
    /// Whether the connection was kept from an earlier call, and nothing of an
    /// response came over it.
    pub(crate) stale: bool,
    /// That of an response which is not complete; 0 where none began.
    pub(crate) http_status: u16,
    pub(crate) message: String,
}

impl TransportError {
    /// Of a request that could not be made.
    pub(crate) fn of_request(message: String) -> Self {
        TransportError {
            cause: Cause::Refused,
            sent: false,
            stale: false,
            http_status: 0,
            message,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cause {
    /// No connection, or one that broke.
    Connection,
    /// A connection that will not come about by trying again, such as one to a
    /// server with a certificate that does not fit.
    Refused,
    TimedOut,
    Cancelled,
    /// What came is not HTTP, or is too large.
    BadAnswer,
    /// The request is longer than any server accepts, because of this argument.
    TooLong(&'static str),
}

/// The connections to one site.
pub(crate) struct Connections {
    agent: Agent,
}

/// Sites close what is idle; one that was for so long is not worth the risk.
const MAX_IDLE_AGE: Duration = Duration::from_secs(15);

impl Connections {
    pub(crate) fn new(options: &EndpointOptions, proxy: Option<Proxy>) -> Self {
        Connections::that_age(options, proxy, MAX_IDLE_AGE)
    }

    fn that_age(options: &EndpointOptions, proxy: Option<Proxy>, max_idle_age: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(options.max_idle_connections)
            .max_idle_connections_per_host(options.max_idle_connections)
            .max_idle_age(max_idle_age)
            .proxy(proxy)
            .tls_config(tls_config(options))
            .build();
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(Dial)
                .chain(Tls::new(options))
                .chain(Established);
        Connections {
            agent: Agent::with_parts(config, connector, LookupLeftToDial),
        }
    }

    /// Sends `request` and waits for its response, on this thread.
    pub(crate) fn exchange(
        &self,
        request: Request<'_>,
        limits: &Limits<'_>,
    ) -> std::result::Result<Response, TransportError> {
        let attempt = Attempt::begin(limits, request.uri.authority());
        let result = self.run(request, limits);
        let (sent, stale) = (attempt.sent(), attempt.stale());
        // A socket that was shut down can make a cut-off response look complete.
        if limits.interrupt.is_cancelled() {
            return Err(TransportError {
                cause: Cause::Cancelled,
                sent,
                stale,
                http_status: 0,
                message: "the call was cancelled".to_owned(),
            });
        }
        result.map_err(|(error, http_status)| {
            let (cause, message) = cause_of(error, attempt.connecting(), limits);
            TransportError {
                cause,
                sent,
                stale,
                http_status,
                message,
            }
        })
    }

    /// The error comes with the status of what began as an response, or 0.
    fn run(
        &self,
        request: Request<'_>,
        limits: &Limits<'_>,
    ) -> std::result::Result<Response, (ureq::Error, u16)> {
        let method = request.method;
        let response = self.send(request).map_err(|error| (error, 0))?;
        let status = response.status().as_u16();
        read(method, response, limits.max_response_bytes).map_err(|error| (error, status))
    }

    fn send(&self, request: Request<'_>) -> std::result::Result<HttpResponse<Body>, ureq::Error> {
        let mut head = HttpRequest::new(());
        let method = Method::from_bytes(request.method.as_bytes());
        *head.method_mut() = method.map_err(ureq::http::Error::from)?;
        *head.uri_mut() = request.uri;
        *head.headers_mut() = request.headers;
        match request.body {
            Some(body) => self.agent.run(head.map(|()| body)),
            None => self.agent.run(head),
        }
    }
}

fn read(
    method: &str,
    response: HttpResponse<Body>,
    max_response_bytes: u64,
) -> std::result::Result<Response, ureq::Error> {
    let (head, body) = response.into_parts();
    let status = head.status.as_u16();
    let body = match (method, status) {
        // Nothing comes, also where the head says how it would be packed.
        ("HEAD", _) | (_, 204 | 304) => Vec::new(),
        _ => read_body(body, max_response_bytes)?,
    };
    Ok(Response {
        status,
        headers: head.headers,
        body,
    })
}

fn read_body(mut body: Body, max_response_bytes: u64) -> std::result::Result<Vec<u8>, ureq::Error> {
    /// What a server claims is believed up to here, before a byte of it came.
    const MOST_AT_ONCE: u64 = 256 * 1024;

    let length = body.content_length().unwrap_or(0).min(MOST_AT_ONCE);
    // One more, for the NUL of the text that is handed out.
    let mut bytes = Vec::with_capacity(length as usize + 1);
    let mut reader = body.with_config().limit(max_response_bytes).reader();
    reader.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cause_of(error: ureq::Error, connecting: bool, limits: &Limits<'_>) -> (Cause, String) {
    use ureq::Error as E;

    match error {
        E::Timeout(_) if connecting => (
            Cause::TimedOut,
            format!(
                "no connection within {} ms",
                limits.connect_timeout.min(limits.timeout).as_millis()
            ),
        ),
        E::Timeout(_) => (
            Cause::TimedOut,
            format!(
                "no complete response within {} ms",
                limits.timeout.as_millis()
            ),
        ),
        E::BodyExceedsLimit(limit) => (
            Cause::BadAnswer,
            format!("the response is larger than max_response_bytes ({limit})"),
        ),
        // A body stalls where a chunk's head does not end within ureq's buffer.
        E::Protocol(_) | E::LargeResponseHeader(..) | E::Decompress(..) | E::BodyStalled => (
            Cause::BadAnswer,
            format!("the response is not well-formed HTTP: {error}"),
        ),
        E::Rustls(error) => (Cause::Refused, format!("TLS: {error}")),
        // How rustls reports a handshake that failed, certificates included.
        E::Io(error) if connecting && error.kind() == io::ErrorKind::InvalidData => {
            (Cause::Refused, format!("TLS: {error}"))
        }
        E::Io(error) => (Cause::Connection, describe_io(&error)),
        E::HostNotFound => (Cause::Connection, "the host's name is not known".to_owned()),
        E::ConnectProxyFailed(why) => (
            Cause::Connection,
            format!("no tunnel through the proxy: {why}"),
        ),
        // Its text would hold the URL, and that perhaps a key.
        E::BadUri(_) | E::Http(_) => (Cause::Refused, "the request is not valid HTTP".to_owned()),
        error => (Cause::Connection, error.to_string()),
    }
}

fn describe_io(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "the connection was closed before the response was complete".to_owned()
        }
        _ => error.to_string(),
    }
}

fn tls_config(options: &EndpointOptions) -> TlsConfig {
    let roots = match &options.authorities {
        Some(authorities) => RootCerts::Specific(authorities.certificates.clone()),
        None => RootCerts::PlatformVerifier,
    };
    TlsConfig::builder().root_certs(roots).build()
}

/// ureq looks names up before it asks its pool for a connection, so for each
/// call. Ours are looked up by `Dial`, when a connection is made.
#[derive(Debug)]
struct LookupLeftToDial;

impl Resolver for LookupLeftToDial {
    fn resolve(
        &self,
        _: &ureq::http::Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// TLS by rustls. The system's certificate authorities take milliseconds to
/// load: all clients of a process share one connector, which loads them at its
/// first use.
#[derive(Debug)]
struct Tls(Arc<RustlsConnector>);

impl Tls {
    fn new(options: &EndpointOptions) -> Self {
        static SYSTEM_AUTHORITIES: OnceBox<PerProcess<Arc<RustlsConnector>>> = OnceBox::new();
        let of_system = || SYSTEM_AUTHORITIES.get_or_init(Box::default);
        match options.authorities {
            Some(_) => Tls(Arc::default()),
            None => Tls(of_system().get(Arc::default).clone()),
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
    use crate::client::options::Options;
    use std::io::Write;
    use std::net::TcpListener;
    use std::sync::mpsc::channel;
    use std::thread;

    #[test]
    fn idle_connections_age() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (closed, ends) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, closed) = (stream.unwrap(), closed.clone());
                thread::spawn(move || {
                    // Each request comes in one piece here.
                    while stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                        stream.write_all(response).unwrap();
                    }
                    closed.send(()).unwrap();
                });
            }
        });
        let request = || Request {
            method: "GET",
            uri: url.parse().unwrap(),
            headers: HeaderMap::new(),
            body: None,
        };
        let limits = Limits {
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(60),
            max_response_bytes: 1,
            interrupt: &Arc::default(),
        };
        let (site, age) = (Options::default().site, Duration::from_millis(50));
        let connections = Connections::that_age(&site, None, age);
        for _ in 0..2 {
            connections.exchange(request(), &limits).unwrap();
            thread::sleep(2 * age);
        }
        // The first one was closed as the second call came.
        ends.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(ends.try_recv().is_err());
    }
}
