//! What people do with suggestions, and its record in `suggestion_activity_entries`.
//!
//! The entries' fields and links are those of the table of the API. No public source names the kinds of entries; those here
//! are a guess. Votes and merges are missing: an entry has no link to a supporter, and no public call merges suggestions.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::records::{Comment, Message, Note, NoteSubject, Suggestion, Ticket};
use super::store::Data;
use super::table::Id;

/// Who does something, and when.
#[derive(Clone, Copy)]
pub struct Act {
    pub user: Id,
    pub now: OffsetDateTime,
}

/// What the entries show of a suggestion.
#[derive(PartialEq)]
struct Seen {
    title: String,
    body: String,
    state: &'static str,
    category: Option<Id>,
    forum: Id,
}

impl Seen {
    fn new(suggestion: &Suggestion) -> Seen {
        Seen {
            title: suggestion.title.clone(),
            body: suggestion.text.clone(),
            state: suggestion.state,
            category: suggestion.category,
            forum: suggestion.forum,
        }
    }
}

impl Data {
    /// Adds an entry with these fields, and links if their names begin with `links.`.
    pub fn record_activity(&mut self, act: Act, kind: &str, suggestion: Id, fields: Value) {
        let Value::Object(mut fields) = fields else {
            return;
        };
        fields.insert("kind".into(), kind.into());
        fields.insert("links.suggestion".into(), suggestion.into());
        fields.insert("links.created_by".into(), act.user.into());
        self.insert_document("suggestion_activity_entries", fields, act.now);
    }

    /// Adds the suggestion that `build` returns for the next free id.
    pub fn add_suggestion(&mut self, act: Act, build: impl FnOnce(Id) -> Suggestion) -> Id {
        let suggestion = self.suggestions.insert(build);
        let fields = json!({
            "new_title": suggestion.title,
            "new_body": suggestion.text,
            "new_state": suggestion.state,
            "links.new_forum": suggestion.forum,
            "links.new_category": suggestion.category,
        });
        let id = suggestion.id;
        self.record_activity(act, "create", id, fields);
        id
    }

    /// Changes a suggestion. Returns whether it exists.
    pub fn change_suggestion(
        &mut self,
        act: Act,
        id: Id,
        change: impl FnOnce(&mut Suggestion),
    ) -> bool {
        let Some(suggestion) = self.suggestions.get_mut(id) else {
            return false;
        };
        let old = Seen::new(suggestion);
        change(suggestion);
        suggestion.updated_at = act.now;
        let new = Seen::new(suggestion);
        if (&old.title, &old.body) != (&new.title, &new.body) {
            let fields = json!({
                "old_title": old.title, "new_title": new.title,
                "old_body": old.body, "new_body": new.body,
            });
            self.record_activity(act, "edit", id, fields);
        }
        if old.state != new.state {
            let fields = json!({ "old_state": old.state, "new_state": new.state });
            self.record_activity(act, "state", id, fields);
        }
        if old.category != new.category {
            let fields =
                json!({ "links.old_category": old.category, "links.new_category": new.category });
            self.record_activity(act, "category", id, fields);
        }
        if old.forum != new.forum {
            let fields = json!({ "links.old_forum": old.forum, "links.new_forum": new.forum });
            self.record_activity(act, "forum", id, fields);
        }
        true
    }

    /// Adds a comment in this state, by the one who acts.
    pub fn add_comment(
        &mut self,
        act: Act,
        suggestion: Id,
        text: String,
        state: &'static str,
    ) -> Id {
        let comment = self.comments.insert(|id| Comment {
            state,
            ..Comment::new(id, suggestion, act.user, text, act.now)
        });
        let id = comment.id;
        self.record_activity(act, "comment", suggestion, json!({ "links.comment": id }));
        id
    }

    pub fn add_note(&mut self, act: Act, subject: NoteSubject, text: String) -> Id {
        let note = self.notes.insert(|id| Note {
            id,
            subject,
            user: act.user,
            text,
            created_at: act.now,
            updated_at: act.now,
        });
        let id = note.id;
        if let NoteSubject::Suggestion(suggestion) = subject {
            self.record_activity(act, "note", suggestion, json!({ "links.note": id }));
        }
        id
    }

    /// Creates a ticket of a suggestion's author with its text, unless it has one.
    pub fn convert_to_ticket(&mut self, act: Act, id: Id) -> Option<Id> {
        let message_id = self.next_message_id();
        let suggestion = self.suggestions.get_mut(id)?;
        if suggestion.ticket.is_some() {
            return suggestion.ticket;
        }
        let (now, contact) = (act.now, suggestion.creator);
        let message = Message {
            id: message_id,
            body: suggestion.text.clone(),
            sender: contact,
            attachments: vec![],
            created_at: now,
        };
        let ticket = self.tickets.insert(|id| Ticket {
            id,
            subject: suggestion.title.clone(),
            state: "open".into(),
            contact,
            assignee: None,
            custom_fields: vec![],
            messages: vec![message],
            created_at: now,
            updated_at: now,
        });
        let ticket = ticket.id;
        suggestion.ticket = Some(ticket);
        suggestion.updated_at = now;
        self.record_activity(act, "ticket", id, json!({ "links.ticket": ticket }));
        Some(ticket)
    }

    /// Removes the entries of suggestions that do not exist any more.
    pub fn remove_orphaned_activity(&mut self) {
        let suggestions = &self.suggestions;
        let entries = self.documents.get_mut("suggestion_activity_entries");
        if let Some(entries) = entries {
            entries.retain(|entry| {
                let suggestion = entry.fields.get("links.suggestion");
                let suggestion = suggestion.and_then(Value::as_u64);
                suggestion.is_none_or(|id| suggestions.get(id).is_some())
            });
        }
    }
}
