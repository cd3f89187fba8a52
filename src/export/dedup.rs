//! Recognizes records that were already written. The windows of two runs overlap, and the
//! service sends the records of the overlap in both.
//!
//! There may be many, for example if somebody changes all records while a list is read. So
//! each one is a line appended to a file beside `state.json`, and 16 bytes in memory.

use std::collections::HashSet;
use std::io::{self, ErrorKind, Write};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};

/// Hash of a record. Identifies a version of it even if the record changed twice within the
/// resolution of `updated_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Fingerprint([u8; 16]);

/// A version of a record that was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Version {
    /// The record's `updated_at`, in seconds since 1970.
    pub(super) updated_at: i64,
    fingerprint: Fingerprint,
}

/// The versions that were written and may be received again.
#[derive(Default)]
pub(super) struct WrittenVersions(HashSet<Fingerprint>);

impl Version {
    pub(super) fn of(record: &str, updated_at: i64) -> Self {
        let digest = Sha256::digest(record);
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&digest[..16]);
        Version {
            updated_at,
            fingerprint: Fingerprint(fingerprint),
        }
    }

    fn from_line(line: &str) -> Option<Self> {
        let (updated_at, fingerprint) = line.split_once(' ')?;
        let fingerprint = BASE64_URL_SAFE_NO_PAD.decode(fingerprint).ok()?;
        Some(Version {
            updated_at: updated_at.parse().ok()?,
            fingerprint: Fingerprint(fingerprint.try_into().ok()?),
        })
    }

    fn to_line(self) -> String {
        let fingerprint = BASE64_URL_SAFE_NO_PAD.encode(self.fingerprint.0);
        format!("{} {fingerprint}\n", self.updated_at)
    }
}

impl WrittenVersions {
    pub(super) fn of(versions: &[Version]) -> io::Result<Self> {
        let mut written = WrittenVersions::default();
        written.reserve(versions.len())?;
        let fingerprints = versions.iter().map(|version| version.fingerprint);
        written.0.extend(fingerprints);
        Ok(written)
    }

    /// Their number is the service's, so the memory may not suffice.
    fn reserve(&mut self, count: usize) -> io::Result<()> {
        let reserved = self.0.try_reserve(count);
        reserved.map_err(|_| ErrorKind::OutOfMemory.into())
    }
}

/// The versions of a page, which are also among those that were written.
pub(super) struct NewVersions<'a> {
    written: &'a mut WrittenVersions,
    new: Vec<Version>,
}

impl<'a> NewVersions<'a> {
    pub(super) fn new(written: &'a mut WrittenVersions) -> Self {
        let new = Vec::new();
        NewVersions { written, new }
    }

    /// Returns whether no version was written that may be received again, this page included.
    pub(super) fn are_first(&self) -> bool {
        self.written.0.is_empty()
    }

    pub(super) fn contains(&self, version: &Version) -> bool {
        self.written.0.contains(&version.fingerprint)
    }

    /// Adds a version. Returns false if it was written.
    pub(super) fn insert(&mut self, version: Version) -> io::Result<bool> {
        self.written.reserve(1)?;
        let reserved = self.new.try_reserve(1);
        reserved.map_err(|_| ErrorKind::OutOfMemory)?;
        let is_new = self.written.0.insert(version.fingerprint);
        if is_new {
            self.new.push(version);
        }
        Ok(is_new)
    }

    /// Writes the versions of the page as lines of their file.
    pub(super) fn write_to(&self, file: impl Write) -> io::Result<()> {
        write_lines(file, &self.new)
    }

    /// Removes the versions of the page, which is not written after all.
    pub(super) fn remove(self) {
        for version in &self.new {
            self.written.0.remove(&version.fingerprint);
        }
    }
}

/// Writes versions as lines of their file.
pub(super) fn write_lines(mut file: impl Write, versions: &[Version]) -> io::Result<()> {
    let mut lines = versions.iter().map(|version| version.to_line());
    lines.try_for_each(|line| file.write_all(line.as_bytes()))
}

/// Parses the lines that `write_lines` wrote. Fails with `InvalidData` if they are damaged.
pub(super) fn from_lines(lines: &[u8]) -> io::Result<Vec<Version>> {
    let lines = std::str::from_utf8(lines).map_err(|_| ErrorKind::InvalidData)?;
    let mut versions = Vec::new();
    for line in lines.lines() {
        versions
            .try_reserve(1)
            .map_err(|_| ErrorKind::OutOfMemory)?;
        versions.push(Version::from_line(line).ok_or(ErrorKind::InvalidData)?);
    }
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_round_trip() {
        let versions = [
            Version::of("{\"id\":1}", -5),
            Version::of("{\"id\":2}", 1 << 40),
        ];
        let mut lines = Vec::new();
        write_lines(&mut lines, &versions).unwrap();
        assert_eq!(lines.split(|byte| *byte == b'\n').count(), 3);
        assert_eq!(from_lines(&lines).unwrap(), versions);
        assert_eq!(from_lines(b"").unwrap(), []);
    }

    #[test]
    fn rejects_damaged_lines() {
        for damaged in [
            "1",
            "1 x",
            "x AAAAAAAAAAAAAAAAAAAAAA",
            "1 AAAAAAAAAAAAAAAAAAAAA",
        ] {
            let error = from_lines(damaged.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{damaged}");
        }
        assert!(from_lines(b"\xff").is_err());
    }

    #[test]
    fn compares_the_whole_record() {
        let version = Version::of("{\"a\":1}", 1);
        let mut written = WrittenVersions::of(&[version]).unwrap();
        let new = NewVersions::new(&mut written);
        assert!(new.contains(&version));
        assert!(!new.contains(&Version::of("{\"a\":2}", 1)));
    }
    #[test]
    fn forgets_the_versions_of_a_page_that_is_not_written() {
        let [old, new] = [Version::of("1", 1), Version::of("2", 2)];
        let mut written = WrittenVersions::of(&[old]).unwrap();
        let mut page = NewVersions::new(&mut written);
        assert!(!page.insert(old).unwrap());
        assert!(page.insert(new).unwrap());
        assert!(!page.insert(new).unwrap());
        page.remove();
        let page = NewVersions::new(&mut written);
        assert!(page.contains(&old) && !page.contains(&new));
    }
}
