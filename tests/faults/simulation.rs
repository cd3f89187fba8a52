//! Random services: what a collection reads is compared with what the service has. Each
//! service pages in its own way, reports more or less, and fails now and then.

use std::sync::{Arc, Mutex};

use uservoice::{Collection, Error, Status};

use crate::random::Random;
use crate::server::{Server, ok};

const SERVICES: u64 = 500;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Paging {
    Number,
    Cursor,
    /// By number, and the response is only an array.
    Bare,
}

/// How a number is reported, with NUMBER in its place. The first four are understood.
const FORMATS: [&str; 9] = [
    "NUMBER",
    "NUMBER.0",
    "NUMBERe0",
    "\"NUMBER\"",
    "",
    "null",
    "-1",
    "\"many\"",
    "NUMBER.5",
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Flaw {
    None,
    /// Each page number returns the first page.
    IgnoresPage,
    /// Each page number past the end returns the last page.
    ReturnsLastPage,
    /// The total is 0.
    TotalIsZero,
    /// The page with this index has the cursor of an earlier one.
    RepeatsCursor(usize),
    /// The page with this index has no cursor.
    LosesCursor(usize),
    /// The cursor of the page with this index is an object.
    CursorIsObject(usize),
}

/// What a reader may get.
#[derive(Debug, PartialEq)]
enum Expected {
    All,
    BadResponse,
    /// Nobody could know, so either is right.
    AllOrBadResponse,
}

#[derive(Debug)]
struct Service {
    seed: u64,
    path: &'static str,
    paging: Paging,
    /// The number of records on each page.
    pages: Vec<usize>,
    page_size: usize,
    total: &'static str,
    total_pages: &'static str,
    reports_page_size: bool,
    reports_page: bool,
    /// The last page has a cursor, too: that of an empty page.
    last_page_has_cursor: bool,
    cursor_length: usize,
    flaw: Flaw,
    /// One request in so many fails.
    failures: usize,
    random: Random,
}

impl Service {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let paging = random.choose(&[Paging::Number, Paging::Cursor, Paging::Cursor, Paging::Bare]);
        let page_size = 1 + random.below(6);
        let mut service = Service {
            seed,
            path: random.choose(&[
                "/api/v1/users",
                "/api/v2/admin/users",
                "/users/search?q=a/b",
            ]),
            paging,
            pages: Vec::new(),
            page_size,
            total: random.choose(&FORMATS),
            total_pages: random.choose(&FORMATS),
            reports_page_size: random.one_in(2),
            reports_page: random.one_in(2),
            last_page_has_cursor: random.one_in(2),
            cursor_length: random.choose(&[0, 0, 3_000]),
            flaw: Flaw::None,
            failures: random.choose(&[5, usize::MAX]),
            random,
        };
        service.choose_pages();
        service.choose_flaw();
        service
    }

    fn choose_pages(&mut self) {
        let random = &mut self.random;
        let records = random.below(40);
        let full = [self.page_size].repeat(records / self.page_size);
        self.pages = full;
        self.pages
            .extend(Some(records % self.page_size).filter(|&rest| rest > 0));
        if self.paging == Paging::Cursor && random.one_in(2) {
            // Also pages that are short or empty. Then their number says nothing.
            self.total_pages = "";
            self.pages.clear();
            while self.pages.iter().sum::<usize>() < records {
                self.pages.push(random.below(self.page_size + 1));
            }
        }
    }

    fn choose_flaw(&mut self) {
        let random = &mut self.random;
        let page = random.below(self.pages.len().max(1));
        let numbers = [Flaw::IgnoresPage, Flaw::ReturnsLastPage, Flaw::TotalIsZero];
        let cursors = [
            Flaw::RepeatsCursor(page),
            Flaw::LosesCursor(page),
            Flaw::CursorIsObject(page),
        ];
        if random.one_in(2) {
            self.flaw = match self.paging {
                Paging::Number | Paging::Bare => random.choose(&numbers),
                Paging::Cursor => random.choose(&cursors),
            };
        }
        // Nobody can know that these are not the end.
        let is_empty = self.pages.get(page) == Some(&0);
        match self.flaw {
            Flaw::LosesCursor(0) => self.flaw = Flaw::None,
            Flaw::LosesCursor(_) if is_empty => self.flaw = Flaw::None,
            Flaw::LosesCursor(_) => self.total = "NUMBER",
            Flaw::RepeatsCursor(_) if is_empty => self.total = "NUMBER",
            _ => {}
        }
        if self.flaw == Flaw::TotalIsZero {
            self.total_pages = "";
        }
    }

    fn records(&self) -> usize {
        self.pages.iter().sum()
    }

    fn expected(&self) -> Expected {
        let has_more = |page: usize| page + 1 < self.pages.len();
        let is_paged = self.pages.len() > 1;
        match self.flaw {
            Flaw::IgnoresPage if is_paged => Expected::BadResponse,
            Flaw::IgnoresPage | Flaw::ReturnsLastPage => Expected::AllOrBadResponse,
            Flaw::RepeatsCursor(page) | Flaw::LosesCursor(page) if has_more(page) => {
                // The other records of the list may all be on the pages before.
                match self.pages[page + 1..].iter().all(|&records| records == 0) {
                    true => Expected::AllOrBadResponse,
                    false => Expected::BadResponse,
                }
            }
            Flaw::RepeatsCursor(_) => Expected::AllOrBadResponse,
            Flaw::CursorIsObject(_) if is_paged => Expected::BadResponse,
            Flaw::CursorIsObject(_) => Expected::AllOrBadResponse,
            _ => Expected::All,
        }
    }

    fn total(&self) -> Option<usize> {
        let is_known = FORMATS[..4].contains(&self.total) && self.paging != Paging::Bare;
        let is_contradicted = self.flaw == Flaw::TotalIsZero && self.records() > 0;
        Some(self.records()).filter(|_| is_known && !is_contradicted)
    }

    fn respond(&mut self, request: &str) -> String {
        let target = request.split(' ').nth(1).unwrap();
        let value = |key: &str| {
            let query = target.split_once('?')?.1.split('&');
            query.filter_map(|pair| pair.strip_prefix(key)).next_back()
        };
        // Of an earlier collection, which was prefetching when it was dropped.
        if value("seed=") != Some(&*self.seed.to_string()) {
            return ok("[]");
        }
        if self.random.one_in(self.failures) {
            return self
                .random
                .choose(&[
                    "HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n[]",
                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<ht>",
                ])
                .to_owned();
        }
        let number = match value("page=") {
            Some(number) => number.parse::<usize>().unwrap() - 1,
            None => 0,
        };
        match self.paging {
            Paging::Cursor => {
                // Only a first page without a cursor is followed by a number.
                assert!(number == 0 || self.pages.len() <= 1, "{target}");
                let cursor = value("cursor=").map(|cursor| cursor.trim_matches('x'));
                self.page(cursor.map_or(number, |cursor| cursor.parse().unwrap()))
            }
            _ if self.flaw == Flaw::IgnoresPage => self.page(0),
            _ if self.flaw == Flaw::ReturnsLastPage => {
                self.page(number.min(self.pages.len().saturating_sub(1)))
            }
            _ => self.page(number),
        }
    }

    fn page(&self, index: usize) -> String {
        let first: usize = self.pages.iter().take(index).sum();
        let records = self.pages.get(index).unwrap_or(&0);
        let records: Vec<String> = (first..first + records).map(record).collect();
        let records = records.join(", ");
        if self.paging == Paging::Bare {
            return ok(&format!("[{records}]"));
        }
        let name = if self.path.starts_with("/api/v1/") {
            "response_data"
        } else {
            "pagination"
        };
        let paging = self.paging_object(index).join(",");
        ok(&format!(
            r#"{{"links":[],"teams":[{{"id":-1}}],"{name}":{{{paging}}},"users":[{records}]}}"#
        ))
    }

    fn paging_object(&self, index: usize) -> Vec<String> {
        let mut members = Vec::new();
        let mut report = |name: &str, format: &str, number: usize| {
            if !format.is_empty() {
                let number = format.replace("NUMBER", &number.to_string());
                members.push(format!("\"{name}\":{number}"));
            }
        };
        let total = if self.flaw == Flaw::TotalIsZero {
            0
        } else {
            self.records()
        };
        report("total_records", self.total, total);
        report("total_pages", self.total_pages, self.pages.len());
        if self.reports_page_size {
            report("per_page", "NUMBER", self.page_size);
        }
        // A cursor does not say which page it is.
        if self.reports_page || self.paging == Paging::Cursor {
            report("page", "NUMBER", index + 1);
        }
        members.extend(self.cursor_after(index));
        members
    }

    fn cursor_after(&self, index: usize) -> Option<String> {
        if self.paging != Paging::Cursor {
            return None;
        }
        let next = match self.flaw {
            Flaw::RepeatsCursor(page) if page == index => index.div_ceil(2),
            Flaw::LosesCursor(page) if page == index => return None,
            Flaw::CursorIsObject(page) if page == index => return Some("\"cursor\":{}".into()),
            // The empty page after the last one repeats its own cursor.
            _ => (index + 1).min(self.pages.len()),
        };
        if next >= self.pages.len() && !self.last_page_has_cursor {
            return Some(["\"cursor\":null", "\"cursor\":\"\""][index % 2].to_owned());
        }
        let padding = "x".repeat(self.cursor_length);
        Some(match self.cursor_length {
            0 => format!("\"cursor\":{next}"),
            _ => format!("\"next_cursor\":\"{padding}{next}\",\"cursor\":\"own\""),
        })
    }
}

fn record(id: usize) -> String {
    format!("{{\"id\":{id}}}")
}

/// Calls `read` again after a failure of the service.
fn persist<T>(mut read: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    loop {
        match read() {
            Err(error) if is_failure(&error) => {}
            result => return result,
        }
    }
}

fn is_failure(error: &Error) -> bool {
    match error.status() {
        Status::ApplicationError => true,
        _ => error.message().contains("not JSON"),
    }
}

/// Reads records or pages until the end or an error.
fn read(collection: &Collection, by_page: bool) -> (Vec<String>, Option<Error>) {
    let mut records = Vec::new();
    loop {
        let next = persist(|| match by_page {
            true => collection.next_page(),
            false => collection.next(),
        });
        match next {
            Ok(Some(page)) if by_page => {
                let page = page.trim_matches(['[', ']']).split("},").map(|record| {
                    let record = record.trim_end_matches('}');
                    format!("{record}}}")
                });
                records.extend(page);
            }
            Ok(Some(record)) => records.push(record),
            Ok(None) => return (records, None),
            Err(error) => return (records, Some(error)),
        }
    }
}

#[test]
fn a_collection_reads_what_the_service_has_or_fails() {
    let current = Arc::new(Mutex::new(Service::new(0)));
    let service = current.clone();
    let server = Server::with_handler(move |request| service.lock().unwrap().respond(request));
    for seed in 0..SERVICES {
        let mut random = Random::new(seed ^ 0x5EED);
        let service = Service::new(seed);
        let (expected, total, path) = (service.expected(), service.total(), service.path);
        let all: Vec<String> = (0..service.records()).map(record).collect();
        let limit = Some(random.below(50)).filter(|_| random.one_in(3));
        let wanted = &all[..all.len().min(limit.unwrap_or(usize::MAX))];
        let context = format!("seed {seed}: {service:?}, limit {limit:?}, expected {expected:?}");
        let per_page = service.page_size;
        *current.lock().unwrap() = service;

        let options = format!(
            ",\"max_retries\":0,\"prefetch_pages\":{},\"per_page\":{per_page}",
            random.below(5)
        );
        let client = server.client(&options);
        let parameters = format!("{{\"seed\":{seed}}}");
        let collection = Collection::new(&client, None, path, Some(&parameters), limit).unwrap();
        let by_page = random.one_in(2);
        let (records, error) = read(&collection, by_page);
        assert!(wanted.starts_with(&records), "{records:?}: {context}");
        match &error {
            None => assert_eq!(records, wanted, "{context}"),
            Some(error) => assert_eq!(error.status(), Status::BadResponse, "{error}: {context}"),
        }
        match expected {
            Expected::All => assert!(error.is_none(), "{error:?}: {context}"),
            // A limit may be reached before.
            Expected::BadResponse => assert!(error.is_some() || limit.is_some(), "{context}"),
            Expected::AllOrBadResponse => {}
        }
        if expected != Expected::All {
            continue;
        }

        let len = persist(|| collection.len());
        match (total, limit) {
            (_, Some(0)) => assert_eq!(len.unwrap(), 0),
            (Some(_), _) => assert_eq!(len.unwrap(), wanted.len(), "{context}"),
            (None, _) => assert_eq!(len.unwrap_err().status(), Status::BadResponse, "{context}"),
        }
        for _ in 0..4 {
            let index = random.below(wanted.len() + 2);
            match (persist(|| collection.get(index)), wanted.get(index)) {
                (Ok(found), Some(record)) => assert_eq!(found, *record, "{context}"),
                (Err(error), None) => assert_eq!(error.argument(), Some("index"), "{context}"),
                (found, expected) => panic!("{index}: {found:?}, {expected:?}: {context}"),
            }
        }
        if random.one_in(4) {
            collection.rewind();
            assert_eq!(read(&collection, !by_page).0, wanted, "{context}");
        }
    }
}
