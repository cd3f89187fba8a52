//! The fields of records by their names in the table.

use std::ops::Deref;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

use super::attachments;
use super::page::format_time;
use crate::data::{
    Category, Comment, CustomField, Data, Document, Forum, Id, Note, NoteSubject, OWNER, Status,
    Suggestion, Supporter, Ticket, Upload, User,
};

/// What the fields of a record depend on besides the record.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub data: &'a Data,
    /// The origin of the URLs.
    pub origin: &'a str,
}

/// A record as API v2 shows it.
pub trait Record {
    fn id(&self) -> Id;
    fn created_at(&self) -> OffsetDateTime;
    fn updated_at(&self) -> OffsetDateTime;

    /// Returns a field, a link (`links.forum`), or what only a filter compares with. It is
    /// null if the record does not have it.
    fn get(&self, view: View, name: &str) -> Value;

    /// The same, with what all records have.
    fn value(&self, view: View, name: &str) -> Value {
        match name {
            "id" => self.id().into(),
            "created_at" => format_time(self.created_at()).into(),
            "updated_at" => format_time(self.updated_at()).into(),
            _ => self.get(view, name),
        }
    }
}

/// A record in a table, or one that is computed.
pub enum Row<'a> {
    Stored(&'a dyn Record),
    Supporter(Supporter),
}

impl<'a> Deref for Row<'a> {
    type Target = dyn Record + 'a;

    fn deref(&self) -> &Self::Target {
        match self {
            Row::Stored(record) => *record,
            Row::Supporter(supporter) => supporter,
        }
    }
}

/// Returns all records of a resource, in the order of their ids.
pub fn rows<'a>(data: &'a Data, resource: &str) -> Vec<Row<'a>> {
    fn stored<'a, R: Record + 'a>(records: impl Iterator<Item = &'a R>) -> Vec<Row<'a>> {
        records.map(|record| Row::Stored(record)).collect()
    }
    match resource {
        "suggestions" => stored(data.suggestions.iter()),
        "users" => stored(data.users.iter()),
        "forums" => stored(data.forums.iter()),
        "comments" => stored(data.comments.iter()),
        "notes" => stored(data.notes.iter()),
        "statuses" => stored(data.statuses.iter()),
        "categories" => stored(data.categories.iter()),
        "custom_fields" => stored(data.custom_fields.iter()),
        "tickets" => stored(data.tickets.iter()),
        "attachments" => stored(data.uploads.iter()),
        "supporters" => data.supporters().into_iter().map(Row::Supporter).collect(),
        _ => stored(
            data.documents
                .get(resource)
                .into_iter()
                .flat_map(|table| table.iter()),
        ),
    }
}

/// Returns the record of a resource with this id.
pub fn row<'a>(data: &'a Data, resource: &str, id: Id) -> Option<Row<'a>> {
    fn stored<R: Record>(record: Option<&R>) -> Option<Row<'_>> {
        record.map(|record| Row::Stored(record))
    }
    match resource {
        "suggestions" => stored(data.suggestions.get(id)),
        "users" => stored(data.users.get(id)),
        "forums" => stored(data.forums.get(id)),
        "comments" => stored(data.comments.get(id)),
        "notes" => stored(data.notes.get(id)),
        "statuses" => stored(data.statuses.get(id)),
        "categories" => stored(data.categories.get(id)),
        "custom_fields" => stored(data.custom_fields.get(id)),
        "tickets" => stored(data.tickets.get(id)),
        "attachments" => stored(data.uploads.get(id)),
        "supporters" => rows(data, resource).into_iter().find(|row| row.id() == id),
        _ => stored(data.documents.get(resource).and_then(|table| table.get(id))),
    }
}

pub fn exists(data: &Data, resource: &str, id: Id) -> bool {
    row(data, resource, id).is_some()
}

macro_rules! record {
    ($type:ident, $created:ident, $updated:ident, $get:ident) => {
        impl Record for $type {
            fn id(&self) -> Id {
                self.id
            }
            fn created_at(&self) -> OffsetDateTime {
                self.$created
            }
            fn updated_at(&self) -> OffsetDateTime {
                self.$updated
            }
            fn get(&self, view: View, name: &str) -> Value {
                $get(self, view, name)
            }
        }
    };
}
record!(Suggestion, created_at, updated_at, suggestion);
record!(User, created_at, updated_at, user);
record!(Forum, created_at, updated_at, forum);
record!(Comment, created_at, updated_at, comment);
record!(Note, created_at, updated_at, note);
record!(Category, created_at, updated_at, category);
record!(CustomField, created_at, updated_at, custom_field);
record!(Ticket, created_at, updated_at, ticket);
record!(Supporter, created_at, created_at, supporter);
record!(Document, created_at, updated_at, document);
record!(Upload, created_at, updated_at, attachment);

impl Record for Status {
    fn id(&self) -> Id {
        self.id
    }
    // As old as the site.
    fn created_at(&self) -> OffsetDateTime {
        datetime!(2013-05-06 12:03:44 UTC)
    }
    fn updated_at(&self) -> OffsetDateTime {
        self.created_at()
    }
    fn get(&self, _: View, name: &str) -> Value {
        match name {
            "name" => self.name.into(),
            "hex_color" => self.hex_color.into(),
            "is_open" => self.is_open().into(),
            "position" => self.id.into(),
            "allow_comments" => true.into(),
            _ => Value::Null,
        }
    }
}

fn count(items: impl Iterator) -> Value {
    items.count().into()
}

fn suggestion(suggestion: &Suggestion, view: View, name: &str) -> Value {
    let View { data, origin } = view;
    let id = suggestion.id;
    let path = || format!("/forums/{}/suggestions/{id}", suggestion.forum);
    match name {
        "title" => suggestion.title.as_str().into(),
        "body" => suggestion.text.as_str().into(),
        "body_mime_type" => "text/plain".into(),
        "state" => suggestion.state.into(),
        "channel" => "web".into(),
        "votes_count" => suggestion.vote_count().into(),
        "supporters_count" => suggestion.votes.len().into(),
        "recent_engagement" => suggestion.votes.len().into(),
        "comments_count" => count(data.comments.iter().filter(|one| one.suggestion == id)),
        "notes_count" => {
            let subject = NoteSubject::Suggestion(id);
            count(data.notes.iter().filter(|note| note.subject == subject))
        }
        "requests_count" => count(linked(view, "feedback", "links.suggestion", id)),
        "internal_flags_count" | "all_internal_flags_count" => {
            count(linked(view, "internal_flags", "links.suggestion", id))
        }
        "supporting_accounts_count" => account_ids(data, suggestion).len().into(),
        "first_support_at" => {
            let times = suggestion.votes.iter().map(|vote| vote.created_at);
            times.min().map(format_time).into()
        }
        "approved_at" => format_time(suggestion.created_at).into(),
        "closed_at" => {
            let status = suggestion.status.and_then(|id| data.statuses.get(id));
            let closed = status.is_some_and(|status| !status.is_open());
            closed.then(|| format_time(suggestion.updated_at)).into()
        }
        "admin_url" => format!("{origin}/admin/v3/suggestions/{id}").into(),
        "portal_url" => format!("{origin}{}", path()).into(),
        "links.forum" => suggestion.forum.into(),
        "links.created_by" => suggestion.creator.into(),
        "links.category" => suggestion.category.into(),
        "links.status" => suggestion.status.into(),
        "links.last_status_update" => suggestion.last_status_update.into(),
        "links.ticket" => suggestion.ticket.into(),
        "links.labels" => suggestion.labels.clone().into(),
        "links.features" | "feature" => {
            let features = linked(view, "features", "links.suggestions", id);
            features
                .map(|feature| feature.id())
                .collect::<Vec<_>>()
                .into()
        }
        // The rest is for filters.
        "category_none" => suggestion.category.is_none().into(),
        "status_none" => suggestion.status.is_none().into(),
        "has_response" => suggestion.response.is_some().into(),
        "has_smartvote_score" | "needs_review" => false.into(),
        "spam" => (suggestion.state == "spam").into(),
        "supporter" => {
            let users = suggestion.votes.iter().map(|vote| vote.user);
            users.collect::<Vec<_>>().into()
        }
        "external_account" => account_ids(data, suggestion).into(),
        "uncategorized_in_forum" => match suggestion.category {
            None => suggestion.forum.into(),
            Some(_) => Value::Null,
        },
        _ => Value::Null,
    }
}

/// Returns the records of a resource that link to a record.
fn linked<'a>(
    view: View<'a>,
    resource: &str,
    link: &'static str,
    id: Id,
) -> impl Iterator<Item = Row<'a>> {
    let rows = rows(view.data, resource).into_iter();
    rows.filter(move |row| is_or_contains(&row.value(view, link), &id.into()))
}

/// Returns whether a field is the value, or a list of values that contains it.
pub fn is_or_contains(field: &Value, value: &Value) -> bool {
    match field {
        Value::Array(values) => values.contains(value),
        field => field == value,
    }
}

/// Returns the external accounts of a suggestion's supporters.
fn account_ids(data: &Data, suggestion: &Suggestion) -> Vec<Id> {
    let users = suggestion.votes.iter().map(|vote| vote.user);
    let accounts = users.flat_map(|user| external_links(data, user, "links.external_account"));
    let mut accounts: Vec<Id> = accounts.collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// Returns a field of the external users that are this user.
fn external_links(data: &Data, user: Id, field: &str) -> Vec<Id> {
    let documents = data.documents.get("external_users");
    let users = documents.into_iter().flat_map(|table| table.iter());
    let users = users.filter(|one| one.fields.get("links.user") == Some(&user.into()));
    let ids = users.filter_map(|one| match field {
        "id" => Some(one.id),
        field => one.fields.get(field)?.as_u64(),
    });
    ids.collect()
}

fn user(user: &User, view: View, name: &str) -> Value {
    let data = view.data;
    match name {
        "name" => user.name.as_str().into(),
        "email_address" => (!user.email.is_empty())
            .then_some(user.email.as_str())
            .into(),
        "guid" => user.guid.as_deref().into(),
        "is_admin" | "internal_user" => user.admin.into(),
        "is_owner" => (user.id == OWNER).into(),
        "state" => "active".into(),
        "allowed_state" => if user.blocked { "blocked" } else { "allowed" }.into(),
        "email_confirmed" | "status_notifications" | "comment_notifications" => true.into(),
        "avatar_url" => format!("{}/avatars/{}.png", view.origin, user.id).into(),
        "supported_suggestions_count" => supported(data, user.id).len().into(),
        "links.external_users" => external_links(data, user.id, "id").into(),
        "links.current_nps_rating" => {
            let ratings = linked(view, "nps_ratings", "links.user", user.id);
            ratings.last().map(|rating| rating.id()).into()
        }
        "links.teams" | "team" => if user.admin { vec![1] } else { vec![] }.into(),
        // The rest is for filters.
        "external_account" => external_links(data, user.id, "links.external_account").into(),
        "suggestion" => supported(data, user.id).into(),
        "feature" => features_of(view, &supported(data, user.id)).into(),
        _ => Value::Null,
    }
}

/// Returns the features that some of these suggestions belong to.
fn features_of(view: View, suggestions: &[Id]) -> Vec<Id> {
    let features = rows(view.data, "features").into_iter();
    let features = features.filter(|feature| {
        let own = feature.value(view, "links.suggestions");
        let mut suggestions = suggestions.iter();
        suggestions.any(|id| is_or_contains(&own, &(*id).into()))
    });
    features.map(|feature| feature.id()).collect()
}

/// Returns the suggestions that users of an external account support.
fn supported_by_account(data: &Data, account: Id) -> Vec<Id> {
    let suggestions = data.suggestions.iter();
    let supported = suggestions.filter(|one| account_ids(data, one).contains(&account));
    supported.map(|suggestion| suggestion.id).collect()
}

/// Returns the suggestions that a user supports.
fn supported(data: &Data, user: Id) -> Vec<Id> {
    let suggestions = data.suggestions.iter();
    let supported = suggestions.filter(|one| one.votes.iter().any(|vote| vote.user == user));
    supported.map(|suggestion| suggestion.id).collect()
}

fn forum(forum: &Forum, view: View, name: &str) -> Value {
    let View { data, origin } = view;
    let suggestions = || data.suggestions.iter().filter(|one| one.forum == forum.id);
    match name {
        "name" => forum.name.as_str().into(),
        "welcome_message" => forum.welcome.as_str().into(),
        "welcome_message_mime_type" => "text/plain".into(),
        "prompt" => "I suggest you ...".into(),
        "example" => "Enter your idea".into(),
        "is_public" => (!forum.private).into(),
        "is_private" => forum.private.into(),
        "is_open" | "open" => true.into(),
        "portal_url" => format!("{origin}/forums/{}", forum.id).into(),
        "suggestions_count" => count(suggestions()),
        "open_suggestions_count" => count(suggestions().filter(|one| is_open(data, one))),
        "links.updated_by" => OWNER.into(),
        _ => Value::Null,
    }
}

fn is_open(data: &Data, suggestion: &Suggestion) -> bool {
    let status = suggestion.status.and_then(|id| data.statuses.get(id));
    status.is_none_or(Status::is_open)
}

fn comment(comment: &Comment, view: View, name: &str) -> Value {
    match name {
        "body" => comment.text.as_str().into(),
        "body_mime_type" => "text/plain".into(),
        "state" => comment.state.into(),
        "channel" => "web".into(),
        "is_admin_comment" => {
            let user = view.data.users.get(comment.user);
            user.is_some_and(|user| user.admin).into()
        }
        "links.suggestion" => comment.suggestion.into(),
        "links.created_by" => comment.user.into(),
        _ => Value::Null,
    }
}

fn note(note: &Note, _: View, name: &str) -> Value {
    match (name, note.subject) {
        ("body", _) => note.text.as_str().into(),
        ("body_mime_type", _) => "text/plain".into(),
        ("links.created_by", _) => note.user.into(),
        ("links.suggestion", NoteSubject::Suggestion(id)) => id.into(),
        ("links.mentions", _) => json!([]),
        _ => Value::Null,
    }
}

fn category(category: &Category, view: View, name: &str) -> Value {
    let data = view.data;
    let suggestions = data.suggestions.iter();
    let suggestions = suggestions.filter(|one| one.category == Some(category.id));
    match name {
        "name" => category.name.as_str().into(),
        "suggestions_count" => count(suggestions),
        "open_suggestions_count" => count(suggestions.filter(|one| is_open(data, one))),
        "links.forum" => category.forum.into(),
        _ => Value::Null,
    }
}

fn custom_field(field: &CustomField, _: View, name: &str) -> Value {
    match name {
        "key" => field.key.as_str().into(),
        "name" => field.name.as_str().into(),
        "field_type" => field.kind.as_str().into(),
        "object_type" => field.object_type.as_str().into(),
        _ => Value::Null,
    }
}

fn ticket(ticket: &Ticket, _: View, name: &str) -> Value {
    match name {
        "ticket_number" => ticket.id.into(),
        "subject" => ticket.subject.as_str().into(),
        "state" => ticket.state.as_str().into(),
        "channel" => "web".into(),
        "links.assignee" => ticket.assignee.into(),
        "links.contact" | "links.created_by" => ticket.contact.into(),
        _ => Value::Null,
    }
}

fn supporter(supporter: &Supporter, view: View, name: &str) -> Value {
    let suggestion = view.data.suggestions.get(supporter.suggestion);
    match name {
        "how" => "idea".into(),
        "channel" => "web".into(),
        "is_subscribed" | "legit" => true.into(),
        "anonymous" => false.into(),
        "forum" => suggestion.map(|suggestion| suggestion.forum).into(),
        "links.suggestion" => supporter.suggestion.into(),
        "links.user" | "links.created_by" | "links.updated_by" => supporter.user.into(),
        _ => Value::Null,
    }
}

fn attachment(upload: &Upload, view: View, name: &str) -> Value {
    attachments::field(upload, view.origin, name)
}

fn document(document: &Document, view: View, name: &str) -> Value {
    match name {
        // For filters: of external accounts, and of forum invitations.
        "suggestion" => supported_by_account(view.data, document.id).into(),
        "feature" => features_of(view, &supported_by_account(view.data, document.id)).into(),
        "claimed" => document.fields.contains_key("claimed_at").into(),
        name => document.fields.get(name).cloned().unwrap_or_default(),
    }
}
