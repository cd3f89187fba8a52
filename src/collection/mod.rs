//! Collections: lists of records whose pages are loaded as they are read.
//!
//! This file has the handle and the reader. `loader` finds a page in memory or requests it,
//! `prefetch` loads pages ahead of the reader, `known_pages` knows how each is requested, and
//! `sequence` decides which page follows which and where the collection ends.

mod bookmark;
mod first_page;
mod known_pages;
mod loader;
pub(crate) mod page;
mod page_cache;
mod page_starts;
pub(crate) mod paging;
mod prefetch;
mod repeats;
mod sequence;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use crate::auth::token::Token;
use crate::client::Client;
use crate::collection::bookmark::Position;
pub(crate) use crate::collection::known_pages::NextPage;
use crate::collection::loader::{Loader, State};
use crate::collection::page::Page;
use crate::error::{Error, Result};

/// A lazily loaded list of records.
///
/// Nothing is loaded before it is needed. [`Collection::next`] prefetches pages on worker
/// threads, which end when the collection is dropped. A forked child continues at the
/// parent's position and loads the pages that it needs again.
pub struct Collection {
    loader: Arc<Loader>,
}

/// The part of a page that the reader has not returned yet, and the page that follows it.
pub(crate) struct PageSlice {
    pub(crate) page: Arc<Page>,
    pub(crate) records: Range<usize>,
    pub(crate) next: NextPage,
    /// The page size of the request, unless the path has one that is not a number.
    pub(crate) requested_size: Option<usize>,
    /// If the page before has the same records, it was the last one.
    pub(crate) ends_if_repeated: bool,
}

impl PageSlice {
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &str> {
        let records = self.records.clone();
        records.filter_map(|index| self.page.record(index))
    }
}

impl Collection {
    /// Creates a collection of the records at `path`, of at most `limit` records. Sends
    /// nothing.
    ///
    /// A `page` or `cursor` in `path` or `params_json` is where the collection begins. A
    /// `per_page` there replaces the option of that name.
    ///
    /// # Errors
    /// `InvalidArgument`, with the name of the argument.
    pub fn new(
        client: &Client,
        token: Option<&Token>,
        path: &str,
        params_json: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Self> {
        let loader = Loader::new(client, token, path, params_json, limit, false)?;
        Ok(Collection {
            loader: Arc::new(loader),
        })
    }

    /// Creates a collection that follows cursors to the last page, even if the list grows
    /// beyond the total that its first page reported.
    pub(crate) fn ignoring_total(
        client: &Client,
        token: Option<&Token>,
        path: &str,
    ) -> Result<Self> {
        let loader = Loader::new(client, token, path, None, None, true)?;
        Ok(Collection {
            loader: Arc::new(loader),
        })
    }

    /// Returns the number of records: the total that the first page reported, or the limit
    /// if that is smaller. Loads the first page if necessary.
    ///
    /// # Errors
    /// Those of [`Client::request_json`]; `BadResponse` if the response is not a list or does
    /// not report a total.
    pub fn len(&self) -> Result<usize> {
        self.loader.client.check_not_stopped()?;
        if self.has_limit_zero() {
            return Ok(0);
        }
        self.loader.begin()?;
        let len = self.loader.lock().known.len(&self.loader.bounds);
        len.ok_or_else(|| {
            let message = "the response does not report how many records there are";
            self.loader.bad_response(message)
        })
    }

    /// Returns whether there are no records.
    ///
    /// # Errors
    /// Those of [`Collection::len`].
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Returns the record at `index`, from 0. Loads its page if necessary, and in a list that
    /// is read by cursor the pages before it.
    ///
    /// # Errors
    /// `InvalidArgument` past the end; otherwise those of [`Collection::next`].
    pub fn get(&self, index: usize) -> Result<String> {
        self.get_with(index, copy)
    }

    /// Returns the result of `convert` for the record at `index`.
    pub(crate) fn get_with<T>(
        &self,
        index: usize,
        convert: impl FnOnce(&str) -> Result<T>,
    ) -> Result<T> {
        let loader = &self.loader;
        loader.client.check_not_stopped()?;
        let past_end = || {
            Error::invalid(
                "index",
                format_args!("{index} is past the end of the collection"),
            )
        };
        if loader.bounds.limit.is_some_and(|limit| index >= limit) {
            return Err(past_end());
        }
        loader.begin()?;
        let state = loader.lock();
        let is_numbered = state.known.is_numbered();
        let is_past_end = state.known.remaining(index, &loader.bounds) == 0;
        let (mut page_index, mut record) = state.known.locate(index);
        drop(state);
        if is_past_end {
            return Err(past_end());
        }
        loop {
            let page = loader.page(page_index)?.ok_or_else(past_end)?;
            if let Some(record) = page.record(record) {
                return convert(record);
            }
            if is_numbered {
                return Err(past_end());
            }
            record -= page.len();
            page_index += 1;
        }
    }

    /// Returns the next record, or `None` at the end. After an error the next call
    /// continues at the same record. Threads that read one collection share its position.
    ///
    /// # Errors
    /// Those of [`Collection::len`].
    pub fn next(&self) -> Result<Option<String>> {
        self.next_with(copy)
    }

    /// Returns the result of `convert` for the next record, which remains the next one if
    /// that fails.
    pub(crate) fn next_with<T>(&self, convert: impl Fn(&str) -> Result<T>) -> Result<Option<T>> {
        self.read(|page, state, _| {
            let Some(record) = page.record(state.position.record) else {
                return Ok(None);
            };
            let converted = convert(record)?;
            state.position.record += 1;
            state.position.returned += 1;
            Ok(Some(converted))
        })
    }

    /// Returns the rest of the page that `next` reads as a JSON array, or `None` at the
    /// end. With the option `whole_pages`, returns the complete response body of the page.
    ///
    /// # Errors
    /// Those of [`Collection::len`].
    pub fn next_page(&self) -> Result<Option<String>> {
        let whole = self.loader.client.options.whole_pages;
        self.read(|page, state, remaining| {
            let mut position = state.position;
            let Some(records) = take_rest(page, &mut position, remaining) else {
                return Ok(None);
            };
            let json = match whole {
                true => copy(page.body())?,
                false => page.array(records)?,
            };
            state.position = position;
            Ok(Some(json))
        })
    }

    /// Returns the rest of the page that `next` reads without copying it, or `None` at the
    /// end. The collection does not keep the page.
    pub(crate) fn next_page_slice(&self) -> Result<Option<PageSlice>> {
        self.read(|page, state, remaining| {
            let index = state.position.page;
            let Some(records) = take_rest(page, &mut state.position, remaining) else {
                return Ok(None);
            };
            let bounds = &self.loader.bounds;
            let slice = PageSlice {
                records,
                next: state.known.next_page(index, page, bounds),
                requested_size: bounds.per_page,
                ends_if_repeated: state.known.ends_if_repeated(index, page, bounds),
                page: page.clone(),
            };
            self.turn_page(state, page);
            state.pages.remove(index);
            state.last_loaded = None;
            Ok(Some(slice))
        })
    }

    /// Returns the paging object of the page loaded last, as the service sent it. Loads the
    /// first page if none is loaded.
    ///
    /// # Errors
    /// Those of [`Collection::len`].
    pub fn info(&self) -> Result<String> {
        self.loader.client.check_not_stopped()?;
        self.loader.begin()?;
        let last_loaded = self.loader.lock().last_loaded.clone();
        let info = last_loaded.as_ref().and_then(|page| page.info());
        copy(info.unwrap_or("null"))
    }

    /// Returns the time of the response loaded last, by the service's clock.
    pub(crate) fn last_sent_at(&self) -> Option<SystemTime> {
        self.loader.lock().last_loaded.as_ref()?.sent_at
    }

    /// Drops all loaded pages and continues at the first record.
    pub fn rewind(&self) {
        self.loader.rewind();
    }

    fn has_limit_zero(&self) -> bool {
        self.loader.bounds.limit == Some(0)
    }

    /// Returns what `take` finds at the reader's position, on this page or a later one.
    ///
    /// `take` is called with a page, the state, whose position it moves past what it returns,
    /// and the number of records that may still be returned.
    fn read<T>(
        &self,
        mut take: impl FnMut(&Arc<Page>, &mut State, usize) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let loader = &self.loader;
        loader.client.check_not_stopped()?;
        if self.has_limit_zero() {
            return Ok(None);
        }
        loader.flush_log();
        loop {
            let mut state = loader.lock();
            let index = state.position.page;
            if state.position.is_end() {
                return Ok(None);
            }
            if state.position.record == 0 {
                loader.prefetch(&mut state);
            }
            let Some(Ok(page)) = state.pages.get(index) else {
                drop(state);
                if loader.page(index)?.is_none() {
                    self.end_at(index);
                }
                continue;
            };
            let taken = match state
                .known
                .remaining(state.position.returned, &loader.bounds)
            {
                0 => None,
                remaining => take(&page, &mut state, remaining)?,
            };
            if taken.is_none() {
                self.turn_page(&mut state, &page);
            }
            loader.bookmark.set(state.position);
            if taken.is_some() {
                return Ok(taken);
            }
        }
    }

    /// Moves the reader from `index`, which is past the last page, to the end.
    fn end_at(&self, index: usize) {
        let mut state = self.loader.lock();
        // Another thread may have rewound.
        if state.position.page == index {
            state.position.end();
            self.loader.bookmark.set(state.position);
            self.loader.notify();
        }
    }

    /// Moves the reader from the end of `page` to the page after it, or to the end.
    fn turn_page(&self, state: &mut State, page: &Page) {
        let Loader { bounds, .. } = &*self.loader;
        let Position {
            page: index,
            returned,
            ..
        } = state.position;
        if state.known.remaining(returned, bounds) == 0
            || state.known.is_last(index, page, returned, bounds)
        {
            state.position.end();
            self.loader.notify();
            return;
        }
        state.position.page += 1;
        state.position.record = 0;
        let window = self.loader.window(state);
        state.pages.shrink(&window);
    }
}

/// Copies a part of a response.
fn copy(json: &str) -> Result<String> {
    let mut copy = String::new();
    // And the NUL of the C ABI.
    let reserved = copy.try_reserve_exact(json.len() + 1);
    reserved.map_err(|_| Error::no_memory_for_response())?;
    copy.push_str(json);
    Ok(copy)
}

/// Moves `position` past the rest of `page`, at most `remaining` records, and returns their
/// range; `None` if the page is used up.
fn take_rest(page: &Page, position: &mut Position, remaining: usize) -> Option<Range<usize>> {
    let end = page.len().min(position.record.saturating_add(remaining));
    let records = position.record..end;
    if records.is_empty() {
        return None;
    }
    position.returned += records.len();
    position.record = end;
    Some(records)
}

/// Stops the workers and waits for them.
impl Drop for Collection {
    fn drop(&mut self) {
        self.loader.stop_workers();
        self.loader.flush_log();
    }
}

impl fmt::Debug for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collection").finish_non_exhaustive()
    }
}
