//! Users.

use super::context::{ApiError, ApiResult, Context, invalid};
use super::output;

pub fn find_or_create(ctx: &mut Context) -> ApiResult {
    let email = ctx
        .input
        .owned("email_address")
        .or(ctx.input.owned("email"));
    let email = email.filter(|email| email.contains('@'));
    let email = email.ok_or_else(|| invalid("email_address", "required"))?;
    let name = ctx.input.owned("name");
    let id = ctx
        .data
        .find_or_create_user(&email, name.as_deref(), ctx.now);
    output::one(ctx, id)
}

/// Blocks or unblocks a user.
pub fn set_allowed_state(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let user = ctx.data.users.get_mut(id).ok_or(ApiError::NotFound)?;
    user.blocked = ctx.call.call.path().ends_with("/block");
    user.updated_at = ctx.now;
    output::one(ctx, id)
}
