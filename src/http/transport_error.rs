//! Why an exchange has no complete response.

use std::io;

use ureq::Error;

use crate::error::Outcome;
use crate::http::Response;
use crate::http::exchange::ExchangeOptions;
use crate::http::response_body::InvalidBody;
use crate::http::tls_error;
use crate::http::tunnel::TunnelError;

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

/// Returns the kind and the message of ureq's error.
pub(super) fn classify(
    error: Error,
    connecting: bool,
    options: &ExchangeOptions<'_>,
) -> (TransportErrorKind, String) {
    use Error as E;
    use TransportErrorKind as Kind;

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
        E::Protocol(_) | E::LargeResponseHeader(..) => (
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
        E::Io(error) if is_invalid_body(&error) => (Kind::InvalidResponse, error.to_string()),
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

fn is_invalid_body(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<InvalidBody>())
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
