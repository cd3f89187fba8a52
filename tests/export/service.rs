//! A service with records and a clock that tests change, and temporary directories.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use uservoice::{Client, Export, Status};

use crate::server::{Server, response};

/// The service's clock at first: 2015-10-21 07:28:00 UTC.
pub const START: i64 = 1_445_412_480;
pub const PER_PAGE: usize = 10;

pub struct Service {
    pub base_url: String,
    pub site: Arc<Site>,
    /// Responds until it is dropped.
    _server: Server,
}

/// The records. Every list has all of them.
pub struct Site {
    records: Mutex<BTreeMap<u64, Record>>,
    pub now: AtomicI64,
    /// Seconds that the header "Date" is ahead of the clock.
    pub date_offset: AtomicI64,
    /// Whether `updated_after` and `updated_before` are inclusive.
    pub inclusive: AtomicBool,
    /// Whether those two are ignored.
    pub ignores_window: AtomicBool,
    /// Whether records have no `updated_at`.
    pub undated: AtomicBool,
    pub requests: AtomicUsize,
    /// Called before each response.
    before_response: Mutex<Box<BeforeResponse>>,
}

type BeforeResponse = dyn FnMut(&Site) + Send;

#[derive(Clone, Copy)]
struct Record {
    version: u32,
    updated_at: i64,
}

impl Service {
    /// Creates a service with the records 1 to `records`, which were last changed a day ago.
    pub fn new(records: u64) -> Self {
        let record = Record {
            version: 1,
            updated_at: START - 86400,
        };
        let site = Arc::new(Site {
            records: Mutex::new((1..=records).map(|id| (id, record)).collect()),
            now: AtomicI64::new(START),
            date_offset: AtomicI64::new(0),
            inclusive: AtomicBool::new(false),
            ignores_window: AtomicBool::new(false),
            undated: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
            before_response: Mutex::new(Box::new(|_| ())),
        });
        let handler = site.clone();
        let server = Server::with_handler(move |request| handler.respond(request));
        Service {
            base_url: server.base_url.clone(),
            site,
            _server: server,
        }
    }

    pub fn client(&self) -> Client {
        client(&self.base_url, "")
    }

    /// Runs an export to its end.
    pub fn export(&self, directory: &Directory, options: &str) {
        let client = self.client();
        let export = Export::new(&client, None, &directory.0, options).unwrap();
        while export.next().unwrap().is_some() {}
    }
}

pub fn client(base_url: &str, options: &str) -> Client {
    let options = format!("{{\"base_url\":\"{base_url}\"{options}}}");
    Client::new("acme", "key", Some("secret"), Some(&options)).unwrap()
}

impl Site {
    pub fn before_response(&self, work: impl FnMut(&Site) + Send + 'static) {
        *self.before_response.lock().unwrap() = Box::new(work);
    }

    pub fn advance_clock(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Changes or creates a record.
    pub fn change(&self, id: u64) {
        let updated_at = self.now.load(Ordering::SeqCst);
        let mut records = self.records.lock().unwrap();
        let version = records.get(&id).map_or(1, |record| record.version + 1);
        let record = Record {
            version,
            updated_at,
        };
        records.insert(id, record);
    }

    /// Returns the records with the ids that `include` accepts, as JSON lines.
    pub fn lines(&self, include: impl Fn(u64) -> bool) -> String {
        let records = self.records.lock().unwrap();
        let included = records.iter().filter(|(id, _)| include(**id));
        included.fold(String::new(), |mut lines, (id, record)| {
            writeln!(lines, "{}", to_json(*id, record)).unwrap();
            lines
        })
    }

    fn respond(&self, request: &str) -> String {
        self.requests.fetch_add(1, Ordering::SeqCst);
        (self.before_response.lock().unwrap())(self);
        let target = request.split(' ').nth(1).unwrap();
        let (path, query) = target.split_once('?').unwrap();
        let value = |key: &str| {
            let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
            pairs
                .filter(|(name, _)| *name == key)
                .map(|(_, value)| value.replace("%3A", ":"))
                .next()
        };
        let timestamp = |key| {
            let ignores = self.ignores_window.load(Ordering::SeqCst);
            let value: String = value(key).filter(|_| !ignores)?;
            let timestamp = OffsetDateTime::parse(&value, &Rfc3339).unwrap();
            Some(timestamp.unix_timestamp())
        };
        let widening = i64::from(self.inclusive.load(Ordering::SeqCst));
        let after = timestamp("updated_after").map_or(i64::MIN, |after| after - widening);
        let before = timestamp("updated_before").map_or(i64::MAX, |before| before + widening);
        let name = path.rsplit('/').next().unwrap();
        let is_v2 = path.starts_with("/api/v2/");
        let sort = value("sort");
        assert!(sort.is_none_or(|sort| is_v2 && sort == "id"));

        let records = self.records.lock().unwrap();
        let list: Vec<_> = records
            .iter()
            .filter(|(_, record)| record.updated_at > after && record.updated_at < before)
            .collect();
        let number = |key| value(key).map(|value: String| value.parse::<usize>().unwrap());
        let start = match number("cursor") {
            Some(cursor) => list.partition_point(|(id, _)| **id <= cursor as u64),
            None => (number("page").unwrap_or(1) - 1) * PER_PAGE,
        };
        let page = list.iter().skip(start).take(PER_PAGE);
        let cursor = page.clone().next_back().filter(|_| is_v2);
        let cursor = cursor.filter(|_| start + PER_PAGE < list.len());
        let cursor = cursor.map_or("null".to_owned(), |(id, _)| format!("\"{id}\""));
        let to_json = |id, record| match self.undated.load(Ordering::SeqCst) {
            true => format!("{{\"id\":{id}}}"),
            false => to_json(id, record),
        };
        let page: Vec<String> = page.map(|(id, record)| to_json(**id, record)).collect();
        let paging = format!(
            "{{\"per_page\":{PER_PAGE},\"total_records\":{},\"cursor\":{cursor}}}",
            list.len()
        );
        let body = format!(
            "{{\"{name}\":[{}],\"pagination\":{paging}}}",
            page.join(",")
        );
        let date = self.now.load(Ordering::SeqCst) + self.date_offset.load(Ordering::SeqCst);
        response("200 OK", &format!("Date: {}\r\n", http_date(date)), &body)
    }
}

fn to_json(id: u64, record: &Record) -> String {
    let updated_at = timestamp(record.updated_at).format(&Rfc3339).unwrap();
    let version = record.version;
    format!("{{\"id\":{id},\"version\":{version},\"updated_at\":\"{updated_at}\"}}")
}

fn timestamp(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

fn http_date(seconds: i64) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    timestamp(seconds).format(format).unwrap()
}

/// A temporary directory, removed at the end of the test.
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn new(name: &str) -> Self {
        let name = format!("export-{name}-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path); // Left behind by an earlier process with the same id.
        Directory(path)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub fn state(&self) -> serde_json::Value {
        serde_json::from_str(&self.read("state.json")).unwrap()
    }

    /// Returns the valid length of the output of `name`, by the state.
    pub fn saved_bytes(&self, name: &str) -> u64 {
        let state = self.state();
        state["resources"][name]["bytes"].as_u64().unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns the message of the error of opening an export.
pub fn open_error(service: &Service, directory: &Path, options: &str, status: Status) -> String {
    let error = Export::new(&service.client(), None, directory, options).unwrap_err();
    assert_eq!(error.status(), status, "{error}");
    error.message().to_owned()
}
