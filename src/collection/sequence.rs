//! The sequence of a collection's pages: how many there are, how each is requested, and which
//! one follows another. This is the only place that decides where a collection ends.

use std::collections::BTreeMap;

use crate::collection::page::Page;
use crate::encoding::percent::encode;

/// A length that is not known: greater than any index.
pub(super) const UNKNOWN: usize = usize::MAX;

/// The part of the service's list that a collection covers.
pub(super) struct Bounds {
    /// Number of the first page.
    pub(super) first_page: usize,
    /// Cursor of the first page, percent-encoded, if the collection begins at one.
    pub(super) first_cursor: Option<String>,
    /// Greatest number of records to return.
    pub(super) limit: Option<usize>,
    /// Follow cursors to the last page even if the list grows beyond the total that the
    /// first page reported.
    pub(super) ignore_total: bool,
}

/// The paging information of the first loaded page.
#[derive(Clone, Copy)]
pub(super) struct Pagination {
    /// Number of records, at most the limit. `UNKNOWN` if the service does not report it.
    pub(super) len: usize,
    pub(super) per_page: usize,
    /// Pages are requested by cursor, not by number.
    by_cursor: bool,
}

/// The page that follows another one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NextPage {
    Cursor(String),
    /// A page number. In a collection read by number, an empty page is the end.
    Number(usize),
    /// The page was the last one of a collection read by cursor.
    None,
}

/// How the page at an index can be loaded.
#[derive(Debug, PartialEq)]
pub(super) enum Route {
    /// Directly: by its number or by a cursor that is known.
    Direct,
    /// Only after the page at this index, which carries the next cursor.
    After(usize),
    /// The page is past the end.
    PastEnd,
}

/// The number of pages and their cursors, as far as they are known.
#[derive(Default)]
pub(super) struct Sequence {
    pagination: Option<Pagination>,
    /// In a collection read by cursor, the cursors of the pages reached so far,
    /// percent-encoded, by page index.
    cursors: BTreeMap<usize, String>,
    /// Index of the last page of such a collection, once it is known.
    last: Option<usize>,
}

impl Sequence {
    /// Records the paging information of the page at `index`.
    pub(super) fn record(&mut self, index: usize, page: &Page, bounds: &Bounds) {
        let pagination = *self
            .pagination
            .get_or_insert_with(|| Pagination::new(index, page, bounds));
        if !pagination.by_cursor {
            return;
        }
        match next_cursor(page) {
            Some(cursor) => {
                let encoded = encode(cursor).to_string();
                self.cursors.insert(index + 1, encoded);
            }
            None => self.last = Some(index),
        }
    }

    /// Returns the paging information of the first loaded page; `None` before one is loaded.
    pub(super) fn pagination(&self) -> Option<Pagination> {
        self.pagination
    }

    /// Returns how many records follow the first `returned` ones, as far as is known before
    /// `page` is read; 0 at the end. An empty page is the end of a list that shrank.
    pub(super) fn remaining(&self, page: &Page, returned: usize) -> usize {
        match self.pagination {
            Some(pagination) if page.len() > 0 => pagination.len.saturating_sub(returned),
            _ => 0,
        }
    }

    /// Returns the number of pages, or `UNKNOWN`.
    pub(super) fn page_count(&self) -> usize {
        match self.pagination {
            Some(pagination) if !pagination.by_cursor => {
                pagination.len.div_ceil(pagination.per_page)
            }
            _ => self.last.map_or(UNKNOWN, |last| last + 1),
        }
    }

    /// Returns how the page at `index` can be loaded.
    pub(super) fn route_to(&self, index: usize) -> Route {
        if index == 0 {
            return Route::Direct;
        }
        // The first page shows whether the others have numbers or cursors.
        let Some(pagination) = self.pagination else {
            return Route::After(0);
        };
        if !pagination.by_cursor || self.cursors.contains_key(&index) {
            return Route::Direct;
        }
        if self.last.is_some_and(|last| index > last) {
            return Route::PastEnd;
        }
        let reached = self.cursors.range(..index).next_back();
        Route::After(reached.map_or(0, |(&index, _)| index))
    }

    /// Returns the cursor of the page at `index`, percent-encoded.
    pub(super) fn cursor(&self, index: usize, bounds: &Bounds) -> Option<String> {
        match index {
            0 => bounds.first_cursor.clone(),
            _ => self.cursors.get(&index).cloned(),
        }
    }

    /// Returns what follows `page`, which is the page at `index`.
    pub(super) fn next_page(&self, index: usize, page: &Page, bounds: &Bounds) -> NextPage {
        match next_cursor(page) {
            Some(cursor) => NextPage::Cursor(cursor.to_owned()),
            None if self.pagination.is_some_and(|known| known.by_cursor) => NextPage::None,
            None => NextPage::Number(bounds.first_page + index + 1),
        }
    }
}

/// Returns the cursor of the page after `page`; `None` if `page` is the last one, which may
/// have a cursor as well, and in a list without cursors.
fn next_cursor(page: &Page) -> Option<&str> {
    let is_last = page
        .page_count()
        .is_some_and(|count| page.number() == Some(count))
        || page.len() == 0;
    page.cursor().filter(|_| !is_last)
}

impl Pagination {
    fn new(index: usize, page: &Page, bounds: &Bounds) -> Self {
        // The page size that the service used, which need not be the one requested.
        let per_page = page.per_page().unwrap_or(page.len()).max(1);
        let number = match &bounds.first_cursor {
            // Only the service knows which page a cursor stands for.
            Some(_) => page.number().unwrap_or(1),
            None => bounds.first_page.saturating_add(index),
        };
        let skipped = (number - 1).saturating_mul(per_page);
        let by_cursor = next_cursor(page).is_some() || bounds.first_cursor.is_some();
        let len = match page.total() {
            Some(_) if by_cursor && bounds.ignore_total => UNKNOWN,
            Some(total) => total.saturating_sub(skipped),
            None if by_cursor => UNKNOWN,
            None => page.len(),
        };
        Pagination {
            len: len.min(bounds.limit.unwrap_or(UNKNOWN)),
            per_page,
            by_cursor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Response;

    const WHOLE_LIST: Bounds = Bounds {
        first_page: 1,
        first_cursor: None,
        limit: None,
        ignore_total: false,
    };

    /// Returns a page of two records with these members in its paging object.
    fn page(paging: &str) -> Page {
        page_of("[1,2]", paging)
    }

    fn page_of(records: &str, paging: &str) -> Page {
        let body = format!(r#"{{"users":{records},"pagination":{{{paging}}}}}"#);
        Page::parse(Response::of(200, &body), "/api/v2/admin/users").unwrap()
    }

    #[test]
    fn counts_numbered_pages_by_the_reported_total() {
        let first = page(r#""per_page":2,"total_records":7"#);
        for (bounds, len, page_count) in [
            (WHOLE_LIST, 7, 4),
            (
                Bounds {
                    limit: Some(3),
                    ..WHOLE_LIST
                },
                3,
                2,
            ),
            (
                Bounds {
                    first_page: 3,
                    ..WHOLE_LIST
                },
                3,
                2,
            ),
        ] {
            let mut sequence = Sequence::default();
            sequence.record(0, &first, &bounds);
            assert_eq!(sequence.pagination().unwrap().len, len);
            assert_eq!(sequence.page_count(), page_count);
            assert_eq!(sequence.route_to(1), Route::Direct);
            assert_eq!(
                sequence.next_page(0, &first, &bounds),
                NextPage::Number(bounds.first_page + 1)
            );
        }
    }

    #[test]
    fn follows_cursors_from_the_last_page_reached() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.route_to(3), Route::After(0));
        sequence.record(0, &page(r#""cursor":"a b""#), &WHOLE_LIST);
        assert_eq!(sequence.page_count(), UNKNOWN);
        assert_eq!(sequence.cursor(1, &WHOLE_LIST).as_deref(), Some("a%20b"));
        assert_eq!(sequence.route_to(1), Route::Direct);
        assert_eq!(sequence.route_to(3), Route::After(1));

        let last = page(r#""cursor":null"#);
        sequence.record(1, &last, &WHOLE_LIST);
        assert_eq!(sequence.page_count(), 2);
        assert_eq!(sequence.route_to(2), Route::PastEnd);
        assert_eq!(sequence.next_page(1, &last, &WHOLE_LIST), NextPage::None);
    }

    #[test]
    fn the_last_page_and_an_empty_page_end_a_list_read_by_cursor() {
        let is_last_page = page(r#""cursor":"b","page":2,"total_pages":2"#);
        let empty = page_of("[]", r#""cursor":"b""#);
        for end in [is_last_page, empty] {
            let mut sequence = Sequence::default();
            sequence.record(
                0,
                &page(r#""cursor":"a","page":1,"total_pages":2"#),
                &WHOLE_LIST,
            );
            assert_eq!(sequence.page_count(), UNKNOWN);
            sequence.record(1, &end, &WHOLE_LIST);
            assert_eq!(sequence.page_count(), 2);
            assert_eq!(sequence.next_page(1, &end, &WHOLE_LIST), NextPage::None);
        }
    }

    #[test]
    fn nothing_remains_after_the_total_or_on_an_empty_page() {
        let first = page(r#""per_page":2,"total_records":3"#);
        let mut sequence = Sequence::default();
        assert_eq!(sequence.remaining(&first, 0), 0);
        sequence.record(0, &first, &WHOLE_LIST);
        for (returned, remaining) in [(0, 3), (2, 1), (3, 0), (4, 0)] {
            assert_eq!(sequence.remaining(&first, returned), remaining);
        }
        assert_eq!(sequence.remaining(&page_of("[]", ""), 2), 0);
    }

    #[test]
    fn ignores_the_total_of_cursor_pages_when_asked_to() {
        let first = page(r#""cursor":"a","per_page":2,"total_records":7"#);
        for (ignore_total, len) in [(false, 7), (true, UNKNOWN)] {
            let bounds = Bounds {
                ignore_total,
                ..WHOLE_LIST
            };
            let mut sequence = Sequence::default();
            sequence.record(0, &first, &bounds);
            assert_eq!(sequence.pagination().unwrap().len, len);
        }
    }
}
