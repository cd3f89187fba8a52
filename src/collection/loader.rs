//! Loads a collection's pages on demand. The reader and the prefetch workers share one
//! loader, which loads no page twice at the same time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::auth::token::Token;
use crate::client::Client;
use crate::collection::bookmark::{Bookmark, Position};
use crate::collection::page::Page;
use crate::collection::page_cache::{LoadResult, PageCache};
use crate::collection::paging::PagingParams;
use crate::collection::sequence::{Bounds, Pagination, Route, Sequence};
use crate::error::{Error, Result};
use crate::http::cancel::Stop;
use crate::process::fork::PerProcess;
use crate::process::threads;
use crate::request::Request;
use crate::request::log::LogBuffer;
use crate::request::target;

pub(super) struct Loader {
    pub(super) client: Client,
    /// The client of the workers, which logs to `log_buffer`.
    pub(super) worker_client: Client,
    log_buffer: LogBuffer,
    token: Option<Token>,
    /// Path and query without `page` and `cursor`.
    target: String,
    pub(super) bounds: Bounds,
    pub(super) bookmark: Bookmark,
    process_state: PerProcess<ProcessState>,
}

/// The pages that one process has loaded, and its workers. A forked child begins with an empty
/// one, at the position of the bookmark.
#[derive(Default)]
struct ProcessState {
    state: Mutex<State>,
    page_loaded: Condvar,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) sequence: Sequence,
    /// The page loaded last, whose paging object `Collection::info` returns.
    pub(super) last_loaded: Option<Arc<Page>>,
    /// Loaded pages, by index.
    pub(super) pages: PageCache,
    /// Pages that are being loaded, by index, and the thread that loads each.
    pub(super) loading: BTreeMap<usize, usize>,
    /// Workers that were started and have not chosen a page yet.
    pub(super) starting_workers: usize,
    pub(super) position: Position,
    pub(super) closed: bool,
    /// Incremented by each rewind. A page that was requested before is dropped.
    pub(super) generation: u64,
}

impl ProcessState {
    fn at(position: Position) -> Self {
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

impl Loader {
    pub(super) fn new(
        client: &Client,
        token: Option<&Token>,
        path: &str,
        params_json: Option<&str>,
        limit: Option<usize>,
        ignore_total: bool,
    ) -> Result<Self> {
        let request = Request::new("GET", path, params_json)?;
        let params = PagingParams::split_from(&request.target)?;
        let mut target = params.target;
        if !params.has_per_page {
            let per_page = client.options.per_page.to_string();
            target::add_pair(&mut target, "per_page", &per_page);
        }
        let client = client.child();
        let log_buffer = LogBuffer::default();
        let worker_client = client.worker(&log_buffer);
        Ok(Loader {
            client,
            worker_client,
            log_buffer,
            token: token.cloned(),
            target,
            bounds: Bounds {
                first_page: params.first_page,
                first_cursor: params.first_cursor,
                limit,
                ignore_total,
            },
            bookmark: Bookmark::default(),
            process_state: PerProcess::default(),
        })
    }

    fn process_state(&self) -> &ProcessState {
        self.process_state
            .get(|| ProcessState::at(self.bookmark.get()))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        let state = self.process_state().state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn workers(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        let workers = self.process_state().workers.lock();
        workers.unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the paging information of the first page, and loads that page if necessary.
    pub(super) fn pagination(&self) -> Result<Pagination> {
        loop {
            if let Some(pagination) = self.lock().sequence.pagination() {
                return Ok(pagination);
            }
            // Another thread may rewind between the two steps.
            self.page(0)?;
        }
    }

    /// Returns the page at `index`, which is empty past the end. Passes on the log
    /// lines of the workers.
    pub(super) fn page(&self, index: usize) -> Result<Arc<Page>> {
        let page = self.find_or_load(index);
        self.flush_log();
        page
    }

    /// Forgets all pages and moves the reader to the first record.
    pub(super) fn rewind(&self) {
        let mut state = self.lock();
        *state = State {
            generation: state.generation + 1,
            starting_workers: state.starting_workers,
            closed: state.closed,
            ..State::default()
        };
        self.bookmark.set(state.position);
    }

    /// Passes the log lines of the workers to the log of the client.
    pub(super) fn flush_log(&self) {
        if let Some(log) = self.client.log() {
            self.log_buffer.flush(log);
        }
    }

    fn find_or_load(&self, index: usize) -> Result<Arc<Page>> {
        loop {
            let route = self.lock().sequence.route_to(index);
            let reachable = match route {
                Route::Direct => index,
                Route::PastEnd => return Ok(Arc::new(Page::default())),
                Route::After(before) => before,
            };
            let page = self.find_or_load_direct(reachable)?;
            if reachable == index
                && let Some(page) = page
            {
                return Ok(page);
            }
        }
    }

    /// Returns the page at `index` from memory, from a thread that is loading it, or loads
    /// it. Returns `None` if another thread rewinds and the cursor of the page is forgotten.
    fn find_or_load_direct(&self, index: usize) -> Result<Option<Arc<Page>>> {
        let mut state = self.lock();
        loop {
            if state.sequence.route_to(index) != Route::Direct {
                return Ok(None);
            }
            if let Some(loaded) = state.pages.get(index) {
                if loaded.is_err() {
                    // Report the error once. The next reader loads the page again.
                    state.pages.remove(index);
                }
                return loaded.map(Some);
            }
            match state.loading.entry(index) {
                Entry::Vacant(entry) => {
                    entry.insert(threads::current_id());
                    break;
                }
                Entry::Occupied(loader) if *loader.get() == threads::current_id() => {
                    return Err(Error::invalid(
                        "collection",
                        "must not be used by a callback while it loads a page",
                    ));
                }
                Entry::Occupied(_) => {}
            }
            let ProcessState {
                page_loaded,
                state: mutex,
                ..
            } = self.process_state();
            let woken = self
                .client
                .interrupt()
                .wait(page_loaded, mutex, state, None);
            state = woken.map_err(Stop::from)?;
        }
        let generation = state.generation;
        drop(state);
        let load = AssertUnwindSafe(|| self.load(index, &self.client));
        let loaded = catch_unwind(load).unwrap_or_else(|panic| {
            // The log callback panicked. Let a waiting thread load the page.
            self.abandon(index, generation);
            resume_unwind(panic)
        });
        let mut state = self.lock();
        self.store(&mut state, index, generation, &loaded);
        if loaded.is_err() {
            state.pages.remove(index);
        }
        loaded.map(Some)
    }

    /// Requests the page at `index`.
    pub(super) fn load(&self, index: usize, client: &Client) -> LoadResult {
        let mut target = self.target.clone();
        let cursor = self.lock().sequence.cursor(index, &self.bounds);
        if let Some(cursor) = cursor {
            target::add_encoded(&mut target, "cursor", &cursor);
        } else if index > 0 || self.bounds.first_page > 1 || !target::is_v2(&target) {
            let number = self.bounds.first_page.saturating_add(index);
            target::add_pair(&mut target, "page", &number.to_string());
        }
        let request = Request::new("GET", &target, None)?;
        client.send(self.token.as_ref(), request, |response| {
            Page::parse(response, &self.target).map(Arc::new)
        })
    }

    /// Stores the result of loading a page, unless the collection was rewound since `generation`.
    pub(super) fn store(
        &self,
        state: &mut State,
        index: usize,
        generation: u64,
        loaded: &LoadResult,
    ) {
        if state.generation == generation {
            state.loading.remove(&index);
            if let Ok(page) = loaded {
                state.sequence.record(index, page, &self.bounds);
                state.last_loaded = Some(page.clone());
            }
            state.pages.insert(index, loaded.clone());
            let window = self.window(state);
            state.pages.shrink(&window);
        }
        // After a rewind, too: a thread may wait for a page of the generation before.
        self.process_state().page_loaded.notify_all();
    }

    fn abandon(&self, index: usize, generation: u64) {
        let mut state = self.lock();
        if state.generation == generation {
            state.loading.remove(&index);
        }
        drop(state);
        self.process_state().page_loaded.notify_all();
    }
}
