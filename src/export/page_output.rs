//! A page as the lines that are written, without what was written before.

use time::OffsetDateTime;

use super::format::{self, Format};
use super::moment;
use super::recent::{Note, Recent};
use super::state::{Entry, Place, Window};
use crate::collection::{NextPage, PageSlice};
use crate::encoding::json::Object;

/// What is to be written of a page.
#[derive(Default)]
pub(super) struct PageText {
    pub(super) lines: Vec<u8>,
    /// Versions that may come again.
    pub(super) notes: Vec<Note>,
}

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
    pub(super) fn take(
        &mut self,
        part: &PageSlice,
        asked_at: OffsetDateTime,
        recent: &Recent,
    ) -> PageText {
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
        let mut notes = Vec::new();
        for record in part.records.clone() {
            let record = part.page.record(record).unwrap_or_default();
            if self.wants(record, recent, &mut notes) {
                records.push(record);
            }
        }
        self.window.counts.written += records.len() as u64;
        self.records += records.len() as u64;
        let lines = self.lines_of(&records);
        self.bytes += lines.len() as u64;
        PageText { lines, notes }
    }

    /// Whether a record belongs to the window and was not written before; notes
    /// it where it may come again.
    fn wants(&self, record: &str, recent: &Recent, notes: &mut Vec<Note>) -> bool {
        if !self.resource.incremental {
            return true;
        }
        let Some(at) = updated_at(record) else {
            return true;
        };
        let is_early = self.resource.since.is_some_and(|since| at < since);
        let is_late = self.resource.until.is_some_and(|until| at >= until);
        if is_early || is_late {
            return false;
        }
        // Before the border of this window, the one before may have written it.
        let may_come_again = Some(at) >= self.window.border();
        if !may_come_again && recent.is_empty() {
            return true;
        }
        let note = Note::of(record, at.unix_timestamp());
        if recent.contains(&note) || notes.contains(&note) {
            return false;
        }
        if may_come_again {
            notes.push(note);
        }
        true
    }

    fn lines_of(&mut self, records: &[&str]) -> Vec<u8> {
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

/// When a record was changed last, where it says so.
fn updated_at(record: &str) -> Option<OffsetDateTime> {
    let object = Object::parse(record).ok()?;
    moment::parse(&object.text("updated_at")?)
}
