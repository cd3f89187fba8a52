//! Tunnels through HTTP proxies (RFC 9110, section 9.3.6).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use httparse::{ParserConfig, Response, Status};
use memchr::memchr_iter;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport,
};
use ureq::{Error, Proxy};
use zeroize::Zeroizing;

use crate::http::exchange::Exchange;
use crate::http::head;

/// The first of ureq's chain of connectors: opens a tunnel if there is a proxy.
#[derive(Debug)]
pub(crate) struct Tunnel {
    proxy: Option<Proxy>,
    /// For the connection to the proxy itself, which is recognized by it.
    config: Config,
}

impl Tunnel {
    pub(crate) fn new(proxy: Option<Proxy>, config: Config) -> Self {
        Tunnel { proxy, config }
    }
}

impl<In: Transport> Connector<In> for Tunnel {
    type Out = Either<In, TunnelTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        if let Some(transport) = chained {
            return Ok(Some(Either::A(transport)));
        }
        // The whole chain runs for the connection to the proxy as well.
        let is_to_proxy = std::ptr::eq(details.config, &raw const self.config);
        let Some(proxy) = self.proxy.as_ref().filter(|_| !is_to_proxy) else {
            return Ok(None);
        };
        let to_proxy = ConnectionDetails {
            uri: proxy.uri(),
            addrs: details.resolver.empty(),
            config: &self.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        let mut transport = (details.run_connector)(&to_proxy)?;
        send_connect(&mut *transport, proxy, details)?;
        receive_response(&mut *transport, proxy, details.timeout)?;
        Ok(Some(Either::B(TunnelTransport(transport))))
    }
}

fn send_connect(
    transport: &mut dyn Transport,
    proxy: &Proxy,
    details: &ConnectionDetails,
) -> Result<(), Error> {
    let request = connect_request(proxy, details.uri, Exchange::current()?.user_agent());
    let output = transport.buffers().output();
    let output = output
        .get_mut(..request.len())
        .ok_or_else(|| Error::BadUri("the CONNECT request is too long".to_owned()))?;
    output.copy_from_slice(&request);
    transport.transmit_output(request.len(), details.timeout)
}

fn connect_request(proxy: &Proxy, site: &Uri, user_agent: &[u8]) -> Zeroizing<Vec<u8>> {
    let host = site.host().unwrap_or_default();
    let port = site.port_u16().unwrap_or(match site.scheme_str() {
        Some("https") => 443,
        _ => 80,
    });
    let head = format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\nProxy-Connection: Keep-Alive\r\n"
    );
    // Room for everything, so that no copy of the password remains.
    let credentials = Credentials::of(proxy);
    let credentials_len = credentials
        .as_ref()
        .map_or(0, |credentials| credentials.0.len());
    let capacity = head.len() + user_agent.len() + credentials_len + 64;
    let mut request = Zeroizing::new(Vec::with_capacity(capacity));
    request.extend(head.as_bytes());
    if !user_agent.is_empty() {
        request.extend(b"User-Agent: ");
        request.extend(user_agent);
        request.extend(b"\r\n");
    }
    if let Some(credentials) = credentials {
        request.extend(b"Proxy-Authorization: Basic ");
        request.extend(credentials.0.as_bytes());
        request.extend(b"\r\n");
    }
    request.extend(b"\r\n");
    request
}

/// The user name and password of a proxy's URL, in base64.
struct Credentials(Zeroizing<String>);

impl Credentials {
    fn of(proxy: &Proxy) -> Option<Self> {
        let (user, password) = (proxy.username(), proxy.password());
        if user.is_none() && password.is_none() {
            return None;
        }
        let pair = [user.unwrap_or_default(), ":", password.unwrap_or_default()].concat();
        let encoded = STANDARD.encode(&*Zeroizing::new(pair));
        Some(Credentials(Zeroizing::new(encoded)))
    }
}

/// Reads the response to CONNECT. Each status code of the class 2xx opens the tunnel, and it
/// has no body, whatever its headers say.
fn receive_response(
    transport: &mut dyn Transport,
    proxy: &Proxy,
    timeout: NextTimeout,
) -> Result<(), Error> {
    loop {
        if let Some(head) = Head::parse(transport.buffers().input())? {
            transport.buffers().input_consume(head.len);
            match head.status {
                100 | 102..=199 => continue,
                200..=299 => return Ok(()),
                _ => {}
            }
            return Err(Error::Other(Box::new(TunnelError {
                status: head.status,
                has_credentials: Credentials::of(proxy).is_some(),
                accepts_basic: head.accepts_basic,
            })));
        }
        if !transport.await_input(timeout)? {
            let reason = "the proxy closed the connection without a response";
            return Err(Error::ConnectProxyFailed(reason.to_owned()));
        }
    }
}

/// The status line and headers of a response to CONNECT.
struct Head {
    len: usize,
    status: u16,
    /// `Proxy-Authenticate` offers Basic, or says nothing.
    accepts_basic: bool,
}

impl Head {
    /// Parses the head; `None` if it is not complete.
    fn parse(input: &[u8]) -> Result<Option<Head>, Error> {
        let invalid = |why: &dyn fmt::Display| {
            Error::ConnectProxyFailed(format!("the proxy's response is not valid HTTP: {why}"))
        };

        let max_fields = memchr_iter(b'\n', &input[..input.len().min(head::MAX_BYTES)]).count();
        let mut headers = vec![httparse::EMPTY_HEADER; max_fields];
        let mut response = Response::new(&mut headers);
        // Folded lines (RFC 9112, section 5.2).
        let mut parser = ParserConfig::default();
        parser.allow_obsolete_multiline_headers_in_responses(true);
        let parsed = parser.parse_response(&mut response, input);
        let parsed = parsed.map_err(|error| invalid(&error))?;
        let len = match parsed {
            Status::Complete(len) if len <= head::MAX_BYTES => len,
            Status::Partial if input.len() <= head::MAX_BYTES => return Ok(None),
            _ => return Err(invalid(&"its head is too long")),
        };
        let mut schemes = response
            .headers
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case("proxy-authenticate"))
            .map(|header| header.value)
            .peekable();
        // A field may contain several challenges (RFC 9110, section 11.6.1).
        let is_basic = |value: &[u8]| {
            let challenges = value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
            challenges
                .filter_map(|challenge| challenge.split(u8::is_ascii_whitespace).next())
                .any(|scheme| scheme.eq_ignore_ascii_case(b"Basic"))
        };
        Ok(Some(Head {
            len,
            status: response.code.unwrap_or_default(),
            accepts_basic: schemes.peek().is_none() || schemes.any(is_basic),
        }))
    }
}

/// Why a proxy opens no tunnel.
#[derive(Debug)]
pub(crate) struct TunnelError {
    status: u16,
    has_credentials: bool,
    accepts_basic: bool,
}

impl TunnelError {
    /// Returns whether the same request would be refused again.
    pub(crate) fn is_permanent(&self) -> bool {
        matches!(self.status, 101 | 300..=499) && !matches!(self.status, 408 | 429)
    }
}

impl std::error::Error for TunnelError {}

impl fmt::Display for TunnelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no tunnel through the proxy: ")?;
        let problem = match (self.status, self.has_credentials) {
            (401 | 407, _) if !self.accepts_basic => "it does not accept Basic authentication",
            (401 | 407, true) => "it refuses the user name and password of its URL",
            (401 | 407, false) => "its URL must contain a user name and a password",
            _ => return write!(f, "it responded with the status code {}", self.status),
        };
        write!(f, "{problem} (status code {})", self.status)
    }
}

/// A connection through a proxy. There may be TLS to the proxy, but there is none to the site.
#[derive(Debug)]
pub(crate) struct TunnelTransport(Box<dyn Transport>);

impl Transport for TunnelTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }
}
