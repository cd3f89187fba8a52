//! The pages of several resources, in the order in which they are loaded.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use super::page_loader::{Event, PageLoader};
use super::queue::BoundedQueue;
use super::state::ResourceState;
use super::worker::{self, Message};
use crate::auth::token::Token;
use crate::client::Client;
use crate::error::Result;

/// Resources that are loaded at the same time.
const MAX_WORKERS: usize = 4;

/// Responses that wait to be written, in bytes, before the last of them.
const MAX_WAITING_BYTES: usize = 1 << 20;

/// The clients and the token that load pages.
#[derive(Clone, Copy)]
pub(super) struct Access<'a> {
    /// The client of the calling thread.
    pub(super) client: &'a Client,
    /// The client of the workers.
    pub(super) worker_client: &'a Client,
    pub(super) token: Option<&'a Token>,
}

/// An event and the index of the job that it belongs to.
pub(super) type JobEvent = (usize, Event);

/// Loads pages in worker threads, or in the calling thread if no other can be started.
pub(super) struct PageSource {
    queue: Arc<BoundedQueue<Message>>,
    workers: Vec<JoinHandle<()>>,
    /// The workers whose pages are used. Each one ends with a message.
    loading: Vec<Loading>,
    started: u64,
    /// The job that the calling thread loads.
    own: Option<(usize, PageLoader)>,
}

/// A worker that loads the pages of a job.
struct Loading {
    worker: u64,
    job: usize,
    /// Cancels its requests.
    client: Client,
}

impl PageSource {
    pub(super) fn new() -> Self {
        PageSource {
            queue: Arc::new(BoundedQueue::new(MAX_WORKERS, MAX_WAITING_BYTES)),
            workers: Vec::new(),
            loading: Vec::new(),
            started: 0,
            own: None,
        }
    }

    /// Returns the next page, end or error of one of `jobs`, which are not at their end; `None`
    /// at `deadline`. This is where the caller waits.
    pub(super) fn next(
        &mut self,
        access: Access<'_>,
        jobs: &[(usize, &ResourceState)],
        deadline: Option<Instant>,
    ) -> Result<Option<JobEvent>> {
        self.start_workers(access, jobs)?;
        if self.loading.is_empty() {
            return self.load_here(access, jobs);
        }
        let interrupt = access.client.interrupt();
        while let Some((worker, event)) = self.queue.pop(deadline, &interrupt)? {
            let mut loading = self.loading.iter();
            let Some(index) = loading.position(|loading| loading.worker == worker) else {
                // Its job was discarded.
                continue;
            };
            let job = self.loading[index].job;
            if event.is_last() {
                self.loading.swap_remove(index);
            }
            return Ok(Some((job, event)));
        }
        Ok(None)
    }

    /// Drops the pages of a job that are loaded ahead, and loads it again from its state.
    pub(super) fn discard(&mut self, job: usize) {
        self.own.take_if(|(own, _)| *own == job);
        let discarded = self.loading.extract_if(.., |loading| loading.job == job);
        discarded.for_each(|loading| loading.client.cancel());
    }

    /// Starts workers for the jobs that have none.
    fn start_workers(
        &mut self,
        access: Access<'_>,
        jobs: &[(usize, &ResourceState)],
    ) -> Result<()> {
        self.workers.retain(|worker| !worker.is_finished());
        for (job, state) in jobs {
            if self.loading.len() >= MAX_WORKERS {
                break;
            }
            if self.loading.iter().any(|loading| loading.job == *job) {
                continue;
            }
            let client = access.worker_client.child();
            let loader = PageLoader::new(&client, access.token, state)?;
            let worker = self.started;
            let Ok(thread) = worker::start(loader, worker, self.queue.clone()) else {
                break;
            };
            self.started += 1;
            self.workers.push(thread);
            self.loading.push(Loading {
                worker,
                job: *job,
                client,
            });
            self.own.take_if(|(own, _)| own == job);
        }
        Ok(())
    }

    /// Loads a page in the calling thread.
    fn load_here(
        &mut self,
        access: Access<'_>,
        jobs: &[(usize, &ResourceState)],
    ) -> Result<Option<JobEvent>> {
        let (job, mut loader) = match (self.own.take(), jobs.first()) {
            (Some(own), _) => own,
            (None, None) => return Ok(None),
            (None, Some((job, state))) => {
                (*job, PageLoader::new(access.client, access.token, state)?)
            }
        };
        let event = loader.next();
        if !event.is_last() {
            self.own = Some((job, loader));
        }
        Ok(Some((job, event)))
    }

    /// Stops the workers and waits for them. The caller cancels their requests first.
    pub(super) fn stop(&mut self) {
        self.queue.close();
        for worker in self.workers.drain(..) {
            // A panic was caught in the worker and reported.
            let _ = worker.join();
        }
    }
}
