//! Worker threads that load pages ahead of the reader.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::collection::known_pages::Route;
use crate::collection::loader::{Loader, State};
use crate::error::Error;
use crate::process::threads;

impl Loader {
    /// Makes the workers load the pages that are worth prefetching now. Starts at most one
    /// for each page that may be prefetched; they wait for further pages until the reader is
    /// at the end.
    pub(super) fn prefetch(self: &Arc<Self>, state: &mut State) {
        let pages = self.pages_to_prefetch(state).count();
        if pages == 0 {
            return;
        }
        self.notify();
        let mut workers = self.workers();
        join(workers.extract_if(.., |worker| worker.is_finished()));
        while state.idle_workers < pages && workers.len() < self.client.options.prefetch_pages {
            let loader = self.clone();
            // If no thread can be started, the reader loads the pages itself.
            let Ok(worker) = threads::spawn("uservoice-pages", move || loader.run_worker()) else {
                return;
            };
            state.idle_workers += 1;
            workers.push(worker);
        }
    }

    /// Cancels the requests of the workers and waits for their threads to end.
    pub(super) fn stop_workers(&self) {
        self.lock().closed = true;
        self.notify();
        self.client.cancel();
        join(std::mem::take(&mut *self.workers()));
    }

    /// Loads pages that are worth prefetching, and waits for them.
    fn run_worker(&self) {
        let mut state = self.lock();
        while !state.closed && !state.position.is_end() {
            let next = self.pages_to_prefetch(&state).next();
            let next = next.map(|index| (index, state.known.route_to(index)));
            let Some((index, Route::Load(_, cursor))) = next else {
                state = self.wait(state);
                continue;
            };
            state.idle_workers -= 1;
            state.loading.insert(index, threads::current_id());
            let generation = state.generation;
            drop(state);
            let load = || self.load(index, cursor.as_deref(), &self.worker_client);
            let loaded = catch_unwind(AssertUnwindSafe(load))
                .unwrap_or_else(|_| Err(Error::internal("a thread that loads pages panicked")));
            state = self.lock();
            state.idle_workers += 1;
            // The reader gets an error from the cache, or loads the page again.
            let _ = self.store(&mut state, index, generation, loaded);
        }
        state.idle_workers -= 1;
    }

    /// Returns the reader's page and those that may be prefetched: as many as the option
    /// allows, and at most as many as were read, so that a program that wants ten records
    /// does not load five pages.
    pub(super) fn window(&self, state: &State) -> Range<usize> {
        let reader = state.position.page;
        let ahead = self.client.options.prefetch_pages.min(reader);
        reader..reader.saturating_add(1 + ahead)
    }

    fn pages_to_prefetch<'a>(&'a self, state: &'a State) -> impl Iterator<Item = usize> + use<'a> {
        let window = self.window(state);
        (window.start.saturating_add(1)..window.end)
            .filter(|&index| state.known.can_prefetch(index, &self.bounds))
            .filter(|&index| !state.pages.contains(index))
            .filter(|index| !state.loading.contains_key(index))
    }
}

fn join(workers: impl IntoIterator<Item = JoinHandle<()>>) {
    for worker in workers {
        // A panic was caught in the worker and reported to the reader.
        let _ = worker.join();
    }
}
