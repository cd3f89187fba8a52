//! The progress of an export, as it is saved in `state.json`.

use time::{Duration, OffsetDateTime};

use super::resource::ResourceOptions;
use super::timestamp;
use super::trail::Trail;
use crate::error::{Error, Result};

/// The state of one resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ResourceState {
    pub(super) options: ResourceOptions,
    /// The CSV columns, known after the first page.
    pub(super) header: Option<Vec<String>>,
    /// Valid length of the output file. Bytes behind it were written before a crash, and the
    /// state that includes them was not saved.
    pub(super) bytes: u64,
    /// Records in those bytes.
    pub(super) records: u64,
    /// Belongs to a run that is not complete. If that run is resumed, a list that it has written
    /// is not read again.
    pub(super) in_incomplete_run: bool,
    pub(super) window: Window,
}

/// The records that one run exports: those that changed in a span of time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    /// Records are requested that changed after this point in time; all records if `None`.
    pub(super) updated_after: Option<OffsetDateTime>,
    /// When the first page was requested, in whole seconds.
    pub(super) started_at: Option<OffsetDateTime>,
    pub(super) position: Position,
    pub(super) trail: Trail,
    pub(super) counts: Counts,
    /// The versions of records that were written and may be received again.
    pub(super) versions_file: VersionsFile,
}

/// A file with versions of records. Each window has its own.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct VersionsFile {
    pub(super) number: u64,
    /// Valid length. If it is 0, the file need not exist.
    pub(super) bytes: u64,
}

/// Numbers of records in a window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) read: u64,
    pub(super) written: u64,
    /// The total that the first page reported.
    pub(super) total: Option<u64>,
}

/// Where the next page of a window begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Position {
    Start,
    Cursor(String),
    Page {
        number: usize,
        per_page: usize,
    },
    /// All pages are written.
    End,
}

impl ResourceState {
    pub(super) fn new(options: ResourceOptions) -> Self {
        ResourceState {
            window: Window::after(options.since.and_then(just_before)),
            options,
            header: None,
            bytes: 0,
            records: 0,
            in_incomplete_run: false,
        }
    }

    /// Fails if `requested` differs from the options that this export began with.
    pub(super) fn check_options(&self, requested: &ResourceOptions) -> Result<()> {
        let saved = &self.options;
        let (argument, option) = if saved.target != requested.target {
            ("options.resources", "path or parameters")
        } else if saved.format != requested.format {
            ("options.format", "\"format\"")
        } else if saved.since != requested.since {
            ("options.since", "\"since\"")
        } else if saved.until != requested.until {
            ("options.until", "\"until\"")
        } else if saved.columns != requested.columns {
            ("options.resources", "\"columns\"")
        } else if saved.incremental != requested.incremental {
            ("options.resources", "\"incremental\"")
        } else {
            return Ok(());
        };
        Err(Error::invalid(
            argument,
            format_args!(
                "the export of \"{}\" in this directory has a different {option}; use the same \
                 options, or another directory",
                saved.name
            ),
        ))
    }

    /// Returns whether nothing was exported yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.window == ResourceState::new(self.options.clone()).window && self.bytes == 0
    }

    /// Returns whether all pages of the window are read.
    pub(super) fn is_at_end(&self) -> bool {
        self.window.position == Position::End
    }

    /// Starts another window, after one that is complete. A list that is not incremental is
    /// written from the start of its file.
    pub(super) fn start_window(&mut self, window: Window) {
        self.window = window;
        if !self.options.incremental {
            (self.bytes, self.records, self.header) = (0, 0, None);
        }
    }

    /// Returns the window after this one; `None` if `until` leaves nothing for it.
    pub(super) fn next_window(&self) -> Option<Window> {
        if !self.options.incremental {
            return Some(Window::after(None));
        }
        let start = self.window.next_start();
        let until = self.options.until;
        if start.is_some() && until.is_some() && start >= until {
            return None;
        }
        Some(Window {
            versions_file: VersionsFile {
                number: self.window.versions_file.number + 1,
                bytes: 0,
            },
            ..Window::after(start)
        })
    }
}

impl Window {
    fn after(updated_after: Option<OffsetDateTime>) -> Self {
        Window {
            updated_after,
            started_at: None,
            position: Position::Start,
            trail: Trail::default(),
            counts: Counts::default(),
            versions_file: VersionsFile::default(),
        }
    }

    /// Returns where the next window begins: one minute before this one was started. The
    /// clocks of the service's machines differ, and a change appears in the list some time
    /// after its `updated_at`.
    ///
    /// It never begins before this one, even if a clock was set back: which versions were
    /// written before this window is not remembered. `None` is the begin of time.
    pub(super) fn next_start(&self) -> Option<OffsetDateTime> {
        const OVERLAP: Duration = Duration::MINUTE;
        let started_at = self.started_at.map(timestamp::truncate_to_second);
        let start = started_at.and_then(|started_at| timestamp::earlier(started_at, OVERLAP));
        start.max(self.updated_after)
    }
}

/// Returns a point in time before `timestamp`; `None` if there is no record before it. Whether
/// the service's `updated_after` includes its own value is not documented. Records that are too
/// early are filtered out later.
fn just_before(timestamp: OffsetDateTime) -> Option<OffsetDateTime> {
    timestamp::earlier(timestamp::truncate_to_second(timestamp), Duration::SECOND)
}

#[cfg(test)]
mod tests {
    use super::super::options;
    use super::*;

    fn state(options: &str) -> ResourceState {
        ResourceState::new(options::parse(options).unwrap().remove(0))
    }

    fn timestamp(string: &str) -> OffsetDateTime {
        timestamp::parse(string).unwrap()
    }

    #[test]
    fn rejects_changed_options_by_name() {
        let saved = state(r#"{"format":"csv","since":"2026-01-01","resources":["users"]}"#);
        for (options, changed) in [
            (
                r#"{"format":"jsonl","since":"2026-01-01","resources":["users"]}"#,
                "format",
            ),
            (r#"{"format":"csv","resources":["users"]}"#, "since"),
            (
                r#"{"format":"csv","since":"2026-01-01","until":"2027-01-01","resources":["users"]}"#,
                "until",
            ),
            (
                r#"{"format":"csv","since":"2026-01-01","resources":[{"name":"users","params":{"a":1}}]}"#,
                "parameters",
            ),
            (
                r#"{"format":"csv","since":"2026-01-01","resources":[{"name":"users","columns":["id"]}]}"#,
                "columns",
            ),
        ] {
            let error = saved.check_options(&state(options).options).unwrap_err();
            assert!(error.message().contains(changed), "{error}");
            assert!(error.message().contains("\"users\""), "{error}");
        }
    }

    #[test]
    fn is_untouched_until_a_page_is_read() {
        let new = state(r#"{"resources":["users"]}"#);
        assert!(new.is_untouched());
        let mut without_records = new.clone();
        without_records.window.position = Position::Cursor("next".to_owned());
        assert!(!without_records.is_untouched());
        // An earlier window was written.
        let mut next_window = new.clone();
        next_window.bytes = 1;
        assert!(!next_window.is_untouched());
    }

    #[test]
    fn accepts_the_same_timestamp_in_another_format() {
        let saved = state(r#"{"since":"2026-01-01","resources":["users"]}"#);
        let same = state(r#"{"since":"2026-01-01T01:00:00+01:00","resources":["users"]}"#);
        saved.check_options(&same.options).unwrap();
    }

    #[test]
    fn windows_overlap_by_a_minute() {
        let mut state = state(r#"{"since":"2026-01-01","resources":["users"]}"#);
        assert_eq!(
            state.window.updated_after,
            Some(timestamp("2025-12-31T23:59:59Z"))
        );
        state.window.started_at = Some(timestamp("2026-02-01T00:01:30.5Z"));
        state.window.versions_file.bytes = 7;
        let next = state.next_window().unwrap();
        assert_eq!(next.updated_after, Some(timestamp("2026-02-01T00:00:30Z")));
        assert_eq!(next.position, Position::Start);
        let versions_file = VersionsFile {
            number: 1,
            bytes: 0,
        };
        assert_eq!(next.versions_file, versions_file);
    }

    #[test]
    fn windows_begin_at_1970_or_later() {
        let mut state = state(r#"{"since":"1970-01-01","resources":["users"]}"#);
        assert_eq!(state.window.updated_after, None);
        state.window.started_at = Some(timestamp("1970-01-01T00:00:30Z"));
        assert_eq!(state.next_window().unwrap().updated_after, None);
    }

    #[test]
    fn windows_do_not_go_back_with_a_clock() {
        let mut state = state(r#"{"resources":["users"]}"#);
        state.window.updated_after = Some(timestamp("2026-02-01"));
        state.window.started_at = Some(timestamp("1970-01-01"));
        let next = state.next_window().unwrap();
        assert_eq!(next.updated_after, state.window.updated_after);
    }

    #[test]
    fn requests_an_empty_window_again() {
        let mut state = state(r#"{"resources":["users"]}"#);
        state.window.updated_after = Some(timestamp("2026-02-01"));
        state.window.position = Position::End;
        let next = state.next_window().unwrap();
        assert_eq!(next.updated_after, state.window.updated_after);
    }

    #[test]
    fn has_no_window_after_until() {
        let mut state = state(r#"{"until":"2026-02-01","resources":["users"]}"#);
        state.window.started_at = Some(timestamp("2026-02-01T00:00:59Z"));
        assert!(state.next_window().is_some());
        state.window.started_at = Some(timestamp("2026-02-01T00:01:00Z"));
        assert_eq!(state.next_window(), None);
    }
}
