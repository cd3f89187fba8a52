//! What one process knows of a collection: its pages, and the position of its reader.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use crate::collection::bookmark::Position;
use crate::collection::known_pages::KnownPages;
use crate::collection::page::Page;
use crate::collection::page_cache::PageCache;

/// The pages that one process has loaded, and its workers. A forked child begins with an empty
/// one, at the position of the bookmark.
#[derive(Default)]
pub(super) struct ProcessState {
    pub(super) state: Mutex<State>,
    /// A page was loaded, or there is work for the workers.
    pub(super) changed: Condvar,
    pub(super) workers: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) known: KnownPages,
    /// The page loaded last, whose paging object `Collection::info` returns.
    pub(super) last_loaded: Option<Arc<Page>>,
    /// Loaded pages, by index.
    pub(super) pages: PageCache,
    /// Pages that are being loaded, by index, and the thread that loads each.
    pub(super) loading: BTreeMap<usize, usize>,
    /// Workers that are waiting for a page to load, or starting.
    pub(super) idle_workers: usize,
    pub(super) position: Position,
    pub(super) closed: bool,
    /// Incremented by each rewind. A page that was requested before is dropped.
    pub(super) generation: u64,
}

impl ProcessState {
    pub(super) fn at(position: Position) -> Self {
        let state = State {
            position,
            ..State::default()
        };
        ProcessState {
            state: Mutex::new(state),
            ..ProcessState::default()
        }
    }
}
