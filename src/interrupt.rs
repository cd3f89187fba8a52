//! Ending calls from another thread.

use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

/// What one handle's calls are waiting for, so that they can be ended: sockets
/// are shut down, sleeps are woken. Once cancelled, cancelled for good.
#[derive(Default)]
pub(crate) struct Interrupt {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    cancelled: bool,
    sockets: Vec<Arc<TcpStream>>,
    children: Vec<Weak<Interrupt>>,
}

/// How a wait ended.
#[derive(Debug, PartialEq)]
pub(crate) enum Waited<T> {
    Ready(T),
    TimedOut,
    Cancelled,
}

impl Interrupt {
    /// An interrupt of its own that this one's `cancel` ends too.
    pub(crate) fn child(&self) -> Arc<Interrupt> {
        let child = Arc::new(Interrupt::default());
        let mut state = self.lock();
        if state.cancelled {
            drop(state);
            child.cancel();
            return child;
        }
        state.children.retain(|child| child.strong_count() > 0);
        state.children.push(Arc::downgrade(&child));
        child
    }

    pub(crate) fn cancel(&self) {
        let (sockets, children) = {
            let mut state = self.lock();
            state.cancelled = true;
            (
                std::mem::take(&mut state.sockets),
                std::mem::take(&mut state.children),
            )
        };
        for socket in sockets {
            // Fails only on a socket that is closed already.
            let _ = socket.shutdown(Shutdown::Both);
        }
        for child in children.iter().filter_map(Weak::upgrade) {
            child.cancel();
        }
        self.changed.notify_all();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Shuts `socket` down on `cancel`, until the watch is dropped. `None` when
    /// it is too late for that.
    pub(crate) fn watch(self: &Arc<Self>, socket: &Arc<TcpStream>) -> Option<Watch> {
        let mut state = self.lock();
        if state.cancelled {
            return None;
        }
        state.sockets.push(socket.clone());
        Some(Watch {
            interrupt: self.clone(),
            socket: socket.clone(),
        })
    }

    /// Waits until `ready` gives something. It is asked again at each `poke`.
    pub(crate) fn wait_until<T>(
        &self,
        deadline: Instant,
        mut ready: impl FnMut() -> Option<T>,
    ) -> Waited<T> {
        let mut state = self.lock();
        loop {
            if state.cancelled {
                return Waited::Cancelled;
            }
            if let Some(value) = ready() {
                return Waited::Ready(value);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Waited::TimedOut;
            }
            (state, _) = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Makes every waiting thread look again.
    pub(crate) fn poke(&self) {
        drop(self.lock());
        self.changed.notify_all();
    }

    /// No code of ours panics while it holds this lock, and what it guards is
    /// whole at every moment.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a socket interruptible for as long as a call uses it.
pub(crate) struct Watch {
    interrupt: Arc<Interrupt>,
    socket: Arc<TcpStream>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = self.interrupt.lock();
        let position = state
            .sockets
            .iter()
            .position(|socket| Arc::ptr_eq(socket, &self.socket));
        if let Some(position) = position {
            state.sockets.swap_remove(position);
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
        let interrupt = Arc::new(Interrupt::default());
        let child = interrupt.child();
        let sleeper = thread::spawn(move || child.wait_until(far(), || None::<()>));
        interrupt.cancel();
        assert_eq!(sleeper.join().unwrap(), Waited::Cancelled);
        assert!(interrupt.child().is_cancelled());
    }

    #[test]
    fn a_childs_cancel_leaves_its_parent_alone() {
        let interrupt = Interrupt::default();
        interrupt.child().cancel();
        assert!(!interrupt.is_cancelled());
    }

    #[test]
    fn cancel_ends_a_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let _peer = listener.accept().unwrap();
        let interrupt = Arc::new(Interrupt::default());
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
        let interrupt = Arc::new(Interrupt::default());
        drop(interrupt.watch(&socket).unwrap());
        assert_eq!(Arc::strong_count(&socket), 1);
    }

    #[test]
    fn a_poke_makes_a_waiter_look_again() {
        let interrupt = Arc::new(Interrupt::default());
        let slot = Arc::new(Mutex::new(None));
        let waiter = {
            let (interrupt, slot) = (interrupt.clone(), slot.clone());
            thread::spawn(move || interrupt.wait_until(far(), || slot.lock().unwrap().take()))
        };
        *slot.lock().unwrap() = Some(7);
        interrupt.poke();
        assert_eq!(waiter.join().unwrap(), Waited::Ready(7));
        let past = Instant::now();
        assert_eq!(interrupt.wait_until(past, || None::<()>), Waited::TimedOut);
    }
}
