//! The pages of a list that are in memory: those that the reader comes to next,
//! and a few that were used last.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::collection::page::Page;
use crate::error::Error;

/// Pages that are kept besides those ahead of the reader.
const KEPT: usize = 8;

pub(crate) type Loaded = Result<Arc<Page>, Error>;

/// Pages, or the errors that came instead, by their position in the list.
#[derive(Default)]
pub(crate) struct PageCache {
    pages: BTreeMap<usize, Entry>,
    /// Grows with each use, which tells the older from the newer.
    uses: u64,
}

struct Entry {
    loaded: Loaded,
    used: u64,
}

impl PageCache {
    pub(crate) fn get(&mut self, position: usize) -> Option<Loaded> {
        self.uses += 1;
        let entry = self.pages.get_mut(&position)?;
        entry.used = self.uses;
        Some(entry.loaded.clone())
    }

    pub(crate) fn contains(&self, position: usize) -> bool {
        self.pages.contains_key(&position)
    }

    pub(crate) fn insert(&mut self, position: usize, loaded: Loaded) {
        self.uses += 1;
        let used = self.uses;
        self.pages.insert(position, Entry { loaded, used });
    }

    pub(crate) fn remove(&mut self, position: usize) {
        self.pages.remove(&position);
    }

    /// Drops what was used longest ago, but nothing in `ahead`.
    pub(crate) fn shrink(&mut self, ahead: &Range<usize>) {
        loop {
            let others = self.pages.iter().filter(|(at, _)| !ahead.contains(at));
            if others.clone().count() <= KEPT {
                return;
            }
            let oldest = others.min_by_key(|(_, entry)| entry.used);
            let Some((&position, _)) = oldest else { return };
            self.pages.remove(&position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(cache: &PageCache) -> Vec<usize> {
        cache.pages.keys().copied().collect()
    }

    #[test]
    fn what_was_used_last_and_what_is_ahead_stays() {
        let mut cache = PageCache::default();
        for position in 0..20 {
            cache.insert(position, Ok(Arc::default()));
        }
        assert!(cache.get(0).is_some());
        cache.shrink(&(3..5));
        assert_eq!(held(&cache), [0, 3, 4, 13, 14, 15, 16, 17, 18, 19]);
        // A page that was just loaded is never the one to go.
        cache.insert(1, Ok(Arc::default()));
        cache.shrink(&(30..40));
        assert_eq!(held(&cache), [0, 1, 14, 15, 16, 17, 18, 19]);
    }
}
