//! Reads the records and pages of a collection one after the other.

use std::ops::Range;
use std::sync::Arc;

use crate::collection::bookmark::Position;
use crate::collection::known_pages::NextPage;
use crate::collection::loader::Loader;
use crate::collection::page::Page;
use crate::collection::state::State;
use crate::collection::{Collection, copy};
use crate::error::Result;

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
