//! The progress report of an export, as JSON.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::state::ResourceState;

/// Formats the progress of `states`. This process has read `read` records in `elapsed`.
pub(super) fn to_json<'a>(
    states: impl Iterator<Item = &'a ResourceState>,
    read: u64,
    elapsed: Duration,
) -> String {
    let mut resources = Map::new();
    let (mut written, mut total, mut remaining) = (0, Some(0), Some(0));
    for state in states {
        let counts = state.window.counts;
        let done = state.is_at_end();
        let resource_remaining = match done {
            true => Some(0),
            false => counts.total.map(|total| total.saturating_sub(counts.read)),
        };
        let resource_total = resource_remaining.map(|remaining| counts.written + remaining);
        written += counts.written;
        total = sum(total, resource_total);
        remaining = sum(remaining, resource_remaining);
        resources.insert(
            state.options.name.clone(),
            json!({ "written": counts.written, "total": resource_total, "done": done }),
        );
    }
    let seconds = elapsed.as_secs_f64();
    let rate = if seconds > 0.0 {
        read as f64 / seconds
    } else {
        0.0
    };
    let seconds_left = match remaining {
        Some(0) => Some(0.0),
        Some(remaining) if rate > 0.0 => Some(round_to_tenths(remaining as f64 / rate)),
        _ => None,
    };
    Value::to_string(&json!({
        "resources": resources,
        "written": written,
        "total": total,
        "elapsed_ms": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        "records_per_second": round_to_tenths(rate),
        "seconds_left": seconds_left,
    }))
}

/// Returns the sum, or `None` if a summand is not known.
fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    Some(a? + b?)
}

fn round_to_tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::super::options;
    use super::super::state::Position;
    use super::*;

    /// Read, written, total, done.
    type Counts = (u64, u64, Option<u64>, bool);

    fn progress(counts: [Counts; 2], read: u64, seconds: u64) -> String {
        let resources = options::parse(r#"{"resources":["suggestions","users"]}"#).unwrap();
        let states: Vec<ResourceState> = resources
            .into_iter()
            .zip(counts)
            .map(|(options, (read, written, total, done))| {
                let mut state = ResourceState::new(options);
                state.window.counts.read = read;
                state.window.counts.written = written;
                state.window.counts.total = total;
                if done {
                    state.window.position = Position::End;
                }
                state
            })
            .collect();
        to_json(states.iter(), read, Duration::from_secs(seconds))
    }

    #[test]
    fn estimates_the_remaining_time_from_the_records_read() {
        // 5 of the records read were duplicates.
        let json = progress(
            [(300, 295, Some(1000), false), (50, 50, None, true)],
            350,
            10,
        );
        assert_eq!(
            json,
            r#"{"resources":{"suggestions":{"written":295,"total":995,"done":false},"users":{"written":50,"total":50,"done":true}},"written":345,"total":1045,"elapsed_ms":10000,"records_per_second":35.0,"seconds_left":20.0}"#
        );
    }

    #[test]
    fn unknown_numbers_are_null() {
        let json = progress([(0, 0, None, false), (0, 0, Some(7), false)], 0, 0);
        for part in [
            r#""suggestions":{"written":0,"total":null,"done":false}"#,
            r#""written":0,"total":null"#,
            r#""records_per_second":0.0,"seconds_left":null"#,
        ] {
            assert!(json.contains(part), "{json}");
        }
    }
}
