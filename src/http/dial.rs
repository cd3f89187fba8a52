//! Opens TCP connections: name lookup and connect, with a deadline and cancellation.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::http::Uri;
use ureq::unversioned::transport::{ConnectionDetails, Connector, Either, LazyBuffers, Transport};
use ureq::{Error, Timeout};

use crate::http::cancel::WaitResult;
use crate::http::connection::Socket;
use crate::http::exchange::Exchange;
use crate::process::threads;

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
        stream.set_nodelay(true)?;
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Either::B(Socket::new(stream, buffers))))
    }
}

/// Looks the host up and connects on another thread, since neither can be interrupted.
/// A thread whose result is not needed any more ends by itself.
fn dial(exchange: &Exchange, uri: &Uri) -> Result<TcpStream, Error> {
    let host = uri.host().ok_or(Error::HostNotFound)?.to_owned();
    let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    });
    let deadline = exchange.deadline();
    let result = Arc::new(Mutex::new(None));
    let thread = {
        let result = result.clone();
        let cancellation = exchange.cancellation.clone();
        threads::spawn("uservoice-dial", move || {
            let connected = connect(&host, port, deadline);
            *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(connected);
            cancellation.notify();
        })?
    };
    let take = || {
        let mut result = result.lock().unwrap_or_else(PoisonError::into_inner);
        result.take()
    };
    match exchange.cancellation.wait_until(deadline, take) {
        WaitResult::Ready(connected) => {
            // Joined, so that it does not run on while the process exits. It did not
            // panic: there is a result.
            let _ = thread.join();
            connected
        }
        WaitResult::TimedOut => Err(Error::Timeout(Timeout::Connect)),
        WaitResult::Stopped(stop) => Err(exchange.stop(stop)),
    }
}

/// Tries the host's addresses one after the other, each for its share of the time left.
fn connect(host: &str, port: u16, deadline: Instant) -> Result<TcpStream, Error> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<_> = (bare, port).to_socket_addrs()?.collect();
    let mut last = Error::HostNotFound;
    for (tried, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::Timeout(Timeout::Connect));
        }
        let share = left / (addresses.len() - tried) as u32;
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                last = Error::Timeout(Timeout::Connect);
            }
            Err(error) => last = error.into(),
        }
    }
    Err(last)
}
