//! The versions of records that were written and may come again in the next
//! window: what two windows have in common.
//!
//! They may be many, where somebody changes all records while a list is read.
//! So each is a line that is added to a file beside the state, and a few bytes
//! of memory.

use std::collections::HashSet;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};

/// Tells the versions of records apart, also where one changed twice in the time
/// that its `updated_at` is exact to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Fingerprint([u8; 16]);

/// One version that was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Note {
    /// Its `updated_at`, in seconds since 1970.
    pub(super) at: i64,
    fingerprint: Fingerprint,
}

/// All versions that are remembered.
#[derive(Default)]
pub(super) struct Recent(HashSet<Fingerprint>);

impl Note {
    pub(super) fn of(record: &str, at: i64) -> Self {
        let digest = Sha256::digest(record);
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&digest[..16]);
        Note {
            at,
            fingerprint: Fingerprint(fingerprint),
        }
    }

    fn read(line: &str) -> Option<Self> {
        let (at, fingerprint) = line.split_once(' ')?;
        let fingerprint = BASE64_URL_SAFE_NO_PAD.decode(fingerprint).ok()?;
        Some(Note {
            at: at.parse().ok()?,
            fingerprint: Fingerprint(fingerprint.try_into().ok()?),
        })
    }

    fn line(&self) -> String {
        let fingerprint = BASE64_URL_SAFE_NO_PAD.encode(self.fingerprint.0);
        format!("{} {fingerprint}\n", self.at)
    }
}

impl Recent {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, note: &Note) -> bool {
        self.0.contains(&note.fingerprint)
    }

    pub(super) fn add(&mut self, notes: &[Note]) {
        self.0.extend(notes.iter().map(|note| note.fingerprint));
    }
}

/// Notes as lines of their file.
pub(super) fn to_lines(notes: &[Note]) -> String {
    notes.iter().map(Note::line).collect()
}

/// What `to_lines` gave; `None` where it is something else.
pub(super) fn from_lines(lines: &[u8]) -> Option<Vec<Note>> {
    let lines = std::str::from_utf8(lines).ok()?.lines();
    lines.map(Note::read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let notes = [Note::of("{\"id\":1}", -5), Note::of("{\"id\":2}", 1 << 40)];
        let lines = to_lines(&notes);
        assert_eq!(lines.lines().count(), 2);
        assert_eq!(from_lines(lines.as_bytes()).unwrap(), notes);
        assert_eq!(from_lines(b"").unwrap(), []);
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
    fn a_version_is_its_text() {
        let mut recent = Recent::default();
        recent.add(&[Note::of("{\"a\":1}", 1)]);
        assert!(recent.contains(&Note::of("{\"a\":1}", 1)));
        assert!(!recent.contains(&Note::of("{\"a\":2}", 1)));
    }
}
