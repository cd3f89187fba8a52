//! Collections: lists of records whose pages are loaded as they are read.
//!
//! This file has the handle, and finds records by their index; `reader` reads them one after
//! the other. `loader` finds a page in memory or requests it, `prefetch` loads pages ahead of
//! the reader, `known_pages` knows how each is requested, and `sequence` decides which page
//! follows which and where the collection ends.

mod bookmark;
mod first_page;
mod known_pages;
mod loader;
pub(crate) mod page;
mod page_cache;
mod page_starts;
pub(crate) mod paging;
mod prefetch;
mod reader;
mod repeats;
mod sequence;
mod state;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::auth::token::Token;
use crate::client::Client;
pub(crate) use crate::collection::known_pages::NextPage;
use crate::collection::loader::Loader;
pub(crate) use crate::collection::reader::PageSlice;
use crate::error::{Error, Result};

/// A lazily loaded list of records.
///
/// Nothing is loaded before it is needed. [`Collection::next`] prefetches pages on worker
/// threads, which end when the collection is dropped. A forked child continues at the
/// parent's position and loads the pages that it needs again.
pub struct Collection {
    loader: Arc<Loader>,
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
            if is_numbered && loader.lock().known.reports_record(index, &page) {
                let message = "a page has fewer records than the service reports";
                return Err(loader.bad_response(message));
            }
            if is_numbered {
                return Err(past_end());
            }
            record -= page.len();
            page_index += 1;
        }
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
