//! A value that can be replaced while other threads read it.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// An optional value that is read and replaced without a lock, so that a fork at any point
/// leaves it usable in the child.
///
/// A reader may hold a value that was replaced. All values are therefore kept until the slot is
/// dropped; setting one that is equal to an earlier one adds none.
pub(crate) struct Slot<T> {
    /// The current value; null if there is none.
    current: AtomicPtr<Node<T>>,
    /// A list of all values that were set.
    all: AtomicPtr<Node<T>>,
    owned: PhantomData<T>,
}

struct Node<T> {
    value: T,
    next: *mut Node<T>,
}

impl<T: PartialEq + Send + Sync> Slot<T> {
    /// Returns the current value.
    pub(crate) fn get(&self) -> Option<&T> {
        // SAFETY: null or a node of the list, all of which live as long as the slot.
        let node = unsafe { self.current.load(Ordering::Acquire).as_ref() };
        node.map(|node| &node.value)
    }

    /// Replaces the current value.
    pub(crate) fn set(&self, value: Option<T>) {
        let node = value.map_or(ptr::null_mut(), |value| self.find_or_add(value));
        self.current.store(node, Ordering::Release);
    }

    fn find_or_add(&self, value: T) -> *mut Node<T> {
        let first = self.all.load(Ordering::Acquire);
        let mut known = first;
        // SAFETY: null or a node of the list, all of which live as long as the slot.
        while let Some(node) = unsafe { known.as_ref() } {
            if node.value == value {
                return known;
            }
            known = node.next;
        }
        let new = Box::into_raw(Box::new(Node { value, next: first }));
        let link = |first| {
            // SAFETY: no other thread sees the node before the list contains it.
            unsafe { (*new).next = first };
            Some(new)
        };
        // Fails never: `link` always returns a node.
        let _ = self
            .all
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, link);
        new
    }
}

impl<T: PartialEq + Send + Sync> Default for Slot<T> {
    fn default() -> Self {
        Slot {
            current: AtomicPtr::default(),
            all: AtomicPtr::default(),
            owned: PhantomData,
        }
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        let mut next = *self.all.get_mut();
        while !next.is_null() {
            // SAFETY: the list owns its nodes, and nobody borrows the slot any more.
            let node = unsafe { Box::from_raw(next) };
            next = node.next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn set_replaces_and_removes_the_value() {
        let slot = Slot::default();
        assert_eq!(slot.get(), None);
        slot.set(Some(1));
        let first = slot.get();
        slot.set(Some(2));
        assert_eq!((first, slot.get()), (Some(&1), Some(&2)));
        slot.set(None);
        assert_eq!(slot.get(), None);
    }

    #[test]
    fn values_are_kept_once_until_the_slot_is_dropped() {
        let value = Arc::new(());
        let slot = Slot::default();
        slot.set(Some(value.clone()));
        for _ in 0..3 {
            slot.set(None);
            slot.set(Some(value.clone()));
        }
        assert_eq!(Arc::strong_count(&value), 2);
        drop(slot);
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn threads_replace_and_read_at_the_same_time() {
        let slot = Slot::default();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let slot = &slot;
                scope.spawn(move || {
                    for number in 0..1000 {
                        slot.set((number % 3 > 0).then(|| (thread, number % 10).to_owned()));
                        assert!(slot.get().is_none_or(|value| value.1 < 10));
                    }
                });
            }
        });
    }
}
