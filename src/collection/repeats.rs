//! Notices cursors and pages that a service returns again, in bounded memory.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

/// Cursors and pages that are remembered.
const MAX_RECENT: usize = 1024;

/// The cursors that a collection has followed.
///
/// The most recent ones are recognized at once. A longer cycle is found with Brent's
/// algorithm: one cursor is kept and compared with the following ones, and replaced after 1,
/// 2, 4 ... of them, so that it finally lies on the cycle and is kept for longer than that.
#[derive(Default)]
pub(super) struct SeenCursors {
    hasher: RandomState,
    recent: VecDeque<u64>,
    kept: Option<u64>,
    /// Cursors since `kept`, and how many there are before it is replaced.
    steps: u64,
    max_steps: u64,
}

impl SeenCursors {
    /// Returns whether `cursor` was followed before, as far as is remembered.
    pub(super) fn contains(&self, cursor: &str) -> bool {
        let hash = self.hasher.hash_one(cursor);
        self.kept == Some(hash) || self.recent.contains(&hash)
    }

    pub(super) fn insert(&mut self, cursor: &str) {
        let hash = self.hasher.hash_one(cursor);
        push(&mut self.recent, hash);
        if self.steps == self.max_steps {
            self.kept = Some(hash);
            self.steps = 0;
            self.max_steps = (2 * self.max_steps).max(1);
        }
        self.steps += 1;
    }
}

/// Hashes of the records of recently loaded pages, and of the first page.
#[derive(Default)]
pub(super) struct RecentPages {
    first: Option<u64>,
    recent: VecDeque<(usize, u64)>,
}

impl RecentPages {
    /// Returns whether a neighbour of the page at `index`, or the first page, has the same
    /// records. Pages are not always loaded in their order.
    pub(super) fn contain(&self, index: usize, digest: u64) -> bool {
        let is_neighbour = |other: usize| other.abs_diff(index) == 1;
        let mut recent = self.recent.iter();
        index > 0 && self.first == Some(digest)
            || recent.any(|&(other, known)| is_neighbour(other) && known == digest)
    }

    pub(super) fn insert(&mut self, index: usize, digest: u64) {
        if index == 0 {
            self.first = Some(digest);
        }
        self.recent.retain(|&(other, _)| other != index);
        push(&mut self.recent, (index, digest));
    }
}

fn push<T>(recent: &mut VecDeque<T>, item: T) {
    if recent.len() == MAX_RECENT {
        recent.pop_front();
    }
    recent.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how many cursors are followed until one is noticed to repeat.
    fn followed(tail: usize, cycle: usize) -> usize {
        let mut seen = SeenCursors::default();
        let cursor = |step: usize| match step < tail {
            true => step.to_string(),
            false => (tail + (step - tail) % cycle).to_string(),
        };
        (0..)
            .map(cursor)
            .take_while(|cursor| {
                let is_new = !seen.contains(cursor);
                seen.insert(cursor);
                is_new
            })
            .count()
    }

    #[test]
    fn notices_short_cycles_at_once_and_long_ones_in_bounded_memory() {
        for (tail, cycle) in [(0, 1), (0, 2), (5, 3), (100_000, 2), (0, MAX_RECENT)] {
            assert_eq!(followed(tail, cycle), tail + cycle, "{tail} {cycle}");
        }
        for (tail, cycle) in [(0, MAX_RECENT + 1), (10_000, 2_000), (10, 50_000)] {
            let followed = followed(tail, cycle);
            assert!(followed <= 3 * (tail + cycle), "{tail} {cycle}: {followed}");
        }
    }

    #[test]
    fn notices_the_records_of_a_neighbour_and_of_the_first_page() {
        let mut pages = RecentPages::default();
        for (index, digest) in [(0, 7), (3, 8), (2, 9)] {
            assert!(!pages.contain(index, digest));
            pages.insert(index, digest);
        }
        for (index, digest, is_repeated) in [
            (9, 7, true),
            (4, 8, true),
            (1, 9, true),
            (0, 7, false),
            (5, 8, false),
        ] {
            assert_eq!(pages.contain(index, digest), is_repeated, "{index}");
        }
        // The page was loaded again, and has changed.
        pages.insert(3, 10);
        assert!(!pages.contain(4, 8));
    }
}
