//! How far an export has come: what `state.json` says.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::format::Format;
use super::moment;
use super::options::Resource;
use crate::error::{Error, Result};

/// The version of the file's own format.
const VERSION: u64 = 1;

/// One resource's part of the state.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) resource: Resource,
    /// The columns of CSV, known from the first page on.
    pub(super) header: Option<Vec<String>>,
    /// What counts of the output: anything behind was written and not noted.
    pub(super) bytes: u64,
    /// Records in those bytes.
    pub(super) records: u64,
    pub(super) window: Window,
}

/// The part of a list that one run exports.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    /// What is asked for was changed after this moment; all is, if there is none.
    pub(super) after: Option<OffsetDateTime>,
    /// When the first page was asked for, by the service's clock.
    pub(super) begun: Option<OffsetDateTime>,
    pub(super) place: Place,
    pub(super) counts: Counts,
    /// What was written and may come again.
    pub(super) recent: RecentFile,
}

/// The file with the versions of records that may come again; another one for
/// each window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct RecentFile {
    pub(super) number: u64,
    /// What counts of it. There is no file where nothing does.
    pub(super) bytes: u64,
}

/// Records of a window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) read: u64,
    pub(super) written: u64,
    /// By the service's word when the window was begun.
    pub(super) total: Option<u64>,
}

/// Where a window is read on.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    Start,
    Cursor(String),
    Page {
        number: usize,
        per_page: usize,
    },
    /// All is written.
    End,
}

impl Entry {
    pub(super) fn new(resource: Resource) -> Self {
        Entry {
            window: Window::after(resource.since.map(just_before)),
            resource,
            header: None,
            bytes: 0,
            records: 0,
        }
    }

    /// Refuses to go on with other options than the export was begun with.
    pub(super) fn check(&self, asked: &Resource) -> Result<()> {
        let begun = &self.resource;
        let option = if begun.target != asked.target {
            "path or parameters"
        } else if begun.format != asked.format {
            "\"format\""
        } else if begun.since != asked.since {
            "\"since\""
        } else if begun.until != asked.until {
            "\"until\""
        } else if begun.columns != asked.columns {
            "\"columns\""
        } else if begun.incremental != asked.incremental {
            "\"incremental\""
        } else {
            return Ok(());
        };
        Err(Error::invalid(
            "options.resources",
            format_args!(
                "\"{}\" was begun in this directory with another {option}: use the same, \
                 or another directory",
                begun.name
            ),
        ))
    }

    /// Where the window after this one begins, if one can hold anything.
    pub(super) fn next_window(&self) -> Option<Window> {
        if !self.resource.incremental {
            return Some(Window::after(None));
        }
        // A window with nothing in it did not begin: the next one is the same.
        let border = self.window.border().or(self.window.after);
        let until = self.resource.until;
        if border.is_some() && until.is_some() && border >= until {
            return None;
        }
        let since = self.resource.since.map(just_before);
        Some(Window {
            recent: RecentFile {
                number: self.window.recent.number + 1,
                bytes: 0,
            },
            ..Window::after(border.max(since))
        })
    }

    fn json(&self) -> Value {
        let resource = &self.resource;
        let place = match &self.window.place {
            Place::Start => json!("start"),
            Place::Cursor(cursor) => json!({ "cursor": cursor }),
            Place::Page { number, per_page } => json!({ "page": number, "per_page": per_page }),
            Place::End => json!("end"),
        };
        json!({
            "target": resource.target,
            "format": resource.format.name(),
            "incremental": resource.incremental,
            "since": resource.since.map(moment::text),
            "until": resource.until.map(moment::text),
            "columns": resource.columns,
            "header": self.header,
            "bytes": self.bytes,
            "records": self.records,
            "window": {
                "after": self.window.after.map(moment::text),
                "begun": self.window.begun.map(moment::text),
                "place": place,
                "read": self.window.counts.read,
                "written": self.window.counts.written,
                "total": self.window.counts.total,
                "recent": { "number": self.window.recent.number, "bytes": self.window.recent.bytes },
            },
        })
    }

    /// `None` where something is not as `json` writes it.
    fn read(name: &str, value: &Value) -> Option<Self> {
        let window = value.get("window")?;
        Some(Entry {
            resource: Resource {
                name: name.to_owned(),
                target: value.get("target")?.as_str()?.to_owned(),
                format: Format::of(value.get("format")?.as_str()?)?,
                incremental: value.get("incremental")?.as_bool()?,
                since: optional(value.get("since")?, moment_of)?,
                until: optional(value.get("until")?, moment_of)?,
                columns: optional(value.get("columns")?, texts)?,
            },
            header: optional(value.get("header")?, texts)?,
            bytes: value.get("bytes")?.as_u64()?,
            records: value.get("records")?.as_u64()?,
            window: Window {
                after: optional(window.get("after")?, moment_of)?,
                begun: optional(window.get("begun")?, moment_of)?,
                place: place_of(window.get("place")?)?,
                counts: Counts {
                    read: window.get("read")?.as_u64()?,
                    written: window.get("written")?.as_u64()?,
                    total: optional(window.get("total")?, Value::as_u64)?,
                },
                recent: recent_of(window.get("recent")?)?,
            },
        })
    }
}

impl Window {
    fn after(after: Option<OffsetDateTime>) -> Self {
        Window {
            after,
            begun: None,
            place: Place::Start,
            counts: Counts::default(),
            recent: RecentFile::default(),
        }
    }

    /// Where the next window begins. Earlier than this one began: the service's
    /// machines need not agree on the time, and a change is seen a while after
    /// the moment that it has.
    pub(super) fn border(&self) -> Option<OffsetDateTime> {
        const OVERLAP: time::Duration = time::Duration::MINUTE;
        self.begun.map(|begun| moment::floor(begun) - OVERLAP)
    }
}

/// The service may mean "after" or "not before"; what comes too much is left out.
fn just_before(moment: OffsetDateTime) -> OffsetDateTime {
    moment::floor(moment) - time::Duration::SECOND
}

/// The resources' entries as the text of `state.json`.
pub(super) fn to_json(entries: &[Entry]) -> String {
    let resources: Map<String, Value> = entries
        .iter()
        .map(|entry| (entry.resource.name.clone(), entry.json()))
        .collect();
    json!({ "version": VERSION, "resources": resources }).to_string()
}

/// What `to_json` wrote; or why it is something else.
pub(super) fn from_json(text: &[u8]) -> std::result::Result<Vec<Entry>, String> {
    let damaged = || "is damaged".to_owned();
    let value: Value = serde_json::from_slice(text).map_err(|_| damaged())?;
    let version = value.get("version").and_then(Value::as_u64);
    match version.ok_or_else(damaged)? {
        VERSION => {}
        other => {
            return Err(format!(
                "is of version {other}, which a later release wrote"
            ));
        }
    }
    let resources = value.get("resources").and_then(Value::as_object);
    let resources = resources.ok_or_else(damaged)?.iter();
    resources
        .map(|(name, entry)| Entry::read(name, entry).ok_or_else(damaged))
        .collect()
}

/// What `read` gives, or nothing for null. `None` where it is something else.
fn optional<'a, T>(
    value: &'a Value,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Option<Option<T>> {
    match value {
        Value::Null => Some(None),
        _ => read(value).map(Some),
    }
}

fn moment_of(value: &Value) -> Option<OffsetDateTime> {
    moment::parse(value.as_str()?)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let texts = value.as_array()?.iter();
    texts.map(|text| Some(text.as_str()?.to_owned())).collect()
}

fn place_of(value: &Value) -> Option<Place> {
    match value.as_str() {
        Some("start") => return Some(Place::Start),
        Some("end") => return Some(Place::End),
        Some(_) => return None,
        None => {}
    }
    if let Some(cursor) = value.get("cursor") {
        return Some(Place::Cursor(cursor.as_str()?.to_owned()));
    }
    let number = |key| usize::try_from(value.get(key)?.as_u64()?).ok();
    Some(Place::Page {
        number: number("page").filter(|&page| page > 0)?,
        per_page: number("per_page").filter(|&size| size > 0)?,
    })
}

fn recent_of(value: &Value) -> Option<RecentFile> {
    Some(RecentFile {
        number: value.get("number")?.as_u64()?,
        bytes: value.get("bytes")?.as_u64()?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::options;
    use super::*;

    fn entry(options: &str) -> Entry {
        Entry::new(options::parse(options).unwrap().remove(0))
    }

    fn moment(text: &str) -> OffsetDateTime {
        moment::parse(text).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let mut full = entry(
            r#"{"format":"csv","since":"2026-01-01","until":"2027-01-01T00:00:00Z",
                "resources":[{"name":"users","columns":["id"]}]}"#,
        );
        full.header = Some(vec!["id".to_owned()]);
        (full.bytes, full.records) = (7, 3);
        full.window.begun = Some(moment("2026-02-01"));
        full.window.place = Place::Cursor("c\"".to_owned());
        full.window.counts.total = Some(9);
        full.window.recent = RecentFile {
            number: 2,
            bytes: 99,
        };
        let mut page = entry(r#"{"resources":[{"name":"t","path":"/api/v1/t"}]}"#);
        page.window.place = Place::Page {
            number: 4,
            per_page: 50,
        };
        let mut end = entry(r#"{"resources":["suggestions"]}"#);
        end.window.place = Place::End;
        let entries = [full, page, end];
        assert_eq!(from_json(to_json(&entries).as_bytes()).unwrap(), entries);
    }

    #[test]
    fn damage_is_told() {
        let whole = to_json(&[entry(r#"{"resources":["users"]}"#)]);
        for (from, to) in [
            ("\"start\"", "\"middle\""),
            ("\"bytes\":0", "\"bytes\":-1"),
            ("\"format\":\"jsonl\"", "\"format\":\"xml\""),
            ("\"recent\":{", "\"recently\":{"),
            ("\"after\":null", "\"after\":\"x\""),
            ("\"version\":1,", ""),
        ] {
            let damaged = whole.replace(from, to);
            assert_ne!(whole, damaged, "{from}");
            assert_eq!(from_json(damaged.as_bytes()).unwrap_err(), "is damaged");
        }
        for text in ["", "{", "[]", "{\"version\":1}", &whole[..whole.len() - 1]] {
            assert_eq!(from_json(text.as_bytes()).unwrap_err(), "is damaged");
        }
        let later = whole.replace("\"version\":1", "\"version\":2");
        assert!(
            from_json(later.as_bytes())
                .unwrap_err()
                .contains("version 2")
        );
    }

    #[test]
    fn other_options_are_refused_by_name() {
        let begun = entry(r#"{"format":"csv","since":"2026-01-01","resources":["users"]}"#);
        for (json, named) in [
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
            let error = begun.check(&entry(json).resource).unwrap_err();
            assert!(error.message().contains(named), "{error}");
            assert!(error.message().contains("\"users\""), "{error}");
        }
        // The same moment, written in another way.
        let same =
            entry(r#"{"format":"csv","since":"2026-01-01T01:00:00+01:00","resources":["users"]}"#);
        begun.check(&same.resource).unwrap();
    }

    #[test]
    fn windows_overlap_by_a_minute() {
        let mut entry = entry(r#"{"since":"2026-01-01","resources":["users"]}"#);
        assert_eq!(entry.window.after, Some(moment("2025-12-31T23:59:59Z")));
        entry.window.begun = Some(moment("2026-02-01T00:01:30.5Z"));
        entry.window.recent.bytes = 7;
        let next = entry.next_window().unwrap();
        assert_eq!(next.after, Some(moment("2026-02-01T00:00:30Z")));
        assert_eq!(next.place, Place::Start);
        let recent = RecentFile {
            number: 1,
            bytes: 0,
        };
        assert_eq!(next.recent, recent);
    }

    #[test]
    fn an_empty_window_is_asked_for_again() {
        let mut entry = entry(r#"{"resources":["users"]}"#);
        entry.window.after = Some(moment("2026-02-01"));
        entry.window.place = Place::End;
        assert_eq!(entry.next_window().unwrap().after, entry.window.after);
    }

    #[test]
    fn there_is_nothing_after_until() {
        let mut entry = entry(r#"{"until":"2026-02-01","resources":["users"]}"#);
        entry.window.begun = Some(moment("2026-02-01T00:00:59Z"));
        assert!(entry.next_window().is_some());
        entry.window.begun = Some(moment("2026-02-01T00:01:00Z"));
        assert_eq!(entry.next_window(), None);
    }
}
