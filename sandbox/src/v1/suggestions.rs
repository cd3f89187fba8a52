//! Suggestions, their votes, comments and notes.

use serde_json::{Map, Value, json};

use super::call::{
    Call, NEWEST_FIRST, Refusal, Reply, Sorts, created, date, invalid, not_found, number, one, text,
};
use super::users;
use crate::data::{Comment, External, Id, Note, Response, Subject, Suggestion, Vote};

const TITLE_LENGTH: usize = 140;
const VOTES_ALLOWED: u64 = 3;
const SORTS: Sorts = &["votes", "newest", "oldest"];

/// API v1's word. What is approved in API v2 is no more than published here.
fn state(suggestion: &Suggestion) -> &'static str {
    match suggestion.status {
        _ if suggestion.state == "spam" => "spam",
        Some(status) if status > 3 => "closed",
        _ => "published",
    }
}

fn show(call: &Call, suggestion: &Suggestion) -> Value {
    let forum = call.data.forums.get(suggestion.forum);
    let comments = call.data.comments.iter();
    let comments = comments.filter(|comment| comment.suggestion == suggestion.id);
    let supporters = suggestion.votes.len();
    let path = format!("/forums/{}/suggestions/{}", suggestion.forum, suggestion.id);
    let status = suggestion.status.and_then(|id| call.data.statuses.get(id));
    json!({
        "id": suggestion.id,
        "url": format!("{}{path}", call.site),
        "path": path,
        "state": state(suggestion),
        "title": suggestion.title,
        "text": suggestion.text,
        "formatted_text": maud::html! { p { (suggestion.text) } }.into_string(),
        "vote_count": suggestion.vote_count(),
        "subscriber_count": supporters,
        "comments_count": comments.count(),
        "supporters_count": supporters,
        "topic": {
            "id": suggestion.forum,
            "prompt": "I suggest you ...",
            "forum": { "id": suggestion.forum, "name": forum.map(|forum| &forum.name) },
        },
        "category": suggestion.category.and_then(|id| call.data.categories.get(id))
            .map(|category| json!({ "id": category.id, "name": category.name })),
        "status": status.map(super::knowledge::show_status),
        "creator": users::show_name(call, suggestion.creator),
        "response": suggestion.response.as_ref().map(|response| json!({
            "text": response.text,
            "creator": users::show_name(call, response.user),
            "created_at": date(response.created_at),
        })),
        "external_ids": suggestion.external.iter()
            .map(|external| json!({ "scope": external.scope, "id": external.id })).collect::<Vec<_>>(),
        "attachments": [],
        "created_at": date(suggestion.created_at),
        "updated_at": date(suggestion.updated_at),
    })
}

/// Those of one forum, or of every forum that the caller may enter.
fn visible<'a>(call: &'a Call, forum: Option<Id>) -> Result<Vec<&'a Suggestion>, Refusal> {
    let forums: Vec<Id> = match forum {
        Some(id) => vec![call.forum(id)?.id],
        None => {
            let all = call.data.forums.iter();
            all.filter(|forum| call.may_see(forum))
                .map(|forum| forum.id)
                .collect()
        }
    };
    let all = call.data.suggestions.iter();
    Ok(all
        .filter(|suggestion| forums.contains(&suggestion.forum))
        .collect())
}

/// By votes where that is asked for; else the oldest first, as a list wants them.
fn sorted<'a>(call: &Call, mut rows: Vec<&'a Suggestion>) -> Vec<&'a Suggestion> {
    if call.sort(SORTS) == "votes" {
        rows.sort_by_key(|suggestion| std::cmp::Reverse(suggestion.vote_count()));
    }
    rows
}

pub fn list(call: &Call, forum: Option<Id>) -> Reply {
    let rows = sorted(call, visible(call, forum)?);
    call.list("suggestions", SORTS, rows, |one| show(call, one))
}

pub fn search(call: &Call, forum: Option<Id>) -> Reply {
    let wanted = call.search_text()?;
    let mut rows = visible(call, forum)?;
    rows.retain(|suggestion| {
        suggestion.title.to_lowercase().contains(&wanted)
            || suggestion.text.to_lowercase().contains(&wanted)
    });
    call.list("suggestions", SORTS, sorted(call, rows), |one| {
        show(call, one)
    })
}

/// The suggestion, when the caller may enter its forum.
fn find<'a>(call: &'a Call, id: Id) -> Result<&'a Suggestion, Refusal> {
    let suggestion = call.data.suggestions.get(id);
    let suggestion = suggestion.ok_or_else(|| not_found("Suggestion"))?;
    call.forum(suggestion.forum)?;
    Ok(suggestion)
}

/// Whether a suggestion is in the forum that its path names.
pub fn within(call: &Call, forum: Id, id: Id) -> Result<(), Refusal> {
    match find(call, id)?.forum == forum {
        true => Ok(()),
        false => Err(not_found("Suggestion")),
    }
}

fn change(call: &mut Call, id: Id, change: impl FnOnce(&mut Suggestion)) -> Reply {
    let now = call.now;
    if let Some(suggestion) = call.data.suggestions.get_mut(id) {
        change(suggestion);
        suggestion.updated_at = now;
    }
    read(call, id)
}

pub fn read(call: &Call, id: Id) -> Reply {
    one("suggestion", show(call, find(call, id)?))
}

fn checked_title(title: Option<&str>) -> Result<String, Refusal> {
    let title = title.ok_or_else(|| invalid("Title can't be blank"))?;
    match title.chars().count() <= TITLE_LENGTH {
        true => Ok(title.into()),
        false => Err(invalid(format!(
            "Title is too long (maximum is {TITLE_LENGTH} characters)"
        ))),
    }
}

fn checked_votes(votes: u64) -> Result<u64, Refusal> {
    match votes <= VOTES_ALLOWED {
        true => Ok(votes),
        false => Err(invalid(format!("Votes must be 0 to {VOTES_ALLOWED}"))),
    }
}

fn checked_category(call: &Call, wanted: &Map<String, Value>) -> Result<Option<Id>, Refusal> {
    let category = number(wanted, "category_id")?;
    match category.is_none_or(|id| call.data.categories.get(id).is_some()) {
        true => Ok(category),
        false => Err(invalid("Category is unknown")),
    }
}

pub fn create(call: &mut Call, forum: Id) -> Reply {
    let user = call.user()?;
    call.forum(forum)?;
    let wanted = call.object("suggestion")?;
    let title = checked_title(text(&wanted, "title"))?;
    let votes = checked_votes(number(&wanted, "votes")?.unwrap_or(1))?;
    let category = checked_category(call, &wanted)?;
    let now = call.now;
    let id = call
        .data
        .suggestions
        .insert(|id| Suggestion {
            id,
            forum,
            title,
            text: text(&wanted, "text").unwrap_or_default().into(),
            state: "published",
            creator: user,
            category,
            status: None,
            response: None,
            other_votes: 0,
            votes: vote_of(user, votes, now),
            labels: vec![],
            external: vec![],
            created_at: now,
            updated_at: now,
        })
        .id;
    created("suggestion", show(call, find(call, id)?))
}

fn vote_of(user: Id, count: u64, created_at: time::OffsetDateTime) -> Vec<Vote> {
    let vote = Vote {
        user,
        count,
        created_at,
    };
    if count == 0 { vec![] } else { vec![vote] }
}

/// What its author or an admin may do.
fn may_change(call: &Call, id: Id) -> Result<(), Refusal> {
    if find(call, id)?.creator == call.user()? {
        return Ok(());
    }
    call.admin().map(|_| ())
}

pub fn update(call: &mut Call, id: Id) -> Reply {
    may_change(call, id)?;
    let changes = call.object("suggestion")?;
    let title = match changes.contains_key("title") {
        true => Some(checked_title(text(&changes, "title"))?),
        false => None,
    };
    let category = checked_category(call, &changes)?;
    change(call, id, |suggestion| {
        if let Some(title) = title {
            suggestion.title = title;
        }
        if let Some(text) = changes.get("text").and_then(Value::as_str) {
            suggestion.text = text.into();
        }
        suggestion.category = category.or(suggestion.category);
    })
}

pub fn delete(call: &mut Call, id: Id) -> Reply {
    may_change(call, id)?;
    let shown = show(call, find(call, id)?);
    call.data.remove_suggestion(id);
    one("suggestion", shown)
}

pub fn respond(call: &mut Call, id: Id) -> Reply {
    let user = call.admin()?;
    find(call, id)?;
    let wanted = call.object("response")?;
    let status = match number(&wanted, "status_id")? {
        None => None,
        Some(id) if call.data.statuses.get(id).is_some() => Some(id),
        Some(_) => return Err(invalid("Status is unknown")),
    };
    let response = text(&wanted, "text").map(|text| Response {
        text: text.into(),
        user,
        created_at: call.now,
    });
    if response.is_none() && status.is_none() {
        return Err(invalid("Text can't be blank"));
    }
    change(call, id, |suggestion| {
        suggestion.status = status.or(suggestion.status);
        suggestion.response = response.or(suggestion.response.take());
    })
}

pub fn vote(call: &mut Call, id: Id) -> Reply {
    let user = call.user()?;
    find(call, id)?;
    let votes = match call.body.as_object() {
        Some(body) => number(body, "to")?,
        None => None,
    };
    let votes = checked_votes(votes.ok_or_else(|| invalid("to is missing"))?)?;
    let now = call.now;
    change(call, id, |suggestion| {
        suggestion.votes.retain(|vote| vote.user != user);
        suggestion.votes.extend(vote_of(user, votes, now));
    })
}

pub fn supporters(call: &Call, id: Id) -> Reply {
    let rows = find(call, id)?.votes.iter().collect();
    call.list("supporters", NEWEST_FIRST, rows, |vote: &Vote| {
        json!({
            "user": users::show_name(call, vote.user),
            "votes": vote.count,
            "created_at": date(vote.created_at),
        })
    })
}

fn show_comment(call: &Call, comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "text": comment.text,
        "formatted_text": maud::html! { p { (comment.text) } }.into_string(),
        "state": "approved",
        "creator": users::show_name(call, comment.user),
        "created_at": date(comment.created_at),
    })
}

pub fn comments(call: &Call, id: Id) -> Reply {
    find(call, id)?;
    let all = call.data.comments.iter();
    let rows = all.filter(|comment| comment.suggestion == id).collect();
    call.list("comments", NEWEST_FIRST, rows, |one| {
        show_comment(call, one)
    })
}

pub fn add_comment(call: &mut Call, id: Id) -> Reply {
    let user = call.user()?;
    find(call, id)?;
    let wanted = call.object("comment")?;
    let text = text(&wanted, "text").ok_or_else(|| invalid("Text can't be blank"))?;
    let now = call.now;
    let comment = call.data.comments.insert(|comment| Comment {
        id: comment,
        suggestion: id,
        user,
        text: text.into(),
        created_at: now,
    });
    let comment = comment.clone();
    created("comment", show_comment(call, &comment))
}

pub fn show_note(call: &Call, note: &Note) -> Value {
    json!({
        "id": note.id,
        "text": note.text,
        "creator": users::show_name(call, note.user),
        "created_at": date(note.created_at),
    })
}

pub fn list_notes(call: &Call, on: Subject) -> Reply {
    let rows = call.data.notes.iter().filter(|note| note.on == on);
    call.list("notes", NEWEST_FIRST, rows.collect(), |note| {
        show_note(call, note)
    })
}

pub fn create_note(call: &mut Call, on: Subject) -> Reply {
    let user = call.admin()?;
    let wanted = call.object("note")?;
    let text = text(&wanted, "text").ok_or_else(|| invalid("Text can't be blank"))?;
    let now = call.now;
    let note = call.data.notes.insert(|id| Note {
        id,
        on,
        user,
        text: text.into(),
        created_at: now,
    });
    let note = note.clone();
    created("note", show_note(call, &note))
}

pub fn notes(call: &Call, id: Id) -> Reply {
    call.admin()?;
    find(call, id)?;
    list_notes(call, Subject::Suggestion(id))
}

pub fn add_note(call: &mut Call, id: Id) -> Reply {
    find(call, id)?;
    create_note(call, Subject::Suggestion(id))
}

/// The records that `identify` names, with what another system calls them:
/// {"external_scope":"crm","identifications":[{"id":1,"external_id":"A-7"}]}.
pub fn identities(call: &Call) -> Result<Vec<(Id, External)>, Refusal> {
    let scope = call
        .parameter("external_scope")
        .ok_or_else(|| invalid("external_scope is missing"))?;
    let list = call.body.get("identifications").and_then(Value::as_array);
    let list = list.ok_or_else(|| invalid("identifications is missing"))?;
    list.iter()
        .map(|entry| {
            let incomplete = || invalid("An identification needs id and external_id");
            let entry = entry.as_object().ok_or_else(incomplete)?;
            let id = number(entry, "id")?.ok_or_else(incomplete)?;
            let external = External {
                scope: scope.into(),
                id: text(entry, "external_id").ok_or_else(incomplete)?.into(),
            };
            Ok((id, external))
        })
        .collect()
}

pub fn identify(call: &mut Call) -> Reply {
    call.trusted()?;
    let identities = identities(call)?;
    if let Some((id, _)) = identities
        .iter()
        .find(|(id, _)| call.data.suggestions.get(*id).is_none())
    {
        return Err(not_found(&format!("Suggestion {id}")));
    }
    let count = identities.len();
    for (id, external) in identities {
        if let Some(suggestion) = call.data.suggestions.get_mut(id) {
            suggestion
                .external
                .retain(|known| known.scope != external.scope);
            suggestion.external.push(external);
        }
    }
    one("identified", json!(count))
}
