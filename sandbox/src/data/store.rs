//! The tables of a site, and operations that concern several of them.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::activity::Act;
use super::records::{
    Article, Asset, Category, Comment, CustomField, Document, Forum, Note, NoteSubject, Response,
    Status, StatusChange, Suggestion, SupportQueue, Supporter, Ticket, Topic, User,
};
use super::table::{Id, Table};
use super::uploads::Upload;

pub struct Data {
    pub users: Table<User>,
    pub forums: Table<Forum>,
    pub suggestions: Table<Suggestion>,
    pub comments: Table<Comment>,
    pub notes: Table<Note>,
    pub tickets: Table<Ticket>,
    pub articles: Table<Article>,
    pub topics: Table<Topic>,
    pub support_queues: Table<SupportQueue>,
    pub assets: Table<Asset>,
    pub statuses: Table<Status>,
    pub custom_fields: Table<CustomField>,
    pub categories: Table<Category>,
    /// The records that only API v2 has, by resource.
    pub documents: HashMap<&'static str, Table<Document>>,
    pub uploads: Table<Upload>,
    /// What was deleted and can be restored.
    pub deleted_suggestions: Vec<Suggestion>,
    pub deleted_comments: Vec<Comment>,
}

impl Data {
    /// Removes a suggestion with its comments and notes.
    pub fn remove_suggestion(&mut self, id: Id) -> Option<Suggestion> {
        let removed = self.suggestions.remove(id)?;
        self.comments.retain(|comment| comment.suggestion != id);
        self.notes
            .retain(|note| note.subject != NoteSubject::Suggestion(id));
        self.remove_orphaned_uploads();
        self.remove_orphaned_activity();
        Some(removed)
    }

    /// Removes a forum with its suggestions.
    pub fn remove_forum(&mut self, id: Id) -> Option<Forum> {
        let removed = self.forums.remove(id)?;
        let suggestions = self.suggestions.iter();
        let suggestions = suggestions.filter(|suggestion| suggestion.forum == id);
        let suggestion_ids: HashSet<Id> = suggestions.map(|suggestion| suggestion.id).collect();
        // One pass per table: the forum may hold most of the records.
        self.suggestions.retain(|suggestion| suggestion.forum != id);
        self.comments
            .retain(|comment| !suggestion_ids.contains(&comment.suggestion));
        self.notes.retain(|note| match note.subject {
            NoteSubject::Suggestion(id) => !suggestion_ids.contains(&id),
            NoteSubject::Ticket(_) => true,
        });
        self.remove_orphaned_uploads();
        self.remove_orphaned_activity();
        Some(removed)
    }

    /// Removes a category. Its suggestions have none afterwards.
    pub fn remove_category(&mut self, id: Id) -> Option<Category> {
        let removed = self.categories.remove(id)?;
        for suggestion in self.suggestions.iter_mut() {
            suggestion.category = suggestion.category.filter(|category| *category != id);
        }
        Some(removed)
    }

    /// Returns whether a user, or a visitor, may view a forum: a private one may be viewed by
    /// admins, and by users with an e-mail address in one of its domains.
    pub fn may_view(&self, user: Option<Id>, forum: &Forum) -> bool {
        if !forum.private {
            return true;
        }
        let user = user.and_then(|id| self.users.get(id));
        user.is_some_and(|user| {
            let domain = user.email.rsplit('@').next().unwrap_or_default();
            let mut allowed = forum.email_domains.iter();
            user.admin || allowed.any(|allowed| allowed.eq_ignore_ascii_case(domain))
        })
    }

    /// Returns the votes of all users, each with a stable id.
    pub fn supporters(&self) -> Vec<Supporter> {
        let votes = self.suggestions.iter().flat_map(|suggestion| {
            suggestion.votes.iter().map(|vote| Supporter {
                id: suggestion.id * 1_000_000 + vote.user,
                suggestion: suggestion.id,
                user: vote.user,
                created_at: vote.created_at,
            })
        });
        votes.collect()
    }

    /// Finds a user by e-mail address. An empty address matches nobody.
    pub fn user_by_email(&self, email: &str) -> Option<&User> {
        let mut with_email = self.users.iter().filter(|user| !user.email.is_empty());
        with_email.find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// Finds the user with this e-mail address, or creates it.
    pub fn find_or_create_user(
        &mut self,
        email: &str,
        name: Option<&str>,
        now: OffsetDateTime,
    ) -> Id {
        if let Some(user) = self.user_by_email(email) {
            return user.id;
        }
        let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or(email));
        self.create_user(email, name, now)
    }

    pub fn create_user(&mut self, email: &str, name: &str, now: OffsetDateTime) -> Id {
        self.users
            .insert(|id| User {
                id,
                name: name.into(),
                email: email.into(),
                guid: None,
                admin: false,
                blocked: false,
                created_at: now,
                updated_at: now,
            })
            .id
    }

    /// Adds a record that only API v2 has.
    pub fn insert_document(
        &mut self,
        resource: &'static str,
        fields: Map<String, Value>,
        now: OffsetDateTime,
    ) -> Id {
        let table = self.documents.entry(resource).or_insert_with(Table::new);
        let document = table.insert(|id| Document {
            id,
            fields,
            created_at: now,
            updated_at: now,
        });
        document.id
    }

    /// Restores a suggestion that was deleted, without its comments and notes.
    pub fn restore_suggestion(&mut self, id: Id) {
        let position = self.deleted_suggestions.iter().position(|one| one.id == id);
        if let Some(position) = position {
            let suggestion = self.deleted_suggestions.swap_remove(position);
            self.suggestions.restore(suggestion);
        }
    }

    /// Restores a comment that was deleted, unless its suggestion is gone.
    pub fn restore_comment(&mut self, id: Id) {
        let mut deleted = self.deleted_comments.iter();
        let position = deleted.position(|one| one.id == id);
        let suggestions = &self.suggestions;
        let position = position.filter(|position| {
            let comment = &self.deleted_comments[*position];
            suggestions.get(comment.suggestion).is_some()
        });
        if let Some(position) = position {
            let comment = self.deleted_comments.swap_remove(position);
            self.comments.restore(comment);
        }
    }

    /// Changes the status of a suggestion, whose response is the new one. Returns the id of
    /// the status update, which API v2 lists.
    pub fn change_status(&mut self, change: StatusChange, now: OffsetDateTime) -> Option<Id> {
        let suggestion = self.suggestions.get(change.suggestion)?;
        let mails = if change.notify {
            suggestion.votes.len()
        } else {
            0
        };
        let body = change.body.as_deref();
        let fields = json!({
            "body": body,
            "html_body": body.map(|body| maud::html! { p { (body) } }.into_string()),
            "supporters_notified": change.notify,
            "notification_email_address": change.email,
            "mail_sent_count": mails,
            "links.suggestion": change.suggestion,
            "links.user": change.user,
            "links.old_status": suggestion.status,
            "links.new_status": change.status.or(suggestion.status),
        });
        let fields = fields.as_object().cloned().unwrap_or_default();
        let id = self.insert_document("status_updates", fields, now);
        let user = change.user;
        let link = json!({ "links.status_update": id });
        self.record_activity(Act { user, now }, "status_update", change.suggestion, link);
        let suggestion = self.suggestions.get_mut(change.suggestion)?;
        suggestion.status = change.status.or(suggestion.status);
        suggestion.last_status_update = Some(id);
        suggestion.updated_at = now;
        if let Some(text) = change.body {
            suggestion.response = Some(Response {
                text,
                user: change.user,
                created_at: now,
            });
        }
        Some(id)
    }

    pub fn label_name(&self, id: Id) -> Option<&str> {
        let label = self.documents.get("labels")?.get(id)?;
        label.fields.get("name")?.as_str()
    }

    /// Returns an id that no message of a ticket has.
    pub fn next_message_id(&self) -> Id {
        let tickets = self.tickets.iter();
        let ids = tickets.flat_map(|ticket| ticket.messages.iter().map(|message| message.id));
        ids.max().unwrap_or(0) + 1
    }
}
