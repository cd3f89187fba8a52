//! Connections for ureq that know the exchange they serve: they keep to its deadline, can
//! be cancelled from another thread, and record what was sent and received.

use std::fmt;
use std::io::{self, Read};
use std::net::TcpStream;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use zeroize::Zeroize;

use crate::http::exchange::Exchange;
use crate::http::head;
use crate::http::sender::Sender;
use crate::http::socket_buffers::SocketBuffers;
use crate::process::system::has_nothing_to_read;

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
        Ok(chained.map(HttpTransport::new))
    }
}

/// A connection above TLS. Records what is received, and stops sending a request when the
/// service refuses it before it has the whole of it (RFC 9112, section 9.5).
#[derive(Debug)]
pub(crate) struct HttpTransport<T> {
    inner: T,
    /// The rest of the request is not sent.
    stopped_sending: bool,
    /// There is input that was received while the request was sent.
    has_early_input: bool,
    /// Why nothing more can be received after that.
    receive_error: Option<Error>,
}

impl<T: Transport> HttpTransport<T> {
    fn new(inner: T) -> Self {
        HttpTransport {
            inner,
            stopped_sending: false,
            has_early_input: false,
            receive_error: None,
        }
    }

    fn receive(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if let Some(error) = self.receive_error.take() {
            return Err(error);
        }
        let before = self.inner.buffers().input().len();
        let received = self.inner.await_input(timeout).map_err(truncated)?;
        if received {
            let after = self.inner.buffers().input().len();
            Exchange::current()?.record_received(after.saturating_sub(before))?;
        }
        Ok(received)
    }

    /// Reads what was received while the request is being sent: perhaps the response.
    fn receive_early(&mut self, exchange: &Exchange, timeout: NextTimeout) -> Result<(), Error> {
        match exchange.without_waiting(|| self.receive(timeout)) {
            Ok(true) => self.has_early_input = true,
            // The service has closed its side, and cannot respond any more.
            Ok(false) => self.stopped_sending = true,
            // Not a complete TLS record, or none with data.
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        match final_status(self.inner.buffers().input()) {
            None => {}
            Some(status) if status.starts_with(b"2") => self.send_rest(exchange, timeout),
            Some(_) => self.stopped_sending = true,
        }
        Ok(())
    }

    /// Sends what waits to be sent, and from now on the request without regard to input: the
    /// service accepts it. If it closes the connection nevertheless, its response counts, if
    /// that is complete.
    fn send_rest(&mut self, exchange: &Exchange, timeout: NextTimeout) {
        exchange.ignore_early_input();
        match exchange.without_waiting(|| self.receive(timeout)) {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => {
                self.stopped_sending = true;
                self.receive_error = Some(error);
            }
            Ok(_) => {}
        }
    }
}

/// Returns the status code of the first response in `input` that is not informational.
fn final_status(mut input: &[u8]) -> Option<&[u8]> {
    const STATUS: Range<usize> = 9..12;
    while head::is_informational(input) {
        input = &input[head::length(input)?..];
    }
    // With the byte that ends it.
    input.get(..=STATUS.end).map(|line| &line[STATUS])
}

impl<T: Transport> Transport for HttpTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    /// Wipes what was sent: a pooled connection keeps its buffers, which held passwords
    /// and tokens.
    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let transmitted = match self.stopped_sending {
            true => Ok(()),
            false => self.inner.transmit_output(amount, timeout),
        };
        self.inner.buffers().output()[..amount].zeroize();
        transmitted?;
        let exchange = Exchange::current()?;
        match exchange.take_early_input() {
            true => self.receive_early(&exchange, timeout),
            false => Ok(()),
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let has_early_input = std::mem::take(&mut self.has_early_input);
        if has_early_input && !self.inner.buffers().input().is_empty() {
            return Ok(true);
        }
        self.receive(timeout)
    }

    fn is_open(&mut self) -> bool {
        !self.stopped_sending && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Marks the errors that ureq takes for the end of a body without length. A connection that
/// is reset, or TLS that ends without close_notify, may have lost a part of it (RFC 9112,
/// section 9.8).
fn truncated(error: Error) -> Error {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};

    let Error::Io(error) = error else {
        return error;
    };
    let marked = match error.kind() {
        UnexpectedEof => io::Error::other(
            "the TLS connection was closed without close_notify before the response was complete",
        ),
        ConnectionAborted | ConnectionReset => io::Error::other(error),
        _ => error,
    };
    marked.into()
}

/// A TCP connection that keeps to the deadline of the exchange it serves.
pub(crate) struct Socket {
    stream: Arc<TcpStream>,
    sender: Sender,
    buffers: SocketBuffers,
    read_timeout: Duration,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, buffers: SocketBuffers) -> Self {
        let stream = Arc::new(stream);
        Socket {
            sender: Sender::new(stream.clone()),
            stream,
            buffers,
            read_timeout: Duration::ZERO,
        }
    }

    /// Returns what `read` returned, or why the request before could not be sent, if there
    /// is no response to it.
    fn check_sent(&mut self, exchange: &Exchange, read: io::Result<usize>) -> io::Result<usize> {
        if exchange.has_received() || matches!(read, Ok(1..)) {
            return read;
        }
        self.sender.take_error().map_or(read, Err)
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let exchange = Exchange::current()?;
        exchange.watch(&self.stream)?;
        let output = &self.buffers.output()[..amount];
        self.sender.send(&exchange, output)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let exchange = Exchange::current()?;
        exchange.watch(&self.stream)?;
        let without_waiting = exchange.is_without_waiting();
        if !without_waiting || !exchange.awaits_early_input() {
            self.sender.finish(&exchange, !without_waiting)?;
        }
        if without_waiting && has_nothing_to_read(&self.stream) {
            return Err(io::Error::from(io::ErrorKind::WouldBlock).into());
        }
        loop {
            set_timeout(&mut self.read_timeout, exchange.time_left()?, |timeout| {
                self.stream.set_read_timeout(Some(timeout))
            })?;
            let read = (&*self.stream).read(self.buffers.input_append_buf());
            match &read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    exchange.record_signal()?;
                    continue;
                }
                Err(error) if is_timed_out(error) => continue,
                _ => {}
            }
            let read = self.check_sent(&exchange, read)?;
            self.buffers.input_appended(read);
            return Ok(read > 0);
        }
    }

    /// Returns whether an idle connection can be used. ureq asks before it returns a
    /// connection to the pool, right after the response, and again before it uses the
    /// connection, which is the check that counts.
    fn is_open(&mut self) -> bool {
        if !self.sender.is_complete() {
            return false;
        }
        let Ok(exchange) = Exchange::current() else {
            return has_nothing_to_read(&self.stream);
        };
        exchange.unwatch();
        exchange.has_received() || has_nothing_to_read(&self.stream)
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
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread;
    use ureq::http::Request;
    use ureq::unversioned::transport::LazyBuffers;

    /// Returns both ends of a connection.
    fn connection() -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (peer, _) = listener.accept().unwrap();
        (Socket::new(stream, SocketBuffers::new(1024, 1 << 16)), peer)
    }

    fn options(cancellation: &Arc<Cancellation>) -> ExchangeOptions<'_> {
        ExchangeOptions {
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(60),
            max_response_bytes: 1,
            cancellation,
        }
    }

    #[test]
    fn cancel_does_not_shut_down_a_connection_returned_to_the_pool() {
        let (mut socket, mut peer) = connection();
        let first = Arc::new(Cancellation::default());
        let no_timeout = NextTimeout::default();
        let exchange = Exchange::begin(&options(&first), &Request::new(()));
        socket.buffers().output()[0] = b'1';
        socket.transmit_output(1, no_timeout).unwrap();
        // ureq asks this when the response is complete.
        assert!(socket.is_open());
        first.cancel();
        drop(exchange);

        let second = Arc::new(Cancellation::default());
        let exchange = Exchange::begin(&options(&second), &Request::new(()));
        socket.buffers().output()[0] = b'2';
        socket.transmit_output(1, no_timeout).unwrap();
        drop((exchange, socket));
        let mut sent = String::new();
        peer.read_to_string(&mut sent).unwrap();
        assert_eq!(sent, "12");
    }

    /// The service accepts the request, and reads the rest of it after it has responded.
    #[test]
    fn sends_all_of_a_piece_after_an_early_success() {
        let (socket, mut peer) = connection();
        let mut transport = HttpTransport::new(socket);
        let cancellation = Arc::default();
        let exchange = Exchange::begin(&options(&cancellation), &Request::new(()));
        let response = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
        peer.write_all(response).unwrap();
        let reader = thread::spawn(move || {
            // The writer fills the buffers of both sockets first.
            thread::sleep(Duration::from_millis(100));
            let mut received = Vec::new();
            peer.read_to_end(&mut received).unwrap();
            received.len()
        });
        let mut sent = 0;
        while !transport.has_early_input {
            transport
                .transmit_output(1 << 16, NextTimeout::default())
                .unwrap();
            sent += 1 << 16;
        }
        assert!(transport.inner.sender.is_complete());
        drop((exchange, transport));
        assert_eq!(reader.join().unwrap(), sent);
    }

    /// TLS that delivers `input` while the request is sent, and then ends without close_notify.
    #[derive(Debug)]
    struct Ending {
        input: &'static [u8],
        buffers: LazyBuffers,
    }

    impl Transport for Ending {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
            Exchange::current()?.record_early_input();
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            let input = std::mem::take(&mut self.input);
            if input.is_empty() {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.buffers.input_append_buf()[..input.len()].copy_from_slice(input);
            self.buffers.input_appended(input.len());
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    #[test]
    fn returns_an_early_success_before_the_error_after_it() {
        let cancellation = Arc::default();
        let exchange = Exchange::begin(&options(&cancellation), &Request::new(()));
        let mut transport = HttpTransport::new(Ending {
            input: b"HTTP/1.1 200 OK\r\n\r\n1",
            buffers: LazyBuffers::new(1024, 1024),
        });
        let no_timeout = NextTimeout::default();
        transport.transmit_output(1, no_timeout).unwrap();
        assert!(transport.await_input(no_timeout).unwrap());
        // What follows may be a part of the body.
        transport.await_input(no_timeout).unwrap_err();
        assert!(!transport.is_open());
        drop(exchange);
    }

    #[test]
    fn final_status_is_that_after_informational_responses() {
        let informational = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\nA: b\n\n";
        let input = format!("{informational}HTTP/1.1 413 Too Large\r\n");
        let status = |len| final_status(&input.as_bytes()[..len]);
        let complete = informational.len() + "HTTP/1.1 413 ".len();
        assert_eq!(status(complete), Some(&b"413"[..]));
        for len in 0..complete {
            assert_eq!(status(len), None, "{len}");
        }
    }

    #[test]
    fn does_not_reuse_a_connection_after_a_failed_write() {
        let (mut socket, peer) = connection();
        let cancellation = Arc::default();
        let exchange = Exchange::begin(&options(&cancellation), &Request::new(()));
        socket.transmit_output(1, NextTimeout::default()).unwrap();
        drop(peer);
        while socket.sender.is_complete() {
            socket.transmit_output(1, NextTimeout::default()).unwrap();
        }
        Exchange::current().unwrap().record_received(1).unwrap();
        assert!(!socket.is_open());
        drop(exchange);
    }
}
