//! The directory of an export: its files, its state, and who may use it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::options::Resource;
use super::recent::{self, Note};
use super::state::{self, Entry, RecentFile};
use crate::error::{Error, Outcome, Result, Status};

const START_OVER: &str =
    "remove it and the files beside it to start over, or name another directory";

/// A directory that no other export uses.
pub(super) struct Directory {
    path: PathBuf,
    lock: File,
}

/// The file that a resource is written to.
pub(super) struct Output {
    path: PathBuf,
    file: File,
}

impl Directory {
    /// Makes the directory where it is missing, and takes it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        if path.as_os_str().is_empty() {
            return Err(Error::invalid("directory", "must not be empty"));
        }
        // Where it is stays the same when the host's working directory changes.
        let path = std::path::absolute(path).map_err(|why| failed(path, &why))?;
        fs::create_dir_all(&path).map_err(|why| failed(&path, &why))?;
        let lock_path = path.join("state.lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(|why| failed(&lock_path, &why))?;
        match lock.try_lock() {
            Ok(()) => Ok(Directory { path, lock }),
            Err(TryLockError::WouldBlock) => Err(file_error(
                &path,
                "another export uses this directory (it holds the lock of state.lock)",
            )),
            Err(TryLockError::Error(why)) => Err(failed(&lock_path, &why)),
        }
    }

    /// The entries of `state.json`; none where there is no such file.
    pub(super) fn read_state(&self) -> Result<Vec<Entry>> {
        let path = self.state_path();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(why) => return Err(failed(&path, &why)),
        };
        state::from_json(&text).map_err(|why| file_error(&path, &format!("{why}; {START_OVER}")))
    }

    /// In one step: what is read later is this state or the one before.
    pub(super) fn write_state(&self, entries: &[Entry]) -> Result<()> {
        let fresh = self.path.join("state.json.new");
        let write = || {
            let mut file = File::create(&fresh)?;
            file.write_all(state::to_json(entries).as_bytes())?;
            file.sync_data()
        };
        write().map_err(|why| failed(&fresh, &why))?;
        self.rename(&fresh, &self.state_path())
    }

    /// Refuses to write over a file that is not this export's.
    pub(super) fn check_unused(&self, resource: &Resource) -> Result<()> {
        for path in [self.final_path(resource), self.path_of(resource)] {
            if path.exists() {
                return Err(file_error(
                    &path,
                    "is there already, and state.json does not know it; move it away, or name \
                     another directory",
                ));
            }
        }
        Ok(())
    }

    /// The output of `entry`, cut to what counts of it.
    pub(super) fn open_output(&self, entry: &Entry) -> Result<Output> {
        open_counted(self.path_of(&entry.resource), entry.bytes)
    }

    /// The file with what may come again, cut to what counts of it.
    pub(super) fn open_recent(&self, name: &str, recent: RecentFile) -> Result<Output> {
        open_counted(self.recent_path(name, recent), recent.bytes)
    }

    /// What that file holds.
    pub(super) fn read_recent(&self, name: &str, recent: RecentFile) -> Result<Vec<Note>> {
        if recent.bytes == 0 {
            return Ok(Vec::new());
        }
        let path = self.recent_path(name, recent);
        let lines = fs::read(&path).map_err(|why| failed(&path, &why))?;
        let counted = usize::try_from(recent.bytes).ok();
        let counted = counted.and_then(|bytes| lines.get(..bytes));
        counted
            .and_then(recent::from_lines)
            .ok_or_else(|| file_error(&path, &format!("is damaged; {START_OVER}")))
    }

    /// Removes a file with what may come again, which no state tells of any more.
    pub(super) fn remove_recent(&self, name: &str, recent: RecentFile) {
        // What stays is of no use and does no harm.
        let _ = fs::remove_file(self.recent_path(name, recent));
    }

    /// Gives a whole list its name, when all of it is written.
    pub(super) fn publish(&self, resource: &Resource) -> Result<()> {
        let (part, whole) = (self.path_of(resource), self.final_path(resource));
        if part == whole || !part.exists() {
            return Ok(());
        }
        self.rename(&part, &whole)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        fs::rename(from, to).map_err(|why| failed(to, &why))?;
        // The new name is on the disk when the directory is.
        #[cfg(unix)]
        File::open(&self.path)
            .and_then(|directory| directory.sync_all())
            .map_err(|why| failed(&self.path, &why))?;
        Ok(())
    }

    fn state_path(&self) -> PathBuf {
        self.path.join("state.json")
    }

    fn recent_path(&self, name: &str, recent: RecentFile) -> PathBuf {
        self.path.join(format!("state.{name}.{}", recent.number))
    }

    fn final_path(&self, resource: &Resource) -> PathBuf {
        let extension = resource.format.name();
        self.path.join(format!("{}.{extension}", resource.name))
    }

    /// Where a resource is written: a list that is written anew each time takes
    /// the place of the last one when it is whole.
    fn path_of(&self, resource: &Resource) -> PathBuf {
        let mut path = self.final_path(resource).into_os_string();
        if !resource.incremental {
            path.push(".part");
        }
        path.into()
    }
}

/// A forked child may still hold the file, and the lock with it.
impl Drop for Directory {
    fn drop(&mut self) {
        // It ends with the process at the latest.
        let _ = self.lock.unlock();
    }
}

impl Output {
    /// Writes `text` at `start`, and to the disk.
    pub(super) fn write(&mut self, start: u64, text: &[u8]) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let mut write = || {
            self.file.seek(SeekFrom::Start(start))?;
            self.file.write_all(text)?;
            self.file.sync_data()
        };
        write().map_err(|why| failed(&self.path, &why))
    }
}

/// The file at `path`, made where it is missing, and cut to the `bytes` of it that
/// count.
fn open_counted(path: PathBuf, bytes: u64) -> Result<Output> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|why| failed(&path, &why))?;
    let length = file.metadata().map_err(|why| failed(&path, &why))?.len();
    if length < bytes {
        let why = format!("has {length} bytes where {bytes} were written; {START_OVER}");
        return Err(file_error(&path, &why));
    }
    if length > bytes {
        file.set_len(bytes).map_err(|why| failed(&path, &why))?;
    }
    Ok(Output { path, file })
}

fn failed(path: &Path, why: &io::Error) -> Error {
    file_error(path, &why.to_string())
}

fn file_error(path: &Path, why: &str) -> Error {
    let message = format!("{}: {why}", path.display());
    Error::new(Status::FileError, Outcome::NotSent, message)
}
