//! Converts a page to the lines that are appended to the output file, without records that
//! were already written.

use time::OffsetDateTime;

use super::dedup::{Version, WrittenVersions};
use super::format::{self, Format};
use super::page_loader::LoadedPage;
use super::state::{Position, ResourceState};
use crate::collection::NextPage;

/// The output for a page.
#[derive(Default)]
pub(super) struct PageOutput {
    pub(super) lines: Vec<u8>,
    /// The versions of records in `lines` that may be received again in the next window.
    pub(super) versions: Vec<Version>,
}

impl ResourceState {
    /// Advances the state past a page. Returns the output, which must be written before the
    /// state is saved.
    pub(super) fn add_page(&mut self, page: &LoadedPage, written: &WrittenVersions) -> PageOutput {
        let slice = &page.slice;
        self.window.trail = page.trail.clone();
        let counts = &mut self.window.counts;
        if self.window.started_at.is_none() {
            self.window.started_at = Some(page.requested_at);
            counts.total = slice.page.total().and_then(|total| total.try_into().ok());
        }
        counts.read += slice.records.len() as u64;
        self.window.position = match &slice.next {
            NextPage::Cursor(cursor) => Position::Cursor(cursor.clone()),
            NextPage::Number(number) => Position::Page {
                number: *number,
                // The same request has the same pages. If it is not known, the path has it.
                per_page: slice.requested_size.unwrap_or(1),
            },
            NextPage::None => Position::End,
        };

        let mut records = Vec::with_capacity(slice.records.len());
        let mut versions = Vec::new();
        for (number, index) in slice.records.clone().enumerate() {
            let record = slice.page.record(index).unwrap_or_default();
            let updated_at = page.updated_at.get(number).copied();
            if self.includes(record, updated_at, written, &mut versions) {
                records.push(record);
            }
        }
        self.window.counts.written += records.len() as u64;
        self.records += records.len() as u64;
        let lines = self.format_records(&records);
        self.bytes += lines.len() as u64;
        PageOutput { lines, versions }
    }

    /// Returns whether a record belongs to the export and was not written before. Adds its
    /// version to `versions` if it may be received again.
    fn includes(
        &self,
        record: &str,
        updated_at: Option<OffsetDateTime>,
        written: &WrittenVersions,
        versions: &mut Vec<Version>,
    ) -> bool {
        let Some(updated_at) = updated_at else {
            // The list is not incremental.
            return true;
        };
        // The service may ignore parameters. What is older than the window was written by the
        // runs before.
        let is_before =
            |start: Option<OffsetDateTime>| start.is_some_and(|start| updated_at < start);
        let too_early = is_before(self.options.since) || is_before(self.window.updated_after);
        let too_late = self.options.until.is_some_and(|until| updated_at >= until);
        if too_early || too_late {
            return false;
        }
        let in_next_window = Some(updated_at) >= self.window.next_start();
        if !in_next_window && written.is_empty() {
            return true;
        }
        let version = Version::of(record, updated_at.unix_timestamp());
        if written.contains(&version) || versions.contains(&version) {
            return false;
        }
        if in_next_window {
            versions.push(version);
        }
        true
    }

    /// Formats records as lines, after the CSV header if it is not written yet.
    fn format_records(&mut self, records: &[&str]) -> Vec<u8> {
        let mut lines = Vec::new();
        if records.is_empty() {
            return lines;
        }
        if self.options.format == Format::JsonLines {
            format::add_json_lines(&mut lines, records);
            return lines;
        }
        if self.header.is_none() {
            let columns = self.options.columns.clone();
            let header = columns.unwrap_or_else(|| format::columns_of(records));
            format::add_csv_header(&mut lines, &header);
            self.header = Some(header);
        }
        let header = self.header.as_deref().unwrap_or_default();
        format::add_csv_rows(&mut lines, header, records);
        lines
    }
}
