//! Lists are read while they fail: each record must come once, in its place.

use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use serde_json::json;
use uservoice::{Client, Collection, Error};

use crate::site::{Site, Stable, id_of};
use crate::tally::Tally;

/// One thread reads one list after the other.
pub fn alone(site: &Site, lists: &[Stable], number: usize, tally: &Tally, end: Instant) {
    for round in number.. {
        let list = &lists[round % lists.len()];
        let Some(collection) = open(site, list, round, tally) else {
            return;
        };
        let ids = match round % 4 {
            0 => by_pages(&collection, tally, end),
            1 => by_index(&collection, list.ids.len(), tally, end),
            _ => by_records(&collection, tally, end),
        };
        if Instant::now() >= end {
            return;
        }
        tally.list_read(ids.len());
        if ids != list.ids {
            tally.wrong(format!("{}: the records came otherwise", list.path));
        }
    }
}

/// Several threads read one collection: each record comes to one of them.
pub fn together(
    site: &Site,
    lists: &[Stable],
    threads: usize,
    number: usize,
    tally: &Tally,
    end: Instant,
) {
    for round in number.. {
        let list = &lists[round % lists.len()];
        let Some(collection) = open(site, list, round, tally) else {
            return;
        };
        let all = Mutex::new(Vec::new());
        let read = || {
            let ids = by_records(&collection, tally, end);
            all.lock().expect("no reader panics").extend(ids);
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
        let mut ids = all.into_inner().expect("no reader panics");
        ids.sort_unstable();
        let mut expected = list.ids.clone();
        expected.sort_unstable();
        tally.list_read(ids.len());
        if ids != expected {
            let path = list.path;
            tally.wrong(format!("{path}: {threads} threads got other records"));
        }
    }
}

/// From a clone of its own, which is gone before the list is read.
fn open(site: &Site, list: &Stable, round: usize, tally: &Tally) -> Option<Collection> {
    let options = json!({
        "per_page": ([100, 10, 37][round % 3]),
        "prefetch_pages": ([4, 0, 1, 16][round % 4]),
    });
    let made = site
        .client
        .with_options(Some(&options.to_string()))
        .and_then(|client: Client| {
            Collection::new(&client, Some(&site.owner), list.path, None, None)
        });
    made.map_err(|error| tally.wrong(error.to_string())).ok()
}

/// What `ask` gives at last: an error is told once, and asked past.
fn in_the_end<T>(
    ask: impl Fn() -> Result<Option<T>, Error>,
    tally: &Tally,
    end: Instant,
) -> Option<T> {
    while Instant::now() < end {
        match ask() {
            Ok(answer) => return answer,
            Err(error) => tally.error(&error),
        }
    }
    None
}

fn by_records(collection: &Collection, tally: &Tally, end: Instant) -> Vec<u64> {
    let mut ids = Vec::new();
    while let Some(record) = in_the_end(|| collection.next(), tally, end) {
        ids.push(id_of(&record));
    }
    ids
}

fn by_pages(collection: &Collection, tally: &Tally, end: Instant) -> Vec<u64> {
    let mut ids = Vec::new();
    while let Some(page) = in_the_end(|| collection.next_page(), tally, end) {
        let records: Vec<&serde_json::value::RawValue> =
            serde_json::from_str(&page).unwrap_or_default();
        ids.extend(records.iter().map(|record| id_of(record.get())));
    }
    ids
}

fn by_index(collection: &Collection, count: usize, tally: &Tally, end: Instant) -> Vec<u64> {
    let record = |index| in_the_end(|| collection.get(index).map(Some), tally, end);
    (0..count)
        .map_while(|index| Some(id_of(&record(index)?)))
        .collect()
}
