//! Worker threads of an export. Each one loads the pages of one resource.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use super::page_loader::{Event, PageLoader};
use super::queue::BoundedQueue;
use crate::error::Error;
use crate::process::threads;

/// An event and the number of the worker that it is from.
pub(super) type Message = (u64, Event);

/// Starts a worker that loads pages and sends them to `queue`.
pub(super) fn start(
    mut loader: PageLoader,
    number: u64,
    queue: Arc<BoundedQueue<Message>>,
) -> io::Result<JoinHandle<()>> {
    let panicked = || Event::Failed(Error::internal("a thread that loads pages panicked"));
    threads::spawn("uservoice-export", move || {
        loop {
            let event = catch_unwind(AssertUnwindSafe(|| loader.next()));
            let event = event.unwrap_or_else(|_| panicked());
            let (is_last, bytes) = (event.is_last(), event.bytes());
            // The queue is closed when the export is dropped.
            if queue.push((number, event), bytes).is_err() || is_last {
                return;
            }
        }
    })
}
