//! The JSON of records, which refer to each other in `links`.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::{datetime, format_description};

use super::page::Dated;
use crate::data::{
    Category, Comment, Data, ExternalUser, Forum, Id, Label, Note, NoteSubject, OWNER, Status,
    Suggestion, Supporter, Upload, User,
};

/// Formats a timestamp as API v2 does.
pub fn format_time(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time.format(format)
        .expect("every timestamp has the fields of this format")
}

macro_rules! dated {
    ($($kind:ident: $created:ident, $updated:ident);* $(;)?) => { $(
        impl Dated for $kind {
            fn id(&self) -> Id { self.id }
            fn created_at(&self) -> OffsetDateTime { self.$created }
            fn updated_at(&self) -> OffsetDateTime { self.$updated }
        }
    )* };
}
dated! {
    User: created_at, updated_at;
    Forum: created_at, updated_at;
    Suggestion: created_at, updated_at;
    Comment: created_at, created_at;
    Note: created_at, created_at;
    Supporter: created_at, created_at;
    ExternalUser: created_at, updated_at;
    Upload: created_at, updated_at;
}

/// Implements `Dated` for records of the site's settings, which are as old as the site.
macro_rules! settings {
    ($($kind:ident),*) => { $(
        impl Dated for $kind {
            fn id(&self) -> Id { self.id }
            fn created_at(&self) -> OffsetDateTime { datetime!(2013-05-06 12:03:44 UTC) }
            fn updated_at(&self) -> OffsetDateTime { self.created_at() }
        }
    )* };
}
settings!(Category, Label, Status);

pub fn user(user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "email_address": (!user.email.is_empty()).then_some(&user.email),
        "guid": user.guid,
        "is_admin": user.admin,
        "is_owner": user.id == OWNER,
        "state": "active",
        "created_at": format_time(user.created_at),
        "updated_at": format_time(user.updated_at),
        "links": {},
    })
}

pub fn forum(forum: &Forum) -> Value {
    json!({
        "id": forum.id,
        "name": forum.name,
        "welcome_message": forum.welcome,
        "is_public": !forum.private,
        "is_private": forum.private,
        "created_at": format_time(forum.created_at),
        "updated_at": format_time(forum.updated_at),
        "links": {},
    })
}

pub fn suggestion(data: &Data, suggestion: &Suggestion) -> Value {
    let comments = data.comments.iter();
    let comments = comments.filter(|comment| comment.suggestion == suggestion.id);
    json!({
        "id": suggestion.id,
        "title": suggestion.title,
        "body": suggestion.text,
        "body_mime_type": "text/plain",
        "state": suggestion.state,
        "votes_count": suggestion.vote_count(),
        "supporters_count": suggestion.votes.len(),
        "comments_count": comments.count(),
        "admin_url": format!("/admin/v3/suggestions/{}", suggestion.id),
        "portal_url": format!("/forums/{}/suggestions/{}", suggestion.forum, suggestion.id),
        "created_at": format_time(suggestion.created_at),
        "updated_at": format_time(suggestion.updated_at),
        "links": {
            "forum": suggestion.forum,
            "created_by": suggestion.creator,
            "category": suggestion.category,
            "status": suggestion.status,
            "labels": suggestion.labels,
        },
    })
}

pub fn comment(comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "body": comment.text,
        "state": "published",
        "created_at": format_time(comment.created_at),
        "updated_at": format_time(comment.created_at),
        "links": { "suggestion": comment.suggestion, "created_by": comment.user },
    })
}

pub fn note(note: &Note) -> Value {
    let links = match note.subject {
        NoteSubject::Suggestion(id) => json!({ "suggestion": id, "created_by": note.user }),
        NoteSubject::Ticket(id) => json!({ "ticket": id, "created_by": note.user }),
    };
    json!({
        "id": note.id,
        "body": note.text,
        "created_at": format_time(note.created_at),
        "updated_at": format_time(note.created_at),
        "links": links,
    })
}

pub fn supporter(supporter: &Supporter) -> Value {
    json!({
        "id": supporter.id,
        "how": "idea",
        "created_at": format_time(supporter.created_at),
        "updated_at": format_time(supporter.created_at),
        "links": { "suggestion": supporter.suggestion, "user": supporter.user },
    })
}

pub fn external_user(user: &ExternalUser) -> Value {
    json!({
        "id": user.id,
        "external_id": user.external_id,
        "name": user.name,
        "email": user.email,
        "created_at": format_time(user.created_at),
        "updated_at": format_time(user.updated_at),
        "links": {},
    })
}

pub fn category(category: &Category) -> Value {
    json!({
        "id": category.id,
        "name": category.name,
        "created_at": format_time(category.created_at()),
        "updated_at": format_time(category.updated_at()),
        "links": { "forum": category.forum },
    })
}

pub fn label(label: &Label) -> Value {
    json!({
        "id": label.id,
        "name": label.name,
        "created_at": format_time(label.created_at()),
        "updated_at": format_time(label.updated_at()),
        "links": {},
    })
}

pub fn status(status: &Status) -> Value {
    json!({
        "id": status.id,
        "name": status.name,
        "hex_color": status.hex_color,
        "is_open": status.id <= 3,
        "created_at": format_time(status.created_at()),
        "updated_at": format_time(status.updated_at()),
        "links": {},
    })
}

/// Returns the records that `records` link to, of the types that `includes` lists.
pub fn included(data: &Data, records: &[Value], includes: &str) -> Map<String, Value> {
    let linked = |links: &[&str]| -> Vec<Id> {
        let mut ids: Vec<Id> = records
            .iter()
            .flat_map(|record| links.iter().map(|link| record["links"][*link].as_u64()))
            .flatten()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let mut included = Map::new();
    for name in includes.split(',').map(str::trim) {
        let linked_records: Vec<Value> = match name {
            "users" => linked(&["created_by", "user"])
                .into_iter()
                .filter_map(|id| data.users.get(id).map(user))
                .collect(),
            "forums" => linked(&["forum"])
                .into_iter()
                .filter_map(|id| data.forums.get(id).map(forum))
                .collect(),
            "statuses" => linked(&["status"])
                .into_iter()
                .filter_map(|id| data.statuses.get(id).map(status))
                .collect(),
            "categories" => linked(&["category"])
                .into_iter()
                .filter_map(|id| data.categories.get(id).map(category))
                .collect(),
            "suggestions" => linked(&["suggestion"])
                .into_iter()
                .filter_map(|id| {
                    data.suggestions
                        .get(id)
                        .map(|record| suggestion(data, record))
                })
                .collect(),
            // The service ignores unknown names too.
            _ => continue,
        };
        included.insert(name.into(), linked_records.into());
    }
    included
}
