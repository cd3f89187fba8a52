//! The pages of several resources, in the order in which they are loaded.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use super::page_loader::PageLoader;
use super::queue::BoundedQueue;
use super::state::ResourceState;
use super::worker::{self, Message};
use crate::auth::token::Token;
use crate::client::Client;
use crate::error::Result;

/// Resources that are loaded at the same time.
const MAX_WORKERS: usize = 4;

/// The clients and the token that load pages.
#[derive(Clone, Copy)]
pub(super) struct Access<'a> {
    /// The client of the calling thread.
    pub(super) client: &'a Client,
    /// The client of the workers.
    pub(super) worker_client: &'a Client,
    pub(super) token: Option<&'a Token>,
}

/// Loads pages in worker threads, or in the calling thread if no other can be started.
pub(super) struct PageSource {
    queue: Arc<BoundedQueue<Message>>,
    workers: Vec<JoinHandle<()>>,
    /// The jobs that workers load. Each worker ends with a message.
    loading: Vec<usize>,
    /// The job that the calling thread loads.
    own: Option<(usize, PageLoader)>,
}

impl PageSource {
    pub(super) fn new() -> Self {
        PageSource {
            queue: Arc::new(BoundedQueue::new(MAX_WORKERS)),
            workers: Vec::new(),
            loading: Vec::new(),
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
    ) -> Result<Option<Message>> {
        self.start_workers(access, jobs)?;
        if self.loading.is_empty() {
            return self.load_here(access, jobs);
        }
        let interrupt = access.client.interrupt();
        let message = self.queue.pop(deadline, &interrupt)?;
        if let Some((job, event)) = &message
            && event.is_last()
        {
            self.loading.retain(|loading| loading != job);
        }
        Ok(message)
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
            if self.loading.contains(job) {
                continue;
            }
            let loader = PageLoader::new(access.worker_client, access.token, state)?;
            let Ok(worker) = worker::start(loader, *job, self.queue.clone()) else {
                break;
            };
            self.workers.push(worker);
            self.loading.push(*job);
            self.own.take_if(|(own, _)| own == job);
        }
        Ok(())
    }

    /// Loads a page in the calling thread.
    fn load_here(
        &mut self,
        access: Access<'_>,
        jobs: &[(usize, &ResourceState)],
    ) -> Result<Option<Message>> {
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
