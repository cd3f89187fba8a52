//! Reads lists while requests fail. Each record must arrive once and in order.

use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use serde_json::json;
use serde_json::value::RawValue;
use uservoice::{Client, Collection, Error};

use crate::sandbox::{Sandbox, StableList, id_of};
use crate::stats::Stats;

/// Reads one list after another with one thread.
pub fn read_alone(
    sandbox: &Sandbox,
    lists: &[StableList],
    number: usize,
    stats: &Stats,
    end: Instant,
) {
    for round in number.. {
        let list = &lists[round % lists.len()];
        let Some(collection) = open(sandbox, list, round, stats) else {
            return;
        };
        let ids = match round % 4 {
            0 => read_pages(&collection, stats, end),
            1 => read_by_index(&collection, list.ids.len(), stats, end),
            _ => read_records(&collection, stats, end),
        };
        if Instant::now() >= end {
            return;
        }
        stats.count_list(ids.len());
        if ids != list.ids {
            stats.violation(format!("{}: wrong records or order", list.path));
        }
    }
}

/// Reads each list with several threads that share a collection. Each record must arrive in
/// one of them.
pub fn read_together(
    sandbox: &Sandbox,
    lists: &[StableList],
    threads: usize,
    number: usize,
    stats: &Stats,
    end: Instant,
) {
    for round in number.. {
        let list = &lists[round % lists.len()];
        let Some(collection) = open(sandbox, list, round, stats) else {
            return;
        };
        let ids = Mutex::new(Vec::new());
        let read = || {
            let records = read_records(&collection, stats, end);
            ids.lock().expect("no reader panics").extend(records);
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(read);
            }
            read();
        });
        if Instant::now() >= end {
            return;
        }
        let mut ids = ids.into_inner().expect("no reader panics");
        ids.sort_unstable();
        let mut expected = list.ids.clone();
        expected.sort_unstable();
        stats.count_list(ids.len());
        if ids != expected {
            let path = list.path;
            stats.violation(format!("{path}: {threads} threads received wrong records"));
        }
    }
}

/// Opens a collection of a new clone of the client, which is freed before the list is read.
fn open(sandbox: &Sandbox, list: &StableList, round: usize, stats: &Stats) -> Option<Collection> {
    let options = json!({
        "per_page": ([100, 10, 37][round % 3]),
        "prefetch_pages": ([4, 0, 1, 16][round % 4]),
    });
    let collection = sandbox
        .client
        .with_options(Some(&options.to_string()))
        .and_then(|client: Client| {
            Collection::new(&client, Some(&sandbox.owner), list.path, None, None)
        });
    collection
        .map_err(|error| stats.violation(error.to_string()))
        .ok()
}

/// Repeats a read until it succeeds. Counts its errors.
fn retry<T>(read: impl Fn() -> Result<Option<T>, Error>, stats: &Stats, end: Instant) -> Option<T> {
    while Instant::now() < end {
        match read() {
            Ok(result) => return result,
            Err(error) => stats.count_error(&error),
        }
    }
    None
}

fn read_records(collection: &Collection, stats: &Stats, end: Instant) -> Vec<u64> {
    let mut ids = Vec::new();
    while let Some(record) = retry(|| collection.next(), stats, end) {
        ids.push(id_of(&record));
    }
    ids
}

fn read_pages(collection: &Collection, stats: &Stats, end: Instant) -> Vec<u64> {
    let mut ids = Vec::new();
    while let Some(page) = retry(|| collection.next_page(), stats, end) {
        let records: Vec<&RawValue> = serde_json::from_str(&page).unwrap_or_default();
        ids.extend(records.iter().map(|record| id_of(record.get())));
    }
    ids
}

fn read_by_index(collection: &Collection, count: usize, stats: &Stats, end: Instant) -> Vec<u64> {
    let record = |index| retry(|| collection.get(index).map(Some), stats, end);
    (0..count)
        .map_while(|index| Some(id_of(&record(index)?)))
        .collect()
}
