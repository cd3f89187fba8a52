//! The part of a run that concerns one resource: its files, and what was written to them.

use std::io::{self, ErrorKind};

use super::buffer::PageLines;
use super::dedup::{NewVersions, WrittenVersions};
use super::directory::Directory;
use super::file::OutputFile;
use super::page_loader::LoadedPage;
use super::state::{Position, ResourceState};
use crate::error::{Error, Result};

/// A resource that a run exports.
pub(super) struct Job {
    /// Index of its state.
    pub(super) state: usize,
    /// The versions of records that were written and may be received again.
    written: WrittenVersions,
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
        self.written = directory.read_written(name, versions)?;
        self.files = Some(Files {
            output,
            versions: directory.versions(name, versions),
        });
        Ok(())
    }

    /// Appends a page to the files, and advances `state` past it. Returns the number of bytes.
    /// After an error nothing has changed.
    pub(super) fn add_page(
        &mut self,
        page: &LoadedPage,
        state: &mut ResourceState,
    ) -> Result<usize> {
        let Some(Files { output, versions }) = &mut self.files else {
            return Err(Error::internal("a page of a list that is complete"));
        };
        let before = (output.unsaved.len(), versions.unsaved.len());
        let mut next = state.clone();
        let mut new = NewVersions::new(&mut self.written);
        let lines = PageLines::new(&mut output.unsaved, page.max_bytes);
        let added = next
            .add_page(page, lines, &mut new)
            .and_then(|()| new.write_to(&mut versions.unsaved));
        if let Err(error) = added {
            new.remove();
            output.unsaved.truncate(before.0);
            versions.unsaved.truncate(before.1);
            return Err(cannot_add(&error));
        }
        next.bytes = output.len();
        next.window.versions_file.bytes = versions.len();
        *state = next;
        self.is_unsaved = true;
        Ok(output.unsaved.len() - before.0)
    }

    /// Marks the list as read to its end.
    pub(super) fn end(&mut self, state: &mut ResourceState) -> usize {
        state.window.position = Position::End;
        self.is_unsaved = true;
        0
    }

    /// Writes what was added to the disk. Creates the output file of an empty list, too.
    pub(super) fn save(&mut self, directory: &mut Directory) -> Result<()> {
        let Some(files) = self.files.as_mut().filter(|_| self.is_unsaved) else {
            return Ok(());
        };
        directory.save(&mut files.output)?;
        if !files.versions.unsaved.is_empty() {
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

/// Returns the error of a page whose lines are too long, or for which there is no memory.
fn cannot_add(error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::OutOfMemory => Error::no_memory_for_response(),
        _ => Error::bad_response("the lines of a page are longer than max_response_bytes permits"),
    }
}
