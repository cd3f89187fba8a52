//! The directory of an export: its lock, its state file and its output files.

use std::fs;
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::dedup::{self, Version, WrittenVersions};
use super::file::{self, OutputFile, START_OVER, file_error, io_error};
use super::lock::DirectoryLock;
use super::resource::ResourceOptions;
use super::state::{ResourceState, VersionsFile};
use super::state_file;
use crate::error::{Error, Result};

/// A directory, locked against other exports.
pub(super) struct Directory {
    path: PathBuf,
    /// What this export has read from or written to `state.json`; `None` if it does not exist.
    state: Option<Vec<u8>>,
    /// A file was created, and the directory is not synced.
    has_new_files: bool,
    lock: DirectoryLock,
}

impl Directory {
    /// Creates the directory if it is missing, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        if path.as_os_str().is_empty() {
            return Err(Error::invalid("directory", "must not be empty"));
        }
        // The host's working directory may change later.
        let path = std::path::absolute(path).map_err(|error| io_error(path, &error))?;
        create_directory(&path)?;
        let lock = DirectoryLock::acquire(&path)?;
        let state = file::read(&path.join("state.json"))?;
        Ok(Directory {
            path,
            state,
            has_new_files: false,
            lock,
        })
    }

    /// Parses `state.json`. Returns no states if the file does not exist.
    pub(super) fn read_state(&self) -> Result<Vec<ResourceState>> {
        let Some(json) = &self.state else {
            return Ok(Vec::new());
        };
        state_file::from_json(json)
            .map_err(|why| file_error(&self.state_path(), &format!("{why}; {START_OVER}")))
    }

    /// Replaces `state.json` atomically, after what it refers to.
    pub(super) fn write_state(&mut self, states: &[ResourceState]) -> Result<()> {
        self.check_owner()?;
        let path = self.path.join("state.json.new");
        let json = state_file::to_json(states).into_bytes();
        let mut file = file::create(&path)?;
        let mut write = || {
            file.write_all(&json)?;
            file.sync_data()?;
            file.rewind()?;
            let mut written = Vec::with_capacity(json.len());
            file.read_to_end(&mut written)?;
            Ok(written)
        };
        let written = write().map_err(|error| io_error(&path, &error))?;
        if state_file::from_json(&written).as_deref() != Ok(states) {
            let why = "is not what was written, and does not replace state.json";
            return Err(file_error(&path, why));
        }
        if self.has_new_files {
            sync_directory(&self.path)?;
            self.has_new_files = false;
        }
        let state_path = self.state_path();
        fs::rename(&path, &state_path).map_err(|error| io_error(&state_path, &error))?;
        self.state = Some(json);
        sync_directory(&self.path)
    }

    /// Fails if another export may have used the directory since this one locked it.
    fn check_owner(&self) -> Result<()> {
        self.lock.renew(&self.path)?;
        let path = self.state_path();
        match file::read(&path)? == self.state {
            true => Ok(()),
            false => Err(file_error(&path, "was changed by another program")),
        }
    }

    /// Fails if an output file of a new resource exists, which is not this export's.
    pub(super) fn check_unused(&self, resource: &ResourceOptions) -> Result<()> {
        for path in [self.final_path(resource), self.output_path(resource)] {
            if file::kind(&path)?.is_some() {
                return Err(file_error(
                    &path,
                    "exists already and is not in state.json; move it away, or use another \
                     directory",
                ));
            }
        }
        Ok(())
    }

    /// Returns the output file of a resource.
    pub(super) fn output(&self, state: &ResourceState) -> OutputFile {
        OutputFile::new(self.output_path(&state.options), state.bytes)
    }

    /// Returns a file with versions of records.
    pub(super) fn versions(&self, name: &str, file: VersionsFile) -> OutputFile {
        OutputFile::new(self.versions_path(name, file), file.bytes)
    }

    /// Opens a file, which is created if it is missing, and saves what was appended to it.
    pub(super) fn save(&mut self, file: &mut OutputFile) -> Result<()> {
        self.has_new_files |= file.open()?;
        file.save()
    }

    /// Reads a file with versions of records.
    pub(super) fn read_versions(&self, name: &str, file: VersionsFile) -> Result<Vec<Version>> {
        if file.bytes == 0 {
            return Ok(Vec::new());
        }
        let path = self.versions_path(name, file);
        let lines = file::read(&path)?.unwrap_or_default();
        let valid = usize::try_from(file.bytes).ok();
        let valid = valid.and_then(|bytes| lines.get(..bytes));
        let versions = valid.map_or(Err(ErrorKind::InvalidData.into()), dedup::from_lines);
        versions.map_err(|error| versions_error(&path, &error))
    }

    /// As [`Self::read_versions`], without their order and `updated_at`.
    pub(super) fn read_written(&self, name: &str, file: VersionsFile) -> Result<WrittenVersions> {
        let versions = self.read_versions(name, file)?;
        let path = self.versions_path(name, file);
        WrittenVersions::of(&versions).map_err(|error| versions_error(&path, &error))
    }

    /// Writes a new file with versions of records. Returns its length.
    pub(super) fn write_versions(
        &mut self,
        name: &str,
        file: VersionsFile,
        versions: &[Version],
    ) -> Result<u64> {
        let mut output = self.versions(name, file);
        let written = dedup::write_lines(&mut output.unsaved, versions);
        written.map_err(|error| versions_error(&self.versions_path(name, file), &error))?;
        self.save(&mut output)?;
        Ok(output.len())
    }

    /// Removes a file with versions of records that the state does not refer to any more.
    pub(super) fn remove_versions(&self, name: &str, file: VersionsFile) {
        // If that fails, the file stays and is never read.
        let _ = fs::remove_file(self.versions_path(name, file));
    }

    /// Renames the output file of a complete list to its final name.
    pub(super) fn publish(&self, state: &ResourceState) -> Result<()> {
        let output = self.output_path(&state.options);
        let published = self.final_path(&state.options);
        if output == published || file::kind(&output)?.is_none() {
            return Ok(());
        }
        self.output(state).open()?;
        file::check_regular(&published)?;
        fs::rename(&output, &published).map_err(|error| io_error(&published, &error))?;
        sync_directory(&self.path)
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

/// Returns the error of a file with versions of records, which is damaged or too large for the
/// memory.
fn versions_error(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidData => file_error(path, &format!("is damaged; {START_OVER}")),
        _ => io_error(path, error),
    }
}

/// Creates a directory and its ancestors, and syncs those that get a new entry.
fn create_directory(path: &Path) -> Result<()> {
    let existing = path.ancestors().find(|ancestor| ancestor.exists());
    let new = path.ancestors().take_while(|it| Some(*it) != existing);
    let parents: Vec<&Path> = new.filter_map(Path::parent).collect();
    fs::create_dir_all(path).map_err(|error| match error.kind() {
        // A file of that name; directories that exist are no error.
        ErrorKind::AlreadyExists => io_error(path, &ErrorKind::NotADirectory.into()),
        _ => io_error(path, &error),
    })?;
    parents.into_iter().try_for_each(sync_directory)
}

/// Makes new names in a directory durable.
#[cfg(unix)]
fn sync_directory(path: &Path) -> Result<()> {
    fs::File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| io_error(path, &error))
}

/// Windows does not sync directories; its file systems keep a journal of names.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::options;
    use super::*;
    use time::macros::datetime;

    #[test]
    fn state_waits_until_the_names_of_new_files_are_on_the_disk() {
        let path = std::env::temp_dir().join(format!("uservoice-names-{}", std::process::id()));
        let mut directory = Directory::open(&path).unwrap();
        let mut file = OutputFile::new(path.join("users.jsonl"), 0);
        for is_new in [true, false] {
            file.unsaved.write_all(b"{}\n").unwrap();
            directory.save(&mut file).unwrap();
            assert_eq!(directory.has_new_files, is_new);
            directory.write_state(&[]).unwrap();
            assert!(!directory.has_new_files);
        }
        let mut same = OutputFile::new(path.join("users.jsonl"), file.len());
        directory.save(&mut same).unwrap();
        assert!(!directory.has_new_files);
        drop(directory);
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn state_that_its_reader_rejects_does_not_replace_the_last_one() {
        let path = std::env::temp_dir().join(format!("uservoice-state-{}", std::process::id()));
        let mut directory = Directory::open(&path).unwrap();
        let resource = options::parse(r#"{"resources":["users"]}"#)
            .unwrap()
            .remove(0);
        let mut states = [ResourceState::new(resource)];
        directory.write_state(&states).unwrap();
        states[0].window.started_at = Some(datetime!(1969-12-31 23:59:30 UTC));
        let error = directory.write_state(&states).unwrap_err();
        assert!(error.message().contains("state.json.new: "), "{error}");
        states[0].window.started_at = None;
        assert_eq!(directory.read_state().unwrap(), states);
        drop(directory);
        // The next process reads the same.
        let directory = Directory::open(&path).unwrap();
        assert_eq!(directory.read_state().unwrap(), states);
        drop(directory);
        fs::remove_dir_all(&path).unwrap();
    }
}
