//! Connections for ureq that know the exchange they serve: they keep to its deadline, can
//! be cancelled from another thread, and record what was sent and received.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use zeroize::Zeroize;

use crate::http::exchange::Exchange;

/// The top of ureq's chain of connectors: what is written above it is the request, and
/// what is read the response.
#[derive(Debug)]
pub(crate) struct Established;

impl<In: Transport> Connector<In> for Established {
    type Out = HttpTransport<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Exchange::current()?.record_connected(details.uri.authority());
        Ok(chained.map(HttpTransport))
    }
}

/// A connection above TLS. Records what is received.
#[derive(Debug)]
pub(crate) struct HttpTransport<T>(T);

impl<T: Transport> Transport for HttpTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    /// Wipes what was sent: a pooled connection keeps its buffers, which held passwords
    /// and tokens.
    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let transmitted = self.0.transmit_output(amount, timeout);
        self.0.buffers().output()[..amount].zeroize();
        transmitted
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let before = self.0.buffers().input().len();
        let received = self.0.await_input(timeout)?;
        if received {
            let after = self.0.buffers().input().len();
            Exchange::current()?.record_received(after.saturating_sub(before))?;
        }
        Ok(received)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

/// A TCP connection that keeps to the deadline of the exchange it serves.
pub(crate) struct Socket {
    stream: Arc<TcpStream>,
    buffers: LazyBuffers,
    read_timeout: Duration,
    write_timeout: Duration,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, buffers: LazyBuffers) -> Self {
        Socket {
            stream: Arc::new(stream),
            buffers,
            read_timeout: Duration::ZERO,
            write_timeout: Duration::ZERO,
        }
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let exchange = Exchange::current()?;
        exchange.watch(&self.stream)?;
        let mut rest = &self.buffers.output()[..amount];
        while !rest.is_empty() {
            set_timeout(&mut self.write_timeout, exchange.time_left()?, |timeout| {
                self.stream.set_write_timeout(Some(timeout))
            })?;
            match (&*self.stream).write(rest) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(written) => {
                    exchange.record_sent();
                    rest = &rest[written..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    exchange.record_signal()?;
                }
                Err(error) if is_timed_out(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let exchange = Exchange::current()?;
        exchange.watch(&self.stream)?;
        loop {
            set_timeout(&mut self.read_timeout, exchange.time_left()?, |timeout| {
                self.stream.set_read_timeout(Some(timeout))
            })?;
            match (&*self.stream).read(self.buffers.input_append_buf()) {
                Ok(read) => {
                    self.buffers.input_appended(read);
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    exchange.record_signal()?;
                }
                Err(error) if is_timed_out(&error) => {}
                // ureq takes a reset for the end of a body that has no length.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return Err(io::Error::other(error).into());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Returns whether an idle connection can be used. ureq asks before it returns a
    /// connection to the pool, right after the response, and again before it uses the
    /// connection, which is the check that counts.
    fn is_open(&mut self) -> bool {
        let Ok(exchange) = Exchange::current() else {
            return is_idle(&self.stream);
        };
        exchange.unwatch();
        exchange.has_received() || is_idle(&self.stream)
    }
}

/// Sets a socket's timeout, unless the current one is close enough: one that is a little
/// short only makes the caller's loop run again. Saves a system call.
fn set_timeout(
    current: &mut Duration,
    wanted: Duration,
    set: impl FnOnce(Duration) -> io::Result<()>,
) -> io::Result<()> {
    let slack = wanted / 64;
    if (wanted - slack..=wanted + slack).contains(current) {
        return Ok(());
    }
    // Zero would mean no timeout.
    set(wanted.max(Duration::from_millis(1)))?;
    *current = wanted;
    Ok(())
}

/// The socket's timeout expired: the deadline decides.
fn is_timed_out(error: &io::Error) -> bool {
    use io::ErrorKind::{TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut)
}

/// Returns whether there is nothing to read: neither the end of the stream nor bytes that
/// belong to no request.
#[cfg(unix)]
fn is_idle(stream: &TcpStream) -> bool {
    crate::process::system::has_nothing_to_read(stream)
}

#[cfg(not(unix))]
fn is_idle(stream: &TcpStream) -> bool {
    let idle = stream.set_nonblocking(true).is_ok()
        && matches!(stream.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
    idle && stream.set_nonblocking(false).is_ok()
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Socket")
            .field(&self.stream.peer_addr())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::cancel::Cancellation;
    use crate::http::exchange::ExchangeOptions;
    use std::net::TcpListener;

    #[test]
    fn cancel_does_not_shut_down_a_connection_returned_to_the_pool() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        let mut socket = Socket::new(stream, LazyBuffers::new(64, 64));
        let first = Arc::new(Cancellation::default());
        let options = ExchangeOptions {
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(60),
            max_response_bytes: 1,
            cancellation: &first,
        };
        let no_timeout = NextTimeout::default();
        let exchange = Exchange::begin(&options, None);
        socket.buffers().output()[0] = b'1';
        socket.transmit_output(1, no_timeout).unwrap();
        // ureq asks this when the response is complete.
        assert!(socket.is_open());
        first.cancel();
        drop(exchange);

        let second = Arc::new(Cancellation::default());
        let options = ExchangeOptions {
            cancellation: &second,
            ..options
        };
        let exchange = Exchange::begin(&options, None);
        socket.buffers().output()[0] = b'2';
        socket.transmit_output(1, no_timeout).unwrap();
        drop((exchange, socket));
        let mut sent = String::new();
        peer.read_to_string(&mut sent).unwrap();
        assert_eq!(sent, "12");
    }
}
