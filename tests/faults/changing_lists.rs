//! Lists that are read by cursor while others add and remove records.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use uservoice::{Collection, Status};

use crate::random::Random;
use crate::server::{Server, ok};

const LISTS: u64 = 300;

/// A list in the order of its records' ranks. A cursor is the rank of the last record read.
#[derive(Debug)]
struct List {
    records: BTreeMap<u64, u64>,
    next_id: u64,
    page_size: usize,
    reports_total: bool,
    reports_page_count: bool,
    /// The last page has a cursor, too: that of an empty page.
    last_page_has_cursor: bool,
    /// The total and the page count of each response.
    totals: Vec<(Option<usize>, Option<usize>)>,
    random: Random,
}

impl List {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let records = random.below(40) as u64;
        List {
            records: (0..records).map(|id| ((id + 1) << 32, id)).collect(),
            next_id: records,
            page_size: 1 + random.below(6),
            reports_total: !random.one_in(4),
            reports_page_count: random.one_in(3),
            last_page_has_cursor: random.one_in(2),
            totals: Vec::new(),
            random,
        }
    }

    fn ids(&self) -> Vec<u64> {
        self.records.values().copied().collect()
    }

    fn respond(&mut self, request: &str) -> String {
        let value = |key| {
            let (_, value) = request.split_once(key)?;
            value.split(' ').next()?.parse().ok()
        };
        let cursor: u64 = match value("&page=") {
            // The first page had no cursor: it was the last one.
            Some(_) => 1 << 60,
            None => value("&cursor=").unwrap_or(0),
        };
        let rest = self.records.range(cursor + 1..);
        let page: Vec<(u64, u64)> = rest.clone().take(self.page_size).map(copied).collect();
        let has_more = rest.count() > page.len();
        let mut paging = Vec::new();
        let mut report = |name: &str, number: u64| paging.push(format!("\"{name}\":{number}"));
        let all = self.records.len();
        let total = self.reports_total.then_some(all);
        let page_count = all.div_ceil(self.page_size).max(1);
        let page_count = self.reports_page_count.then_some(page_count);
        if let Some(total) = total {
            report("total_records", total as u64);
        }
        if let Some(page_count) = page_count {
            let before = self.records.range(..=cursor).count();
            report("page", (1 + before / self.page_size) as u64);
            report("total_pages", page_count as u64);
        }
        self.totals.push((total, page_count));
        match page.last() {
            Some(&(rank, _)) if has_more || self.last_page_has_cursor => report("cursor", rank),
            _ => {}
        }
        let ids: Vec<String> = page.iter().map(|(_, id)| id.to_string()).collect();
        self.change();
        ok(&format!(
            r#"{{"users":[{}],"pagination":{{{}}}}}"#,
            ids.join(","),
            paging.join(",")
        ))
    }

    /// Adds and removes a few records anywhere in the list.
    fn change(&mut self) {
        for _ in 0..self.random.below(4) {
            if self.random.one_in(2) {
                let index = self.random.below(self.records.len().max(1));
                let rank = self.records.keys().nth(index).copied();
                rank.and_then(|rank| self.records.remove(&rank));
                continue;
            }
            let rank = 1 + self.random.below(41 << 32) as u64;
            self.records.entry(rank).or_insert(self.next_id);
            self.next_id += 1;
        }
    }
}

fn copied((rank, id): (&u64, &u64)) -> (u64, u64) {
    (*rank, *id)
}

/// Unless the reported total stays the same, so that nobody can know of the changes.
#[test]
fn a_cursor_leads_to_each_record_of_a_list_that_changes() {
    let current = Arc::new(Mutex::new(List::new(0)));
    let list = current.clone();
    let server = Server::with_handler(move |request| list.lock().unwrap().respond(request));
    for seed in 0..LISTS {
        *current.lock().unwrap() = List::new(seed);
        let first = current.lock().unwrap().ids();
        let options = format!(",\"prefetch_pages\":{}", seed % 5);
        let client = server.client(&options);
        let path = "/api/v2/admin/users";
        let collection = Collection::new(&client, None, path, None, None).unwrap();
        let mut ids: Vec<u64> = Vec::new();
        let end = loop {
            match collection.next() {
                Ok(Some(id)) => ids.push(id.parse().unwrap()),
                end => break end,
            }
        };
        drop(collection);

        let list = current.lock().unwrap();
        let context = format!("seed {seed}: {list:?}: {ids:?}");
        let mut distinct = ids.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), ids.len(), "{context}");
        let is_seen_to_change = list.totals.windows(2).any(|pair| pair[0] != pair[1]);
        if !is_seen_to_change && list.totals[0] != (None, None) {
            let status = end.err().map(|error| error.status());
            assert!(
                status.is_none_or(|status| status == Status::BadResponse),
                "{context}"
            );
            continue;
        }
        assert_eq!(end.unwrap(), None, "{context}");
        let last = list.ids();
        let missed = first
            .iter()
            .find(|id| last.contains(id) && !ids.contains(id));
        assert_eq!(missed, None, "{context}");
    }
}

/// Returns a page of a list that is read by cursor. Its number is always 1.
fn page(ids: &str, total: usize, cursor: &str) -> String {
    let paging =
        format!("\"page\":1,\"total_pages\":2,\"total_records\":{total},\"cursor\":{cursor}");
    ok(&format!(
        "{{\"users\":[{ids}],\"pagination\":{{{paging}}}}}"
    ))
}

fn collection(server: &Server) -> Collection {
    let client = server.client(",\"prefetch_pages\":0");
    Collection::new(&client, None, "/api/v2/admin/users", None, None).unwrap()
}

fn read_all(collection: &Collection) -> Vec<String> {
    std::iter::from_fn(|| collection.next().unwrap()).collect()
}

/// Without a request for a page after it.
#[test]
fn a_list_that_does_not_change_ends_at_its_total() {
    let server = Server::start(vec![page("1,2", 3, "\"b\""), page("3", 3, "\"c\"")]);
    assert_eq!(read_all(&collection(&server)), ["1", "2", "3"]);
}

#[test]
fn a_list_that_does_not_change_must_reach_its_total() {
    let server = Server::start(vec![page("1,2", 4, "\"b\""), page("3", 4, "null")]);
    let collection = collection(&server);
    for expected in ["1", "2"] {
        assert_eq!(collection.next().unwrap().unwrap(), expected);
    }
    let error = collection.next().unwrap_err();
    assert_eq!(error.status(), Status::BadResponse);
    assert!(
        error.message().contains("no cursor before the last record"),
        "{error}"
    );
}

#[test]
fn the_records_of_a_list_that_grew_have_indexes() {
    let pages = [
        page("1,2", 3, "\"b\""),
        page("3,4", 5, "\"c\""),
        page("5", 5, "null"),
    ];
    let server = Server::start(pages.into());
    let collection = collection(&server);
    assert_eq!(collection.get(4).unwrap(), "5");
    let error = collection.get(5).unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert_eq!(collection.len().unwrap(), 3);
    assert_eq!(read_all(&collection), ["1", "2", "3", "4", "5"]);
}
