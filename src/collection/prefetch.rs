//! Worker threads that load pages ahead of the reader.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::collection::loader::{Loader, State};
use crate::collection::sequence::Route;
use crate::error::Error;
use crate::process::threads;

impl Loader {
    /// Starts a worker for each page that is worth prefetching now.
    pub(super) fn start_workers(self: &Arc<Self>, state: &mut State) {
        let pages = self.pages_to_prefetch(state).count();
        let missing = pages.saturating_sub(state.starting_workers);
        if missing == 0 {
            return;
        }
        let mut workers = self.workers();
        workers.retain(|worker| !worker.is_finished());
        for _ in 0..missing {
            let loader = self.clone();
            // If no thread can be started, the reader loads the pages itself.
            let Ok(worker) = threads::spawn("uservoice-pages", move || loader.run_worker()) else {
                return;
            };
            state.starting_workers += 1;
            workers.push(worker);
        }
    }

    /// Cancels the requests of the workers and waits for their threads to end.
    pub(super) fn stop_workers(&self) {
        self.lock().closed = true;
        self.client.cancel();
        let workers = std::mem::take(&mut *self.workers());
        for worker in workers {
            // A panic was caught in the worker and reported to the reader.
            let _ = worker.join();
        }
    }

    /// Loads pages while there are pages to prefetch.
    fn run_worker(&self) {
        let mut state = self.lock();
        state.starting_workers -= 1;
        loop {
            let next = self.pages_to_prefetch(&state).next();
            let Some(index) = next.filter(|_| !state.closed) else {
                return;
            };
            let generation = state.generation;
            state.loading.insert(index, threads::current_id());
            drop(state);
            let loaded = catch_unwind(AssertUnwindSafe(|| self.load(index, &self.worker_client)))
                .unwrap_or_else(|_| Err(Error::internal("a thread that loads pages panicked")));
            state = self.lock();
            self.store(&mut state, index, generation, &loaded);
        }
    }

    /// Returns the reader's page and those that may be prefetched: as many as the option
    /// allows, and at most as many as were read, so that a program that wants ten records
    /// does not load five pages.
    pub(super) fn window(&self, state: &State) -> Range<usize> {
        let reader = state.position.page;
        let ahead = self.client.options.prefetch_pages.min(reader);
        reader..reader.saturating_add(1 + ahead)
    }

    fn pages_to_prefetch<'a>(&self, state: &'a State) -> impl Iterator<Item = usize> + use<'a> {
        let window = self.window(state);
        let end = window.end.min(state.sequence.page_count());
        (window.start.saturating_add(1)..end)
            .filter(|&index| state.sequence.route_to(index) == Route::Direct)
            .filter(|&index| !state.pages.contains(index))
            .filter(|index| !state.loading.contains_key(index))
    }
}
