//! The reader's position, and a copy of it that a forked child can read.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The reader's position in a collection.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Position {
    /// Index of the page, from 0; `usize::MAX` at the end.
    pub(super) page: usize,
    /// Index of the next record on that page.
    pub(super) record: usize,
    /// Records returned so far.
    pub(super) returned: usize,
}

impl Position {
    /// Moves past the last page.
    pub(super) fn end(&mut self) {
        self.page = usize::MAX;
        self.record = 0;
    }

    pub(super) fn is_end(&self) -> bool {
        self.page == usize::MAX
    }
}

/// A copy of the reader's position that is read without a lock. After a fork the child
/// cannot take the lock of the state: a thread that held it does not exist in the child.
///
/// The position is stored twice. `set` writes the copy that is not current and then makes
/// it the current one, so that a fork at any point finds a complete copy.
#[derive(Default)]
pub(super) struct Bookmark {
    copies: [AtomicPosition; 2],
    current: AtomicUsize,
}

#[derive(Default)]
struct AtomicPosition {
    page: AtomicUsize,
    record: AtomicUsize,
    returned: AtomicUsize,
}

impl Bookmark {
    /// Stores `position`. The caller holds the lock of the state, so only one thread writes.
    pub(super) fn set(&self, position: Position) {
        let other = 1 - self.current.load(Ordering::Relaxed);
        let copy = &self.copies[other];
        copy.page.store(position.page, Ordering::Relaxed);
        copy.record.store(position.record, Ordering::Relaxed);
        copy.returned.store(position.returned, Ordering::Relaxed);
        self.current.store(other, Ordering::Release);
    }

    pub(super) fn get(&self) -> Position {
        let copy = &self.copies[self.current.load(Ordering::Acquire)];
        Position {
            page: copy.page.load(Ordering::Relaxed),
            record: copy.record.load(Ordering::Relaxed),
            returned: copy.returned.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_the_last_position_set() {
        let bookmark = Bookmark::default();
        assert_eq!(bookmark.get(), Position::default());
        for page in 1..4 {
            let position = Position {
                page,
                record: page + 1,
                returned: page + 2,
            };
            bookmark.set(position);
            assert_eq!(bookmark.get(), position);
        }
    }
}
