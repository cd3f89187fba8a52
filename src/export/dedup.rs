//! Recognizes records that were already written. The windows of two runs overlap, and the
//! service sends the records of the overlap in both.
//!
//! There may be many, for example if somebody changes all records while a list is read. So
//! each one is a line appended to a file beside `state.json`, and 16 bytes in memory.

use std::collections::HashSet;

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
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, version: &Version) -> bool {
        self.0.contains(&version.fingerprint)
    }

    pub(super) fn extend(&mut self, versions: &[Version]) {
        self.0
            .extend(versions.iter().map(|version| version.fingerprint));
    }
}

/// Formats versions as lines of their file.
pub(super) fn to_lines(versions: &[Version]) -> String {
    versions.iter().map(|version| version.to_line()).collect()
}

/// Parses the lines that `to_lines` wrote; `None` if they are damaged.
pub(super) fn from_lines(lines: &[u8]) -> Option<Vec<Version>> {
    let lines = std::str::from_utf8(lines).ok()?.lines();
    lines.map(Version::from_line).collect()
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
        let lines = to_lines(&versions);
        assert_eq!(lines.lines().count(), 2);
        assert_eq!(from_lines(lines.as_bytes()).unwrap(), versions);
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
            assert_eq!(from_lines(damaged.as_bytes()), None, "{damaged}");
        }
        assert_eq!(from_lines(b"\xff"), None);
    }

    #[test]
    fn compares_the_whole_record() {
        let mut written = WrittenVersions::default();
        written.extend(&[Version::of("{\"a\":1}", 1)]);
        assert!(written.contains(&Version::of("{\"a\":1}", 1)));
        assert!(!written.contains(&Version::of("{\"a\":2}", 1)));
    }
}
