//! The pages of a collection that are known: how each is requested, and which one follows.

use percent_encoding::percent_decode_str;

use crate::collection::first_page::{Bounds, FirstPage};
use crate::collection::page::Page;
use crate::collection::page_starts::{PageStart, PageStarts};
use crate::collection::repeats::{RecentPages, SeenCursors};
use crate::collection::sequence::{Facts, Fault, NextCursor, Step, Total, next_step};

/// The page that follows another one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NextPage {
    Cursor(String),
    /// A page number. An empty page is the end.
    Number(usize),
    /// The page was the last one.
    None,
}

/// How to get nearer to a page.
#[derive(Debug, PartialEq)]
pub(super) enum Route {
    /// Load the page at this index, by this cursor or by its number. It is the page, or one
    /// before it.
    Load(usize, Option<String>),
    /// The page is past the end.
    PastEnd,
}

/// The pages of a collection, as far as they are known.
#[derive(Default)]
pub(super) struct KnownPages {
    first: Option<FirstPage>,
    starts: PageStarts,
    seen: SeenCursors,
    recent: RecentPages,
    /// Empty pages in a row before page `reached`.
    empty_pages: usize,
    /// Index of the furthest page that is known to follow the others.
    reached: usize,
    /// Index of the last page, once it is known.
    last: Option<usize>,
    /// Index of the first page that was requested by the cursor of the page before it.
    first_by_cursor: Option<usize>,
    /// A page reported another total, or number of pages, than the first one.
    has_changed: bool,
}

impl KnownPages {
    /// Records the page at `index`, which was just loaded, and decides what follows it.
    pub(super) fn record(
        &mut self,
        index: usize,
        page: &Page,
        bounds: &Bounds,
    ) -> Result<(), Fault> {
        let first = self.first.unwrap_or_else(|| FirstPage::new(page, bounds));
        let is_repeated = page.len() > 0 && self.recent.contain(index, page.digest());
        if first.numbered.is_some() {
            if is_repeated {
                return Err(Fault::RepeatedPage);
            }
        } else if index == self.reached && self.last.is_none() {
            self.extend(page, &first, is_repeated, bounds)?;
        } else if index < self.reached {
            self.keep_start_after(index, page)?;
        }
        self.recent.insert(index, page.digest());
        self.first.get_or_insert(first);
        Ok(())
    }

    /// Decides what follows `page`, the furthest one reached.
    fn extend(
        &mut self,
        page: &Page,
        first: &FirstPage,
        is_repeated: bool,
        bounds: &Bounds,
    ) -> Result<(), Fault> {
        let index = self.reached;
        let (_, start) = self.starts.at_or_before(index);
        if index == 0
            && let Some(cursor) = &bounds.first_cursor
        {
            self.seen
                .insert(&percent_decode_str(cursor).decode_utf8_lossy());
        }
        let by_cursor = start.cursor.is_some() || index == 0 && bounds.first_cursor.is_some();
        let mut facts = first.facts(index, page, start.first_record, by_cursor, bounds);
        facts.is_repeated = is_repeated;
        facts.empty_pages = self.empty_pages;
        self.has_changed |= first.differs_in_total(page);
        // Records may have been removed on either side of the page, and others added; before a
        // cursor, also before the first page was loaded.
        let is_total_uncertain = self.has_changed || bounds.first_cursor.is_some();
        if is_total_uncertain && (by_cursor || page.cursor().is_some()) {
            facts.total = Total::Unknown;
        }
        if page
            .cursor()
            .is_some_and(|cursor| self.seen.contains(cursor))
        {
            facts.cursor = NextCursor::Repeated;
        }
        match next_step(&facts)? {
            Step::End => self.last = Some(index),
            Step::EndBefore => self.last = Some(index.saturating_sub(1)),
            Step::FollowCursor | Step::NextNumber => {
                if let Some(cursor) = page.cursor() {
                    self.seen.insert(cursor);
                    self.first_by_cursor.get_or_insert(index + 1);
                }
                self.keep_start_after(index, page)?;
                self.reached = index + 1;
                self.empty_pages = match page.len() {
                    0 => self.empty_pages + 1,
                    _ => 0,
                };
            }
        }
        Ok(())
    }

    /// Keeps where the page after `page` begins, which may have been dropped before.
    fn keep_start_after(&mut self, index: usize, page: &Page) -> Result<(), Fault> {
        let next = index + 1;
        let (nearest, start) = self.starts.at_or_before(next);
        if nearest != index {
            return Ok(());
        }
        if page.cursor().is_none() && self.first_by_cursor.is_some_and(|first| first <= next) {
            return Err(Fault::MissingCursor);
        }
        let start = PageStart {
            first_record: start.first_record + page.len(),
            cursor: page.cursor().map(str::to_owned),
        };
        self.starts.insert(next, start);
        Ok(())
    }

    /// Returns whether the first page was recorded.
    pub(super) fn has_begun(&self) -> bool {
        self.first.is_some()
    }

    /// Returns the number of records that the service reports, at most the limit.
    pub(super) fn len(&self, bounds: &Bounds) -> Option<usize> {
        let total = self.first?.total?;
        Some(total.min(bounds.limit.unwrap_or(total)))
    }

    /// Returns how many records may follow the first `returned` ones.
    pub(super) fn remaining(&self, returned: usize, bounds: &Bounds) -> usize {
        let total = self.first.filter(|first| first.is_capped);
        let total = total.and_then(|first| first.total).unwrap_or(usize::MAX);
        let end = total.min(bounds.limit.unwrap_or(total));
        end.saturating_sub(returned)
    }

    /// Returns whether `page`, the page at `index`, is the last one. `returned` is the number
    /// of records returned up to its end.
    pub(super) fn is_last(
        &self,
        index: usize,
        page: &Page,
        returned: usize,
        bounds: &Bounds,
    ) -> bool {
        let Some(first) = self.first.filter(|first| first.numbered.is_some()) else {
            return self.last == Some(index);
        };
        let first_record = returned.saturating_sub(page.len());
        let facts = first.facts(index, page, first_record, false, bounds);
        next_step(&facts) != Ok(Step::NextNumber)
    }

    /// Returns whether the page at `index` can be requested before the pages before it are
    /// loaded, and has records that the collection returns.
    pub(super) fn can_prefetch(&self, index: usize, bounds: &Bounds) -> bool {
        let Some(first) = self.first else {
            return false;
        };
        let first_record = match first.numbered {
            Some(per_page) => index.saturating_mul(per_page),
            None => match self.starts.at_or_before(index) {
                (nearest, start) if nearest == index => start.first_record,
                _ => return false,
            },
        };
        self.last.is_none_or(|last| index <= last) && self.remaining(first_record, bounds) > 0
    }

    /// Returns which page to load next on the way to the page at `index`.
    pub(super) fn route_to(&self, index: usize) -> Route {
        if self.last.is_some_and(|last| index > last) {
            return Route::PastEnd;
        }
        match self.first {
            // The first page shows how the others are requested.
            None => Route::Load(0, None),
            Some(first) if first.numbered.is_some() => Route::Load(index, None),
            Some(_) => {
                let (nearest, start) = self.starts.at_or_before(index);
                Route::Load(nearest, start.cursor)
            }
        }
    }

    /// Returns the index of the page that has the record at `index`, or of one before it, and
    /// the index of the record from the start of that page.
    pub(super) fn locate(&self, index: usize) -> (usize, usize) {
        match self.first.and_then(|first| first.numbered) {
            Some(per_page) => (index / per_page, index % per_page),
            None => {
                let (page, start) = self.starts.with_record(index);
                (page, index - start.first_record)
            }
        }
    }

    /// Returns whether records can be located by the page size alone.
    pub(super) fn is_numbered(&self) -> bool {
        self.first.is_some_and(|first| first.numbered.is_some())
    }

    /// Returns whether `page` reports that the list has a record at `index`.
    pub(super) fn reports_record(&self, index: usize, page: &Page) -> bool {
        let total = self.first.and_then(|first| first.total_of(page));
        total.is_some_and(|total| index < total)
    }

    /// Returns whether the list ended before `page`, the page at `index`, if it has the same
    /// records as the page before.
    pub(super) fn ends_if_repeated(&self, index: usize, page: &Page, bounds: &Bounds) -> bool {
        let Some(first) = &self.first else {
            return false;
        };
        let (_, start) = self.starts.at_or_before(index);
        let by_cursor = start.cursor.is_some() || index == 0 && bounds.first_cursor.is_some();
        let facts = first.facts(index, page, start.first_record, by_cursor, bounds);
        let is_repeated = true;
        next_step(&Facts {
            is_repeated,
            ..facts
        }) == Ok(Step::EndBefore)
    }

    /// Returns what follows `page`, which is the page at `index`.
    pub(super) fn next_page(&self, index: usize, page: &Page, bounds: &Bounds) -> NextPage {
        if self.last == Some(index) {
            return NextPage::None;
        }
        match page.cursor() {
            Some(cursor) if !self.is_numbered() => NextPage::Cursor(cursor.to_owned()),
            _ => NextPage::Number(bounds.first_page.saturating_add(index + 1)),
        }
    }
}
