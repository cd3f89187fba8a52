//! A page as the lines that are written, without what was written before.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::format::{self, Format};
use super::moment;
use super::state::{Entry, Place, Version, Window};
use crate::collection::{NextPage, Part};
use crate::json::Object;

impl Entry {
    /// Begins another window, after one that has come to its end.
    pub(super) fn begin(&mut self, window: Window) {
        self.window = window;
        if !self.resource.incremental {
            (self.bytes, self.records, self.header) = (0, 0, None);
        }
    }

    /// Takes a page: gives what is to be written of it, and is then what the
    /// state is when that is written.
    pub(super) fn take(&mut self, part: &Part, asked_at: OffsetDateTime) -> Vec<u8> {
        let counts = &mut self.window.counts;
        if self.window.begun.is_none() {
            self.window.begun = Some(asked_at);
            counts.total = part.page.total().and_then(|total| total.try_into().ok());
        }
        let on_page = part.records.len() as u64;
        counts.read += on_page;
        self.window.place = match &part.next {
            NextPage::Cursor(cursor) => Place::Cursor(cursor.clone()),
            NextPage::Number(number) => Place::Page {
                number: *number,
                per_page: part.page.per_page().unwrap_or(part.records.len()),
            },
            NextPage::None => Place::End,
        };

        let mut records = Vec::with_capacity(part.records.len());
        for record in part.records.clone() {
            let record = part.page.record(record).unwrap_or_default();
            if self.wants(record) {
                records.push(record);
            }
        }
        self.window.counts.written += records.len() as u64;
        self.records += records.len() as u64;
        let text = self.text_of(&records);
        self.bytes += text.len() as u64;
        text
    }

    /// Whether a record belongs to the window and was not written before; notes
    /// it where it may come again.
    fn wants(&mut self, record: &str) -> bool {
        let Some(change) = Change::of(record).filter(|_| self.resource.incremental) else {
            return true;
        };
        let is_early = self.resource.since.is_some_and(|since| change.at < since);
        let is_late = self.resource.until.is_some_and(|until| change.at >= until);
        if is_early || is_late {
            return false;
        }
        let is_known = self.window.recent.contains_key(&change.id);
        let may_come_again = Some(change.at) >= self.window.border();
        if !is_known && !may_come_again {
            return true;
        }
        let version = Version {
            updated_at: change.updated_at,
            digest: BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(record)),
        };
        if self.window.recent.get(&change.id) == Some(&version) {
            return false;
        }
        self.window.recent.insert(change.id, version);
        true
    }

    fn text_of(&mut self, records: &[&str]) -> Vec<u8> {
        let mut text = Vec::new();
        if records.is_empty() {
            return text;
        }
        if self.resource.format == Format::JsonLines {
            format::add_json_lines(&mut text, records);
            return text;
        }
        if self.header.is_none() {
            let asked_for = self.resource.columns.clone();
            let header = asked_for.unwrap_or_else(|| format::columns_of(records));
            format::add_csv_header(&mut text, &header);
            self.header = Some(header);
        }
        let header = self.header.as_deref().unwrap_or_default();
        format::add_csv_rows(&mut text, header, records);
        text
    }
}

/// When which record was changed last.
struct Change {
    /// As JSON.
    id: String,
    /// As it came, and the moment that it is.
    updated_at: String,
    at: OffsetDateTime,
}

impl Change {
    /// `None` where a record does not say.
    fn of(record: &str) -> Option<Self> {
        let object = Object::parse(record).ok()?;
        let updated_at = object.text("updated_at")?;
        Some(Change {
            id: object.get("id")?.to_owned(),
            at: moment::parse(&updated_at)?,
            updated_at,
        })
    }
}
