//! A bounded queue from the threads that load pages to the one that writes them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::http::cancel::Stop;
use crate::http::interrupt::Interrupt;

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
    pub(super) fn push(&self, item: T) -> std::result::Result<(), Closed> {
        let is_full = |state: &mut State<T>| !state.closed && state.items.len() >= self.capacity;
        let woken = self.changed.wait_while(self.lock(), is_full);
        let mut state = woken.unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(Closed);
        }
        state.items.push_back(item);
        self.changed.notify_all();
        Ok(())
    }

    /// Removes the oldest item. Waits while the queue is empty, until `deadline` if there is one;
    /// then returns `None`.
    pub(super) fn pop(
        &self,
        deadline: Option<Instant>,
        interrupt: &Interrupt,
    ) -> Result<Option<T>> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                self.changed.notify_all();
                return Ok(Some(item));
            }
            if state.closed {
                return Err(Error::internal("the export was freed while it was used"));
            }
            let time_left =
                deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if time_left == Some(Duration::ZERO) {
                return Ok(None);
            }
            let woken = interrupt.wait(&self.changed, &self.state, state, time_left);
            state = woken.map_err(Stop::from)?;
        }
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
            assert_eq!(
                queue.pop(None, &Interrupt::default()).unwrap(),
                Some(number)
            );
            assert!(queue.lock().items.len() <= 2);
        }
        assert!(producer.join().unwrap());
    }

    #[test]
    fn pop_returns_at_its_deadline() {
        let queue = BoundedQueue::<()>::new(1);
        let deadline = Instant::now() + Duration::from_millis(1);
        assert_eq!(
            queue.pop(Some(deadline), &Interrupt::default()).unwrap(),
            None
        );
        assert!(Instant::now() >= deadline);
    }

    #[test]
    fn close_wakes_waiting_threads() {
        let queue = Arc::new(BoundedQueue::new(1));
        let sender = queue.clone();
        let producer = thread::spawn(move || while sender.push(()).is_ok() {});
        queue.close();
        producer.join().unwrap();
        assert!(queue.pop(None, &Interrupt::default()).is_err());
    }
}
