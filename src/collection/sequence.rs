//! Decides which page follows another one, and where a collection ends. Nothing else does.

use crate::collection::page::Page;

/// Empty pages in a row that a collection follows.
const MAX_EMPTY_PAGES: usize = 100;

/// What is known about a page when the step after it is decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Facts {
    pub(super) records: usize,
    /// The page before, or the first one, has the same records.
    pub(super) is_repeated: bool,
    /// The page was requested by a cursor, not by its number.
    pub(super) by_cursor: bool,
    pub(super) cursor: NextCursor,
    pub(super) total: Total,
    pub(super) page_size: PageSize,
    /// Empty pages in a row before this one.
    pub(super) empty_pages: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum NextCursor {
    None,
    New,
    Repeated,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Total {
    Unknown,
    Reached,
    NotReached,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PageSize {
    Reported(usize),
    /// The service does not report the size that it uses, which may be a smaller one.
    Requested(Option<usize>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    FollowCursor,
    NextNumber,
    /// The page is the last one.
    End,
    /// The page repeats the page before, which was the last one.
    EndBefore,
}

/// A page from which it cannot be known how the list continues.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    RepeatedCursor,
    MissingCursor,
    RepeatedPage,
    TooManyEmptyPages,
}

impl Fault {
    /// Returns the message for the fault of `page`.
    pub(super) fn message(self, page: &Page) -> String {
        match self {
            Fault::RepeatedCursor => {
                let cursor: String = page
                    .cursor()
                    .unwrap_or_default()
                    .chars()
                    .take(200)
                    .collect();
                format!("the service returned the cursor {cursor:?} again")
            }
            Fault::MissingCursor => {
                "the service returned no cursor before the last record that it reports".to_owned()
            }
            Fault::RepeatedPage => "the service returned the same records for two pages".to_owned(),
            Fault::TooManyEmptyPages => {
                format!("the service returned more than {MAX_EMPTY_PAGES} empty pages in a row")
            }
        }
    }
}

/// Decides what follows a page. A collection ends only where the service says so.
pub(super) fn next_step(facts: &Facts) -> Result<Step, Fault> {
    if facts.records == 0 {
        return step_after_empty_page(facts);
    }
    if facts.is_repeated {
        return step_after_repeated_page(facts);
    }
    match (facts.total, facts.cursor) {
        (Total::Reached, _) => Ok(Step::End),
        (_, NextCursor::New) => Ok(Step::FollowCursor),
        (_, NextCursor::Repeated) => Err(Fault::RepeatedCursor),
        (Total::NotReached, _) if facts.by_cursor => Err(Fault::MissingCursor),
        (Total::NotReached, _) => Ok(Step::NextNumber),
        (Total::Unknown, _) if facts.by_cursor => Ok(Step::End),
        (Total::Unknown, _) => match facts.page_size {
            PageSize::Reported(size) if facts.records < size => Ok(Step::End),
            _ => Ok(Step::NextNumber),
        },
    }
}

/// An empty page without a cursor is the end of a list that shrank.
fn step_after_empty_page(facts: &Facts) -> Result<Step, Fault> {
    match (facts.total, facts.cursor) {
        (Total::Reached, _) | (_, NextCursor::None) => Ok(Step::End),
        (_, NextCursor::New) if facts.empty_pages < MAX_EMPTY_PAGES => Ok(Step::FollowCursor),
        (_, NextCursor::New) => Err(Fault::TooManyEmptyPages),
        (Total::NotReached, NextCursor::Repeated) => Err(Fault::RepeatedCursor),
        (Total::Unknown, NextCursor::Repeated) => Ok(Step::End),
    }
}

/// A service that ignores page numbers returns the same page for each. Only if it knows no
/// pages at all, and the page has fewer records than requested, is that the whole list.
fn step_after_repeated_page(facts: &Facts) -> Result<Step, Fault> {
    match (facts.cursor, facts.total, facts.page_size) {
        (NextCursor::Repeated, _, _) => Err(Fault::RepeatedCursor),
        (NextCursor::None, Total::Unknown, PageSize::Requested(Some(size)))
            if facts.records < size && !facts.by_cursor =>
        {
            Ok(Step::EndBefore)
        }
        _ => Err(Fault::RepeatedPage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Response;

    const PAGE: Facts = Facts {
        records: 2,
        is_repeated: false,
        by_cursor: false,
        cursor: NextCursor::None,
        total: Total::Unknown,
        page_size: PageSize::Reported(2),
        empty_pages: 0,
    };

    const EMPTY: Facts = Facts { records: 0, ..PAGE };

    /// The columns: the page, whether it was requested by cursor, its cursor, the total, and
    /// what follows.
    #[test]
    fn ends_only_where_the_service_says_so() {
        use NextCursor::{New, None, Repeated};
        use Step::{End, FollowCursor, NextNumber};
        use Total::{NotReached, Reached, Unknown};
        let short = Facts { records: 1, ..PAGE };
        let repeated = Facts {
            is_repeated: true,
            ..PAGE
        };
        let unsized_page = Facts {
            page_size: PageSize::Requested(Some(100)),
            ..PAGE
        };
        let unpaged = Facts {
            is_repeated: true,
            ..unsized_page
        };
        let full = Facts {
            page_size: PageSize::Requested(Some(2)),
            ..unpaged
        };
        let after_empty = |empty_pages| Facts {
            empty_pages,
            ..EMPTY
        };
        for (page, by_cursor, cursor, total, expected) in [
            (PAGE, false, None, Reached, Ok(End)),
            (PAGE, false, None, NotReached, Ok(NextNumber)),
            (PAGE, false, None, Unknown, Ok(NextNumber)),
            (PAGE, false, New, Reached, Ok(End)),
            (PAGE, false, New, NotReached, Ok(FollowCursor)),
            (PAGE, false, New, Unknown, Ok(FollowCursor)),
            (PAGE, true, None, Reached, Ok(End)),
            (PAGE, true, None, NotReached, Err(Fault::MissingCursor)),
            (PAGE, true, None, Unknown, Ok(End)),
            (PAGE, true, New, Unknown, Ok(FollowCursor)),
            (PAGE, true, Repeated, Reached, Ok(End)),
            (PAGE, true, Repeated, NotReached, Err(Fault::RepeatedCursor)),
            (PAGE, true, Repeated, Unknown, Err(Fault::RepeatedCursor)),
            (short, false, None, NotReached, Ok(NextNumber)),
            (short, false, None, Unknown, Ok(End)),
            (short, true, New, Unknown, Ok(FollowCursor)),
            (short, true, None, NotReached, Err(Fault::MissingCursor)),
            (unsized_page, false, None, Unknown, Ok(NextNumber)),
            (unsized_page, false, None, Reached, Ok(End)),
            (repeated, false, None, Unknown, Err(Fault::RepeatedPage)),
            (repeated, false, None, Reached, Err(Fault::RepeatedPage)),
            (repeated, false, None, NotReached, Err(Fault::RepeatedPage)),
            (repeated, true, New, Unknown, Err(Fault::RepeatedPage)),
            (
                repeated,
                true,
                Repeated,
                Unknown,
                Err(Fault::RepeatedCursor),
            ),
            (unpaged, false, None, Unknown, Ok(Step::EndBefore)),
            (unpaged, false, None, NotReached, Err(Fault::RepeatedPage)),
            (unpaged, false, New, Unknown, Err(Fault::RepeatedPage)),
            (unpaged, true, None, Unknown, Err(Fault::RepeatedPage)),
            (full, false, None, Unknown, Err(Fault::RepeatedPage)),
            (EMPTY, false, None, Unknown, Ok(End)),
            (EMPTY, false, None, NotReached, Ok(End)),
            (EMPTY, false, None, Reached, Ok(End)),
            (EMPTY, true, None, NotReached, Ok(End)),
            (EMPTY, true, New, Unknown, Ok(FollowCursor)),
            (EMPTY, true, New, NotReached, Ok(FollowCursor)),
            (EMPTY, true, New, Reached, Ok(End)),
            (EMPTY, true, Repeated, Unknown, Ok(End)),
            (EMPTY, true, Repeated, Reached, Ok(End)),
            (
                EMPTY,
                true,
                Repeated,
                NotReached,
                Err(Fault::RepeatedCursor),
            ),
            (after_empty(99), true, New, Unknown, Ok(FollowCursor)),
            (
                after_empty(100),
                true,
                New,
                Unknown,
                Err(Fault::TooManyEmptyPages),
            ),
        ] {
            let facts = Facts {
                by_cursor,
                cursor,
                total,
                ..page
            };
            assert_eq!(next_step(&facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn a_fault_says_what_the_service_returned() {
        let cursor = "c".repeat(300);
        let body = format!(r#"{{"users":[],"pagination":{{"cursor":"{cursor}"}}}}"#);
        let page = Page::parse(Response::of(200, &body), "/users").unwrap();
        let repeated = Fault::RepeatedCursor.message(&page);
        let shortened = &cursor[..200];
        assert_eq!(
            repeated,
            format!("the service returned the cursor {shortened:?} again")
        );
        for fault in [
            Fault::MissingCursor,
            Fault::RepeatedPage,
            Fault::TooManyEmptyPages,
        ] {
            let message = fault.message(&page);
            assert!(message.starts_with("the service returned"), "{message}");
        }
    }
}
