//! Worker threads of an export. Each one loads the pages of one resource.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime};

use time::OffsetDateTime;

use super::queue::BoundedQueue;
use super::state::{Position, ResourceState};
use super::timestamp;
use crate::auth::token::Token;
use crate::client::Client;
use crate::collection::{Collection, NextPage, PageSlice};
use crate::error::{Error, Result};
use crate::process::threads;
use crate::request::target;

/// An event and the index of the job that it belongs to.
pub(super) type Message = (usize, Event);

pub(super) enum Event {
    Page {
        slice: PageSlice,
        /// When the page was requested, by the service's clock.
        requested_at: OffsetDateTime,
    },
    End,
    /// The worker failed and ends.
    Failed(Error),
}

/// Starts a worker that loads the rest of a resource's window and sends it to `queue` page
/// by page.
pub(super) fn start(
    client: &Client,
    token: Option<&Token>,
    resource: &ResourceState,
    job: usize,
    queue: Arc<BoundedQueue<Message>>,
) -> Result<JoinHandle<()>> {
    let collection = Collection::ignoring_total(client, token, &target_of(resource))?;
    let work = move || {
        loop {
            let event = catch_unwind(AssertUnwindSafe(|| next(&collection)))
                .unwrap_or_else(|_| Err(Error::internal("a thread that loads pages panicked")))
                .unwrap_or_else(Event::Failed);
            let is_last = event.is_last();
            // The queue is closed when the export is dropped.
            if queue.push((job, event)).is_err() || is_last {
                return;
            }
        }
    };
    threads::spawn("uservoice-export", work)
        .map_err(|error| Error::internal(format!("a thread cannot be started: {error}")))
}

fn next(collection: &Collection) -> Result<Event> {
    let started = Instant::now();
    let Some(slice) = collection.next_page_slice()? else {
        return Ok(Event::End);
    };
    let sent_at = slice.page.sent_at.unwrap_or_else(SystemTime::now);
    Ok(Event::Page {
        requested_at: OffsetDateTime::from(sent_at) - started.elapsed(),
        slice,
    })
}

impl Event {
    fn is_last(&self) -> bool {
        match self {
            Event::Page { slice, .. } => slice.next == NextPage::None,
            Event::End | Event::Failed(_) => true,
        }
    }
}

/// Returns path and query of the rest of a resource's window.
fn target_of(resource: &ResourceState) -> String {
    let mut target = resource.options.target.clone();
    let window = &resource.window;
    if let Some(after) = window.updated_after {
        target::add_pair(&mut target, "updated_after", &timestamp::format(after));
    }
    if let Some(until) = resource.options.until {
        // Rounded up. Records that do not belong to the export are filtered out later.
        let before = timestamp::truncate_to_second(until) + time::Duration::SECOND;
        target::add_pair(&mut target, "updated_before", &timestamp::format(before));
    }
    match &window.position {
        Position::Cursor(cursor) => target::add_pair(&mut target, "cursor", cursor),
        Position::Page { number, per_page } => {
            target::add_pair(&mut target, "page", &number.to_string());
            if !target::has_key(&target, "per_page") {
                target::add_pair(&mut target, "per_page", &per_page.to_string());
            }
        }
        Position::Start | Position::End => {}
    }
    target
}
