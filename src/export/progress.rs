//! How far an export is, as JSON.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::state::{Entry, Place};

/// `read` records were read by this process, in `elapsed`.
pub(super) fn to_json<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    read: u64,
    elapsed: Duration,
) -> String {
    let mut resources = Map::new();
    let (mut written, mut total, mut left) = (0, Some(0), Some(0));
    for entry in entries {
        let counts = entry.window.counts;
        let is_done = entry.window.place == Place::End;
        let left_of_it = match is_done {
            true => Some(0),
            false => counts.total.map(|total| total.saturating_sub(counts.read)),
        };
        let total_of_it = left_of_it.map(|left| counts.written + left);
        written += counts.written;
        total = sum(total, total_of_it);
        left = sum(left, left_of_it);
        resources.insert(
            entry.resource.name.clone(),
            json!({ "written": counts.written, "total": total_of_it, "done": is_done }),
        );
    }
    let seconds = elapsed.as_secs_f64();
    let rate = if seconds > 0.0 {
        read as f64 / seconds
    } else {
        0.0
    };
    let seconds_left = match left {
        Some(0) => Some(0.0),
        Some(left) if rate > 0.0 => Some(to_tenths(left as f64 / rate)),
        _ => None,
    };
    Value::to_string(&json!({
        "resources": resources,
        "written": written,
        "total": total,
        "elapsed_ms": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        "records_per_second": to_tenths(rate),
        "seconds_left": seconds_left,
    }))
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    Some(one? + other?)
}

fn to_tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::super::options;
    use super::*;

    fn entries(counts: [(u64, u64, Option<u64>, bool); 2]) -> Vec<Entry> {
        let resources = options::parse(r#"{"resources":["suggestions","users"]}"#).unwrap();
        let made = resources.into_iter().zip(counts).map(|(resource, counts)| {
            let mut entry = Entry::new(resource);
            let (read, written, total, is_done) = counts;
            entry.window.counts.read = read;
            entry.window.counts.written = written;
            entry.window.counts.total = total;
            if is_done {
                entry.window.place = Place::End;
            }
            entry
        });
        made.collect()
    }

    fn told(counts: [(u64, u64, Option<u64>, bool); 2], read: u64, seconds: u64) -> String {
        let entries = entries(counts);
        to_json(entries.iter(), read, Duration::from_secs(seconds))
    }

    #[test]
    fn what_is_left_is_told_from_what_was_read() {
        // 5 of the records read had been written before.
        let text = told(
            [(300, 295, Some(1000), false), (50, 50, None, true)],
            350,
            10,
        );
        assert_eq!(
            text,
            r#"{"resources":{"suggestions":{"written":295,"total":995,"done":false},"users":{"written":50,"total":50,"done":true}},"written":345,"total":1045,"elapsed_ms":10000,"records_per_second":35.0,"seconds_left":20.0}"#
        );
    }

    #[test]
    fn what_is_not_known_is_null() {
        let text = told([(0, 0, None, false), (0, 0, Some(7), false)], 0, 0);
        for part in [
            r#""suggestions":{"written":0,"total":null,"done":false}"#,
            r#""written":0,"total":null"#,
            r#""records_per_second":0.0,"seconds_left":null"#,
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
