//! How much one call of an export writes.

use std::time::{Duration, Instant};

/// Syncing takes about as long for many pages as for one. A batch is bounded because the caller
/// waits for it, and a killed process loads it again.
const MAX_BYTES: usize = 1 << 20;
const MAX_TIME: Duration = Duration::from_millis(250);

/// The pages that one call writes and then saves. The first calls write few pages, so that a
/// caller soon learns how long the list is.
pub(super) struct Batch {
    pages_left: usize,
    bytes: usize,
    /// When its first page was added, and when it is over.
    deadline: Option<Instant>,
}

impl Batch {
    pub(super) fn new(max_pages: usize) -> Self {
        Batch {
            pages_left: max_pages,
            bytes: 0,
            deadline: None,
        }
    }

    pub(super) fn add(&mut self, bytes: usize) {
        self.deadline
            .get_or_insert_with(|| Instant::now() + MAX_TIME);
        self.pages_left = self.pages_left.saturating_sub(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.deadline.is_none()
    }

    pub(super) fn is_full(&self) -> bool {
        let is_over = self
            .deadline
            .is_some_and(|deadline| deadline <= Instant::now());
        self.pages_left == 0 || self.bytes >= MAX_BYTES || is_over
    }

    /// Returns until when the batch may wait for a page; `None` if it has none yet.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_full_after_its_pages_or_bytes() {
        let mut batch = Batch::new(3);
        assert!(batch.is_empty() && !batch.is_full());
        batch.add(1);
        assert!(batch.deadline().is_some() && batch.pages_left == 2);
        batch.add(1);
        batch.add(1);
        assert!(batch.is_full());

        let mut batch = Batch::new(usize::MAX);
        batch.add(MAX_BYTES);
        assert!(batch.is_full());
    }

    #[test]
    fn is_full_when_its_time_is_over() {
        let mut batch = Batch::new(usize::MAX);
        batch.add(1);
        batch.deadline = Some(Instant::now());
        assert!(batch.is_full());
    }
}
