//! Where the pages of a collection begin, in bounded memory.

use std::collections::BTreeMap;

/// Memory for starts of pages. A page whose start was dropped is reached again from one
/// before it.
const MAX_BYTES: usize = 256 << 10;

/// Estimate of the memory of a start besides its cursor.
const OVERHEAD: usize = 64;

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct PageStart {
    /// Index of its first record in the collection.
    pub(super) first_record: usize,
    /// The cursor with which the page is requested; `None` for the first page and for a page
    /// that is requested by its number.
    pub(super) cursor: Option<String>,
}

/// The starts of pages by page index, without that of the first page. If they need too much
/// memory, only every second, fourth, eighth ... is kept, and some of the furthest.
#[derive(Default)]
pub(super) struct PageStarts {
    starts: BTreeMap<usize, PageStart>,
    bytes: usize,
    /// Logarithm to base 2 of the distance between the starts that are kept.
    spacing: u32,
}

impl PageStarts {
    pub(super) fn insert(&mut self, index: usize, start: PageStart) {
        self.bytes += size(&start);
        if let Some(replaced) = self.starts.insert(index, start) {
            self.bytes -= size(&replaced);
        }
        if self.bytes > MAX_BYTES {
            self.thin_out(index);
        }
    }

    /// Drops starts until half of the memory is free. Keeps those at `index` and of the
    /// furthest page, which are needed next.
    fn thin_out(&mut self, index: usize) {
        let furthest = self.starts.keys().next_back().copied();
        loop {
            let (spacing, bytes) = (self.spacing, &mut self.bytes);
            self.starts.retain(|&other, start| {
                let is_multiple = other.trailing_zeros() >= spacing;
                let is_kept = is_multiple || other == index || Some(other) == furthest;
                *bytes -= if is_kept { 0 } else { size(start) };
                is_kept
            });
            if self.bytes <= MAX_BYTES / 2 || self.starts.len() <= 2 {
                return;
            }
            self.spacing += 1;
        }
    }

    /// Returns the start of the page at `index`, or the nearest one before it.
    pub(super) fn at_or_before(&self, index: usize) -> (usize, PageStart) {
        let nearest = self.starts.range(..=index).next_back();
        nearest.map_or_else(Default::default, |(&index, start)| (index, start.clone()))
    }

    /// Returns the last start at or before the record at `index`.
    pub(super) fn with_record(&self, index: usize) -> (usize, PageStart) {
        let mut starts = self.starts.iter().rev();
        let nearest = starts.find(|(_, start)| start.first_record <= index);
        nearest.map_or_else(Default::default, |(&index, start)| (index, start.clone()))
    }
}

fn size(start: &PageStart) -> usize {
    OVERHEAD + start.cursor.as_ref().map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(page: usize, cursor_bytes: usize) -> PageStart {
        PageStart {
            first_record: 10 * page,
            cursor: Some("x".repeat(cursor_bytes)),
        }
    }

    #[test]
    fn finds_the_nearest_start_of_a_page_or_record() {
        let mut starts = PageStarts::default();
        assert_eq!(starts.at_or_before(7), (0, PageStart::default()));
        assert_eq!(starts.with_record(7), (0, PageStart::default()));
        for page in [1, 2, 4] {
            starts.insert(page, start(page, 1));
        }
        for (index, nearest) in [(0, 0), (1, 1), (3, 2), (9, 4)] {
            assert_eq!(starts.at_or_before(index).0, nearest);
        }
        for (record, page) in [(9, 0), (10, 1), (39, 2), (99, 4)] {
            assert_eq!(starts.with_record(record).0, page);
        }
    }

    #[test]
    fn keeps_starts_evenly_within_its_memory() {
        for cursor_bytes in [0, 3_000, 16 << 10] {
            let mut starts = PageStarts::default();
            for page in 1..20_000 {
                starts.insert(page, start(page, cursor_bytes));
                assert_eq!(starts.at_or_before(page).0, page);
                let bytes: usize = starts.starts.values().map(size).sum();
                assert_eq!(bytes, starts.bytes);
                assert!(bytes <= MAX_BYTES, "{bytes}");
            }
            let pages: Vec<usize> = starts.starts.keys().copied().collect();
            let distance = 1 << starts.spacing;
            assert!(pages.windows(2).all(|pair| pair[1] - pair[0] <= distance));
            assert!(distance <= 20_000 * (OVERHEAD + cursor_bytes) * 4 / MAX_BYTES + 1);
            // A start that was dropped can be kept again for the way to a page after it.
            starts.insert(4_999, start(4_999, cursor_bytes));
            assert_eq!(starts.at_or_before(4_999).0, 4_999);
            assert_eq!(starts.at_or_before(19_999).0, 19_999);
        }
    }
}
