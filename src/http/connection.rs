//! Connections for ureq that know which call they serve: its time limit, how to
//! end it from another thread, and whether anything of it was sent.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::net::{TcpStream, ToSocketAddrs};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::http::Uri;
use ureq::http::uri::Authority;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Error, Timeout};
use zeroize::Zeroize;

use crate::http::Limits;
use crate::http::cancel::{Cancellation, Waited, Watch};
use crate::process::threads;

thread_local! {
    /// An exchange runs on one thread from its beginning to its end, and ureq
    /// has no other way to tell a pooled connection which call it serves. Emptied
    /// by its guard: with something to drop, it would be gone before what a host
    /// runs when a thread ends, which may call us.
    static CURRENT: RefCell<ManuallyDrop<Option<Rc<Attempt>>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

/// One attempt at a call, while it runs on this thread.
pub(crate) struct Attempt {
    interrupt: Arc<Cancellation>,
    /// The authority that is called, which is not that of a proxy on the way.
    authority: Option<Authority>,
    deadline: Instant,
    connect_deadline: Instant,
    connecting: Cell<bool>,
    dialed: Cell<bool>,
    sent: Cell<bool>,
    answered: Cell<bool>,
    /// Bytes of an response that may still come.
    unread: Cell<u64>,
    max_response_bytes: u64,
    watch: RefCell<Option<Watch>>,
}

/// An response of so many bytes takes at most so many on its way. A chunk of one byte takes
/// six; heads, and a packed byte that is nothing, should be few.
fn on_the_way(max_response_bytes: u64) -> u64 {
    const HEADS: u64 = 256 * 1024;
    max_response_bytes.saturating_mul(6).saturating_add(HEADS)
}

/// Ends the attempt when dropped.
pub(crate) struct AttemptGuard(Rc<Attempt>);

impl Attempt {
    pub(crate) fn begin(limits: &Limits<'_>, authority: Option<&Authority>) -> AttemptGuard {
        let now = Instant::now();
        let deadline = now + limits.timeout;
        let attempt = Rc::new(Attempt {
            interrupt: limits.interrupt.clone(),
            authority: authority.cloned(),
            deadline,
            connect_deadline: deadline.min(now + limits.connect_timeout),
            connecting: Cell::new(false),
            dialed: Cell::new(false),
            sent: Cell::new(false),
            answered: Cell::new(false),
            unread: Cell::new(on_the_way(limits.max_response_bytes)),
            max_response_bytes: limits.max_response_bytes,
            watch: RefCell::new(None),
        });
        CURRENT.set(ManuallyDrop::new(Some(attempt.clone())));
        AttemptGuard(attempt)
    }

    fn current() -> Result<Rc<Attempt>, Error> {
        CURRENT
            .with_borrow(|current| (**current).clone())
            .ok_or_else(|| io::Error::other("a connection is used outside of a call").into())
    }

    fn deadline(&self) -> Instant {
        if self.connecting.get() {
            self.connect_deadline
        } else {
            self.deadline
        }
    }

    fn time_left(&self) -> Result<Duration, Error> {
        let left = self.deadline().saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::Timeout(Timeout::Global));
        }
        Ok(left)
    }

    /// Lets `cancel` shut `socket` down for the rest of the attempt.
    fn watch(&self, socket: &Arc<TcpStream>) -> Result<(), Error> {
        let mut watch = self.watch.borrow_mut();
        if watch.is_none() {
            *watch = Some(self.interrupt.watch(socket).ok_or_else(cancelled)?);
        }
        Ok(())
    }

    /// From here on `cancel` leaves the connection alone: the call has what it
    /// needs from it, and the next that uses it may be another handle's.
    fn let_go(&self) {
        self.watch.take();
    }

    /// Notes that `bytes` of an response came. What goes on for ever without being a part
    /// of the body, such as trailers, ends here.
    fn read(&self, bytes: usize) -> Result<(), Error> {
        self.answered.set(true);
        let Some(left) = self.unread.get().checked_sub(bytes as u64) else {
            return Err(Error::BodyExceedsLimit(self.max_response_bytes));
        };
        self.unread.set(left);
        Ok(())
    }

    fn wrote(&self) {
        if !self.connecting.get() {
            self.sent.set(true);
        }
    }
}

impl AttemptGuard {
    pub(crate) fn sent(&self) -> bool {
        self.0.sent.get()
    }

    /// Whether the connection was kept from an earlier call, and nothing of an
    /// response came over it.
    pub(crate) fn stale(&self) -> bool {
        !self.0.dialed.get() && !self.0.answered.get()
    }

    pub(crate) fn connecting(&self) -> bool {
        self.0.connecting.get()
    }
}

impl Drop for AttemptGuard {
    fn drop(&mut self) {
        drop(CURRENT.with_borrow_mut(|current| current.take()));
    }
}

fn cancelled() -> Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "cancelled").into()
}

/// The bottom of ureq's chain: opens the socket.
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
        let attempt = Attempt::current()?;
        attempt.connecting.set(true);
        attempt.dialed.set(true);
        let stream = dial(&attempt, details.uri)?;
        stream.set_nodelay(true)?;
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Either::B(Socket::new(stream, buffers))))
    }
}

/// Neither a name lookup nor a connect can be interrupted, so both run on a
/// thread of their own; one that nobody waits for any more ends by itself.
fn dial(attempt: &Attempt, uri: &Uri) -> Result<TcpStream, Error> {
    let host = uri.host().ok_or(Error::HostNotFound)?.to_owned();
    let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    });
    let deadline = attempt.deadline();
    let connected = Arc::new(Mutex::new(None));
    let dialling = {
        let connected = connected.clone();
        let interrupt = attempt.interrupt.clone();
        threads::spawn("uservoice-dial", move || {
            let result = connect(&host, port, deadline);
            *connected.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            interrupt.notify();
        })?
    };
    let take = || {
        let mut connected = connected.lock().unwrap_or_else(PoisonError::into_inner);
        connected.take()
    };
    match attempt.interrupt.wait_until(deadline, take) {
        Waited::Ready(result) => {
            // It has nothing left to do but end, and does not outlive a process that exits now.
            // Its panic would have left no result.
            let _ = dialling.join();
            result
        }
        Waited::TimedOut => Err(Error::Timeout(Timeout::Connect)),
        Waited::Cancelled => Err(cancelled()),
    }
}

/// Tries the host's addresses in turn, each for its share of the time left.
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

/// The top of ureq's chain: from here on, what is written is the request, and
/// what is read its response.
#[derive(Debug)]
pub(crate) struct Established;

impl<In: Transport> Connector<In> for Established {
    type Out = Plain<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let attempt = Attempt::current()?;
        // ureq runs the whole chain for the connection to a proxy as well.
        if details.uri.authority() == attempt.authority.as_ref() {
            attempt.connecting.set(false);
        }
        Ok(chained.map(Plain))
    }
}

/// A connection as HTTP sees it, above TLS. Notes when an response begins.
#[derive(Debug)]
pub(crate) struct Plain<T>(T);

impl<T: Transport> Transport for Plain<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    /// What was sent is wiped: a connection is kept for long, and with it its
    /// buffers, which had passwords and tokens in them.
    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let transmitted = self.0.transmit_output(amount, timeout);
        self.0.buffers().output()[..amount].zeroize();
        transmitted
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let before = self.0.buffers().input().len();
        let came = self.0.await_input(timeout)?;
        if came {
            let after = self.0.buffers().input().len();
            Attempt::current()?.read(after.saturating_sub(before))?;
        }
        Ok(came)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

/// A TCP connection that keeps to the time limit of the call it serves.
pub(crate) struct Socket {
    stream: Arc<TcpStream>,
    buffers: LazyBuffers,
    read_timeout: Duration,
    write_timeout: Duration,
}

impl Socket {
    fn new(stream: TcpStream, buffers: LazyBuffers) -> Self {
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
        let attempt = Attempt::current()?;
        attempt.watch(&self.stream)?;
        let mut rest = &self.buffers.output()[..amount];
        while !rest.is_empty() {
            arm(&mut self.write_timeout, attempt.time_left()?, |timeout| {
                self.stream.set_write_timeout(Some(timeout))
            })?;
            match (&*self.stream).write(rest) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(written) => {
                    attempt.wrote();
                    rest = &rest[written..];
                }
                Err(error) if is_worth_another_look(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let attempt = Attempt::current()?;
        attempt.watch(&self.stream)?;
        loop {
            arm(&mut self.read_timeout, attempt.time_left()?, |timeout| {
                self.stream.set_read_timeout(Some(timeout))
            })?;
            match (&*self.stream).read(self.buffers.input_append_buf()) {
                Ok(read) => {
                    self.buffers.input_appended(read);
                    return Ok(read > 0);
                }
                Err(error) if is_worth_another_look(&error) => {}
                // ureq takes a reset for the end of an response that does not say
                // how long it is.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return Err(io::Error::other(error).into());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A connection that waits for its next call has nothing to read: neither
    /// an end nor bytes that nobody asked for. ureq asks before it keeps a connection,
    /// and again before it uses a kept one, which is what counts.
    fn is_open(&mut self) -> bool {
        let Ok(attempt) = Attempt::current() else {
            return is_quiet(&self.stream);
        };
        attempt.let_go();
        attempt.answered.get() || is_quiet(&self.stream)
    }
}

/// Sets a socket's time limit, unless the one it has is close enough: a limit
/// that is a little short only makes the caller's loop go round once more.
fn arm(
    armed: &mut Duration,
    wanted: Duration,
    set: impl FnOnce(Duration) -> io::Result<()>,
) -> io::Result<()> {
    let slack = wanted / 64;
    if (wanted - slack..=wanted + slack).contains(armed) {
        return Ok(());
    }
    // Zero would mean no limit.
    set(wanted.max(Duration::from_millis(1)))?;
    *armed = wanted;
    Ok(())
}

/// A signal's handler ran, or the armed limit passed: the deadline decides.
fn is_worth_another_look(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | WouldBlock | TimedOut)
}

#[cfg(unix)]
fn is_quiet(stream: &TcpStream) -> bool {
    use nix::errno::Errno;
    use nix::sys::socket::{MsgFlags, recv};
    use std::os::fd::AsRawFd;

    let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    recv(stream.as_raw_fd(), &mut [0], flags) == Err(Errno::EAGAIN)
}

#[cfg(not(unix))]
fn is_quiet(stream: &TcpStream) -> bool {
    let quiet = stream.set_nonblocking(true).is_ok()
        && matches!(stream.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
    quiet && stream.set_nonblocking(false).is_ok()
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
    use std::net::TcpListener;

    #[test]
    fn cancel_leaves_a_connection_alone_that_was_given_back() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        let mut socket = Socket::new(stream, LazyBuffers::new(64, 64));
        let interrupt = Arc::new(Cancellation::default());
        let limits = Limits {
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(60),
            max_response_bytes: 1,
            interrupt: &interrupt,
        };
        let never = NextTimeout::default();
        let attempt = Attempt::begin(&limits, None);
        socket.buffers().output()[0] = b'1';
        socket.transmit_output(1, never).unwrap();
        // As ureq does when the response is complete.
        assert!(socket.is_open());
        interrupt.cancel();
        drop(attempt);

        let another = Arc::new(Cancellation::default());
        let limits = Limits {
            interrupt: &another,
            ..limits
        };
        let attempt = Attempt::begin(&limits, None);
        socket.buffers().output()[0] = b'2';
        socket.transmit_output(1, never).unwrap();
        drop((attempt, socket));
        let mut sent = String::new();
        peer.read_to_string(&mut sent).unwrap();
        assert_eq!(sent, "12");
    }
}
