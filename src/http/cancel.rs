//! Ending calls from another thread.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::process::fork::PerProcess;

/// Ends one handle's calls: sockets are shut down, sleeps are woken. Once
/// cancelled, cancelled for good.
#[derive(Default)]
pub(crate) struct Cancellation {
    cancelled: AtomicBool,
    /// Its `cancel` ends this one's calls too.
    parent: Option<Arc<Cancellation>>,
    /// ProcessState with the parent. A forked child must not shut the sockets of its
    /// parent down.
    calls: Arc<PerProcess<Calls>>,
}

/// What calls are waiting for.
#[derive(Default)]
struct Calls {
    sockets: Mutex<Vec<Watched>>,
    changed: Condvar,
}

struct Watched {
    interrupt: Arc<Cancellation>,
    socket: Arc<TcpStream>,
}

/// How a wait ended.
#[derive(Debug, PartialEq)]
pub(crate) enum Waited<T> {
    Ready(T),
    TimedOut,
    Cancelled,
}

impl Cancellation {
    /// An interrupt of its own that this one's `cancel` ends too.
    pub(crate) fn child(self: &Arc<Self>) -> Arc<Cancellation> {
        Arc::new(Cancellation {
            cancelled: AtomicBool::new(false),
            parent: Some(self.clone()),
            calls: self.calls.clone(),
        })
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        let calls = self.calls();
        calls.lock().retain(|watched| {
            let ends = watched.interrupt.is_cancelled();
            if ends {
                // Fails only on a socket that is closed already.
                let _ = watched.socket.shutdown(Shutdown::Both);
            }
            !ends
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

    /// Shuts `socket` down on `cancel`, until the watch is dropped. `None` when
    /// it is too late for that.
    pub(crate) fn watch(self: &Arc<Self>, socket: &Arc<TcpStream>) -> Option<Watch> {
        let mut sockets = self.calls().lock();
        if self.is_cancelled() {
            return None;
        }
        sockets.push(Watched {
            interrupt: self.clone(),
            socket: socket.clone(),
        });
        Some(Watch {
            interrupt: self.clone(),
            socket: socket.clone(),
        })
    }

    /// Waits until `ready` gives something. It is asked again at each `notify`.
    pub(crate) fn wait_until<T>(
        &self,
        deadline: Instant,
        mut ready: impl FnMut() -> Option<T>,
    ) -> Waited<T> {
        let calls = self.calls();
        let mut sockets = calls.lock();
        loop {
            if self.is_cancelled() {
                return Waited::Cancelled;
            }
            if let Some(value) = ready() {
                return Waited::Ready(value);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Waited::TimedOut;
            }
            (sockets, _) = calls
                .changed
                .wait_timeout(sockets, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Makes every waiting thread look again.
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
    /// No code of ours panics while it holds this lock, and what it guards is
    /// whole at every moment.
    fn lock(&self) -> MutexGuard<'_, Vec<Watched>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a socket interruptible for as long as a call uses it.
pub(crate) struct Watch {
    interrupt: Arc<Cancellation>,
    socket: Arc<TcpStream>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut sockets = self.interrupt.calls().lock();
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

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn cancel_wakes_sleepers_and_children() {
        let interrupt = Arc::new(Cancellation::default());
        let child = interrupt.child();
        let sleeper = thread::spawn(move || child.wait_until(far(), || None::<()>));
        interrupt.cancel();
        assert_eq!(sleeper.join().unwrap(), Waited::Cancelled);
        assert!(interrupt.child().is_cancelled());
    }

    #[test]
    fn a_childs_cancel_leaves_its_parent_alone() {
        let interrupt = Arc::new(Cancellation::default());
        interrupt.child().cancel();
        assert!(!interrupt.is_cancelled());
    }

    #[test]
    fn cancel_ends_a_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let _peer = listener.accept().unwrap();
        let interrupt = Arc::new(Cancellation::default());
        let watch = interrupt.watch(&socket).unwrap();
        let reader = {
            let socket = socket.clone();
            thread::spawn(move || (&*socket).read(&mut [0]))
        };
        interrupt.cancel();
        assert_eq!(reader.join().unwrap().unwrap(), 0);
        drop(watch);
        assert!(interrupt.watch(&socket).is_none());
    }

    #[test]
    fn a_watch_ends_with_its_guard() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let interrupt = Arc::new(Cancellation::default());
        drop(interrupt.watch(&socket).unwrap());
        assert_eq!(Arc::strong_count(&socket), 1);
    }

    #[test]
    fn a_poke_makes_a_waiter_look_again() {
        let interrupt = Arc::new(Cancellation::default());
        let slot = Arc::new(Mutex::new(None));
        let waiter = {
            let (interrupt, slot) = (interrupt.clone(), slot.clone());
            thread::spawn(move || interrupt.wait_until(far(), || slot.lock().unwrap().take()))
        };
        *slot.lock().unwrap() = Some(7);
        interrupt.notify();
        assert_eq!(waiter.join().unwrap(), Waited::Ready(7));
        let past = Instant::now();
        assert_eq!(interrupt.wait_until(past, || None::<()>), Waited::TimedOut);
    }
}
