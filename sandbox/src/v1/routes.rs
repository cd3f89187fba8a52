//! Maps methods and paths to the handlers of API v1.

use axum::http::Method;

use super::context::Context;
use super::response::{ApiError, ApiResult};
use super::{forums, knowledge, login, settings, suggestions, tickets, users};
use crate::data::Id;

/// Calls the handler of a path, which is relative to `/api/v1/` and has no `.json`.
pub fn dispatch(ctx: &mut Context, method: &Method, path: &str) -> ApiResult {
    let parts: Vec<&str> = path.split('/').collect();
    // Numbers are ids, which the patterns below match as "ID".
    let ids: Vec<Id> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let route: Vec<&str> = parts
        .iter()
        .map(|part| {
            if part.parse::<Id>().is_ok() {
                "ID"
            } else {
                part
            }
        })
        .collect();
    let id = ids.first().copied().unwrap_or_default();
    let second = ids.get(1).copied().unwrap_or_default();
    // The server omits the body of a response to HEAD.
    let method = if method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };

    match (method, route.as_slice()) {
        ("POST", ["oauth", "request_token"]) => login::request_token_json(ctx),
        ("POST", ["users", "login_as"]) => login::login_as(ctx),
        ("POST", ["users", "login_as_owner"]) => login::login_as_owner(ctx),

        ("GET", ["users"]) => users::list(ctx),
        ("POST", ["users"]) => users::create(ctx),
        ("GET", ["users", "search"]) => users::search(ctx),
        ("GET", ["users", "current"]) => users::current(ctx),
        ("PUT", ["users", "current"]) => users::update_current(ctx),
        ("POST", ["users", "find_or_create"]) => users::find_or_create(ctx),
        ("PUT", ["users", "identify"]) => users::identify(ctx),
        ("GET", ["users", "ID"]) => users::read(ctx, id),
        ("DELETE", ["users", "ID"]) => users::delete(ctx, id),

        ("GET", ["forums"]) => forums::list(ctx),
        ("POST", ["forums"]) => forums::create(ctx),
        ("GET", ["forums", "ID"]) => forums::read(ctx, id),
        ("DELETE", ["forums", "ID"]) => forums::delete(ctx, id),

        ("GET", ["suggestions"]) => suggestions::list(ctx, None),
        ("GET", ["suggestions", "search"]) => suggestions::search(ctx, None),
        ("PUT", ["suggestions", "identify"]) => suggestions::identify(ctx),
        ("GET", ["forums", "ID", "suggestions"]) => suggestions::list(ctx, Some(id)),
        ("GET", ["forums", "ID", "suggestions", "search"]) => suggestions::search(ctx, Some(id)),
        ("POST", ["forums", "ID", "suggestions"]) => suggestions::create(ctx, id),
        (_, ["forums", "ID", "suggestions", "ID", rest @ ..]) => {
            suggestions::check_forum(ctx, id, second)?;
            suggestion(ctx, method, second, rest)
        }
        (_, ["suggestions", "ID", rest @ ..]) => suggestion(ctx, method, id, rest),

        ("GET", ["tickets"]) => tickets::list(ctx),
        ("POST", ["tickets"]) => tickets::create(ctx),
        ("GET", ["tickets", "search"]) => tickets::search(ctx),
        ("GET", ["tickets", "ID"]) => tickets::read(ctx, id),
        ("PUT", ["tickets", "ID"]) => tickets::update(ctx, id),
        ("GET", ["tickets", "ID", "ticket_messages"]) => tickets::messages(ctx, id),
        ("POST", ["tickets", "ID", "ticket_messages"]) => tickets::reply(ctx, id),
        ("GET", ["tickets", "ID", "notes"]) => tickets::list_notes(ctx, id),
        ("POST", ["tickets", "ID", "notes"]) => tickets::add_note(ctx, id),

        ("GET", ["articles"]) => knowledge::articles(ctx, None),
        ("GET", ["articles", "search"]) => knowledge::search(ctx),
        ("GET", ["articles", "ID"]) => knowledge::article(ctx, id),
        ("GET", ["topics"]) => knowledge::topics(ctx),
        ("GET", ["topics", "ID", "articles"]) => knowledge::articles(ctx, Some(id)),
        ("GET", ["statuses"]) => settings::statuses(ctx),
        ("GET", ["custom_fields"]) => settings::custom_fields(ctx),
        _ => Err(ApiError::NoRoute),
    }
}

fn suggestion(ctx: &mut Context, method: &str, id: Id, rest: &[&str]) -> ApiResult {
    match (method, rest) {
        ("GET", []) => suggestions::read(ctx, id),
        ("PUT", []) => suggestions::update(ctx, id),
        ("DELETE", []) => suggestions::delete(ctx, id),
        ("PUT", ["respond"]) => suggestions::respond(ctx, id),
        ("POST", ["votes"]) => suggestions::vote(ctx, id),
        ("GET", ["comments"]) => suggestions::comments(ctx, id),
        ("POST", ["comments"]) => suggestions::add_comment(ctx, id),
        ("GET", ["notes"]) => suggestions::list_notes(ctx, id),
        ("POST", ["notes"]) => suggestions::add_note(ctx, id),
        ("GET", ["supporters"]) => suggestions::supporters(ctx, id),
        _ => Err(ApiError::NoRoute),
    }
}
