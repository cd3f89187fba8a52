//! Loads a collection's pages on demand. The reader and the prefetch workers share one
//! loader, which loads no page twice at the same time.

use std::collections::btree_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::auth::token::Token;
use crate::client::Client;
use crate::collection::bookmark::Bookmark;
use crate::collection::first_page::Bounds;
use crate::collection::known_pages::Route;
use crate::collection::page::Page;
use crate::collection::page_cache::LoadResult;
use crate::collection::paging::PagingParams;
use crate::collection::sequence::Fault;
use crate::collection::state::{ProcessState, State};
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
        let per_page = match params.has_per_page {
            true => params.per_page,
            false => Some(client.options.per_page),
        };
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
                per_page,
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

    /// Loads the first page if nothing is known about the list yet.
    pub(super) fn begin(&self) -> Result<()> {
        // Another thread may rewind after the page is loaded.
        while !self.lock().known.has_begun() {
            self.page(0)?;
        }
        Ok(())
    }

    /// Returns the page at `index`, or `None` past the end. Passes on the log lines of the
    /// workers.
    pub(super) fn page(&self, index: usize) -> Result<Option<Arc<Page>>> {
        let page = self.find_or_load(index);
        self.flush_log();
        page
    }

    /// Waits until the state changes, in a worker.
    pub(super) fn wait<'a>(&'a self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let woken = self.process_state().changed.wait(state);
        woken.unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes all threads that wait for a change of the state.
    pub(super) fn notify(&self) {
        self.process_state().changed.notify_all();
    }

    /// Forgets all pages and moves the reader to the first record.
    pub(super) fn rewind(&self) {
        let mut state = self.lock();
        *state = State {
            generation: state.generation + 1,
            idle_workers: state.idle_workers,
            closed: state.closed,
            ..State::default()
        };
        self.bookmark.set(state.position);
    }

    /// Passes the log lines of the workers to the log of the client.
    pub(super) fn flush_log(&self) {
        self.client.log.flush(&self.log_buffer);
    }

    fn find_or_load(&self, index: usize) -> Result<Option<Arc<Page>>> {
        loop {
            let route = self.lock().known.route_to(index);
            let Route::Load(nearest, cursor) = route else {
                return Ok(None);
            };
            let page = self.find_or_load_directly(nearest, cursor)?;
            // The page may have shown that the list ended before it.
            if nearest == index && self.lock().known.route_to(index) != Route::PastEnd {
                return Ok(Some(page));
            }
        }
    }

    /// Returns the page at `index` from memory, from a thread that is loading it, or loads
    /// it by `cursor` or by its number.
    fn find_or_load_directly(&self, index: usize, cursor: Option<String>) -> LoadResult {
        let mut state = self.lock();
        let mut has_waited = false;
        loop {
            match state.pages.get(index) {
                Some(Ok(page)) => {
                    // Where the next page begins may have been dropped since.
                    let recorded = state.known.record(index, &page, &self.bounds);
                    return recorded.map(|()| page.clone()).map_err(|fault| {
                        state.pages.remove(index);
                        self.error_of(fault, &page)
                    });
                }
                Some(Err(error)) => {
                    state.pages.remove(index);
                    // A worker failed earlier. The cause may have gone since.
                    if has_waited {
                        return Err(error);
                    }
                }
                None => {}
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
                Entry::Occupied(_) => self.client.check_not_refreshing(self.token.as_ref())?,
            }
            let ProcessState {
                changed,
                state: mutex,
                ..
            } = self.process_state();
            let woken = self.client.interrupt().wait(changed, mutex, state, None);
            state = woken.map_err(Stop::from)?;
            has_waited = true;
        }
        let generation = state.generation;
        drop(state);
        let load = AssertUnwindSafe(|| self.load(index, cursor.as_deref(), &self.client));
        let loaded = catch_unwind(load).unwrap_or_else(|panic| {
            // The log callback panicked. Let a waiting thread load the page.
            self.abandon(index, generation);
            resume_unwind(panic)
        });
        let mut state = self.lock();
        let loaded = self.store(&mut state, index, generation, loaded);
        if loaded.is_err() {
            state.pages.remove(index);
        }
        loaded
    }

    /// Requests the page at `index`, by `cursor` or by its number.
    pub(super) fn load(&self, index: usize, cursor: Option<&str>, client: &Client) -> LoadResult {
        let mut target = self.target.clone();
        let first_cursor = self.bounds.first_cursor.as_deref().filter(|_| index == 0);
        if let Some(cursor) = first_cursor {
            target::add_encoded(&mut target, "cursor", cursor);
        } else if let Some(cursor) = cursor {
            target::add_pair(&mut target, "cursor", cursor);
        } else if index > 0 || self.bounds.first_page > 1 || !target::is_v2(&target) {
            let number = self.bounds.first_page.saturating_add(index);
            target::add_pair(&mut target, "page", &number.to_string());
        }
        let request = Request::new("GET", &target, None)?;
        client.call(self.token.as_ref(), request, |response| {
            Page::parse(response, &self.target).map(Arc::new)
        })
    }

    /// Stores the result of loading a page, unless the collection was rewound since
    /// `generation`. Returns an error if the page does not continue the list.
    pub(super) fn store(
        &self,
        state: &mut State,
        index: usize,
        generation: u64,
        loaded: LoadResult,
    ) -> LoadResult {
        // After a rewind, too: a thread may wait for a page of the generation before.
        self.notify();
        if state.generation != generation {
            return loaded;
        }
        state.loading.remove(&index);
        let loaded = loaded.and_then(|page| {
            let recorded = state.known.record(index, &page, &self.bounds);
            recorded.map_err(|fault| self.error_of(fault, &page))?;
            state.last_loaded = Some(page.clone());
            Ok(page)
        });
        if state.known.route_to(index) != Route::PastEnd {
            state.pages.insert(index, loaded.clone());
        }
        let window = self.window(state);
        state.pages.shrink(&window);
        loaded
    }

    fn error_of(&self, fault: Fault, page: &Page) -> Error {
        let mut error = self.bad_response(fault.message(page));
        error.http_status = page.status;
        error
    }

    /// Creates an error of a request for a page.
    pub(super) fn bad_response(&self, message: impl Into<String>) -> Error {
        Error::bad_response(message).of_request("GET", &self.target)
    }

    fn abandon(&self, index: usize, generation: u64) {
        let mut state = self.lock();
        if state.generation == generation {
            state.loading.remove(&index);
        }
        drop(state);
        self.notify();
    }
}
