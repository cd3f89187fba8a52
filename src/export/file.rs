//! The files in an export's directory. All of them are regular files: anything else in the place
//! of one is an error, so that no call hangs on a FIFO or writes to where a link points.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::buffer::Buffer;
use crate::error::{Error, Outcome, Result, Status};

pub(super) const START_OVER: &str =
    "remove it and the files beside it to start over, or use another directory";

/// A file that is appended to. What is appended is in memory until it is saved.
pub(super) struct OutputFile {
    path: PathBuf,
    file: Option<File>,
    /// Valid length. What follows was written by a process that did not save its state.
    saved: u64,
    pub(super) unsaved: Buffer,
}

impl OutputFile {
    /// Describes the file at `path`, of which `saved` bytes are valid.
    pub(super) fn new(path: PathBuf, saved: u64) -> Self {
        OutputFile {
            path,
            file: None,
            saved,
            unsaved: Buffer::default(),
        }
    }

    /// Returns the length of the file once everything is saved.
    pub(super) fn len(&self) -> u64 {
        self.saved + self.unsaved.len() as u64
    }

    /// Opens the file if it is not open, and truncates it to its valid length. Returns whether
    /// it was created.
    pub(super) fn open(&mut self) -> Result<bool> {
        if self.file.is_some() {
            return Ok(false);
        }
        let is_new = kind(&self.path)?.is_none();
        let file = open(&self.path)?;
        let io_error = |error| io_error(&self.path, &error);
        let length = file.metadata().map_err(io_error)?.len();
        if length < self.saved {
            let saved = self.saved;
            let why = format!("has {length} bytes but {saved} were written; {START_OVER}");
            return Err(file_error(&self.path, &why));
        }
        if length > self.saved {
            file.set_len(self.saved).map_err(io_error)?;
        }
        self.file = Some(file);
        Ok(is_new)
    }

    /// Writes what was appended, and syncs it to the disk. After an error the next call writes
    /// all of it again: after a failed sync, nobody knows what is on the disk.
    pub(super) fn save(&mut self) -> Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        if self.unsaved.is_empty() {
            return Ok(());
        }
        let mut write = || {
            file.seek(SeekFrom::Start(self.saved))?;
            self.unsaved.write_to(file)?;
            file.sync_data()
        };
        write().map_err(|error| io_error(&self.path, &error))?;
        self.saved += self.unsaved.len() as u64;
        self.unsaved.truncate(0);
        Ok(())
    }
}

/// Opens a file for reading and writing. Creates it if it is missing.
pub(super) fn open(path: &Path) -> Result<File> {
    open_regular(path, OpenOptions::new().write(true).create(true))
}

/// Creates a file that replaces any other at this path but a directory.
pub(super) fn create(path: &Path) -> Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(io_error(path, &error)),
        _ => {}
    }
    open_regular(path, OpenOptions::new().write(true).create_new(true))
}

/// Reads a file; `None` if it does not exist.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    if kind(path)?.is_none() {
        return Ok(None);
    }
    let mut data = Vec::new();
    let read = open_regular(path, &mut OpenOptions::new())?.read_to_end(&mut data);
    read.map_err(|error| io_error(path, &error))?;
    Ok(Some(data))
}

fn open_regular(path: &Path, options: &mut OpenOptions) -> Result<File> {
    let check = |kind: FileType| match kind.is_file() {
        true => Ok(()),
        false => Err(file_error(path, &format!("is {}, not a file", name(kind)))),
    };
    kind(path)?.map_or(Ok(()), check)?;
    // It may be replaced before it is opened.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let io_error = |error| io_error(path, &error);
    let file = options.read(true).open(path).map_err(io_error)?;
    check(file.metadata().map_err(io_error)?.file_type())?;
    Ok(file)
}

/// Returns what is at `path`, which is not followed if it is a link; `None` if there is nothing.
pub(super) fn kind(path: &Path) -> Result<Option<FileType>> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata.file_type())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error(path, &error)),
    }
}

fn name(kind: FileType) -> &'static str {
    if kind.is_symlink() {
        return "a symbolic link";
    }
    if kind.is_dir() {
        return "a directory";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;

        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    "a device"
}

pub(super) fn io_error(path: &Path, error: &io::Error) -> Error {
    file_error(path, &error.to_string())
}

pub(super) fn file_error(path: &Path, why: &str) -> Error {
    let message = format!("{}: {why}", path.display());
    Error::new(Status::FileError, Outcome::NotSent, message)
}
