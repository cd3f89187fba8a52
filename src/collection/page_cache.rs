//! The pages of a collection that are kept in memory: those ahead of the reader, and the
//! most recently used others.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::collection::page::Page;
use crate::error::Result;

/// Pages kept in addition to those ahead of the reader.
const MAX_OTHER_PAGES: usize = 8;

pub(super) type LoadResult = Result<Arc<Page>>;

/// Pages, or the errors of loading them, by page index.
#[derive(Default)]
pub(super) struct PageCache {
    entries: BTreeMap<usize, Entry>,
    /// Incremented by each use. Orders the entries by their last use.
    clock: u64,
}

struct Entry {
    loaded: LoadResult,
    last_use: u64,
}

impl PageCache {
    pub(super) fn get(&mut self, index: usize) -> Option<LoadResult> {
        self.clock += 1;
        let entry = self.entries.get_mut(&index)?;
        entry.last_use = self.clock;
        Some(entry.loaded.clone())
    }

    pub(super) fn contains(&self, index: usize) -> bool {
        self.entries.contains_key(&index)
    }

    pub(super) fn insert(&mut self, index: usize, loaded: LoadResult) {
        self.clock += 1;
        let last_use = self.clock;
        self.entries.insert(index, Entry { loaded, last_use });
    }

    pub(super) fn remove(&mut self, index: usize) {
        self.entries.remove(&index);
    }

    /// Removes the least recently used pages outside `window`.
    pub(super) fn shrink(&mut self, window: &Range<usize>) {
        loop {
            let others = self
                .entries
                .iter()
                .filter(|(index, _)| !window.contains(index));
            if others.clone().count() <= MAX_OTHER_PAGES {
                return;
            }
            let oldest = others.min_by_key(|(_, entry)| entry.last_use);
            let Some((&index, _)) = oldest else { return };
            self.entries.remove(&index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cached(cache: &PageCache) -> Vec<usize> {
        cache.entries.keys().copied().collect()
    }

    #[test]
    fn keeps_pages_in_the_window_and_the_most_recently_used() {
        let mut cache = PageCache::default();
        for index in 0..20 {
            cache.insert(index, Ok(Arc::default()));
        }
        assert!(cache.get(0).is_some());
        cache.shrink(&(3..5));
        assert_eq!(cached(&cache), [0, 3, 4, 13, 14, 15, 16, 17, 18, 19]);
        // A page that was just inserted stays.
        cache.insert(1, Ok(Arc::default()));
        cache.shrink(&(30..40));
        assert_eq!(cached(&cache), [0, 1, 14, 15, 16, 17, 18, 19]);
    }
}
