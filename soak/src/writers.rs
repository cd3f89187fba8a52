//! Creates, changes and deletes records while requests fail. No record may be created twice,
//! and what the library reports about a call must be true.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::{Value, json};
use uservoice::{Collection, Error, Outcome, Status};

use crate::sandbox::Sandbox;
use crate::stats::Stats;

const RECORDS_PER_ROUND: usize = 20;
const MAX_RETRIES: usize = 100;

/// What the library reported about the creation of a record.
enum Report {
    Created { id: u64, text: Option<String> },
    NotSent,
    Unknown,
}

/// Fills one forum and empties it, repeatedly.
pub fn write(sandbox: &Sandbox, forum: u64, number: usize, stats: &Stats, end: Instant) {
    let path = format!("/api/v1/forums/{forum}/suggestions");
    for round in 0.. {
        let mut reports = HashMap::new();
        for record in 0..RECORDS_PER_ROUND {
            if Instant::now() >= end {
                break;
            }
            let title = format!("soak {number}-{round}-{record}");
            reports.insert(title.clone(), create(sandbox, &path, &title, stats));
        }
        let Ok(records) = retry(stats, || list(sandbox, &path)) else {
            return;
        };
        compare(&reports, &records, stats);
        for Record { id, .. } in &records {
            let target = format!("{path}/{id}");
            let deleted = retry(stats, || {
                match sandbox
                    .client
                    .request_json(Some(&sandbox.owner), "DELETE", &target, None)
                {
                    // An earlier attempt deleted it, but its response was lost.
                    Err(error) if error.status() == Status::NotFound => Ok(()),
                    result => result.map(drop),
                }
            });
            if deleted.is_err() {
                return;
            }
        }
        if Instant::now() >= end {
            return;
        }
    }
}

/// Creates a suggestion and changes its text.
fn create(sandbox: &Sandbox, path: &str, title: &str, stats: &Stats) -> Report {
    let call = |method: &str, path: &str, body: &Value| {
        let result = sandbox.client.request_json(
            Some(&sandbox.owner),
            method,
            path,
            Some(&body.to_string()),
        );
        match &result {
            Ok(_) => stats.writes.add(1),
            Err(error) => stats.count_error(error),
        }
        result
    };
    let record = json!({ "suggestion": { "title": title } });
    let response = match call("POST", path, &record) {
        Ok(response) => response,
        Err(error) => {
            return match error.outcome() {
                Outcome::NotSent => Report::NotSent,
                _ => Report::Unknown,
            };
        }
    };
    let response: Value = serde_json::from_str(&response).unwrap_or_default();
    let id = response["suggestion"]["id"].as_u64().unwrap_or_default();
    let text = format!("changed: {title}");
    let change = json!({ "suggestion": { "text": text } });
    let changed = call("PUT", &format!("{path}/{id}"), &change);
    Report::Created {
        id,
        text: changed.is_ok().then_some(text),
    }
}

struct Record {
    id: u64,
    title: String,
    text: String,
}

fn list(sandbox: &Sandbox, path: &str) -> Result<Vec<Record>, Error> {
    let list = Collection::new(&sandbox.client, Some(&sandbox.owner), path, None, None)?;
    let mut records = Vec::new();
    while let Some(record) = list.next()? {
        let record: Value = serde_json::from_str(&record).unwrap_or_default();
        let field = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        records.push(Record {
            id: record["id"].as_u64().unwrap_or_default(),
            title: field("title"),
            text: field("text"),
        });
    }
    Ok(records)
}

/// Repeats a call until it succeeds, at most `MAX_RETRIES` times. Counts its errors.
fn retry<T>(stats: &Stats, call: impl Fn() -> Result<T, Error>) -> Result<T, ()> {
    for _ in 0..MAX_RETRIES {
        match call() {
            Ok(result) => return Ok(result),
            Err(error) => stats.count_error(&error),
        }
    }
    stats.violation(format!("a call failed {MAX_RETRIES} times in a row"));
    Err(())
}

/// Checks what the library reported against the records that exist.
fn compare(reports: &HashMap<String, Report>, records: &[Record], stats: &Stats) {
    for (title, report) in reports {
        let found: Vec<_> = records
            .iter()
            .filter(|record| record.title == *title)
            .collect();
        if found.len() > 1 {
            stats.duplicates.add(1);
            stats.violation(format!("{title}: created {} times", found.len()));
        }
        match (report, found.first()) {
            (Report::Created { .. }, None) => {
                stats.violation(format!("{title}: reported as created, but missing"));
            }
            (Report::Created { id, text }, Some(record)) => {
                if *id != record.id {
                    stats.violation(format!("{title}: the id differs"));
                }
                if text.as_ref().is_some_and(|text| *text != record.text) {
                    stats.violation(format!("{title}: reported as changed, but unchanged"));
                }
            }
            (Report::NotSent, Some(_)) => {
                stats.violation(format!("{title}: reported as not sent, but created"));
            }
            (Report::Unknown, Some(_)) => stats.unknown_handled.add(1),
            (Report::Unknown, None) => stats.unknown_not_handled.add(1),
            (Report::NotSent, None) => {}
        }
    }
    let unexpected = records
        .iter()
        .filter(|record| !reports.contains_key(&record.title));
    for record in unexpected {
        stats.violation(format!("{}: created after its call returned", record.title));
    }
}
