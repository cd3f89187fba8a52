//! Comments and notes of suggestions.

use super::context::{ApiError, ApiResult, Context, invalid};
use super::{attachments, output};
use crate::data::{Id, NoteSubject, UploadSubject};

/// Returns the suggestion and the text of a new comment or note.
fn parts(ctx: &Context) -> Result<(Id, String), ApiError> {
    let suggestion = ctx.input.id("links.suggestion");
    let suggestion = suggestion.ok_or_else(|| invalid("links.suggestion", "required"))?;
    let text = ctx
        .input
        .owned("body")
        .ok_or_else(|| invalid("body", "required"))?;
    Ok((suggestion, text))
}

pub fn create(ctx: &mut Context) -> ApiResult {
    let (suggestion, text) = parts(ctx)?;
    let act = ctx.act();
    let id = ctx.data.add_comment(act, suggestion, text, "approved");
    output::one(ctx, id)
}

pub fn delete(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let deleted = output::one(ctx, id)?;
    if let Some(comment) = ctx.data.comments.remove(id) {
        ctx.data.deleted_comments.push(comment);
    }
    Ok(deleted)
}

/// Approves a comment, marks it as spam, or restores it.
pub fn set_state(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let state = match ctx.call.call.path().rsplit('/').next() {
        Some("spam") => "spam",
        Some("unremove") => {
            ctx.data.restore_comment(id);
            "approved"
        }
        _ => "approved",
    };
    let comment = ctx.data.comments.get_mut(id).ok_or(ApiError::NotFound)?;
    comment.state = state;
    comment.updated_at = ctx.now;
    output::one(ctx, id)
}

pub fn create_note(ctx: &mut Context) -> ApiResult {
    let (suggestion, text) = parts(ctx)?;
    let uploads = attachments::named_uploads(ctx)?;
    let (act, subject) = (ctx.act(), NoteSubject::Suggestion(suggestion));
    let id = ctx.data.add_note(act, subject, text);
    attachments::attach(ctx, &uploads, UploadSubject::Note(id));
    output::one(ctx, id)
}

pub fn update_note(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let text = ctx
        .input
        .owned("body")
        .ok_or_else(|| invalid("body", "required"))?;
    let note = ctx.data.notes.get_mut(id).ok_or(ApiError::NotFound)?;
    note.text = text;
    note.updated_at = ctx.now;
    output::one(ctx, id)
}
