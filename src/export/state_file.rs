//! The JSON of `state.json`.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::format::Format;
use super::resource::ResourceOptions;
use super::state::{Counts, Position, ResourceState, VersionsFile, Window};
use super::timestamp;
use super::trail::Trail;

/// Version of the format.
const VERSION: u64 = 1;

/// Formats the states of all resources as JSON.
pub(super) fn to_json(states: &[ResourceState]) -> String {
    let resources: Map<String, Value> = states
        .iter()
        .map(|state| (state.options.name.clone(), state.to_json()))
        .collect();
    json!({ "version": VERSION, "resources": resources }).to_string()
}

/// Parses what `to_json` wrote, or returns what is wrong with it.
pub(super) fn from_json(json: &[u8]) -> std::result::Result<Vec<ResourceState>, String> {
    let damaged = || "is damaged".to_owned();
    let value: Value = serde_json::from_slice(json).map_err(|_| damaged())?;
    let version = value.get("version").and_then(Value::as_u64);
    match version.ok_or_else(damaged)? {
        VERSION => {}
        other => {
            return Err(format!(
                "has version {other} of the format, which a later release wrote"
            ));
        }
    }
    let resources = value.get("resources").and_then(Value::as_object);
    let resources = resources.ok_or_else(damaged)?.iter();
    resources
        .map(|(name, state)| ResourceState::from_json(name, state).ok_or_else(damaged))
        .collect()
}

/// The keys are those of release 0.1, whose files this release reads. They differ from the names
/// of the fields.
impl ResourceState {
    fn to_json(&self) -> Value {
        let options = &self.options;
        let window = &self.window;
        let position = match &window.position {
            Position::Start => json!("start"),
            Position::Cursor(cursor) => json!({ "cursor": cursor }),
            Position::Page { number, per_page } => json!({ "page": number, "per_page": per_page }),
            Position::End => json!("end"),
        };
        json!({
            "target": options.target,
            "format": options.format.name(),
            "incremental": options.incremental,
            "since": options.since.map(timestamp::format_exactly),
            "until": options.until.map(timestamp::format_exactly),
            "columns": options.columns,
            "header": self.header,
            "bytes": self.bytes,
            "records": self.records,
            "in_incomplete_run": self.in_incomplete_run,
            "window": {
                "after": window.updated_after.map(timestamp::format_exactly),
                "begun": window.started_at.map(timestamp::format_exactly),
                "place": position,
                "trail": window.trail.to_json(),
                "read": window.counts.read,
                "written": window.counts.written,
                "total": window.counts.total,
                "recent": {
                    "number": window.versions_file.number,
                    "bytes": window.versions_file.bytes,
                },
            },
        })
    }

    fn from_json(name: &str, value: &Value) -> Option<Self> {
        let window = value.get("window")?;
        let recent = window.get("recent")?;
        Some(ResourceState {
            options: ResourceOptions {
                name: name.to_owned(),
                target: value.get("target")?.as_str()?.to_owned(),
                format: Format::from_name(value.get("format")?.as_str()?)?,
                incremental: value.get("incremental")?.as_bool()?,
                since: optional(value.get("since")?, parse_timestamp)?,
                until: optional(value.get("until")?, parse_timestamp)?,
                columns: optional(value.get("columns")?, parse_strings)?,
            },
            header: optional(value.get("header")?, parse_strings)?,
            bytes: value.get("bytes")?.as_u64()?,
            records: value.get("records")?.as_u64()?,
            // Release 0.1 does not write it, nor "trail".
            in_incomplete_run: match value.get("in_incomplete_run") {
                Some(value) => value.as_bool()?,
                None => false,
            },
            window: Window {
                updated_after: optional(window.get("after")?, parse_timestamp)?,
                started_at: optional(window.get("begun")?, parse_timestamp)?,
                position: parse_position(window.get("place")?)?,
                trail: match window.get("trail") {
                    Some(trail) => Trail::from_json(trail)?,
                    None => Trail::default(),
                },
                counts: Counts {
                    read: window.get("read")?.as_u64()?,
                    written: window.get("written")?.as_u64()?,
                    total: optional(window.get("total")?, Value::as_u64)?,
                },
                versions_file: VersionsFile {
                    number: recent.get("number")?.as_u64()?,
                    bytes: recent.get("bytes")?.as_u64()?,
                },
            },
        })
    }
}

/// Returns `Some(None)` for null, and otherwise what `parse` returns.
fn optional<'a, T>(
    value: &'a Value,
    parse: impl FnOnce(&'a Value) -> Option<T>,
) -> Option<Option<T>> {
    match value {
        Value::Null => Some(None),
        _ => parse(value).map(Some),
    }
}

fn parse_timestamp(value: &Value) -> Option<OffsetDateTime> {
    timestamp::parse(value.as_str()?)
}

fn parse_strings(value: &Value) -> Option<Vec<String>> {
    let strings = value.as_array()?.iter();
    strings
        .map(|string| Some(string.as_str()?.to_owned()))
        .collect()
}

fn parse_position(value: &Value) -> Option<Position> {
    match value.as_str() {
        Some("start") => return Some(Position::Start),
        Some("end") => return Some(Position::End),
        Some(_) => return None,
        None => {}
    }
    if let Some(cursor) = value.get("cursor") {
        return Some(Position::Cursor(cursor.as_str()?.to_owned()));
    }
    let number = |key| usize::try_from(value.get(key)?.as_u64()?).ok();
    Some(Position::Page {
        number: number("page").filter(|&page| page > 0)?,
        per_page: number("per_page").filter(|&size| size > 0)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::options;
    use super::*;

    fn state(options: &str) -> ResourceState {
        ResourceState::new(options::parse(options).unwrap().remove(0))
    }

    #[test]
    fn json_round_trips() {
        let mut full = state(
            r#"{"format":"csv","since":"2026-01-01","until":"2027-01-01T00:00:00.25Z",
                "resources":[{"name":"users","columns":["id"]}]}"#,
        );
        full.header = Some(vec!["id".to_owned()]);
        (full.bytes, full.records, full.in_incomplete_run) = (7, 3, true);
        full.window.started_at = timestamp::parse("2026-02-01");
        full.window.position = Position::Cursor("c\"".to_owned());
        full.window.counts.total = Some(9);
        full.window.versions_file = VersionsFile {
            number: 2,
            bytes: 99,
        };
        let mut numbered = state(r#"{"resources":[{"name":"t","path":"/api/v1/t"}]}"#);
        numbered.window.position = Position::Page {
            number: 4,
            per_page: 50,
        };
        let mut end = state(r#"{"resources":["suggestions"]}"#);
        end.window.position = Position::End;
        let states = [full, numbered, end];
        assert_eq!(from_json(to_json(&states).as_bytes()).unwrap(), states);
    }

    /// A release must resume exports of the releases before it.
    #[test]
    fn reads_the_file_of_release_0_1() {
        let json = br#"{"version":1,"resources":{"users":{"target":"/api/v2/admin/users?sort=id",
            "format":"jsonl","incremental":true,"since":null,"until":null,"columns":null,
            "header":null,"bytes":10,"records":2,"window":{"after":null,
            "begun":"2026-02-01T00:00:00Z","place":{"cursor":"c"},"read":2,"written":2,
            "total":null,"recent":{"number":0,"bytes":0}}}}}"#;
        let mut expected = state(r#"{"resources":["users"]}"#);
        (expected.bytes, expected.records) = (10, 2);
        expected.window.started_at = timestamp::parse("2026-02-01");
        expected.window.position = Position::Cursor("c".to_owned());
        (expected.window.counts.read, expected.window.counts.written) = (2, 2);
        assert_eq!(from_json(json).unwrap(), [expected]);
    }

    #[test]
    fn rejects_damaged_json() {
        let intact = to_json(&[state(r#"{"resources":["users"]}"#)]);
        for (from, to) in [
            ("\"start\"", "\"middle\""),
            ("\"bytes\":0", "\"bytes\":-1"),
            ("\"format\":\"jsonl\"", "\"format\":\"xml\""),
            ("\"recent\":{", "\"recently\":{"),
            ("\"steps\":0", "\"steps\":-1"),
            ("\"after\":null", "\"after\":\"x\""),
            ("\"in_incomplete_run\":false", "\"in_incomplete_run\":0"),
            ("\"version\":1,", ""),
        ] {
            let damaged = intact.replace(from, to);
            assert_ne!(intact, damaged, "{from}");
            assert_eq!(from_json(damaged.as_bytes()).unwrap_err(), "is damaged");
        }
        for json in [
            "",
            "{",
            "[]",
            "{\"version\":1}",
            &intact[..intact.len() - 1],
        ] {
            assert_eq!(from_json(json.as_bytes()).unwrap_err(), "is damaged");
        }
    }

    #[test]
    fn rejects_later_versions() {
        let json = to_json(&[]).replace("\"version\":1", "\"version\":2");
        let error = from_json(json.as_bytes()).unwrap_err();
        assert!(error.contains("version 2"), "{error}");
    }
}
