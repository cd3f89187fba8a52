//! Name lookups. They run on threads of the library, because the C library's function cannot be
//! interrupted: with a resolver that does not respond it takes minutes.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use once_cell::race::OnceBox;

use crate::http::cancel::{Cancellation, WaitResult};
use crate::http::exchange::Exchange;
use crate::http::host::is_localhost;
use crate::process::fork::PerProcess;
use crate::process::threads;

/// Threads of a process. Further lookups wait for one of them.
const MAX_THREADS: usize = 8;

/// The lookups of a process: one for each host, which all calls for that host wait for.
#[derive(Default)]
struct Lookups(Mutex<State>);

#[derive(Default)]
struct State {
    /// The lookups that have no result yet, by host.
    pending: BTreeMap<String, Weak<Lookup>>,
    /// Those that wait for a thread. Dropped by then if no call waits any more.
    queue: Vec<Weak<Lookup>>,
    threads: usize,
}

struct Lookup {
    host: String,
    state: Mutex<LookupState>,
}

#[derive(Default)]
struct LookupState {
    result: Option<Found>,
    /// The calls that wait.
    waiting: Vec<Arc<Cancellation>>,
}

/// `io::Error` cannot be cloned.
type Found = Result<Vec<SocketAddr>, (io::ErrorKind, String)>;

/// Returns the addresses of a host.
///
/// # Errors
/// Those of the exchange: its deadline, cancellation and interruption.
pub(super) fn addresses(
    exchange: &Exchange,
    host: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, ureq::Error> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![(address, port).into()]);
    }
    if is_localhost(host.trim_end_matches('.')) {
        // By definition, not by DNS, which might lead elsewhere (RFC 6761, section 6.3).
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        return Ok(loopback.map(|address| (address, port).into()).to_vec());
    }
    let cancellation = &exchange.cancellation;
    let lookup = Lookups::of_process().join(host, cancellation)?;
    match cancellation.wait_until(exchange.deadline(), || lookup.lock().result.clone()) {
        WaitResult::Ready(Ok(mut addresses)) => {
            addresses
                .iter_mut()
                .for_each(|address| address.set_port(port));
            Ok(addresses)
        }
        WaitResult::Ready(Err((kind, message))) => Err(io::Error::new(kind, message).into()),
        WaitResult::TimedOut => Err(ureq::Error::Timeout(ureq::Timeout::Resolve)),
        WaitResult::Stopped(stop) => Err(exchange.stop(stop)),
    }
}

impl Lookups {
    fn of_process() -> &'static Self {
        static LOOKUPS: OnceBox<PerProcess<Lookups>> = OnceBox::new();
        LOOKUPS.get_or_init(Box::default).get(Lookups::default)
    }

    /// Returns the lookup of `host` that is pending, or starts one. It notifies `waiting`.
    fn join(&'static self, host: &str, waiting: &Arc<Cancellation>) -> io::Result<Arc<Lookup>> {
        let mut state = self.lock();
        if let Some(pending) = state.pending.get(host).and_then(Weak::upgrade) {
            pending.lock().add(waiting);
            return Ok(pending);
        }
        let lookup = Arc::new(Lookup {
            host: host.to_owned(),
            state: Mutex::new(LookupState {
                result: None,
                waiting: vec![waiting.clone()],
            }),
        });
        if state.threads < MAX_THREADS {
            match threads::spawn("uservoice-lookup", move || self.run()) {
                Ok(_) => state.threads += 1,
                // Otherwise one of the others takes it.
                Err(error) if state.threads == 0 => return Err(without_thread(&error)),
                Err(_) => {}
            }
        }
        state.pending.retain(|_, lookup| lookup.strong_count() > 0);
        state.queue.retain(|lookup| lookup.strong_count() > 0);
        state
            .pending
            .insert(host.to_owned(), Arc::downgrade(&lookup));
        state.queue.push(Arc::downgrade(&lookup));
        Ok(lookup)
    }

    /// Looks names up until none is left.
    fn run(&self) {
        while let Some(lookup) = self.next() {
            let found = (&*lookup.host, 0).to_socket_addrs();
            let found = found.map(Iterator::collect);
            let found = found.map_err(|error| (error.kind(), error.to_string()));
            self.lock().pending.remove(&lookup.host);
            let mut state = lookup.lock();
            state.result = Some(found);
            let waiting = std::mem::take(&mut state.waiting);
            drop(state);
            waiting.iter().for_each(|waiting| waiting.notify());
        }
    }

    /// Returns the next lookup that a call waits for, or ends the thread.
    fn next(&self) -> Option<Arc<Lookup>> {
        let mut state = self.lock();
        while !state.queue.is_empty() {
            if let Some(lookup) = state.queue.remove(0).upgrade() {
                return Some(lookup);
            }
        }
        state.threads -= 1;
        None
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without_thread(error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("no thread can be started for the name lookup: {error}"),
    )
}

impl LookupState {
    /// A call that was given up and repeated while the resolver hangs is notified once.
    fn add(&mut self, waiting: &Arc<Cancellation>) {
        let mut known = self.waiting.iter();
        if !known.any(|other| Arc::ptr_eq(other, waiting)) {
            self.waiting.push(waiting.clone());
        }
    }
}

impl Lookup {
    fn lock(&self) -> MutexGuard<'_, LookupState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
