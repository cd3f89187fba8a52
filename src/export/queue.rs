//! A bounded queue from the threads that load pages to the one that writes them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::http::cancel::Stop;
use crate::http::interrupt::Interrupt;

/// A bounded FIFO queue: it accepts an item as long as its capacity and `max_bytes` are not
/// reached, so that it holds one large item or several small ones. (The channels of the standard library leave an allocation behind in
/// each of the host's threads that waits for them.)
pub(super) struct BoundedQueue<T> {
    capacity: usize,
    max_bytes: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    /// Items and their sizes.
    items: VecDeque<(T, usize)>,
    bytes: usize,
    closed: bool,
}

/// The queue was closed.
pub(super) struct Closed;

impl<T> BoundedQueue<T> {
    pub(super) fn new(capacity: usize, max_bytes: usize) -> Self {
        let state = State {
            items: VecDeque::new(),
            bytes: 0,
            closed: false,
        };
        BoundedQueue {
            capacity,
            max_bytes,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Appends an item of `bytes` bytes. Waits while the queue is full.
    pub(super) fn push(&self, item: T, bytes: usize) -> std::result::Result<(), Closed> {
        let is_full = |state: &mut State<T>| {
            let is_full = state.items.len() >= self.capacity || state.bytes >= self.max_bytes;
            is_full && !state.closed
        };
        let woken = self.changed.wait_while(self.lock(), is_full);
        let mut state = woken.unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(Closed);
        }
        state.items.push_back((item, bytes));
        state.bytes += bytes;
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
            if let Some((item, bytes)) = state.items.pop_front() {
                state.bytes -= bytes;
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
        state.bytes = 0;
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
        let queue = Arc::new(BoundedQueue::new(2, usize::MAX));
        let sender = queue.clone();
        let producer = thread::spawn(move || (0..100).all(|number| sender.push(number, 1).is_ok()));
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
    fn holds_one_large_item_or_several_small_ones() {
        let queue = Arc::new(BoundedQueue::new(9, 3));
        let sender = queue.clone();
        let sizes = [1, 1, 5, 4, 0, 0, 3, 3, 1];
        let producer = thread::spawn(move || sizes.map(|size| sender.push(size, size).is_ok()));
        for size in sizes {
            assert_eq!(queue.pop(None, &Interrupt::default()).unwrap(), Some(size));
            let state = queue.lock();
            let last = state.items.back().map_or(0, |(_, bytes)| *bytes);
            assert!(state.bytes - last < 3);
        }
        assert_eq!(queue.lock().bytes, 0);
        assert_eq!(producer.join().unwrap(), [true; 9]);
    }

    #[test]
    fn pop_returns_at_its_deadline() {
        let queue = BoundedQueue::<()>::new(1, 1);
        let deadline = Instant::now() + Duration::from_millis(1);
        assert_eq!(
            queue.pop(Some(deadline), &Interrupt::default()).unwrap(),
            None
        );
        assert!(Instant::now() >= deadline);
    }

    #[test]
    fn close_wakes_waiting_threads() {
        let queue = Arc::new(BoundedQueue::new(1, 1));
        let sender = queue.clone();
        let producer = thread::spawn(move || while sender.push((), 0).is_ok() {});
        queue.close();
        producer.join().unwrap();
        assert!(queue.pop(None, &Interrupt::default()).is_err());
    }
}
