//! Maps methods and paths to the handlers of API v2.

use axum::http::Method;

use super::context::{ApiError, ApiResult, Context};
use super::resources;
use super::{attachments, changes};
use crate::data::Id;

/// Calls the handler of a path, which is relative to `/api/v2/admin/`.
pub fn dispatch(ctx: &mut Context, method: &Method, path: &str) -> ApiResult {
    let user = ctx.data.users.get(ctx.user);
    if !user.is_some_and(|user| user.admin) {
        return Err(ApiError::Forbidden);
    }
    let parts: Vec<&str> = path.split('/').collect();
    let parse_id = |text: &str| text.parse::<Id>().map_err(|_| ApiError::NotFound);
    // The server omits the body of a response to HEAD.
    let method = if method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    match (method, parts.as_slice()) {
        ("GET", [resource]) => resources::list(ctx, resource),
        ("GET", ["users", "current"]) => resources::read(ctx, "users", ctx.user),
        ("GET", [resource, id]) => resources::read(ctx, resource, parse_id(id)?),
        ("POST", ["users", "find_or_create"]) => changes::find_or_create_user(ctx),
        ("POST", ["suggestions"]) => changes::create_suggestion(ctx),
        ("PUT", ["suggestions", id]) => changes::update_suggestion(ctx, parse_id(id)?),
        ("DELETE", ["suggestions", id]) => changes::delete_suggestion(ctx, parse_id(id)?),
        ("PUT", ["suggestions", id, verb @ ("approve" | "publish" | "spam")]) => {
            changes::set_suggestion_state(ctx, parse_id(id)?, verb)
        }
        ("POST", ["forums"]) => changes::create_forum(ctx),
        ("DELETE", ["forums", id]) => changes::delete_forum(ctx, parse_id(id)?),
        ("POST", ["attachments"]) => attachments::create(ctx),
        ("DELETE", ["attachments", id]) => attachments::delete(ctx, parse_id(id)?),
        ("POST", ["notes"]) => attachments::create_note(ctx),
        ("POST", ["external_users", "import"]) => changes::import_users(ctx),
        _ => Err(ApiError::NotFound),
    }
}
