//! Converts a page to the lines that are appended to the output file, without records that
//! were already written.

use std::io;

use time::OffsetDateTime;

use super::buffer::PageLines;
use super::csv_rows::{CsvRows, columns_of};
use super::dedup::{NewVersions, Version};
use super::format::{self, Format};
use super::page_loader::LoadedPage;
use super::state::{Position, ResourceState};
use crate::collection::NextPage;

impl ResourceState {
    /// Adds the records of a page to `lines` that belong to the export and were not written
    /// before, and advances past it. The lines must be written before the state is saved.
    ///
    /// # Errors
    /// Those of `lines`, and of memory. Then some of the page is added.
    pub(super) fn add_page(
        &mut self,
        page: &LoadedPage,
        mut lines: PageLines<'_>,
        versions: &mut NewVersions<'_>,
    ) -> io::Result<()> {
        self.advance(page);
        let added = match self.options.format {
            Format::JsonLines => self.add_records(page, versions, |record| {
                format::add_json_line(&mut lines, record)
            })?,
            Format::Csv => self.add_csv_rows(page, versions, lines)?,
        };
        self.window.counts.written += added;
        self.records += added;
        Ok(())
    }

    /// Moves to the page after `page`.
    fn advance(&mut self, page: &LoadedPage) {
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
    }

    /// Adds rows, after the header if it is not written yet.
    fn add_csv_rows(
        &mut self,
        page: &LoadedPage,
        versions: &mut NewVersions<'_>,
        lines: PageLines<'_>,
    ) -> io::Result<u64> {
        let known = self.header.as_ref().or(self.options.columns.as_ref());
        let columns = known.cloned();
        let columns = columns.unwrap_or_else(|| columns_of(page.slice.records()));
        let mut rows = CsvRows::new(lines, &columns, self.header.is_none());
        let added = self.add_records(page, versions, |record| rows.add(record))?;
        rows.finish()?;
        if added > 0 {
            self.header = Some(columns);
        }
        Ok(added)
    }

    /// Calls `add` for each record that belongs to the export and was not written before.
    /// Returns their number.
    fn add_records<'a>(
        &self,
        page: &'a LoadedPage,
        versions: &mut NewVersions<'_>,
        mut add: impl FnMut(&'a str) -> io::Result<()>,
    ) -> io::Result<u64> {
        let mut added = 0;
        for (number, record) in page.slice.records().enumerate() {
            let updated_at = page.updated_at.get(number).copied();
            if self.includes(record, updated_at, versions)? {
                add(record)?;
                added += 1;
            }
        }
        Ok(added)
    }

    /// Returns whether a record belongs to the export and was not written before. Adds its
    /// version to `versions` if it may be received again.
    fn includes(
        &self,
        record: &str,
        updated_at: Option<OffsetDateTime>,
        versions: &mut NewVersions<'_>,
    ) -> io::Result<bool> {
        let Some(updated_at) = updated_at else {
            // The list is not incremental.
            return Ok(true);
        };
        // The service may ignore parameters. What is older than the window was written by the
        // runs before.
        let is_before =
            |start: Option<OffsetDateTime>| start.is_some_and(|start| updated_at < start);
        let too_early = is_before(self.options.since) || is_before(self.window.updated_after);
        let too_late = self.options.until.is_some_and(|until| updated_at >= until);
        if too_early || too_late {
            return Ok(false);
        }
        let in_next_window = Some(updated_at) >= self.window.next_start();
        if !in_next_window && versions.are_first() {
            return Ok(true);
        }
        let version = Version::of(record, updated_at.unix_timestamp());
        match in_next_window {
            true => versions.insert(version),
            false => Ok(!versions.contains(&version)),
        }
    }
}
