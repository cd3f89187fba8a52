//! The records of API v2, which name each other in `links`.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::list::Dated;
use crate::data::{
    Category, Comment, Data, ExternalUser, Forum, Id, Label, Note, OWNER, Status, Subject,
    Suggestion, Supporter, User,
};

/// A moment as API v2 writes it.
fn date(moment: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    moment
        .format(format)
        .expect("the format has only fields that every moment has")
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
}

/// Lists that a site's settings make have no dates of their own.
macro_rules! undated {
    ($($kind:ident),*) => { $(
        impl Dated for $kind {
            fn id(&self) -> Id { self.id }
            fn created_at(&self) -> OffsetDateTime { OffsetDateTime::UNIX_EPOCH }
            fn updated_at(&self) -> OffsetDateTime { OffsetDateTime::UNIX_EPOCH }
        }
    )* };
}
undated!(Category, Label, Status);

pub fn user(user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "email_address": (!user.email.is_empty()).then_some(&user.email),
        "guid": user.guid,
        "is_admin": user.admin,
        "is_owner": user.id == OWNER,
        "state": "active",
        "created_at": date(user.created_at),
        "updated_at": date(user.updated_at),
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
        "created_at": date(forum.created_at),
        "updated_at": date(forum.updated_at),
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
        "created_at": date(suggestion.created_at),
        "updated_at": date(suggestion.updated_at),
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
        "created_at": date(comment.created_at),
        "updated_at": date(comment.created_at),
        "links": { "suggestion": comment.suggestion, "created_by": comment.user },
    })
}

pub fn note(note: &Note) -> Value {
    let on = match note.on {
        Subject::Suggestion(id) => json!({ "suggestion": id, "created_by": note.user }),
        Subject::Ticket(id) => json!({ "ticket": id, "created_by": note.user }),
    };
    json!({
        "id": note.id,
        "body": note.text,
        "created_at": date(note.created_at),
        "updated_at": date(note.created_at),
        "links": on,
    })
}

pub fn supporter(supporter: &Supporter) -> Value {
    json!({
        "id": supporter.id,
        "how": "idea",
        "created_at": date(supporter.created_at),
        "updated_at": date(supporter.created_at),
        "links": { "suggestion": supporter.suggestion, "user": supporter.user },
    })
}

pub fn external_user(user: &ExternalUser) -> Value {
    json!({
        "id": user.id,
        "external_id": user.external_id,
        "name": user.name,
        "email": user.email,
        "created_at": date(user.created_at),
        "updated_at": date(user.updated_at),
        "links": {},
    })
}

pub fn category(category: &Category) -> Value {
    json!({ "id": category.id, "name": category.name, "links": { "forum": category.forum } })
}

pub fn label(label: &Label) -> Value {
    json!({ "id": label.id, "name": label.name, "links": {} })
}

pub fn status(status: &Status) -> Value {
    json!({
        "id": status.id,
        "name": status.name,
        "hex_color": status.hex_color,
        "is_open": status.id <= 3,
        "links": {},
    })
}

/// The records that those of a page name in `links`, as `includes=` asks for them.
pub fn included(data: &Data, page: &[Value], wanted: &str) -> Map<String, Value> {
    let named = |links: &[&str]| -> Vec<Id> {
        let mut ids: Vec<Id> = page
            .iter()
            .flat_map(|record| links.iter().map(|link| record["links"][*link].as_u64()))
            .flatten()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let mut sides = Map::new();
    for name in wanted.split(',').map(str::trim) {
        let records: Vec<Value> = match name {
            "users" => named(&["created_by", "user"])
                .into_iter()
                .filter_map(|id| data.users.get(id).map(user))
                .collect(),
            "forums" => named(&["forum"])
                .into_iter()
                .filter_map(|id| data.forums.get(id).map(forum))
                .collect(),
            "statuses" => named(&["status"])
                .into_iter()
                .filter_map(|id| data.statuses.get(id).map(status))
                .collect(),
            "categories" => named(&["category"])
                .into_iter()
                .filter_map(|id| data.categories.get(id).map(category))
                .collect(),
            "suggestions" => named(&["suggestion"])
                .into_iter()
                .filter_map(|id| data.suggestions.get(id).map(|one| suggestion(data, one)))
                .collect(),
            // What is unknown is ignored, as the service does.
            _ => continue,
        };
        sides.insert(name.into(), records.into());
    }
    sides
}
