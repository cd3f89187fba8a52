//! API v2, the Admin API: OAuth 2, records with links, pages with cursors.

mod bearer;
pub mod http;
mod list;
mod records;

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

pub use bearer::{Bearers, Fields, PASSWORD, Refused};
use list::{Dated, Query, page};

use crate::data::{Data, ExternalUser, Forum, Id, Suggestion, Vote};
use crate::table::{Row, Table};

pub struct Call<'a> {
    pub data: &'a mut Data,
    pub user: Id,
    pub query: Vec<(String, String)>,
    pub body: Value,
    pub now: OffsetDateTime,
}

/// An answer that is not what was asked for.
pub enum Refusal {
    /// A field that is wrong, and how.
    Invalid(Value),
    NotFound,
    Forbidden,
}

type Reply = Result<(StatusCode, Value), Refusal>;

/// Lists of the service that the sandbox has no records for.
const EMPTY: [&str; 13] = [
    "external_accounts",
    "feature_statuses",
    "features",
    "feedback_records",
    "internal_statuses",
    "messages",
    "nps_ratings",
    "permissions",
    "product_areas",
    "segmented_values",
    "segments",
    "status_updates",
    "teams",
];

/// Answers the call of `path`, which stands without "/api/v2/admin/".
pub fn answer(call: &mut Call, method: &Method, path: &str) -> Reply {
    let admin = call
        .data
        .users
        .get(call.user)
        .is_some_and(|user| user.admin);
    if !admin {
        return Err(Refusal::Forbidden);
    }
    let parts: Vec<&str> = path.split('/').collect();
    let id = |text: &str| text.parse::<Id>().map_err(|_| Refusal::NotFound);
    let method = if method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    match (method, parts.as_slice()) {
        ("GET", [resource]) => list(call, resource),
        ("GET", ["users", "current"]) => read(call, "users", call.user),
        ("GET", [resource, one]) => read(call, resource, id(one)?),
        ("POST", ["users", "find_or_create"]) => find_or_create_user(call),
        ("POST", ["suggestions"]) => create_suggestion(call),
        ("PUT", ["suggestions", one]) => update_suggestion(call, id(one)?),
        ("DELETE", ["suggestions", one]) => delete_suggestion(call, id(one)?),
        ("PUT", ["suggestions", one, verb @ ("approve" | "publish" | "spam")]) => {
            set_state(call, id(one)?, verb)
        }
        ("POST", ["forums"]) => create_forum(call),
        ("DELETE", ["forums", one]) => delete_forum(call, id(one)?),
        ("POST", ["external_users", "import"]) => import_users(call),
        _ => Err(Refusal::NotFound),
    }
}

/// The list of `resource`, and of one id only where that is given.
fn records(call: &Call, resource: &str, only: Option<Id>) -> Result<Map<String, Value>, Refusal> {
    let data = &*call.data;
    let query = Query(&call.query);
    fn of<'a, T: Dated>(
        rows: std::slice::Iter<'a, T>,
        only: Option<Id>,
    ) -> impl Iterator<Item = &'a T> {
        rows.filter(move |row| only.is_none_or(|only| row.id() == only))
    }
    let answer = match resource {
        "suggestions" => {
            let forum = query.get("forum").and_then(|id| id.parse().ok());
            let rows = of(data.suggestions.iter(), only);
            let rows = rows.filter(|one| forum.is_none_or(|forum: Id| one.forum == forum));
            page(resource, &query, rows, |one| records::suggestion(data, one))
        }
        "users" => page(resource, &query, of(data.users.iter(), only), records::user),
        "forums" => page(
            resource,
            &query,
            of(data.forums.iter(), only),
            records::forum,
        ),
        "comments" => page(
            resource,
            &query,
            of(data.comments.iter(), only),
            records::comment,
        ),
        "notes" => page(resource, &query, of(data.notes.iter(), only), records::note),
        "statuses" => page(
            resource,
            &query,
            of(data.statuses.iter(), only),
            records::status,
        ),
        "categories" => page(
            resource,
            &query,
            of(data.categories.iter(), only),
            records::category,
        ),
        "labels" => page(
            resource,
            &query,
            of(data.labels.iter(), only),
            records::label,
        ),
        "supporters" => {
            let all = data.supporters();
            page(resource, &query, of(all.iter(), only), records::supporter)
        }
        "external_users" => {
            let rows = of(data.external_users.iter(), only);
            page(resource, &query, rows, records::external_user)
        }
        empty if EMPTY.contains(&empty) => {
            let none: [Forum; 0] = [];
            page(empty, &query, none.iter(), records::forum)
        }
        _ => return Err(Refusal::NotFound),
    };
    answer.map_err(Refusal::Invalid)
}

fn list(call: &Call, resource: &str) -> Reply {
    let mut answer = records(call, resource, None)?;
    include(call, resource, &mut answer);
    Ok((StatusCode::OK, answer.into()))
}

/// Adds the records that `includes=` asks for beside those of `resource`.
fn include(call: &Call, resource: &str, answer: &mut Map<String, Value>) {
    let query = Query(&call.query);
    let Some(wanted) = query.get("includes") else {
        return;
    };
    let shown = answer[resource].as_array().map_or(&[][..], Vec::as_slice);
    let sides = records::included(call.data, shown, wanted);
    for (name, side) in sides {
        answer.entry(name).or_insert(side);
    }
}

/// One record, in an array as every result is.
fn read(call: &Call, resource: &str, id: Id) -> Reply {
    let mut answer = records(call, resource, Some(id))?;
    answer.remove("pagination");
    if answer[resource].as_array().is_some_and(Vec::is_empty) {
        return Err(Refusal::NotFound);
    }
    include(call, resource, &mut answer);
    Ok((StatusCode::OK, answer.into()))
}

fn created(call: &Call, resource: &str, id: Id) -> Reply {
    let (_, answer) = read(call, resource, id)?;
    Ok((StatusCode::CREATED, answer))
}

fn invalid(errors: Value) -> Refusal {
    Refusal::Invalid(errors)
}

fn text<'a>(body: &'a Value, field: &str) -> Option<&'a str> {
    body[field].as_str().filter(|text| !text.trim().is_empty())
}

/// A boolean that may come as text; any other value is refused, not lost.
fn flag(body: &Value, field: &str) -> Result<Option<bool>, Refusal> {
    match &body[field] {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        Value::String(text) if text == "true" => Ok(Some(true)),
        Value::String(text) if text == "false" => Ok(Some(false)),
        _ => Err(invalid(json!({ field: "boolean" }))),
    }
}

fn find_or_create_user(call: &mut Call) -> Reply {
    let email = text(&call.body, "email_address").or(text(&call.body, "email"));
    let email = email.filter(|email| email.contains('@'));
    let email = email.ok_or_else(|| invalid(json!({ "email_address": "required" })))?;
    let id = call
        .data
        .find_or_create_user(email, text(&call.body, "name"), call.now);
    read(call, "users", id)
}

/// The record that a link names, or what is wrong with it; nothing where there is none.
fn link<T: Row>(body: &Value, name: &str, records: &Table<T>) -> Result<Option<Id>, &'static str> {
    let link = &body["links"][name];
    if link.is_null() {
        return Ok(None);
    }
    let id = link.as_u64().ok_or("int")?;
    match records.get(id) {
        Some(_) => Ok(Some(id)),
        None => Err("not_found"),
    }
}

fn create_suggestion(call: &mut Call) -> Reply {
    let mut errors = Map::new();
    let mut links = Map::new();
    let title = text(&call.body, "title");
    if title.is_none() {
        errors.insert("title".into(), "required".into());
    }
    let forum = link(&call.body, "forum", &call.data.forums);
    let forum = forum.and_then(|forum| forum.ok_or("int"));
    if let Err(why) = forum {
        links.insert("forum".into(), why.into());
    }
    let category = link(&call.body, "category", &call.data.categories);
    if let Err(why) = category {
        links.insert("category".into(), why.into());
    }
    if !links.is_empty() {
        errors.insert("links".into(), links.into());
    }
    let (Some(title), Ok(forum), Ok(category)) = (title, forum, category) else {
        return Err(invalid(errors.into()));
    };
    let (now, user) = (call.now, call.user);
    let id = call
        .data
        .suggestions
        .insert(|id| Suggestion {
            id,
            forum,
            title: title.into(),
            text: text(&call.body, "body").unwrap_or_default().into(),
            state: "published",
            creator: user,
            category,
            status: None,
            response: None,
            other_votes: 0,
            votes: vec![Vote {
                user,
                count: 1,
                created_at: now,
            }],
            labels: vec![],
            external: vec![],
            created_at: now,
            updated_at: now,
        })
        .id;
    created(call, "suggestions", id)
}

fn update_suggestion(call: &mut Call, id: Id) -> Reply {
    if call.body.get("title").is_some() && text(&call.body, "title").is_none() {
        return Err(invalid(json!({ "title": "required" })));
    }
    let wrong = |name: &str, why: &str| invalid(json!({ "links": { name: why } }));
    let status = link(&call.body, "status", &call.data.statuses);
    let status = status.map_err(|why| wrong("status", why))?;
    let category = link(&call.body, "category", &call.data.categories);
    let category = category.map_err(|why| wrong("category", why))?;
    let suggestion = call.data.suggestions.get_mut(id);
    let suggestion = suggestion.ok_or(Refusal::NotFound)?;
    if let Some(title) = text(&call.body, "title") {
        suggestion.title = title.into();
    }
    if let Some(body) = call.body["body"].as_str() {
        suggestion.text = body.into();
    }
    suggestion.status = status.or(suggestion.status);
    suggestion.category = category.or(suggestion.category);
    suggestion.updated_at = call.now;
    read(call, "suggestions", id)
}

fn set_state(call: &mut Call, id: Id, verb: &str) -> Reply {
    let suggestion = call.data.suggestions.get_mut(id);
    let suggestion = suggestion.ok_or(Refusal::NotFound)?;
    suggestion.state = match verb {
        "spam" => "spam",
        "approve" => "approved",
        _ => "published",
    };
    suggestion.updated_at = call.now;
    read(call, "suggestions", id)
}

fn delete_suggestion(call: &mut Call, id: Id) -> Reply {
    let removed = call.data.remove_suggestion(id);
    removed.ok_or(Refusal::NotFound)?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}

fn create_forum(call: &mut Call) -> Reply {
    let name = text(&call.body, "name");
    let name = name.ok_or_else(|| invalid(json!({ "name": "required" })))?;
    let private = flag(&call.body, "is_private")?.unwrap_or(false);
    let now = call.now;
    let id = call
        .data
        .forums
        .insert(|id| Forum {
            id,
            name: name.into(),
            welcome: text(&call.body, "welcome_message")
                .unwrap_or_default()
                .into(),
            private,
            email_domains: vec![],
            created_at: now,
            updated_at: now,
        })
        .id;
    created(call, "forums", id)
}

fn delete_forum(call: &mut Call, id: Id) -> Reply {
    let removed = call.data.remove_forum(id);
    removed.ok_or(Refusal::NotFound)?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}

/// At most 1000 a call, each found again by its external id.
fn import_users(call: &mut Call) -> Reply {
    const MOST: usize = 1000;
    let users = call.body["external_users"].as_array();
    let users = users.ok_or_else(|| invalid(json!({ "external_users": "required" })))?;
    if users.len() > MOST {
        return Err(invalid(json!({ "external_users": "too_many" })));
    }
    if let Some(at) = users
        .iter()
        .position(|user| text(user, "external_id").is_none())
    {
        let errors = json!({ "external_users": { at.to_string(): { "external_id": "required" } } });
        return Err(invalid(errors));
    }
    let now = call.now;
    for user in users {
        let given = |name| text(user, name).map(String::from);
        let external_id = given("external_id").unwrap_or_default();
        let known = call.data.external_users.iter();
        let known = known.filter(|known| known.external_id == external_id);
        let known = known.map(|known| known.id).next();
        let make = |id| ExternalUser {
            id,
            external_id,
            name: given("name"),
            email: given("email"),
            created_at: now,
            updated_at: now,
        };
        match known.and_then(|id| call.data.external_users.get_mut(id)) {
            None => {
                call.data.external_users.insert(make);
            }
            Some(known) => {
                known.name = given("name").or(known.name.take());
                known.email = given("email").or(known.email.take());
                known.updated_at = now;
            }
        }
    }
    Ok((
        StatusCode::OK,
        json!({ "external_users": [], "imported": users.len() }),
    ))
}
