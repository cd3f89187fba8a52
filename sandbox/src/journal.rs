//! The last requests, for tests and for people.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::Value;

const KEPT: usize = 5000;

#[derive(Clone, Serialize)]
pub struct Entry {
    pub method: String,
    pub path: String,
    pub query: String,
    pub status: u16,
    pub signed: bool,
    /// The user, or the API key where it acts by itself.
    #[serde(rename = "for")]
    pub acting_for: Option<String>,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

#[derive(Default)]
pub struct Journal(VecDeque<Entry>);

impl Journal {
    pub fn add(&mut self, entry: Entry) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The oldest first.
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.0
    }
}
