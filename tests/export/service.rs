//! A service whose records and clock the tests change, and directories for what
//! is exported of it.

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

/// 2015-10-21 07:28:00 UTC: the service's clock is not ours.
pub const START: i64 = 1_445_412_480;
pub const PER_PAGE: usize = 10;

pub struct Service {
    pub base_url: String,
    pub site: Arc<Site>,
    /// Answers for as long as it is here.
    _server: Server,
}

/// One list of records, under any name.
pub struct Site {
    records: Mutex<BTreeMap<u64, Record>>,
    pub now: AtomicI64,
    /// What the service adds to its clock in the header "Date".
    pub date_offset: AtomicI64,
    /// Whether the borders of `updated_after` and `updated_before` belong to it.
    pub inclusive: AtomicBool,
    pub requests: AtomicUsize,
    /// Done before each answer.
    meanwhile: Mutex<Box<Meanwhile>>,
}

type Meanwhile = dyn FnMut(&Site) + Send;

#[derive(Clone, Copy)]
struct Record {
    version: u32,
    updated_at: i64,
}

impl Service {
    /// With the records 1 to `records`, which have not changed for a day.
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
            requests: AtomicUsize::new(0),
            meanwhile: Mutex::new(Box::new(|_| ())),
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

    /// Exports with `options` all that there is.
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
    pub fn meanwhile(&self, work: impl FnMut(&Site) + Send + 'static) {
        *self.meanwhile.lock().unwrap() = Box::new(work);
    }

    pub fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Changes a record, or makes a new one, now.
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

    /// The records whose ids are wanted, as lines.
    pub fn lines(&self, wanted: impl Fn(u64) -> bool) -> String {
        let records = self.records.lock().unwrap();
        let wanted = records.iter().filter(|(id, _)| wanted(**id));
        wanted.fold(String::new(), |mut lines, (id, record)| {
            writeln!(lines, "{}", text(*id, record)).unwrap();
            lines
        })
    }

    fn respond(&self, request: &str) -> String {
        self.requests.fetch_add(1, Ordering::SeqCst);
        (self.meanwhile.lock().unwrap())(self);
        let target = request.split(' ').nth(1).unwrap();
        let (path, query) = target.split_once('?').unwrap();
        let value = |key: &str| {
            let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
            pairs
                .filter(|(name, _)| *name == key)
                .map(|(_, value)| value.replace("%3A", ":"))
                .next()
        };
        let moment = |key| {
            let text: String = value(key)?;
            let moment = OffsetDateTime::parse(&text, &Rfc3339).unwrap();
            Some(moment.unix_timestamp())
        };
        let border = i64::from(self.inclusive.load(Ordering::SeqCst));
        let after = moment("updated_after").map_or(i64::MIN, |after| after - border);
        let before = moment("updated_before").map_or(i64::MAX, |before| before + border);
        let name = path.rsplit('/').next().unwrap();
        let is_v2 = path.starts_with("/api/v2/");
        assert!(!is_v2 || value("sort").as_deref() == Some("id"));

        let records = self.records.lock().unwrap();
        let list: Vec<_> = records
            .iter()
            .filter(|(_, record)| record.updated_at > after && record.updated_at < before)
            .collect();
        let number = |key| value(key).map(|text: String| text.parse::<usize>().unwrap());
        let start = match number("cursor") {
            Some(cursor) => list.partition_point(|(id, _)| **id <= cursor as u64),
            None => (number("page").unwrap_or(1) - 1) * PER_PAGE,
        };
        let shown = list.iter().skip(start).take(PER_PAGE);
        let cursor = shown.clone().next_back().filter(|_| is_v2);
        let cursor = cursor.filter(|_| start + PER_PAGE < list.len());
        let cursor = cursor.map_or("null".to_owned(), |(id, _)| format!("\"{id}\""));
        let shown: Vec<String> = shown.map(|(id, record)| text(**id, record)).collect();
        let paging = format!(
            "{{\"per_page\":{PER_PAGE},\"total_records\":{},\"cursor\":{cursor}}}",
            list.len()
        );
        let body = format!(
            "{{\"{name}\":[{}],\"pagination\":{paging}}}",
            shown.join(",")
        );
        let date = self.now.load(Ordering::SeqCst) + self.date_offset.load(Ordering::SeqCst);
        response("200 OK", &format!("Date: {}\r\n", http_date(date)), &body)
    }
}

fn text(id: u64, record: &Record) -> String {
    let updated_at = moment(record.updated_at).format(&Rfc3339).unwrap();
    let version = record.version;
    format!("{{\"id\":{id},\"version\":{version},\"updated_at\":\"{updated_at}\"}}")
}

fn moment(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

fn http_date(seconds: i64) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    moment(seconds).format(format).unwrap()
}

/// A directory that goes with the test.
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn new(name: &str) -> Self {
        let name = format!("export-{name}-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path); // Of a process with that number, long ago.
        Directory(path)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// How many bytes of the output of `name` count.
    pub fn noted(&self, name: &str) -> u64 {
        let state: serde_json::Value = serde_json::from_str(&self.read("state.json")).unwrap();
        state["resources"][name]["bytes"].as_u64().unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The message of an export that cannot be opened.
pub fn refused(service: &Service, directory: &Path, options: &str, status: Status) -> String {
    let error = Export::new(&service.client(), None, directory, options).unwrap_err();
    assert_eq!(error.status(), status, "{error}");
    error.message().to_owned()
}
