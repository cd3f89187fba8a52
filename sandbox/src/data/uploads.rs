//! Files that were uploaded through API v2.

use bytes::Bytes;
use time::OffsetDateTime;

use super::store::Data;
use super::table::{Id, Row};

pub struct Upload {
    pub id: Id,
    /// What attaches the file to a suggestion or note.
    pub token: String,
    pub file_name: String,
    pub content_type: String,
    pub content: Bytes,
    pub attached_to: Option<UploadSubject>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// The record that a file is attached to.
#[derive(Clone, Copy, PartialEq)]
pub enum UploadSubject {
    Suggestion(Id),
    Note(Id),
}

impl Row for Upload {
    fn id(&self) -> Id {
        self.id
    }
}

impl Data {
    /// Removes the files of records that do not exist any more.
    pub fn remove_orphaned_uploads(&mut self) {
        let (suggestions, notes) = (&self.suggestions, &self.notes);
        self.uploads.retain(|upload| match upload.attached_to {
            None => true,
            Some(UploadSubject::Suggestion(id)) => suggestions.get(id).is_some(),
            Some(UploadSubject::Note(id)) => notes.get(id).is_some(),
        });
    }
}
