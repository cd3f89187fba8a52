//! Comments of suggestions.

use serde_json::{Value, json};

use super::context::{Context, NEWEST_FIRST};
use super::fields::text;
use super::response::{ApiError, ApiResult, created, format_time, invalid, not_found, ok};
use super::{suggestions, users};
use crate::data::{Comment, Id};

pub fn to_json(ctx: &Context, comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "text": comment.text,
        "formatted_text": maud::html! { p { (comment.text) } }.into_string(),
        "state": "approved",
        "creator": users::summary(ctx, comment.user),
        "created_at": format_time(comment.created_at),
    })
}

/// A comment beside the suggestion that it belongs to.
pub fn with_suggestion(ctx: &Context, comment: &Comment) -> Value {
    let mut json = to_json(ctx, comment);
    let suggestion = ctx.data.suggestions.get(comment.suggestion);
    json["suggestion"] = suggestion.map_or(Value::Null, |suggestion| {
        suggestions::to_json(ctx, suggestion)
    });
    json
}

pub fn list(ctx: &Context, suggestion: Id) -> ApiResult {
    suggestions::find(ctx, suggestion)?;
    let comments = ctx.data.comments.iter();
    let rows = comments.filter(|comment| comment.suggestion == suggestion && !comment.is_spam());
    ctx.page("comments", NEWEST_FIRST, rows.collect(), |record| {
        to_json(ctx, record)
    })
}

/// Lists the comments of a user, or of all users, that the caller may view.
pub fn visible(ctx: &Context, user: Option<Id>) -> ApiResult {
    if let Some(user) = user {
        ctx.find_user(user)?;
    }
    let comments = ctx.data.comments.iter();
    let rows = comments
        .filter(|comment| user.is_none_or(|user| comment.user == user) && !comment.is_spam())
        .filter(|comment| suggestions::find(ctx, comment.suggestion).is_ok());
    ctx.page("comments", NEWEST_FIRST, rows.collect(), |record| {
        with_suggestion(ctx, record)
    })
}

fn find<'a>(ctx: &'a Context, suggestion: Id, id: Id) -> Result<&'a Comment, ApiError> {
    suggestions::find(ctx, suggestion)?;
    let comment = ctx.data.comments.get(id);
    comment
        .filter(|comment| comment.suggestion == suggestion)
        .ok_or_else(|| not_found("Comment"))
}

pub fn read(ctx: &Context, suggestion: Id, id: Id) -> ApiResult {
    ok("comment", to_json(ctx, find(ctx, suggestion, id)?))
}

/// Returns the text of a comment in the body.
fn input(ctx: &Context) -> Result<String, ApiError> {
    let input = ctx.object("comment")?;
    let text = text(&input, "text").ok_or_else(|| invalid("Text can't be blank"))?;
    Ok(text.into())
}

pub fn create(ctx: &mut Context, suggestion: Id) -> ApiResult {
    let user = ctx.require_user()?;
    suggestions::find(ctx, suggestion)?;
    let text = input(ctx)?;
    let act = ctx.act(user);
    let id = ctx.data.add_comment(act, suggestion, text, "published");
    created("comment", to_json(ctx, find(ctx, suggestion, id)?))
}

/// Requires the author of the comment or an admin.
fn require_author(ctx: &Context, suggestion: Id, id: Id) -> Result<(), ApiError> {
    if find(ctx, suggestion, id)?.user == ctx.require_user()? {
        return Ok(());
    }
    ctx.require_admin().map(|_| ())
}

pub fn update(ctx: &mut Context, suggestion: Id, id: Id) -> ApiResult {
    require_author(ctx, suggestion, id)?;
    let text = input(ctx)?;
    if let Some(comment) = ctx.data.comments.get_mut(id) {
        comment.text = text;
    }
    read(ctx, suggestion, id)
}

pub fn delete(ctx: &mut Context, suggestion: Id, id: Id) -> ApiResult {
    require_author(ctx, suggestion, id)?;
    let deleted = read(ctx, suggestion, id);
    ctx.data.comments.remove(id);
    deleted
}
