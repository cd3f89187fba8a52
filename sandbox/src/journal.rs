//! The journal of the last requests, for tests and for the overview page.

use std::collections::{BTreeMap, VecDeque};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

const MAX_ENTRIES: usize = 5000;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Who sent a request. Handlers add it to their response as an extension.
#[derive(Clone, Default, serde::Serialize)]
pub struct Identity {
    pub signed: bool,
    /// The acting user's e-mail address, or the API key if it acts for no user.
    #[serde(rename = "for")]
    pub acting_as: Option<String>,
}

#[derive(serde::Serialize)]
pub struct Entry {
    pub method: String,
    pub path: String,
    pub query: String,
    /// The call of the table of the API that the request is.
    pub call: Option<&'static str>,
    /// 0 if the connection was closed without a response.
    pub status: u16,
    #[serde(flatten)]
    pub identity: Identity,
    /// The values of a repeated header are joined with commas.
    pub headers: BTreeMap<String, String>,
    #[serde(flatten)]
    pub body: Body,
}

impl Entry {
    fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
        self.path.len() + self.query.len() + headers + self.body.0.len()
    }
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

#[derive(Default)]
pub struct Journal {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Journal {
    pub fn add(&mut self, entry: Entry) {
        self.bytes += entry.size();
        self.entries.push_back(entry);
        // The newest entry stays even if it exceeds the limit alone.
        while self.entries.len() > MAX_ENTRIES || (self.bytes > MAX_BYTES && self.entries.len() > 1)
        {
            let oldest = self.entries.pop_front();
            self.bytes -= oldest.as_ref().map_or(0, Entry::size);
        }
    }

    pub fn clear(&mut self) {
        *self = Journal::default();
    }

    /// Returns the entries, oldest first.
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }
}
