//! Opens TCP connections, with a deadline and cancellation. The addresses of a host are tried
//! as RFC 8305 ("Happy Eyeballs") describes.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket as NewSocket, Type};
use ureq::Error;
use ureq::http::Uri;
use ureq::unversioned::transport::{ConnectionDetails, Connector, Either, Transport};

use crate::http::cancel::Stop;
use crate::http::connection::Socket;
use crate::http::exchange::Exchange;
use crate::http::lookup;
use crate::http::socket_buffers::SocketBuffers;
use crate::process::system;

/// The bottom of ureq's chain of connectors: opens the socket.
#[derive(Debug)]
pub(crate) struct Dial;

impl<In: Transport> Connector<In> for Dial {
    type Out = Either<In, Socket>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        // A proxy's tunnel is a connection already.
        if let Some(tunnel) = chained {
            return Ok(Some(Either::A(tunnel)));
        }
        let exchange = Exchange::current()?;
        exchange.record_connecting();
        let stream = dial(&exchange, details.uri)?;
        let config = details.config;
        let buffers = SocketBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Either::B(Socket::new(stream, buffers))))
    }
}

fn dial(exchange: &Exchange, uri: &Uri) -> Result<TcpStream, Error> {
    let host = uri.host().ok_or(Error::HostNotFound)?;
    let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    });
    let addresses = lookup::addresses(exchange, host, port)?;
    let stream = connect(exchange, &alternate_families(addresses))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Alternates addresses of both families, beginning with that of the first one (RFC 8305,
/// section 4): one family may not work at all.
fn alternate_families(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first().map(SocketAddr::is_ipv4) else {
        return addresses;
    };
    let (one, other): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv4() == first);
    let mut other = other.into_iter();
    let mut alternating = Vec::new();
    for address in one {
        alternating.push(address);
        alternating.extend(other.next());
    }
    alternating.extend(other);
    alternating
}

/// How long an address is tried before the next one is tried too (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// How soon a cancellation ends the wait for a connection.
const CANCELLATION_DELAY: Duration = Duration::from_millis(50);

/// Connects to the first address that accepts.
fn connect(exchange: &Exchange, addresses: &[SocketAddr]) -> Result<TcpStream, Error> {
    let mut addresses = addresses.iter();
    let mut attempts = Vec::new();
    let mut next_attempt = Instant::now();
    let mut error = Error::HostNotFound;
    loop {
        if exchange.cancellation.is_cancelled() {
            return Err(exchange.stop(Stop::Cancelled));
        }
        let time_left = exchange.time_left()?;
        let now = Instant::now();
        if attempts.is_empty() || next_attempt <= now {
            match addresses.next() {
                Some(address) => match start_connecting(address) {
                    Ok(attempt) => attempts.push(attempt),
                    Err(failed) => {
                        error = failed.into();
                        continue;
                    }
                },
                None if attempts.is_empty() => return Err(error),
                None => {}
            }
            next_attempt = now + ATTEMPT_DELAY;
        }
        let mut timeout = time_left.min(CANCELLATION_DELAY);
        if addresses.len() > 0 {
            timeout = timeout.min(next_attempt.saturating_duration_since(now));
        }
        match system::wait_for_output(&attempts, timeout) {
            Err(failed) if failed.kind() == io::ErrorKind::Interrupted => {
                exchange.record_signal()?;
            }
            result => result?,
        }
        for index in (0..attempts.len()).rev() {
            match is_connected(&attempts[index]) {
                Ok(true) => {
                    let stream = attempts.swap_remove(index);
                    stream.set_nonblocking(false)?;
                    return Ok(stream);
                }
                Ok(false) => {}
                Err(failed) => {
                    error = failed.into();
                    attempts.swap_remove(index);
                    next_attempt = now;
                }
            }
        }
    }
}

fn start_connecting(address: &SocketAddr) -> io::Result<TcpStream> {
    let domain = Domain::for_address(*address);
    let socket = NewSocket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    match socket.connect(&(*address).into()) {
        Err(error) if !system::is_in_progress(&error) => Err(error),
        _ => Ok(socket.into()),
    }
}

fn is_connected(attempt: &TcpStream) -> io::Result<bool> {
    if let Some(error) = attempt.take_error()? {
        return Err(error);
    }
    match attempt.peer_addr() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::cancel::Cancellation;
    use crate::http::exchange::{ExchangeGuard, ExchangeOptions};
    use std::net::TcpListener;
    use std::sync::Arc;
    use ureq::http::Request;

    /// With less time than the two minutes after which the system gives an address up.
    fn exchange() -> ExchangeGuard {
        let minute = Duration::from_secs(60);
        let options = ExchangeOptions {
            timeout: minute,
            connect_timeout: minute,
            max_response_bytes: 1,
            cancellation: &Arc::new(Cancellation::default()),
        };
        Exchange::begin(&options, &Request::new(()))
    }

    fn connect_to(addresses: &[SocketAddr]) -> Result<TcpStream, Error> {
        let _exchange = exchange();
        connect(&Exchange::current().unwrap(), addresses)
    }

    fn listen() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// Returns an address that refuses connections.
    fn closed() -> SocketAddr {
        listen().1
    }

    #[test]
    fn tries_the_next_address_after_250_ms_or_an_error() {
        assert_eq!(ATTEMPT_DELAY, Duration::from_millis(250));
        // The queue of the listener is full: further connections are neither accepted nor
        // refused.
        let (_listener, silent) = listen();
        let short = Duration::from_millis(100);
        let fill = || (0..3).find_map(|_| TcpStream::connect_timeout(&silent, short).ok());
        let _queue: Vec<_> = std::iter::from_fn(fill).collect();
        let (_other_listener, responsive) = listen();
        for addresses in [[silent, responsive], [closed(), responsive]] {
            let stream = connect_to(&addresses).unwrap();
            assert_eq!(stream.peer_addr().unwrap(), responsive);
        }
    }

    #[test]
    fn prefers_the_first_address() {
        let ((_first, address), (second, other)) = (listen(), listen());
        let stream = connect_to(&[address, other]).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
        second.set_nonblocking(true).unwrap();
        assert!(second.accept().is_err());
    }

    #[test]
    fn fails_when_no_address_accepts() {
        let error = connect_to(&[closed(), closed()]).unwrap_err();
        let Error::Io(error) = error else {
            panic!("{error}");
        };
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(matches!(connect_to(&[]), Err(Error::HostNotFound)));
    }

    #[test]
    fn sends_small_packets_at_once() {
        let (_listener, address) = listen();
        let _exchange = exchange();
        let uri = format!("http://{address}/").parse().unwrap();
        let stream = dial(&Exchange::current().unwrap(), &uri).unwrap();
        assert!(stream.nodelay().unwrap());
    }

    #[test]
    fn alternates_address_families() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter()
                .map(|address| address.parse().unwrap())
                .collect()
        };
        let sorted = ["[::1]:1", "[::2]:1", "[::3]:1", "1.0.0.1:1", "1.0.0.2:1"];
        let alternating = ["[::1]:1", "1.0.0.1:1", "[::2]:1", "1.0.0.2:1", "[::3]:1"];
        assert_eq!(
            alternate_families(addresses(&sorted)),
            addresses(&alternating)
        );
        let more_of_the_other = ["1.0.0.1:1", "[::1]:1", "[::2]:1"];
        let same = addresses(&more_of_the_other);
        assert_eq!(alternate_families(same.clone()), same);
    }
}
