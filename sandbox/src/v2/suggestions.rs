//! Suggestions: creates, imports, changes and deletes them, and changes their status.

use super::context::{ApiError, ApiResult, Context, invalid};
use super::{attachments, output};
use crate::data::{Id, StatusChange, Suggestion, UploadSubject, Vote};

pub fn create(ctx: &mut Context) -> ApiResult {
    let user = ctx.user;
    let id = insert(ctx, user, "approved")?;
    output::one(ctx, id)
}

/// Creates a suggestion by another user, whom it creates if necessary.
pub fn import(ctx: &mut Context) -> ApiResult {
    let state = match ctx.input.text("state").unwrap_or("published") {
        "published" => "published",
        "approved" => "approved",
        "spam" => "spam",
        _ => return Err(invalid("state", "invalid")),
    };
    let user = match (ctx.input.id("links.user"), ctx.input.owned("user_email")) {
        (Some(user), _) => user,
        (None, None) => ctx.user,
        (None, Some(email)) if email.contains('@') => {
            let name = ctx.input.owned("user_name");
            ctx.data
                .find_or_create_user(&email, name.as_deref(), ctx.now)
        }
        (None, Some(_)) => return Err(invalid("user_email", "invalid")),
    };
    let id = insert(ctx, user, state)?;
    output::one(ctx, id)
}

fn insert(ctx: &mut Context, creator: Id, state: &'static str) -> Result<Id, ApiError> {
    let required = |name: &str| invalid(name, "required");
    let forum = ctx
        .input
        .id("links.forum")
        .ok_or_else(|| required("links.forum"))?;
    let title = ctx.input.owned("title").ok_or_else(|| required("title"))?;
    let uploads = attachments::named_uploads(ctx)?;
    let vote = Vote {
        user: creator,
        count: 1,
        created_at: ctx.now,
    };
    let (act, input, now) = (ctx.act(), &ctx.input, ctx.now);
    let id = ctx.data.add_suggestion(act, |id| Suggestion {
        text: input.owned("body").unwrap_or_default(),
        state,
        category: input.id("links.category"),
        status: input.id("links.status"),
        votes: vec![vote],
        ..Suggestion::new(id, forum, title, creator, now)
    });
    attachments::attach(ctx, &uploads, UploadSubject::Suggestion(id));
    Ok(id)
}

pub fn update(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let uploads = attachments::named_uploads(ctx)?;
    let (act, input) = (ctx.act(), &ctx.input);
    let exists = ctx.data.change_suggestion(act, id, |suggestion| {
        if let Some(title) = input.owned("title") {
            suggestion.title = title;
        }
        if let Some(body) = input.owned("body") {
            suggestion.text = body;
        }
        if let Some(forum) = input.id("links.forum") {
            suggestion.forum = forum;
        }
        suggestion.status = input.id("links.status").or(suggestion.status);
        suggestion.category = input.id("links.category").or(suggestion.category);
    });
    if !exists {
        return Err(ApiError::NotFound);
    }
    attachments::attach(ctx, &uploads, UploadSubject::Suggestion(id));
    output::one(ctx, id)
}

/// Approves or publishes a suggestion, marks it as spam, or restores it.
pub fn set_state(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let state = match ctx.call.call.path().rsplit('/').next() {
        Some("spam") => "spam",
        Some("publish") => "published",
        Some("unremove") => {
            ctx.data.restore_suggestion(id);
            "approved"
        }
        _ => "approved",
    };
    let act = ctx.act();
    ctx.data
        .change_suggestion(act, id, |suggestion| suggestion.state = state);
    output::one(ctx, id)
}

pub fn delete(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let deleted = output::one(ctx, id)?;
    if let Some(suggestion) = ctx.data.remove_suggestion(id) {
        ctx.data.deleted_suggestions.push(suggestion);
    }
    Ok(deleted)
}

/// Creates a ticket of the suggestion's author with its text. It has one afterwards.
pub fn convert_to_ticket(ctx: &mut Context) -> ApiResult {
    let (id, act) = (ctx.id()?, ctx.act());
    ctx.data.convert_to_ticket(act, id);
    output::one(ctx, id)
}

/// Changes the status of a suggestion and tells its supporters.
pub fn create_status_update(ctx: &mut Context) -> ApiResult {
    let suggestion = ctx.input.id("links.suggestion");
    let change = StatusChange {
        suggestion: suggestion.ok_or_else(|| invalid("links.suggestion", "required"))?,
        user: ctx.user,
        status: ctx.input.id("links.status"),
        body: ctx.input.owned("body"),
        notify: ctx.input.flag("notify_supporters").unwrap_or(false),
        email: ctx.input.owned("notification_email_address"),
    };
    let id = ctx.data.change_status(change, ctx.now);
    output::one(ctx, id.ok_or(ApiError::NotFound)?)
}
