//! From the threads that load pages to the one that writes them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What waits to be written, in the order in which it came; bounded. (The
/// standard library's channels leave an allocation behind in each thread of the
/// host that waits for them.)
pub(super) struct Queue<T> {
    room: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    is_closed: bool,
}

/// Nobody takes anything out of the queue any more.
pub(super) struct Closed;

impl<T> Queue<T> {
    pub(super) fn new(room: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            is_closed: false,
        };
        Queue {
            room,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Waits until there is room.
    pub(super) fn put(&self, item: T) -> Result<(), Closed> {
        let mut state = self.wait_while(|state| state.waiting.len() >= self.room);
        if state.is_closed {
            return Err(Closed);
        }
        state.waiting.push_back(item);
        self.changed.notify_all();
        Ok(())
    }

    /// Waits until there is something.
    pub(super) fn take(&self) -> Result<T, Closed> {
        let mut state = self.wait_while(|state| state.waiting.is_empty());
        let item = state.waiting.pop_front().ok_or(Closed)?;
        self.changed.notify_all();
        Ok(item)
    }

    /// Forgets what waits, and lets nobody wait any longer.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.waiting.clear();
        self.changed.notify_all();
    }

    /// Waits for as long as `must_wait` says so and the queue is open.
    fn wait_while(&self, must_wait: impl Fn(&State<T>) -> bool) -> MutexGuard<'_, State<T>> {
        let waits = |state: &mut State<T>| !state.is_closed && must_wait(state);
        let woken = self.changed.wait_while(self.lock(), waits);
        woken.unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::thread;

    #[test]
    fn what_is_put_is_taken_in_that_order() {
        let queue = Arc::new(Queue::new(2));
        let putting = queue.clone();
        let putter = thread::spawn(move || (0..100).all(|number| putting.put(number).is_ok()));
        for number in 0..100 {
            assert_eq!(queue.take().ok(), Some(number));
            assert!(queue.lock().waiting.len() <= 2);
        }
        assert!(putter.join().unwrap());
    }

    #[test]
    fn closing_lets_nobody_wait() {
        let queue = Arc::new(Queue::new(1));
        let putting = queue.clone();
        let putter = thread::spawn(move || while putting.put(()).is_ok() {});
        queue.close();
        putter.join().unwrap();
        assert!(queue.take().is_err());
    }
}
