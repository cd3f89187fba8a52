//! What the sandbox knows: users, forums, suggestions and so on, in memory.

use std::collections::HashSet;

use time::OffsetDateTime;

use crate::table::{Row, Table};

pub type Id = u64;

pub const OWNER: Id = 1;
pub const OWNER_EMAIL: &str = "owner@sandbox.example";

macro_rules! rows {
    ($($row:ident),*) => { $(impl Row for $row { fn id(&self) -> Id { self.id } })* };
}
rows!(
    User,
    Forum,
    Suggestion,
    Comment,
    Note,
    Ticket,
    Article,
    Topic,
    Status,
    CustomField,
    Category,
    Label,
    ExternalUser
);

pub struct User {
    pub id: Id,
    pub name: String,
    /// Empty where a single sign-on token told no address.
    pub email: String,
    pub guid: Option<String>,
    pub admin: bool,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

pub struct Forum {
    pub id: Id,
    pub name: String,
    pub welcome: String,
    pub private: bool,
    /// Who may enter a private forum by the domain of their e-mail address.
    pub email_domains: Vec<String>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

pub struct Suggestion {
    pub id: Id,
    pub forum: Id,
    pub title: String,
    pub text: String,
    /// API v2's word: "published", "approved" or "spam".
    pub state: &'static str,
    pub creator: Id,
    pub category: Option<Id>,
    pub status: Option<Id>,
    pub response: Option<Response>,
    /// Votes of people who are not users of the sandbox.
    pub other_votes: u64,
    pub votes: Vec<Vote>,
    pub labels: Vec<Id>,
    pub external: Vec<External>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl Suggestion {
    pub fn vote_count(&self) -> u64 {
        self.other_votes + self.votes.iter().map(|vote| vote.count).sum::<u64>()
    }
}

pub struct Response {
    pub text: String,
    pub user: Id,
    pub created_at: OffsetDateTime,
}

pub struct Vote {
    pub user: Id,
    pub count: u64,
    pub created_at: OffsetDateTime,
}

/// What another system calls a record (`identify`).
pub struct External {
    pub scope: String,
    pub id: String,
}

#[derive(Clone)]
pub struct Comment {
    pub id: Id,
    pub suggestion: Id,
    pub user: Id,
    pub text: String,
    pub created_at: OffsetDateTime,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Subject {
    Suggestion(Id),
    Ticket(Id),
}

#[derive(Clone)]
pub struct Note {
    pub id: Id,
    pub on: Subject,
    pub user: Id,
    pub text: String,
    pub created_at: OffsetDateTime,
}

pub struct Ticket {
    pub id: Id,
    pub subject: String,
    pub state: String,
    pub contact: Id,
    pub assignee: Option<Id>,
    pub custom_fields: Vec<(String, String)>,
    pub messages: Vec<Message>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

pub struct Message {
    pub id: Id,
    pub body: String,
    pub sender: Id,
    pub attachments: Vec<Attachment>,
    pub created_at: OffsetDateTime,
}

pub struct Attachment {
    pub name: String,
    pub content_type: String,
    pub size: usize,
}

pub struct Article {
    pub id: Id,
    pub topic: Id,
    pub question: String,
    pub answer: String,
    pub created_at: OffsetDateTime,
}

pub struct Topic {
    pub id: Id,
    pub name: String,
}

pub struct Status {
    pub id: Id,
    pub name: &'static str,
    pub key: &'static str,
    pub hex_color: &'static str,
}

pub struct CustomField {
    pub id: Id,
    pub key: &'static str,
    pub kind: &'static str,
    pub possible_values: &'static [&'static str],
}

pub struct Category {
    pub id: Id,
    pub forum: Id,
    pub name: &'static str,
}

pub struct Label {
    pub id: Id,
    pub name: &'static str,
}

/// Somebody whom another system knows (API v2).
pub struct ExternalUser {
    pub id: Id,
    pub external_id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// A vote as API v2 tells of it.
pub struct Supporter {
    pub id: Id,
    pub suggestion: Id,
    pub user: Id,
    pub created_at: OffsetDateTime,
}

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
}

impl Data {
    /// Removes a suggestion, and what hangs on it.
    pub fn remove_suggestion(&mut self, id: Id) -> Option<Suggestion> {
        let removed = self.suggestions.remove(id)?;
        self.comments.retain(|comment| comment.suggestion != id);
        self.notes.retain(|note| note.on != Subject::Suggestion(id));
        Some(removed)
    }

    /// Removes a forum with its suggestions.
    pub fn remove_forum(&mut self, id: Id) -> Option<Forum> {
        let removed = self.forums.remove(id)?;
        let gone = self.suggestions.iter().filter(|one| one.forum == id);
        let gone: HashSet<Id> = gone.map(|one| one.id).collect();
        // Each table once: a forum may hold all that there is.
        self.suggestions.retain(|one| one.forum != id);
        self.comments
            .retain(|comment| !gone.contains(&comment.suggestion));
        self.notes.retain(|note| match note.on {
            Subject::Suggestion(id) => !gone.contains(&id),
            Subject::Ticket(_) => true,
        });
        Some(removed)
    }

    /// Every vote of a user, with an id that stays.
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

    /// Never somebody without an address.
    pub fn user_by_email(&self, email: &str) -> Option<&User> {
        let mut known = self.users.iter().filter(|user| !user.email.is_empty());
        known.find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// The user with that address, who is created where there is none.
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
