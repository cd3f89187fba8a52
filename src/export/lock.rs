//! The lock of an export's directory.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use once_cell::race::OnceBox;

use super::file::{self, file_error, io_error};
use crate::error::{Error, Result};
use crate::process::fork::PerProcess;

/// The lock of a directory, held until it is dropped.
///
/// Between processes it is a POSIX record lock of `state.lock`. A child does not inherit it, so
/// it ends with the process that took it. But it does not exclude exports of the same process,
/// and ends when that process closes any descriptor of the file. So `HELD` lists the directories
/// of this process, and a file is opened only if its directory is not in there. On Windows, the
/// lock belongs to the handle.
pub(super) struct DirectoryLock {
    directory: DirectoryId,
    /// `None` while it is dropped.
    file: Option<File>,
}

/// The directories that this process has locked. A forked child begins with none.
static HELD: OnceBox<PerProcess<Mutex<Vec<DirectoryId>>>> = OnceBox::new();

fn held() -> MutexGuard<'static, Vec<DirectoryId>> {
    let held = HELD.get_or_init(Box::default).get(Mutex::default).lock();
    held.unwrap_or_else(PoisonError::into_inner)
}

impl DirectoryLock {
    /// Locks `directory`, which exists.
    pub(super) fn acquire(directory: &Path) -> Result<Self> {
        let id = DirectoryId::of(directory).map_err(|error| io_error(directory, &error))?;
        let mut held = held();
        if held.contains(&id) {
            return Err(in_use(directory));
        }
        let path = directory.join("state.lock");
        let file = file::open(&path)?;
        lock(&file, directory, &path)?;
        held.push(id.clone());
        Ok(DirectoryLock {
            directory: id,
            file: Some(file),
        })
    }

    /// Takes the lock again if the program closed a descriptor of `state.lock`, for example after
    /// copying the directory. On Windows, a handle neither loses its lock nor gets it twice.
    pub(super) fn renew(&self, directory: &Path) -> Result<()> {
        match &self.file {
            Some(file) if cfg!(unix) => lock(file, directory, &directory.join("state.lock")),
            _ => Ok(()),
        }
    }
}

fn lock(file: &File, directory: &Path, path: &Path) -> Result<()> {
    match try_lock(file) {
        Ok(true) => Ok(()),
        Ok(false) => Err(in_use(directory)),
        Err(error) => Err(io_error(path, &error)),
    }
}

fn in_use(directory: &Path) -> Error {
    file_error(
        directory,
        "another export uses this directory (it holds the lock of state.lock)",
    )
}

/// Closes the file, which unlocks it, before another export of this process may open it.
impl Drop for DirectoryLock {
    fn drop(&mut self) {
        let mut held = held();
        drop(self.file.take());
        held.retain(|id| *id != self.directory);
    }
}

#[cfg(unix)]
fn try_lock(file: &File) -> io::Result<bool> {
    crate::process::system::try_lock(file)
}

#[cfg(not(unix))]
fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(std::fs::TryLockError::WouldBlock) => Ok(false),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Identifies a directory whatever path it was opened by.
#[derive(Clone, PartialEq)]
#[cfg(unix)]
struct DirectoryId(u64, u64);

#[cfg(unix)]
impl DirectoryId {
    fn of(directory: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;

        let metadata = directory.metadata()?;
        Ok(DirectoryId(metadata.dev(), metadata.ino()))
    }
}

#[derive(Clone, PartialEq)]
#[cfg(not(unix))]
struct DirectoryId(std::path::PathBuf);

#[cfg(not(unix))]
impl DirectoryId {
    fn of(directory: &Path) -> io::Result<Self> {
        directory.canonicalize().map(DirectoryId)
    }
}
