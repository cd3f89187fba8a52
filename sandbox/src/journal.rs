//! The journal of the last requests, for tests and for the pages that show them.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use axum::http::HeaderMap;
use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use time::OffsetDateTime;

const MAX_ENTRIES: usize = 5000;
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The number of entries that keep their response, and the length of the longest body kept.
pub const MAX_RESPONSES: usize = 200;
const MAX_RESPONSE_BODY: usize = 128 * 1024;

/// Who sent a request. Handlers add it to their response as an extension.
#[derive(Clone, Default, serde::Serialize)]
pub struct Identity {
    pub signed: bool,
    /// The acting user's e-mail address, or the API key if it acts for no user.
    #[serde(rename = "for")]
    pub acting_as: Option<String>,
}

/// Marks the response of a page that people look at. Pages add it to their response as an
/// extension; the lists of requests leave them out.
#[derive(Clone)]
pub struct Page;

/// Why a page rejects credentials. Handlers add it to their response as an extension.
#[derive(Clone)]
pub struct Rejection(pub String);

/// The result of checking a request's signature or token.
pub enum Authentication {
    None,
    Verified,
    Rejected(String),
    /// A fault or the rate limit kept the request from the application.
    NotChecked,
}

impl std::fmt::Display for Authentication {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Authentication::None => out.write_str("none"),
            Authentication::Verified => out.write_str("verified"),
            Authentication::Rejected(reason) => write!(out, "rejected: {reason}"),
            Authentication::NotChecked => out.write_str("not checked"),
        }
    }
}

impl Serialize for Authentication {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(serde::Serialize)]
pub struct Entry {
    /// 1 for the first request since the start or the last reset.
    pub number: u64,
    #[serde(skip)]
    pub received_at: OffsetDateTime,
    #[serde(rename = "duration_ms", serialize_with = "serialize_milliseconds")]
    pub duration: Duration,
    pub method: String,
    pub path: String,
    pub query: String,
    /// The call of the table of the API that the request is.
    pub call: Option<&'static str>,
    /// 0 if the connection was closed without a response.
    pub status: u16,
    pub authentication: Authentication,
    #[serde(flatten)]
    pub identity: Identity,
    /// Whether a fault affected the request.
    pub fault: bool,
    #[serde(skip)]
    pub is_page: bool,
    pub headers: BTreeMap<String, String>,
    #[serde(flatten)]
    pub body: Body,
    #[serde(skip)]
    pub response: Response,
}

fn serialize_milliseconds<S: Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(duration.as_millis())
}

impl Entry {
    fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
        self.path.len() + self.query.len() + headers + self.body.0.len()
    }
}

/// Returns one string per header name; the values of a repeated header are joined with commas.
pub fn header_map(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut map = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        map.entry(name.to_string())
            .and_modify(|values| *values = format!("{values}, {value}"))
            .or_insert_with(|| value.to_string());
    }
    map
}

/// A body, serialized both as it was received and as JSON.
pub struct Body(pub String);

impl Body {
    fn value(&self) -> Value {
        match self.0.is_empty() {
            true => Value::Null,
            false => serde_json::from_str(&self.0).unwrap_or_else(|_| self.0.as_str().into()),
        }
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(Some(2))?;
        fields.serialize_entry("body", &self.value())?;
        fields.serialize_entry("body_text", &self.0)?;
        fields.end()
    }
}

/// The response to a request, for the pages.
#[derive(Default)]
pub struct Response {
    pub headers: HeaderMap,
    /// `None` if it is too long, too old, or was changed by a fault.
    pub body: Option<Bytes>,
}

impl Response {
    pub fn new(headers: HeaderMap, body: Option<Bytes>) -> Response {
        Response {
            headers,
            body: body.filter(|body| body.len() <= MAX_RESPONSE_BODY),
        }
    }
}

#[derive(Default)]
pub struct Journal {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The number of the newest entry.
    last_number: u64,
}

impl Journal {
    /// Adds an entry, and sets its number.
    pub fn add(&mut self, mut entry: Entry) {
        self.last_number += 1;
        entry.number = self.last_number;
        self.bytes += entry.size();
        self.entries.push_back(entry);
        if let Some(index) = self.entries.len().checked_sub(MAX_RESPONSES + 1) {
            self.entries[index].response.body = None;
        }
        // The newest entry stays even if it exceeds the limit alone.
        while self.entries.len() > MAX_ENTRIES || (self.bytes > MAX_BYTES && self.entries.len() > 1)
        {
            let oldest = self.entries.pop_front();
            self.bytes -= oldest.as_ref().map_or(0, Entry::size);
        }
    }

    /// Removes the entries. Numbers are not used again.
    pub fn clear(&mut self) {
        *self = Journal {
            last_number: self.last_number,
            ..Journal::default()
        };
    }

    /// Returns the entries, oldest first.
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }

    /// Returns the entries except views of pages, newest first.
    pub fn requests(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev().filter(|entry| !entry.is_page)
    }

    /// Returns the entry with this number, unless it was removed.
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        let index = self
            .entries
            .binary_search_by_key(&number, |entry| entry.number);
        index.ok().map(|index| &self.entries[index])
    }

    pub fn last_number(&self) -> u64 {
        self.last_number
    }
}
