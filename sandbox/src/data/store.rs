//! The tables of a site, and operations that concern several of them.

use std::collections::HashSet;

use time::OffsetDateTime;

use super::records::{
    Article, Category, Comment, CustomField, ExternalUser, Forum, Label, Note, NoteSubject, Status,
    Suggestion, Supporter, Ticket, Topic, User,
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
    pub statuses: Table<Status>,
    pub custom_fields: Table<CustomField>,
    pub categories: Table<Category>,
    pub labels: Table<Label>,
    pub external_users: Table<ExternalUser>,
    pub uploads: Table<Upload>,
}

impl Data {
    /// Removes a suggestion with its comments and notes.
    pub fn remove_suggestion(&mut self, id: Id) -> Option<Suggestion> {
        let removed = self.suggestions.remove(id)?;
        self.comments.retain(|comment| comment.suggestion != id);
        self.notes
            .retain(|note| note.subject != NoteSubject::Suggestion(id));
        self.remove_orphaned_uploads();
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
                created_at: now,
                updated_at: now,
            })
            .id
    }
}
