//! The HTTP exchange that runs on this thread: its deadlines, its cancellation, and what
//! it has sent and received.

use std::cell::{Cell, RefCell};
use std::io;
use std::mem::ManuallyDrop;
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::http::uri::Authority;
use ureq::http::{HeaderName, HeaderValue};
use ureq::{Error, Timeout};

use crate::http::cancel::{Cancellation, Stop, WatchGuard};
use crate::http::interrupt::Interrupt;

thread_local! {
    /// ureq cannot tell a pooled connection which exchange it serves; an exchange runs on
    /// one thread from start to end. `ManuallyDrop`, since a thread-local with a destructor
    /// is gone before the host's own destructors run, which may call this library.
    static CURRENT: RefCell<ManuallyDrop<Option<Rc<Exchange>>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

/// The bounds of one exchange.
pub(crate) struct ExchangeOptions<'a> {
    /// From connecting to the last byte of the response.
    pub(crate) timeout: Duration,
    /// Name lookup, connection and TLS handshake.
    pub(crate) connect_timeout: Duration,
    pub(crate) max_response_bytes: u64,
    pub(crate) cancellation: &'a Arc<Cancellation>,
}

/// One request and its response, while this thread waits for it.
pub(crate) struct Exchange {
    pub(crate) cancellation: Arc<Cancellation>,
    interrupt: Interrupt,
    interrupted: Cell<bool>,
    /// The service's authority, as opposed to a proxy's.
    authority: Option<Authority>,
    deadline: Instant,
    connect_deadline: Instant,
    connecting: Cell<bool>,
    opened_connection: Cell<bool>,
    sent: Cell<bool>,
    received: Cell<bool>,
    /// There is input, but the service does not read the request.
    early_input: Cell<bool>,
    ignores_early_input: Cell<bool>,
    /// Reads return at once.
    without_waiting: Cell<bool>,
    /// Bytes of the response that may still be received.
    receive_budget: Cell<u64>,
    max_response_bytes: u64,
    watch: RefCell<Option<WatchGuard>>,
    /// Fields of the response's head that ureq did not parse.
    other_fields: RefCell<Vec<(HeaderName, HeaderValue)>>,
}

/// Returns how many bytes may be received for a body of at most `max_response_bytes`:
/// a chunk of one byte takes six, and there are headers and trailers.
fn receive_budget(max_response_bytes: u64) -> u64 {
    const HEADERS: u64 = 256 * 1024;
    max_response_bytes.saturating_mul(6).saturating_add(HEADERS)
}

/// Ends the exchange when dropped.
pub(crate) struct ExchangeGuard {
    exchange: Rc<Exchange>,
    /// An exchange of this thread whose interrupt callback called the library.
    outer: Option<Rc<Exchange>>,
}

impl Exchange {
    pub(crate) fn begin(
        options: &ExchangeOptions<'_>,
        authority: Option<&Authority>,
    ) -> ExchangeGuard {
        let now = Instant::now();
        let deadline = now + options.timeout;
        let exchange = Rc::new(Exchange {
            cancellation: options.cancellation.clone(),
            interrupt: options.cancellation.interrupt(),
            interrupted: Cell::new(false),
            authority: authority.cloned(),
            deadline,
            connect_deadline: deadline.min(now + options.connect_timeout),
            connecting: Cell::new(false),
            opened_connection: Cell::new(false),
            sent: Cell::new(false),
            received: Cell::new(false),
            early_input: Cell::new(false),
            ignores_early_input: Cell::new(false),
            without_waiting: Cell::new(false),
            receive_budget: Cell::new(receive_budget(options.max_response_bytes)),
            max_response_bytes: options.max_response_bytes,
            watch: RefCell::new(None),
            other_fields: RefCell::default(),
        });
        let outer = CURRENT.replace(ManuallyDrop::new(Some(exchange.clone())));
        let outer = ManuallyDrop::into_inner(outer);
        ExchangeGuard { exchange, outer }
    }

    /// Returns the exchange of this thread.
    pub(crate) fn current() -> Result<Rc<Exchange>, Error> {
        CURRENT
            .with_borrow(|current| (**current).clone())
            .ok_or_else(|| io::Error::other("a connection is used outside of an exchange").into())
    }

    pub(crate) fn deadline(&self) -> Instant {
        if self.connecting.get() {
            self.connect_deadline
        } else {
            self.deadline
        }
    }

    /// Returns how long a system call may block: until the deadline, or until the interrupt
    /// callback must be called again.
    ///
    /// # Errors
    /// When the deadline has passed or the callback ends the call.
    pub(crate) fn time_left(&self) -> Result<Duration, Error> {
        self.interrupt
            .check()
            .map_err(|_| self.stop(Stop::Interrupted))?;
        let left = self.deadline().saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::Timeout(Timeout::Global));
        }
        Ok(self.interrupt.slice().map_or(left, |slice| slice.min(left)))
    }

    /// Calls the interrupt callback: a signal interrupted a system call.
    pub(crate) fn record_signal(&self) -> Result<(), Error> {
        let checked = self.interrupt.check_now();
        checked.map_err(|_| self.stop(Stop::Interrupted))
    }

    /// Returns the error that makes ureq end the exchange.
    pub(crate) fn stop(&self, stop: Stop) -> Error {
        if stop == Stop::Interrupted {
            self.interrupted.set(true);
        }
        io::Error::new(io::ErrorKind::ConnectionAborted, stop.message()).into()
    }

    pub(crate) fn record_connecting(&self) {
        self.connecting.set(true);
        self.opened_connection.set(true);
    }

    /// Records that the connection to `authority` is open. ureq runs its whole chain for
    /// the connection to a proxy as well, which does not count.
    pub(crate) fn record_connected(&self, authority: Option<&Authority>) {
        if self.is_with(authority) {
            self.connecting.set(false);
        }
    }

    /// Returns whether `authority` is the service's.
    pub(crate) fn is_with(&self, authority: Option<&Authority>) -> bool {
        authority == self.authority.as_ref()
    }

    /// Records that bytes of the request were written; those to a proxy do not count.
    pub(crate) fn record_sent(&self) {
        if !self.connecting.get() {
            self.sent.set(true);
        }
    }

    /// Records that `bytes` of the response were received. Fails when there are too many,
    /// such as trailers without end, which are no part of the body.
    pub(crate) fn record_received(&self, bytes: usize) -> Result<(), Error> {
        self.received.set(true);
        let Some(budget) = self.receive_budget.get().checked_sub(bytes as u64) else {
            return Err(Error::BodyExceedsLimit(self.max_response_bytes));
        };
        self.receive_budget.set(budget);
        Ok(())
    }

    pub(crate) fn set_other_fields(&self, fields: Vec<(HeaderName, HeaderValue)>) {
        self.other_fields.replace(fields);
    }

    pub(crate) fn take_other_fields(&self) -> Vec<(HeaderName, HeaderValue)> {
        self.other_fields.take()
    }

    pub(crate) fn has_received(&self) -> bool {
        self.received.get()
    }

    pub(crate) fn has_sent(&self) -> bool {
        self.sent.get()
    }

    /// Returns whether sending the request is interrupted when there is input.
    pub(crate) fn awaits_early_input(&self) -> bool {
        !self.connecting.get() && !self.ignores_early_input.get()
    }

    /// Sends the whole request, whatever is received.
    pub(crate) fn ignore_early_input(&self) {
        self.ignores_early_input.set(true);
    }

    pub(crate) fn record_early_input(&self) {
        self.early_input.set(true);
    }

    pub(crate) fn take_early_input(&self) -> bool {
        self.early_input.take()
    }

    /// Runs `read` so that it fails with `WouldBlock` if there is nothing to read.
    pub(crate) fn without_waiting<T>(&self, read: impl FnOnce() -> T) -> T {
        self.without_waiting.set(true);
        let result = read();
        self.without_waiting.set(false);
        result
    }

    pub(crate) fn is_without_waiting(&self) -> bool {
        self.without_waiting.get()
    }

    /// Lets `cancel` shut `socket` down for the rest of the exchange.
    pub(crate) fn watch(&self, socket: &Arc<TcpStream>) -> Result<(), Error> {
        let mut watch = self.watch.borrow_mut();
        if watch.is_none() {
            let guard = self.cancellation.watch(socket);
            *watch = Some(guard.ok_or_else(|| self.stop(Stop::Cancelled))?);
        }
        Ok(())
    }

    /// Stops `cancel` from shutting the socket down: the response is complete, and the
    /// next exchange on this connection may be another handle's.
    pub(crate) fn unwatch(&self) {
        self.watch.take();
    }
}

impl ExchangeGuard {
    /// Returns whether a byte of the request was written.
    pub(crate) fn sent(&self) -> bool {
        self.exchange.sent.get()
    }

    /// Returns whether a pooled connection was used and no byte of a response came.
    pub(crate) fn on_stale_connection(&self) -> bool {
        !self.exchange.opened_connection.get() && !self.exchange.received.get()
    }

    pub(crate) fn connecting(&self) -> bool {
        self.exchange.connecting.get()
    }

    /// Returns why the exchange had to end, whatever error ureq makes of it. (A socket that was
    /// shut down can make a truncated response look complete.)
    pub(crate) fn stopped(&self) -> Option<Stop> {
        if self.exchange.cancellation.is_cancelled() {
            return Some(Stop::Cancelled);
        }
        self.exchange.interrupted.get().then_some(Stop::Interrupted)
    }
}

impl Drop for ExchangeGuard {
    fn drop(&mut self) {
        let ended = CURRENT.replace(ManuallyDrop::new(self.outer.take()));
        drop(ManuallyDrop::into_inner(ended));
    }
}
