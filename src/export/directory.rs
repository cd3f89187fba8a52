//! The directory of an export: its lock, its state file and its output files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::dedup::{self, Version};
use super::resource::ResourceOptions;
use super::state::{ResourceState, VersionsFile};
use super::state_file;
use crate::error::{Error, Outcome, Result, Status};

const START_OVER: &str =
    "remove it and the files beside it to start over, or use another directory";

/// A directory, locked against other exports.
pub(super) struct Directory {
    path: PathBuf,
    lock: File,
}

/// A file that is appended to.
pub(super) struct OutputFile {
    path: PathBuf,
    file: File,
}

impl Directory {
    /// Creates the directory if it is missing, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        if path.as_os_str().is_empty() {
            return Err(Error::invalid("directory", "must not be empty"));
        }
        // The host's working directory may change later.
        let path = std::path::absolute(path).map_err(|error| io_error(path, &error))?;
        fs::create_dir_all(&path).map_err(|error| io_error(&path, &error))?;
        let lock_path = path.join("state.lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(|error| io_error(&lock_path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Directory { path, lock }),
            Err(TryLockError::WouldBlock) => Err(file_error(
                &path,
                "another export uses this directory (it holds the lock of state.lock)",
            )),
            Err(TryLockError::Error(error)) => Err(io_error(&lock_path, &error)),
        }
    }

    /// Reads `state.json`. Returns no states if the file does not exist.
    pub(super) fn read_state(&self) -> Result<Vec<ResourceState>> {
        let path = self.state_path();
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io_error(&path, &error)),
        };
        state_file::from_json(&json)
            .map_err(|why| file_error(&path, &format!("{why}; {START_OVER}")))
    }

    /// Replaces `state.json` atomically.
    pub(super) fn write_state(&self, states: &[ResourceState]) -> Result<()> {
        let new = self.path.join("state.json.new");
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(state_file::to_json(states).as_bytes())?;
            file.sync_data()
        };
        write().map_err(|error| io_error(&new, &error))?;
        self.rename(&new, &self.state_path())
    }

    /// Fails if an output file of a new resource exists, which is not this export's.
    pub(super) fn check_unused(&self, resource: &ResourceOptions) -> Result<()> {
        for path in [self.final_path(resource), self.output_path(resource)] {
            if path.exists() {
                return Err(file_error(
                    &path,
                    "exists already and is not in state.json; move it away, or use another \
                     directory",
                ));
            }
        }
        Ok(())
    }

    /// Opens the output file of a resource and truncates it to its valid length.
    pub(super) fn open_output(&self, state: &ResourceState) -> Result<OutputFile> {
        open_truncated(self.output_path(&state.options), state.bytes)
    }

    /// Opens a file with versions of records and truncates it to its valid length.
    pub(super) fn open_versions(&self, name: &str, file: VersionsFile) -> Result<OutputFile> {
        open_truncated(self.versions_path(name, file), file.bytes)
    }

    /// Reads a file with versions of records.
    pub(super) fn read_versions(&self, name: &str, file: VersionsFile) -> Result<Vec<Version>> {
        if file.bytes == 0 {
            return Ok(Vec::new());
        }
        let path = self.versions_path(name, file);
        let lines = fs::read(&path).map_err(|error| io_error(&path, &error))?;
        let valid = usize::try_from(file.bytes).ok();
        let valid = valid.and_then(|bytes| lines.get(..bytes));
        valid
            .and_then(dedup::from_lines)
            .ok_or_else(|| file_error(&path, &format!("is damaged; {START_OVER}")))
    }

    /// Removes a file with versions of records that the state does not refer to any more.
    pub(super) fn remove_versions(&self, name: &str, file: VersionsFile) {
        // If that fails, the file stays and is never read.
        let _ = fs::remove_file(self.versions_path(name, file));
    }

    /// Renames the output file of a complete list to its final name.
    pub(super) fn publish(&self, resource: &ResourceOptions) -> Result<()> {
        let (output, published) = (self.output_path(resource), self.final_path(resource));
        if output == published || !output.exists() {
            return Ok(());
        }
        self.rename(&output, &published)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        fs::rename(from, to).map_err(|error| io_error(to, &error))?;
        // A rename is durable once the directory is synced.
        #[cfg(unix)]
        File::open(&self.path)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| io_error(&self.path, &error))?;
        Ok(())
    }

    fn state_path(&self) -> PathBuf {
        self.path.join("state.json")
    }

    fn versions_path(&self, name: &str, file: VersionsFile) -> PathBuf {
        self.path.join(format!("state.{name}.{}", file.number))
    }

    fn final_path(&self, resource: &ResourceOptions) -> PathBuf {
        let extension = resource.format.name();
        self.path.join(format!("{}.{extension}", resource.name))
    }

    /// Returns the path that a resource is written to. A list that is not incremental is
    /// written to a temporary file, which replaces the file of the last run at the end.
    fn output_path(&self, resource: &ResourceOptions) -> PathBuf {
        let mut path = self.final_path(resource).into_os_string();
        if !resource.incremental {
            path.push(".part");
        }
        path.into()
    }
}

/// Unlocks explicitly: a forked child may still have the file open, and the lock with it.
impl Drop for Directory {
    fn drop(&mut self) {
        // If that fails, the lock ends with the process.
        let _ = self.lock.unlock();
    }
}

impl OutputFile {
    /// Writes `data` at `offset` and syncs it to the disk.
    pub(super) fn write(&mut self, offset: u64, data: &[u8]) -> Result<()> {
        if data.is_empty() {
            return Ok(());
        }
        let mut write = || {
            self.file.seek(SeekFrom::Start(offset))?;
            self.file.write_all(data)?;
            self.file.sync_data()
        };
        write().map_err(|error| io_error(&self.path, &error))
    }
}

/// Opens the file at `path`, which is created if it is missing, and truncates it to `bytes`.
fn open_truncated(path: PathBuf, bytes: u64) -> Result<OutputFile> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| io_error(&path, &error))?;
    let length = file
        .metadata()
        .map_err(|error| io_error(&path, &error))?
        .len();
    if length < bytes {
        let why = format!("has {length} bytes but {bytes} were written; {START_OVER}");
        return Err(file_error(&path, &why));
    }
    if length > bytes {
        file.set_len(bytes)
            .map_err(|error| io_error(&path, &error))?;
    }
    Ok(OutputFile { path, file })
}

fn io_error(path: &Path, error: &io::Error) -> Error {
    file_error(path, &error.to_string())
}

fn file_error(path: &Path, why: &str) -> Error {
    let message = format!("{}: {why}", path.display());
    Error::new(Status::FileError, Outcome::NotSent, message)
}
