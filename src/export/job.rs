//! The part of a run that concerns one resource: its files, and what was written to them.

use super::dedup::{self, WrittenVersions};
use super::directory::Directory;
use super::file::OutputFile;
use super::page_output::PageOutput;
use super::state::ResourceState;
use crate::error::Result;

/// A resource that a run exports.
pub(super) struct Job {
    /// Index of its state.
    pub(super) state: usize,
    /// The versions of records that were written and may be received again.
    pub(super) written: WrittenVersions,
    files: Option<Files>,
    /// Its pages or its end are not saved yet.
    is_unsaved: bool,
    /// All of it is saved.
    pub(super) is_done: bool,
}

struct Files {
    output: OutputFile,
    /// The versions of records that may be received again.
    versions: OutputFile,
}

impl Job {
    pub(super) fn new(state: usize) -> Self {
        Job {
            state,
            written: WrittenVersions::default(),
            files: None,
            is_unsaved: false,
            is_done: false,
        }
    }

    /// Opens the files that have data already, and reads the versions.
    pub(super) fn open(&mut self, directory: &mut Directory, state: &ResourceState) -> Result<()> {
        let (name, versions) = (&state.options.name, state.window.versions_file);
        let mut output = directory.output(state);
        if state.bytes > 0 {
            directory.save(&mut output)?;
        }
        self.written = WrittenVersions::default();
        self.written
            .extend(&directory.read_versions(name, versions)?);
        self.files = Some(Files {
            output,
            versions: directory.versions(name, versions),
        });
        Ok(())
    }

    /// Appends a page to the files, and counts its versions in `state`.
    pub(super) fn add(&mut self, output: PageOutput, state: &mut ResourceState) {
        self.is_unsaved = true;
        self.written.extend(&output.versions);
        let lines = dedup::to_lines(&output.versions);
        state.window.versions_file.bytes += lines.len() as u64;
        if let Some(files) = &mut self.files {
            files.output.append(output.lines);
            files.versions.append(lines.into_bytes());
        }
    }

    /// Writes what was added to the disk. Creates the output file of an empty list, too.
    pub(super) fn save(&mut self, directory: &mut Directory) -> Result<()> {
        let Some(files) = self.files.as_mut().filter(|_| self.is_unsaved) else {
            return Ok(());
        };
        directory.save(&mut files.output)?;
        if files.versions.has_unsaved() {
            directory.save(&mut files.versions)?;
        }
        self.is_unsaved = false;
        Ok(())
    }

    /// Closes the files after all of the resource is saved.
    pub(super) fn finish(&mut self) {
        *self = Job {
            is_done: true,
            ..Job::new(self.state)
        };
    }
}
