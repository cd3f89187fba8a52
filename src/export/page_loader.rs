//! Loads the pages of one resource, in a thread of the export or in the caller's.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

use super::state::{Position, ResourceState};
use super::timestamp;
use super::trail::Trail;
use crate::auth::token::Token;
use crate::client::Client;
use crate::collection::{Collection, NextPage, PageSlice};
use crate::encoding::json::{Object, decode};
use crate::error::{Error, Outcome, Result, Status};
use crate::request::target;

/// What is kept of a record besides its text and lines: its `updated_at`, and its version as such,
/// as a line of its file and in the set of those that were written. Vectors and sets have twice
/// as much memory as they need, and thrice while they grow.
const RECORD_BYTES: usize = 192;

/// Memory for what is kept of records, if their page is as large as permitted.
const MIN_RECORDS_BYTES: usize = 512 << 10;

/// The longest `updated_at` in JSON, whose characters may be escaped.
const MAX_TIMESTAMP: usize = 6 * 64;

/// Loads the rest of a resource's window page by page.
pub(super) struct PageLoader {
    collection: Collection,
    trail: Trail,
    name: String,
    is_incremental: bool,
    /// The maximum size of a response.
    max_bytes: usize,
    /// Where the window begins, unless it is the first one, which begins where the caller says.
    updated_after: Option<OffsetDateTime>,
}

pub(super) enum Event {
    Page(LoadedPage),
    End,
    /// The page cannot be loaded, and the loader ends.
    Failed(Error),
}

/// A page and what is known of its records.
pub(super) struct LoadedPage {
    pub(super) slice: PageSlice,
    /// The `updated_at` of each record, if the resource is incremental.
    pub(super) updated_at: Vec<OffsetDateTime>,
    /// When the page was requested.
    pub(super) requested_at: OffsetDateTime,
    /// Includes this page.
    pub(super) trail: Trail,
    /// How long its lines may be.
    pub(super) max_bytes: usize,
}

impl Event {
    /// Returns the size of the response.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Event::Page(page) => page.slice.page.body().len(),
            Event::End | Event::Failed(_) => 0,
        }
    }

    pub(super) fn is_last(&self) -> bool {
        match self {
            Event::Page(page) => page.slice.next == NextPage::None,
            Event::End | Event::Failed(_) => true,
        }
    }
}

impl PageLoader {
    pub(super) fn new(
        client: &Client,
        token: Option<&Token>,
        resource: &ResourceState,
    ) -> Result<Self> {
        let first = ResourceState::new(resource.options.clone()).window;
        let updated_after = resource.window.updated_after;
        Ok(PageLoader {
            collection: Collection::ignoring_total(client, token, &target_of(resource))?,
            trail: resource.window.trail.clone(),
            name: resource.options.name.clone(),
            is_incremental: resource.options.incremental,
            max_bytes: client
                .options
                .max_response_bytes
                .try_into()
                .unwrap_or(usize::MAX),
            updated_after: updated_after.filter(|_| updated_after != first.updated_after),
        })
    }

    /// Loads the next page.
    pub(super) fn next(&mut self) -> Event {
        self.load().unwrap_or_else(Event::Failed)
    }

    fn load(&mut self) -> Result<Event> {
        let started = Instant::now();
        let slice = self.collection.next_page_slice()?;
        let now = SystemTime::now();
        let sent_at = match &slice {
            Some(slice) => slice.page.sent_at,
            // The list is empty: nothing has changed.
            None => self.collection.last_sent_at(),
        };
        let sent_at = sent_at.unwrap_or(now);
        self.check_clocks(sent_at.max(now))?;
        let Some(slice) = slice else {
            return Ok(Event::End);
        };
        if !self.trail.add(&slice)? {
            return Ok(Event::End);
        }
        Ok(Event::Page(LoadedPage {
            trail: self.trail.clone(),
            updated_at: self.updated_at(&slice)?,
            requested_at: requested_at(sent_at.min(now), started.elapsed()),
            max_bytes: self.max_bytes,
            slice,
        }))
    }

    /// Fails if the window begins in the future by all clocks: when the run before it began, they
    /// were wrong, and what has changed since then is not known.
    fn check_clocks(&self, latest: SystemTime) -> Result<()> {
        let Some(updated_after) = self.updated_after else {
            return Ok(());
        };
        if updated_after - timestamp::from_clock(latest) <= time::Duration::DAY {
            return Ok(());
        }
        let after = timestamp::format(updated_after);
        let why = format!(
            "state.json: the last run of \"{}\" was at {after}, which is in the future; set the \
             clock, or export the list into another directory",
            self.name
        );
        Err(Error::new(Status::FileError, Outcome::Answered, why))
    }

    /// Returns the `updated_at` of each record. Without it a later run cannot know which records
    /// have changed.
    fn updated_at(&self, slice: &PageSlice) -> Result<Vec<OffsetDateTime>> {
        if !self.is_incremental {
            return Ok(Vec::new());
        }
        let count = slice.records.len();
        let bytes_left = self.max_bytes.saturating_sub(slice.page.body().len());
        if count > bytes_left.max(MIN_RECORDS_BYTES) / RECORD_BYTES {
            let why = "a page has more records than max_response_bytes permits";
            return Err(Error::bad_response(why));
        }
        let mut timestamps = Vec::new();
        let reserved = timestamps.try_reserve_exact(count);
        reserved.map_err(|_| Error::no_memory_for_response())?;
        for record in slice.records() {
            timestamps.push(updated_at(record).ok_or_else(|| undated(record))?);
        }
        Ok(timestamps)
    }
}

/// Returns when a page was requested that was received at `received_at`, by the earlier of the
/// service's clock and ours: one that is ahead would lose what changes until it is right.
fn requested_at(received_at: SystemTime, elapsed: Duration) -> OffsetDateTime {
    timestamp::from_clock(received_at.checked_sub(elapsed).unwrap_or(UNIX_EPOCH))
}

fn updated_at(record: &str) -> Option<OffsetDateTime> {
    let object = Object::parse(record).ok()?;
    let timestamp = object.get("updated_at")?;
    if timestamp.len() > MAX_TIMESTAMP {
        return None;
    }
    timestamp::parse(&decode(timestamp).ok()?)
}

fn undated(record: &str) -> Error {
    let id = Object::parse(record).ok();
    let id = id.and_then(|record| record.integer("id"));
    let record = id.map_or("a record".to_owned(), |id| format!("the record {id}"));
    Error::bad_response(format!(
        "{record} has no \"updated_at\", by which an incremental export finds changes; use the \
         option \"incremental\": false"
    ))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What changes while the service prepares a page may not be in the page.
    #[test]
    fn a_page_was_requested_before_it_was_received() {
        let received_at = UNIX_EPOCH + Duration::from_secs(1_350_000_000);
        let requested_at = |elapsed| requested_at(received_at, Duration::from_secs(elapsed));
        assert_eq!(requested_at(0).unix_timestamp(), 1_350_000_000);
        assert_eq!(requested_at(90).unix_timestamp(), 1_349_999_910);
        assert_eq!(requested_at(u64::MAX), OffsetDateTime::UNIX_EPOCH);
    }
}
