//! The last requests, for tests and for people.

use std::collections::{BTreeMap, VecDeque};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

const KEPT: usize = 5000;
const KEPT_BYTES: usize = 64 * 1024 * 1024;

#[derive(serde::Serialize)]
pub struct Entry {
    pub method: String,
    pub path: String,
    pub query: String,
    pub status: u16,
    pub signed: bool,
    /// The user, or the API key where it acts by itself.
    #[serde(rename = "for")]
    pub acting_for: Option<String>,
    /// Values of headers that came more than once stand in one, with commas.
    pub headers: BTreeMap<String, String>,
    #[serde(flatten)]
    pub body: Body,
}

impl Entry {
    fn size(&self) -> usize {
        let headers = self.headers.iter();
        let of_headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
        self.path.len() + self.query.len() + of_headers + self.body.0.len()
    }
}

/// Shown as the text that came, and as the JSON that it is.
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

#[derive(Default)]
pub struct Journal {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Journal {
    pub fn add(&mut self, entry: Entry) {
        self.bytes += entry.size();
        self.entries.push_back(entry);
        // The newest stays, however large it is.
        while self.entries.len() > KEPT || (self.bytes > KEPT_BYTES && self.entries.len() > 1) {
            let oldest = self.entries.pop_front();
            self.bytes -= oldest.as_ref().map_or(0, Entry::size);
        }
    }

    pub fn clear(&mut self) {
        *self = Journal::default();
    }

    /// The oldest first.
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }
}
