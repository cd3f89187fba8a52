//! What the first page of a collection says about the list, and what the others add to it.

use crate::collection::page::Page;
use crate::collection::sequence::{Facts, NextCursor, PageSize, Total};

/// The part of the service's list that a collection covers.
pub(super) struct Bounds {
    /// Number of the first page.
    pub(super) first_page: usize,
    /// Cursor of the first page, percent-encoded, if the collection begins at one.
    pub(super) first_cursor: Option<String>,
    /// The page size that is requested, if it is a number.
    pub(super) per_page: Option<usize>,
    /// Greatest number of records to return.
    pub(super) limit: Option<usize>,
    /// Follow cursors to the last page, also if the reported total is reached.
    pub(super) ignore_total: bool,
}

/// What the first page says about the list.
#[derive(Clone, Copy)]
pub(super) struct FirstPage {
    /// Records before the first page, if it is known how many.
    pub(super) skipped: Option<usize>,
    /// Records from the first page on, as first reported.
    pub(super) total: Option<usize>,
    page_count: Option<usize>,
    /// Whether the total is the most that the collection returns: in a list that is read by
    /// number, which stops there even if it grows.
    pub(super) is_capped: bool,
    /// Whether a list that is read by cursor can end because its total is reached.
    ends_by_total: bool,
    /// The page size, if the pages can be requested by number in any order. Otherwise each
    /// page shows whether another one follows.
    pub(super) numbered: Option<usize>,
}

impl FirstPage {
    pub(super) fn new(page: &Page, bounds: &Bounds) -> Self {
        let by_cursor = page.cursor().is_some() || bounds.first_cursor.is_some();
        let number = match &bounds.first_cursor {
            // Only the service knows which page a cursor stands for, and one that does not
            // count them may say 1 for each.
            Some(_) => page.number().filter(|&number| number > 1),
            None => Some(bounds.first_page),
        };
        let skipped = match (number, page.per_page()) {
            (Some(1), _) => Some(0),
            (Some(number), Some(per_page)) => Some((number - 1).saturating_mul(per_page)),
            _ => None,
        };
        let mut first = FirstPage {
            skipped,
            total: None,
            page_count: page.page_count(),
            is_capped: !by_cursor,
            ends_by_total: !bounds.ignore_total && bounds.first_cursor.is_none(),
            numbered: None,
        };
        // A total that the page contradicts is not known.
        first.total = first.total_of(page).filter(|&total| total >= page.len());
        first.numbered = page.per_page().filter(|&size| {
            let is_full = page.len() == size || first.total == Some(page.len());
            first.total.is_some() && is_full && page.len() <= size && !by_cursor
        });
        first
    }

    /// Returns the number of records from the first page on that `page` reports.
    pub(super) fn total_of(&self, page: &Page) -> Option<usize> {
        Some(page.total()?.saturating_sub(self.skipped?))
    }

    /// Returns whether `page` shows that the list has changed since its first page was loaded.
    pub(super) fn differs_in_total(&self, page: &Page) -> bool {
        let differs = |first: Option<usize>, now: Option<usize>| {
            now.is_some_and(|now| first.is_some_and(|first| first != now))
        };
        differs(self.total, self.total_of(page)) || differs(self.page_count, page.page_count())
    }

    /// Returns the facts about `page`, which is at `index` and begins with the record at
    /// `first_record`. The caller knows which pages and cursors are repeated.
    pub(super) fn facts(
        &self,
        index: usize,
        page: &Page,
        first_record: usize,
        by_cursor: bool,
        bounds: &Bounds,
    ) -> Facts {
        let cursor = page.cursor().filter(|_| self.numbered.is_none());
        let read = first_record.saturating_add(page.len());
        Facts {
            records: page.len(),
            is_repeated: false,
            by_cursor,
            cursor: match cursor {
                Some(_) => NextCursor::New,
                None => NextCursor::None,
            },
            total: match by_cursor || cursor.is_some() {
                true => self.total_by_cursor(page, read),
                false => {
                    let number = bounds.first_page.saturating_add(index);
                    self.total_by_number(page, page.number().unwrap_or(number), read)
                }
            },
            page_size: match page.per_page() {
                Some(size) => PageSize::Reported(size),
                None => PageSize::Requested(bounds.per_page),
            },
            empty_pages: 0,
        }
    }

    /// Compares the number of records up to the end of `page`, which has this `number`, with the
    /// totals that it and the first page report. They differ in a list that grows or shrinks.
    fn total_by_number(&self, page: &Page, number: usize, read: usize) -> Total {
        let is_last = page.page_count().is_some_and(|count| number >= count);
        if is_last || self.is_capped && self.total.is_some_and(|total| read >= total) {
            return Total::Reached;
        }
        let totals = [self.total, self.total_of(page)];
        match totals.into_iter().flatten().min() {
            Some(total) if read < total => Total::NotReached,
            _ => Total::Unknown,
        }
    }

    /// As `total_by_number`, in a list that is read by cursor and has not changed. Its cursors
    /// lead to each record, so it ends by its total only if the page count agrees.
    fn total_by_cursor(&self, page: &Page, read: usize) -> Total {
        let by_total = match self.total {
            Some(total) => Some(read >= total),
            None => self
                .total_of(page)
                .filter(|&total| read < total)
                .map(|_| false),
        };
        let by_count = page.page_count().and_then(|count| {
            let is_last = page.number()? >= count;
            // A service that does not count the pages says 1 for each.
            (is_last || page.number() > Some(1)).then_some(is_last)
        });
        match (by_total, by_count) {
            (Some(true), None) if self.ends_by_total => Total::Reached,
            (Some(true) | None, Some(true)) => Total::Reached,
            (Some(false), Some(false) | None) | (None, Some(false)) => Total::NotReached,
            _ => Total::Unknown,
        }
    }
}
