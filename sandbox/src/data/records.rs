//! The types of records: users, forums, suggestions and so on.

use bytes::Bytes;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::table::{Id, Row};

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
    SupportQueue,
    Asset,
    Status,
    CustomField,
    Category,
    Document
);

pub struct User {
    pub id: Id,
    pub name: String,
    /// Empty if the single sign-on token that created the user has no address.
    pub email: String,
    pub guid: Option<String>,
    pub admin: bool,
    pub blocked: bool,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

pub struct Forum {
    pub id: Id,
    pub name: String,
    pub welcome: String,
    pub private: bool,
    /// E-mail domains whose users have access to a private forum.
    pub email_domains: Vec<String>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

pub struct Suggestion {
    pub id: Id,
    pub forum: Id,
    pub title: String,
    pub text: String,
    /// As API v2 names it: "published", "approved" or "spam".
    pub state: &'static str,
    pub creator: Id,
    pub category: Option<Id>,
    pub status: Option<Id>,
    pub last_status_update: Option<Id>,
    /// The ticket that it was converted to.
    pub ticket: Option<Id>,
    pub response: Option<Response>,
    /// Votes that belong to no user of the sandbox.
    pub other_votes: u64,
    pub votes: Vec<Vote>,
    pub labels: Vec<Id>,
    pub external_ids: Vec<ExternalId>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl Suggestion {
    pub fn new(id: Id, forum: Id, title: String, creator: Id, now: OffsetDateTime) -> Self {
        Suggestion {
            id,
            forum,
            title,
            text: String::new(),
            state: "approved",
            creator,
            category: None,
            status: None,
            last_status_update: None,
            ticket: None,
            response: None,
            other_votes: 0,
            votes: vec![],
            labels: vec![],
            external_ids: vec![],
            created_at: now,
            updated_at: now,
        }
    }

    pub fn vote_count(&self) -> u64 {
        self.other_votes + self.votes.iter().map(|vote| vote.count).sum::<u64>()
    }
}

/// A new status of a suggestion, and what its supporters are told.
pub struct StatusChange {
    pub suggestion: Id,
    pub user: Id,
    /// The suggestion keeps its status without one.
    pub status: Option<Id>,
    pub body: Option<String>,
    pub notify: bool,
    /// The sender of the mail.
    pub email: Option<String>,
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

/// The id of a record in another system (`identify`).
pub struct ExternalId {
    pub scope: String,
    pub id: String,
}

#[derive(Clone)]
pub struct Comment {
    pub id: Id,
    pub suggestion: Id,
    pub user: Id,
    pub text: String,
    /// "published", "approved" or "spam".
    pub state: &'static str,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl Comment {
    /// Returns a comment that is visible.
    pub fn new(id: Id, suggestion: Id, user: Id, text: String, now: OffsetDateTime) -> Self {
        Comment {
            id,
            suggestion,
            user,
            text,
            state: "published",
            created_at: now,
            updated_at: now,
        }
    }

    pub fn is_spam(&self) -> bool {
        self.state == "spam"
    }
}

/// The record that a note belongs to.
#[derive(Clone, Copy, PartialEq)]
pub enum NoteSubject {
    Suggestion(Id),
    Ticket(Id),
}

#[derive(Clone)]
pub struct Note {
    pub id: Id,
    pub subject: NoteSubject,
    pub user: Id,
    pub text: String,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
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
    pub content: Bytes,
}

pub struct Article {
    pub id: Id,
    pub topic: Id,
    pub question: String,
    pub answer: String,
    pub created_at: OffsetDateTime,
}

pub struct SupportQueue {
    pub id: Id,
    pub name: String,
}

/// A file of another record (API v1).
pub struct Asset {
    pub id: Id,
    pub name: String,
    pub content_type: String,
    pub size: usize,
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

impl Status {
    /// Returns whether suggestions with this status can still get votes.
    pub fn is_open(&self) -> bool {
        self.id <= 3
    }
}

pub struct CustomField {
    pub id: Id,
    pub key: String,
    pub name: String,
    pub kind: String,
    /// The type of the records that have it.
    pub object_type: String,
    pub possible_values: &'static [&'static str],
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

pub struct Category {
    pub id: Id,
    pub forum: Id,
    pub name: String,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// A record that only API v2 has, with the fields that the table of the API lists.
pub struct Document {
    pub id: Id,
    /// By name; a link's name begins with `links.`.
    pub fields: Map<String, Value>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// A vote as API v2 represents it.
pub struct Supporter {
    pub id: Id,
    pub suggestion: Id,
    pub user: Id,
    pub created_at: OffsetDateTime,
}
