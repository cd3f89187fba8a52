//! Suggestions, their votes, comments and notes.

use serde_json::{Map, Value, json};

use super::context::{Context, NEWEST_FIRST};
use super::fields::{flag, number, text};
use super::response::{ApiError, ApiResult, created, format_time, invalid, not_found, ok};
use super::{identify, notes, settings, users};
use crate::data::{Id, NoteSubject, StatusChange, Suggestion, Vote};

const MAX_TITLE_LENGTH: usize = 140;
const MAX_VOTES: u64 = 3;

/// Returns the state as API v1 names it, which does not distinguish approved from published.
pub fn state(suggestion: &Suggestion) -> &'static str {
    match suggestion.status {
        _ if suggestion.state == "spam" => "spam",
        Some(status) if status > 3 => "closed",
        _ => "published",
    }
}

pub fn to_json(ctx: &Context, suggestion: &Suggestion) -> Value {
    let forum = ctx.data.forums.get(suggestion.forum);
    let comments = ctx.data.comments.iter();
    let comments = comments.filter(|comment| comment.suggestion == suggestion.id);
    let supporters = suggestion.votes.len();
    let path = format!("/forums/{}/suggestions/{}", suggestion.forum, suggestion.id);
    let status = suggestion.status.and_then(|id| ctx.data.statuses.get(id));
    json!({
        "id": suggestion.id,
        "url": format!("{}{path}", ctx.origin),
        "path": path,
        "state": state(suggestion),
        "title": suggestion.title,
        "text": suggestion.text,
        "formatted_text": maud::html! { p { (suggestion.text) } }.into_string(),
        "vote_count": suggestion.vote_count(),
        "subscriber_count": supporters,
        "subscribed": suggestion.votes.iter().any(|vote| Some(vote.user) == ctx.caller.user),
        "comments_count": comments.count(),
        "supporters_count": supporters,
        "topic": {
            "id": suggestion.forum,
            "prompt": "I suggest you ...",
            "forum": { "id": suggestion.forum, "name": forum.map(|forum| &forum.name) },
        },
        "category": suggestion.category.and_then(|id| ctx.data.categories.get(id))
            .map(|category| json!({ "id": category.id, "name": category.name })),
        "status": status.map(settings::status_to_json),
        "creator": users::summary(ctx, suggestion.creator),
        "response": suggestion.response.as_ref().map(|response| json!({
            "text": response.text,
            "formatted_text": maud::html! { p { (response.text) } }.into_string(),
            "creator": users::summary(ctx, response.user),
            "created_at": format_time(response.created_at),
        })),
        "external_ids": suggestion.external_ids.iter()
            .map(|external_id| json!({ "scope": external_id.scope, "id": external_id.id })).collect::<Vec<_>>(),
        "attachments": [],
        "created_at": format_time(suggestion.created_at),
        "updated_at": format_time(suggestion.updated_at),
    })
}

/// Returns a suggestion whose forum the caller may view.
pub fn find<'a>(ctx: &'a Context, id: Id) -> Result<&'a Suggestion, ApiError> {
    let suggestion = ctx.data.suggestions.get(id);
    let suggestion = suggestion.ok_or_else(|| not_found("Suggestion"))?;
    ctx.find_forum(suggestion.forum)?;
    Ok(suggestion)
}

/// Checks that a suggestion belongs to the forum in the path.
pub fn check_forum(ctx: &Context, forum: Id, id: Id) -> Result<(), ApiError> {
    match find(ctx, id)?.forum == forum {
        true => Ok(()),
        false => Err(not_found("Suggestion")),
    }
}

/// Changes a suggestion on behalf of the user.
fn modify(ctx: &mut Context, id: Id, change: impl FnOnce(&mut Suggestion)) -> ApiResult {
    let act = ctx.act(ctx.require_user()?);
    ctx.data.change_suggestion(act, id, change);
    read(ctx, id)
}

pub fn read(ctx: &Context, id: Id) -> ApiResult {
    ok("suggestion", to_json(ctx, find(ctx, id)?))
}

fn validate_title(title: Option<&str>) -> Result<String, ApiError> {
    let title = title.ok_or_else(|| invalid("Title can't be blank"))?;
    match title.chars().count() <= MAX_TITLE_LENGTH {
        true => Ok(title.into()),
        false => Err(invalid(format!(
            "Title is too long (maximum is {MAX_TITLE_LENGTH} characters)"
        ))),
    }
}

fn validate_votes(votes: u64) -> Result<u64, ApiError> {
    match votes <= MAX_VOTES {
        true => Ok(votes),
        false => Err(invalid(format!("Votes must be 0 to {MAX_VOTES}"))),
    }
}

fn validate_category(ctx: &Context, input: &Map<String, Value>) -> Result<Option<Id>, ApiError> {
    let category = number(input, "category_id")?;
    match category.is_none_or(|id| ctx.data.categories.get(id).is_some()) {
        true => Ok(category),
        false => Err(invalid("Category is unknown")),
    }
}

pub fn create(ctx: &mut Context, forum: Id) -> ApiResult {
    let user = ctx.require_user()?;
    ctx.find_forum(forum)?;
    let input = ctx.object("suggestion")?;
    let title = validate_title(text(&input, "title"))?;
    let votes = validate_votes(number(&input, "votes")?.unwrap_or(1))?;
    let category = validate_category(ctx, &input)?;
    let (act, now) = (ctx.act(user), ctx.now);
    let id = ctx.data.add_suggestion(act, |id| Suggestion {
        text: text(&input, "text").unwrap_or_default().into(),
        state: "published",
        category,
        votes: votes_of(user, votes, now),
        ..Suggestion::new(id, forum, title, user, now)
    });
    created("suggestion", to_json(ctx, find(ctx, id)?))
}

fn votes_of(user: Id, count: u64, created_at: time::OffsetDateTime) -> Vec<Vote> {
    let vote = Vote {
        user,
        count,
        created_at,
    };
    if count == 0 { vec![] } else { vec![vote] }
}

/// Requires the author of the suggestion or an admin.
fn require_author(ctx: &Context, id: Id) -> Result<(), ApiError> {
    if find(ctx, id)?.creator == ctx.require_user()? {
        return Ok(());
    }
    ctx.require_admin().map(|_| ())
}

pub fn update(ctx: &mut Context, id: Id) -> ApiResult {
    require_author(ctx, id)?;
    let input = ctx.object("suggestion")?;
    let title = match input.contains_key("title") {
        true => Some(validate_title(text(&input, "title"))?),
        false => None,
    };
    let category = validate_category(ctx, &input)?;
    modify(ctx, id, |suggestion| {
        if let Some(title) = title {
            suggestion.title = title;
        }
        if let Some(text) = input.get("text").and_then(Value::as_str) {
            suggestion.text = text.into();
        }
        suggestion.category = category.or(suggestion.category);
    })
}

pub fn delete(ctx: &mut Context, id: Id) -> ApiResult {
    require_author(ctx, id)?;
    let deleted = to_json(ctx, find(ctx, id)?);
    ctx.data.remove_suggestion(id);
    ok("suggestion", deleted)
}

pub fn respond(ctx: &mut Context, id: Id) -> ApiResult {
    let user = ctx.require_admin()?;
    find(ctx, id)?;
    let input = ctx.object("response")?;
    let status = match number(&input, "status_id")? {
        None => None,
        Some(id) if ctx.data.statuses.get(id).is_some() => Some(id),
        Some(_) => return Err(invalid("Status is unknown")),
    };
    let body = text(&input, "text").map(String::from);
    if body.is_none() && status.is_none() {
        return Err(invalid("Text can't be blank"));
    }
    let change = StatusChange {
        suggestion: id,
        user,
        status,
        body,
        notify: true,
        email: None,
    };
    ctx.data.change_status(change, ctx.now);
    ok("suggestion", to_json(ctx, find(ctx, id)?))
}

pub fn vote(ctx: &mut Context, id: Id) -> ApiResult {
    let user = ctx.require_user()?;
    find(ctx, id)?;
    let votes = match ctx.body.as_object() {
        Some(body) => number(body, "to")?,
        None => None,
    };
    let votes = validate_votes(votes.ok_or_else(|| invalid("to is missing"))?)?;
    let now = ctx.now;
    modify(ctx, id, |suggestion| {
        suggestion.votes.retain(|vote| vote.user != user);
        suggestion.votes.extend(votes_of(user, votes, now));
    })
}

/// Subscribes the user to a suggestion, or ends that. The mobile SDKs have it instead of votes: who subscribes supports
/// the suggestion.
pub fn watch(ctx: &mut Context, id: Id) -> ApiResult {
    let user = ctx.require_user()?;
    find(ctx, id)?;
    let body = ctx.body.as_object().cloned().unwrap_or_default();
    let subscribe = flag(&body, "subscribe")?.ok_or_else(|| invalid("subscribe is missing"))?;
    let now = ctx.now;
    modify(ctx, id, |suggestion| {
        let has_voted = suggestion.votes.iter().any(|vote| vote.user == user);
        match (subscribe, has_voted) {
            (true, false) => suggestion.votes.extend(votes_of(user, 1, now)),
            (true, true) => {}
            (false, _) => suggestion.votes.retain(|vote| vote.user != user),
        }
    })
}

pub fn supporters(ctx: &Context, id: Id) -> ApiResult {
    let rows = find(ctx, id)?.votes.iter().collect();
    ctx.page("supporters", NEWEST_FIRST, rows, |vote: &Vote| {
        json!({
            "user": users::summary(ctx, vote.user),
            "votes": vote.count,
            "created_at": format_time(vote.created_at),
        })
    })
}

pub fn list_notes(ctx: &Context, id: Id) -> ApiResult {
    ctx.require_admin()?;
    find(ctx, id)?;
    notes::list(ctx, NoteSubject::Suggestion(id))
}

pub fn add_note(ctx: &mut Context, id: Id) -> ApiResult {
    find(ctx, id)?;
    notes::create(ctx, NoteSubject::Suggestion(id))
}

pub fn identify(ctx: &mut Context) -> ApiResult {
    ctx.require_trusted_client()?;
    let identities = identify::parse(ctx)?;
    if let Some((id, _)) = identities
        .iter()
        .find(|(id, _)| ctx.data.suggestions.get(*id).is_none())
    {
        return Err(not_found(&format!("Suggestion {id}")));
    }
    let ids = identify::ids(&identities);
    for (id, external_id) in identities {
        if let Some(suggestion) = ctx.data.suggestions.get_mut(id) {
            suggestion
                .external_ids
                .retain(|existing| existing.scope != external_id.scope);
            suggestion.external_ids.push(external_id);
        }
    }
    ok("identifications", ids)
}
