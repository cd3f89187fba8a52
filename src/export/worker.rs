//! Threads that load the pages of resources, one each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime};

use time::OffsetDateTime;

use super::moment;
use super::queue::Queue;
use super::state::{Entry, Place};
use crate::auth::token::Token;
use crate::client::Client;
use crate::collection::{Collection, NextPage, PageSlice};
use crate::error::{Error, Result};
use crate::process::threads;
use crate::request::target;

/// What a loader has to tell: of which resource, by its number, and what.
pub(super) type Told = (usize, Event);

pub(super) enum Event {
    Page {
        part: PageSlice,
        /// When it was asked for, by the service's clock.
        asked_at: OffsetDateTime,
    },
    End,
    /// The last word of a loader, as the end is.
    Failed(Error),
}

/// Starts a thread that loads what is left of a window, page by page, as fast
/// as `told` takes them.
pub(super) fn start(
    client: &Client,
    token: Option<&Token>,
    entry: &Entry,
    number: usize,
    told: Arc<Queue<Told>>,
) -> Result<JoinHandle<()>> {
    let list = Collection::to_the_end(client, token, &target_of(entry))?;
    let work = move || {
        loop {
            let event = catch_unwind(AssertUnwindSafe(|| next(&list)))
                .unwrap_or_else(|_| Err(Error::internal("a thread that loads pages panicked")))
                .unwrap_or_else(Event::Failed);
            let is_last = event.is_last();
            // Nobody listens any more where an export is freed.
            if told.put((number, event)).is_err() || is_last {
                return;
            }
        }
    };
    threads::spawn("uservoice-export", work)
        .map_err(|why| Error::internal(format!("no thread can be started: {why}")))
}

fn next(list: &Collection) -> Result<Event> {
    let begun = Instant::now();
    let Some(part) = list.next_page_slice()? else {
        return Ok(Event::End);
    };
    let sent_at = part.page.sent_at.unwrap_or_else(SystemTime::now);
    Ok(Event::Page {
        asked_at: OffsetDateTime::from(sent_at) - begun.elapsed(),
        part,
    })
}

impl Event {
    fn is_last(&self) -> bool {
        match self {
            Event::Page { part, .. } => part.next == NextPage::None,
            Event::End | Event::Failed(_) => true,
        }
    }
}

/// Path and query of what is left of a window.
fn target_of(entry: &Entry) -> String {
    let mut target = entry.resource.target.clone();
    let window = &entry.window;
    if let Some(after) = window.after {
        target::add_pair(&mut target, "updated_after", &moment::text(after));
    }
    if let Some(until) = entry.resource.until {
        // What comes too much is left out.
        let before = moment::floor(until) + time::Duration::SECOND;
        target::add_pair(&mut target, "updated_before", &moment::text(before));
    }
    match &window.place {
        Place::Cursor(cursor) => target::add_pair(&mut target, "cursor", cursor),
        Place::Page { number, per_page } => {
            target::add_pair(&mut target, "page", &number.to_string());
            if !target::has_key(&target, "per_page") {
                target::add_pair(&mut target, "per_page", &per_page.to_string());
            }
        }
        Place::Start | Place::End => {}
    }
    target
}
