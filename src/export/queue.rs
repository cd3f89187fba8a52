//! A bounded queue from the threads that load pages to the one that writes them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::http::interrupt::{Interrupt, Interrupted};

/// A bounded FIFO queue. (The channels of the standard library leave an allocation behind in
/// each of the host's threads that waits for them.)
pub(super) struct BoundedQueue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

/// The queue was closed.
pub(super) struct Closed;

impl<T> BoundedQueue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State {
            items: VecDeque::new(),
            closed: false,
        };
        BoundedQueue {
            capacity,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Appends an item. Waits while the queue is full.
    pub(super) fn push(&self, item: T) -> Result<(), Closed> {
        let is_full = |state: &mut State<T>| !state.closed && state.items.len() >= self.capacity;
        let not_full = self.changed.wait_while(self.lock(), is_full);
        let mut state = not_full.unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(Closed);
        }
        state.items.push_back(item);
        self.changed.notify_all();
        Ok(())
    }

    /// Removes the oldest item. Waits while the queue is empty. Returns `None` if it is closed.
    pub(super) fn pop(&self, interrupt: &Interrupt) -> Result<Option<T>, Interrupted> {
        let mut state = self.lock();
        while state.items.is_empty() && !state.closed {
            state = interrupt.wait(&self.changed, &self.state, state, None)?;
        }
        let item = state.items.pop_front();
        self.changed.notify_all();
        Ok(item)
    }

    /// Drops all items and wakes all waiting threads, which fail with `Closed`.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.items.clear();
        self.changed.notify_all();
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
    fn pops_in_the_order_of_pushes_within_the_capacity() {
        let queue = Arc::new(BoundedQueue::new(2));
        let sender = queue.clone();
        let producer = thread::spawn(move || (0..100).all(|number| sender.push(number).is_ok()));
        for number in 0..100 {
            assert_eq!(queue.pop(&Interrupt::default()), Ok(Some(number)));
            assert!(queue.lock().items.len() <= 2);
        }
        assert!(producer.join().unwrap());
    }

    #[test]
    fn close_wakes_waiting_threads() {
        let queue = Arc::new(BoundedQueue::new(1));
        let sender = queue.clone();
        let producer = thread::spawn(move || while sender.push(()).is_ok() {});
        queue.close();
        producer.join().unwrap();
        assert_eq!(queue.pop(&Interrupt::default()), Ok(None));
    }
}
