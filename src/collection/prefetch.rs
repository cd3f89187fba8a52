//! Worker threads that load pages ahead of the reader.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::collection::known_pages::Route;
use crate::collection::loader::Loader;
use crate::collection::state::State;
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use crate::{Client, Collection, Status};

    const PAGES: usize = 100;

    /// Responds to requests for pages of one record each. The third page fails unless
    /// `has_failed`.
    fn respond(mut connection: &TcpStream, has_failed: &AtomicBool) {
        let mut lines = BufReader::new(connection).lines();
        while let Some(Ok(line)) = lines.next() {
            let _ = lines.find(|line| line.as_ref().is_ok_and(String::is_empty));
            let (_, number) = line.split_once("&page=").unwrap();
            let number = number.split(' ').next().unwrap();
            let paging = format!(r#"{{"per_page":1,"total_records":{PAGES}}}"#);
            let body = format!(r#"{{"users":[{number}],"response_data":{paging}}}"#);
            let status = match number == "3" && !has_failed.swap(true, Ordering::Relaxed) {
                true => "500 Error",
                false => "200 OK",
            };
            let length = body.len();
            let response = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}");
            if connection.write_all(response.as_bytes()).is_err() {
                return;
            }
        }
    }

    /// Returns a collection that prefetches at most `prefetch_pages` pages.
    fn collection(prefetch_pages: usize, has_failed: bool) -> Collection {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let has_failed = Arc::new(AtomicBool::new(has_failed));
        thread::spawn(move || {
            for connection in listener.incoming() {
                let has_failed = has_failed.clone();
                thread::spawn(move || respond(&connection.unwrap(), &has_failed));
            }
        });
        let options = format!(
            r#"{{"base_url":"http://{address}","max_retries":0,"prefetch_pages":{prefetch_pages}}}"#
        );
        let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
        Collection::new(&client, None, "/users", None, None).unwrap()
    }

    /// The cause of the failure may have gone since.
    #[test]
    fn loads_a_page_again_that_a_worker_failed_to_load() {
        let collection = collection(1, false);
        for number in ["1", "2"] {
            assert_eq!(collection.next().unwrap().unwrap(), number);
        }
        // The worker that the reader of the second page started fails.
        let error = loop {
            if let Some(Err(error)) = collection.loader.lock().pages.get(2) {
                break error;
            }
            thread::yield_now();
        };
        assert_eq!(error.status(), Status::ApplicationError);
        assert_eq!(collection.next().unwrap().unwrap(), "3");
    }

    #[test]
    fn a_few_threads_stay_while_the_list_is_read() {
        for prefetch_pages in [0, 1, 4] {
            let collection = collection(prefetch_pages, true);
            let mut workers = HashSet::new();
            for number in 1..=PAGES {
                assert_eq!(collection.next().unwrap().unwrap(), number.to_string());
                let running = collection.loader.workers();
                workers.extend(running.iter().map(|worker| worker.thread().id()));
            }
            assert_eq!(workers.is_empty(), prefetch_pages == 0);
            assert!(workers.len() <= prefetch_pages, "{}", workers.len());
            let loader = collection.loader.clone();
            drop(collection);
            // The workers do not use it any more.
            assert_eq!(Arc::strong_count(&loader), 1);
        }
    }
}
