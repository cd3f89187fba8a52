//! Ends the calls of a handle: from another thread, or by its interrupt callback.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::error::{Error, Outcome, Status};
use crate::http::interrupt::{Interrupt, InterruptCallback, Interrupted};
use crate::process::fork::PerProcess;
use crate::process::inherited::Inherited;

/// Cancels the calls of one handle: shuts down their sockets and wakes those that
/// wait. Permanent.
#[derive(Default)]
pub(crate) struct Cancellation {
    cancelled: AtomicBool,
    /// Cancelling the parent cancels this one too.
    parent: Option<Arc<Cancellation>>,
    /// Shared with the parent. Per process, since a forked child must not shut down
    /// its parent's sockets.
    calls: Arc<PerProcess<Calls>>,
    /// Shared with the parent, except in worker threads.
    interrupt: Arc<InterruptSetting>,
}

#[derive(Default)]
struct InterruptSetting {
    callback: Inherited<Option<InterruptCallback>>,
    /// False until a callback is set: saves the others a lock for each record of a collection.
    may_exist: AtomicBool,
}

/// The calls in progress.
#[derive(Default)]
struct Calls {
    sockets: Mutex<Vec<WatchedSocket>>,
    changed: Condvar,
}

struct WatchedSocket {
    cancellation: Arc<Cancellation>,
    socket: Arc<TcpStream>,
}

/// How a wait ended.
#[derive(Debug, PartialEq)]
pub(crate) enum WaitResult<T> {
    Ready(T),
    TimedOut,
    Stopped(Stop),
}

/// Why a call ends early.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stop {
    Cancelled,
    Interrupted,
}

impl Stop {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Stop::Cancelled => "the call was cancelled",
            Stop::Interrupted => "the call was interrupted",
        }
    }
}

/// The call did not send anything yet.
impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        Error::new(Status::Cancelled, Outcome::NotSent, stop.message())
    }
}

impl From<Interrupted> for Stop {
    fn from(_: Interrupted) -> Self {
        Stop::Interrupted
    }
}

impl Cancellation {
    /// Returns a cancellation that can be cancelled alone, and is cancelled with this one. It
    /// shares the interrupt callback.
    pub(crate) fn child(self: &Arc<Self>) -> Arc<Cancellation> {
        self.child_with(self.interrupt.clone())
    }

    /// Returns a child for a worker thread, which calls no interrupt callback.
    pub(crate) fn worker(self: &Arc<Self>) -> Arc<Cancellation> {
        self.child_with(Arc::default())
    }

    fn child_with(self: &Arc<Self>, interrupt: Arc<InterruptSetting>) -> Arc<Cancellation> {
        Arc::new(Cancellation {
            cancelled: AtomicBool::new(false),
            parent: Some(self.clone()),
            calls: self.calls.clone(),
            interrupt,
        })
    }

    pub(crate) fn set_interrupt(&self, callback: Option<InterruptCallback>) {
        if callback.is_some() {
            self.interrupt.may_exist.store(true, Ordering::Relaxed);
        }
        self.interrupt.callback.set(callback);
    }

    /// Returns the current interrupt callback.
    pub(crate) fn interrupt(&self) -> Interrupt {
        match self.interrupt.may_exist.load(Ordering::Relaxed) {
            true => Interrupt::new(self.interrupt.callback.get()),
            false => Interrupt::default(),
        }
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        let calls = self.calls();
        calls.lock().retain(|watched| {
            let cancelled = watched.cancellation.is_cancelled();
            if cancelled {
                // Fails only on a socket that is closed already.
                let _ = watched.socket.shutdown(Shutdown::Both);
            }
            !cancelled
        });
        calls.changed.notify_all();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
            || self
                .parent
                .as_ref()
                .is_some_and(|parent| parent.is_cancelled())
    }

    /// Shuts `socket` down on `cancel`, until the guard is dropped. Returns `None` if
    /// `cancel` was called already.
    pub(crate) fn watch(self: &Arc<Self>, socket: &Arc<TcpStream>) -> Option<WatchGuard> {
        let mut sockets = self.calls().lock();
        if self.is_cancelled() {
            return None;
        }
        sockets.push(WatchedSocket {
            cancellation: self.clone(),
            socket: socket.clone(),
        });
        Some(WatchGuard {
            cancellation: self.clone(),
            socket: socket.clone(),
        })
    }

    /// Fails if the call must end: it was cancelled, or the interrupt callback is due and asks
    /// to. The calling thread must hold no lock, see [`Interrupt::check`].
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        Ok(self.interrupt().check()?)
    }

    /// Waits until `ready` returns a value. It is called at once and after each `notify`,
    /// and must not call methods of a `Cancellation` that lock. The calling thread must hold no
    /// lock, see [`Interrupt::check`].
    pub(crate) fn wait_until<T>(
        &self,
        deadline: Instant,
        mut ready: impl FnMut() -> Option<T>,
    ) -> WaitResult<T> {
        let interrupt = self.interrupt();
        let calls = self.calls();
        let mut sockets = calls.lock();
        loop {
            if self.is_cancelled() {
                return WaitResult::Stopped(Stop::Cancelled);
            }
            if let Some(value) = ready() {
                return WaitResult::Ready(value);
            }
            let time_left = deadline.saturating_duration_since(Instant::now());
            if time_left.is_zero() {
                return WaitResult::TimedOut;
            }
            let Calls {
                changed,
                sockets: mutex,
            } = calls;
            match interrupt.wait(changed, mutex, sockets, Some(time_left)) {
                Ok(guard) => sockets = guard,
                Err(Interrupted) => return WaitResult::Stopped(Stop::Interrupted),
            }
        }
    }

    /// Wakes every thread in `wait_until`, so that it calls `ready` again.
    pub(crate) fn notify(&self) {
        let calls = self.calls();
        drop(calls.lock());
        calls.changed.notify_all();
    }

    fn calls(&self) -> &Calls {
        self.calls.get(Calls::default)
    }
}

impl Calls {
    /// A poisoned lock is usable: the list is consistent whenever code could panic.
    fn lock(&self) -> MutexGuard<'_, Vec<WatchedSocket>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops watching its socket when dropped.
pub(crate) struct WatchGuard {
    cancellation: Arc<Cancellation>,
    socket: Arc<TcpStream>,
}

impl Drop for WatchGuard {
    fn drop(&mut self) {
        let mut sockets = self.cancellation.calls().lock();
        let position = sockets
            .iter()
            .position(|watched| Arc::ptr_eq(&watched.socket, &self.socket));
        if let Some(position) = position {
            sockets.swap_remove(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;
    use std::thread;
    use std::time::Duration;

    fn in_a_minute() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn cancel_wakes_waiting_threads_of_children() {
        let cancellation = Arc::new(Cancellation::default());
        let child = cancellation.child();
        let waiting = thread::spawn(move || child.wait_until(in_a_minute(), || None::<()>));
        cancellation.cancel();
        let stopped = WaitResult::Stopped(Stop::Cancelled);
        assert_eq!(waiting.join().unwrap(), stopped);
        assert!(cancellation.child().is_cancelled());
    }

    #[test]
    fn cancelling_a_child_does_not_cancel_its_parent() {
        let cancellation = Arc::new(Cancellation::default());
        cancellation.child().cancel();
        assert!(!cancellation.is_cancelled());
    }

    #[test]
    fn cancel_ends_a_blocking_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let _peer = listener.accept().unwrap();
        let cancellation = Arc::new(Cancellation::default());
        let guard = cancellation.watch(&socket).unwrap();
        let reader = {
            let socket = socket.clone();
            thread::spawn(move || (&*socket).read(&mut [0]))
        };
        cancellation.cancel();
        assert_eq!(reader.join().unwrap().unwrap(), 0);
        drop(guard);
        assert!(cancellation.watch(&socket).is_none());
    }

    #[test]
    fn dropping_the_guard_releases_the_socket() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let cancellation = Arc::new(Cancellation::default());
        drop(cancellation.watch(&socket).unwrap());
        assert_eq!(Arc::strong_count(&socket), 1);
    }

    #[test]
    fn replaced_interrupt_callback_is_released() {
        let in_use = Arc::new(());
        let callback = |of: &Arc<()>| -> Option<InterruptCallback> {
            let of = of.clone();
            Some(Arc::new(move || Arc::strong_count(&of) == 0))
        };
        let cancellation = Cancellation::default();
        cancellation.set_interrupt(callback(&in_use));
        let running = cancellation.interrupt();
        cancellation.set_interrupt(callback(&Arc::new(())));
        assert_eq!(Arc::strong_count(&in_use), 2);
        drop(running);
        assert_eq!(Arc::strong_count(&in_use), 1);
        assert!(cancellation.interrupt().into_callback().is_some());
        cancellation.set_interrupt(None);
        assert!(cancellation.interrupt().into_callback().is_none());
    }

    #[test]
    fn notify_wakes_a_waiting_thread() {
        let cancellation = Arc::new(Cancellation::default());
        let slot = Arc::new(Mutex::new(None));
        let waiter = {
            let (cancellation, slot) = (cancellation.clone(), slot.clone());
            thread::spawn(move || {
                cancellation.wait_until(in_a_minute(), || slot.lock().unwrap().take())
            })
        };
        *slot.lock().unwrap() = Some(7);
        cancellation.notify();
        assert_eq!(waiter.join().unwrap(), WaitResult::Ready(7));
        let past = Instant::now();
        assert_eq!(
            cancellation.wait_until(past, || None::<()>),
            WaitResult::TimedOut
        );
    }
}
