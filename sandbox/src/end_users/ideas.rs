//! Forums and their ideas, which are the suggestions of the other APIs.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::http::{ApiError, ApiResult, Context};
use crate::data::{Act, Forum, Id, Suggestion, Vote};

/// Returns the forums that the user may view.
pub fn forums(ctx: &Context) -> ApiResult {
    let forums = ctx.data.forums.iter();
    let forums = forums.filter(|forum| ctx.data.may_view(ctx.user, forum));
    page(ctx, forums, |forum| {
        json!({
            "id": forum.id,
            "name": forum.name,
            "welcome_message": forum.welcome,
            "prompt": "I suggest you ...",
        })
    })
}

/// Returns the ideas of a forum, the newest first.
pub fn list(ctx: &Context, forum: Id) -> ApiResult {
    find_forum(ctx, forum)?;
    let ideas = ctx.data.suggestions.iter().rev();
    let ideas = ideas.filter(|idea| idea.forum == forum && !is_spam(idea));
    page(ctx, ideas, |idea| to_json(ctx, idea))
}

pub fn read(ctx: &Context, id: Id) -> ApiResult {
    let idea = ctx.data.suggestions.get(id);
    let idea = idea.filter(|idea| !is_spam(idea));
    let idea = idea.ok_or(ApiError::NotFound)?;
    find_forum(ctx, idea.forum)?;
    Ok((StatusCode::OK, to_json(ctx, idea)))
}

/// Creates an idea, for which its author votes.
pub fn create(ctx: &mut Context, forum: Id) -> ApiResult {
    let user = ctx.user.ok_or(ApiError::Unauthorized)?;
    find_forum(ctx, forum)?;
    let text = |name: &str| ctx.body["suggestion"][name].as_str().unwrap_or_default();
    if text("title").trim().is_empty() {
        return Err(ApiError::Invalid(json!({ "title": "required" })));
    }
    let (title, text, now) = (text("title").to_owned(), text("text").to_owned(), ctx.now);
    let idea = |id| Suggestion {
        text,
        state: "published",
        votes: vec![vote_of(user, now)],
        ..Suggestion::new(id, forum, title, user, now)
    };
    let id = ctx.data.add_suggestion(Act { user, now }, idea);
    let (_, created) = read(ctx, id)?;
    Ok((StatusCode::CREATED, created))
}

/// Adds or removes the user's vote for an idea.
pub fn set_vote(ctx: &mut Context, forum: Id, id: Id, voted: bool) -> ApiResult {
    let user = ctx.user.ok_or(ApiError::Unauthorized)?;
    find_forum(ctx, forum)?;
    let idea = ctx.data.suggestions.get_mut(id);
    let idea = idea.filter(|idea| idea.forum == forum && !is_spam(idea));
    let idea = idea.ok_or(ApiError::NotFound)?;
    idea.votes.retain(|vote| vote.user != user);
    if voted {
        idea.votes.push(vote_of(user, ctx.now));
    }
    idea.updated_at = ctx.now;
    read(ctx, id)
}

/// Reports whether only admins can see an idea.
fn is_spam(idea: &Suggestion) -> bool {
    idea.state == "spam"
}

fn vote_of(user: Id, created_at: time::OffsetDateTime) -> Vote {
    Vote {
        user,
        count: 1,
        created_at,
    }
}

fn find_forum<'a>(ctx: &'a Context, id: Id) -> Result<&'a Forum, ApiError> {
    let forum = ctx.data.forums.get(id);
    let forum = forum.filter(|forum| ctx.data.may_view(ctx.user, forum));
    forum.ok_or(ApiError::NotFound)
}

fn to_json(ctx: &Context, idea: &Suggestion) -> Value {
    let mut json = json!({ "id": idea.id, "title": idea.title, "text": idea.text });
    if let Some(user) = ctx.user {
        json["voted"] = idea.votes.iter().any(|vote| vote.user == user).into();
    }
    json
}

/// Returns the records of the page that the query selects, as an array.
fn page<'a, T: 'a>(
    ctx: &Context,
    rows: impl Iterator<Item = &'a T>,
    to_json: impl Fn(&T) -> Value,
) -> ApiResult {
    let number = |name: &str, default: usize| {
        let value = ctx.query.iter().find(|(key, _)| key == name);
        let number = value.and_then(|(_, value)| value.parse().ok());
        number.filter(|number| *number > 0).unwrap_or(default)
    };
    let per_page = number("per_page", 20).min(100);
    let start = (number("page", 1) - 1).saturating_mul(per_page);
    let records: Vec<Value> = rows.skip(start).take(per_page).map(to_json).collect();
    Ok((StatusCode::OK, records.into()))
}
