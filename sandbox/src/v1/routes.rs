//! Maps methods and paths to the handlers of API v1.

use axum::http::Method;

use super::context::Context;
use super::response::{ApiError, ApiResult};
use super::{assets, categories, comments, forums, instant_answers, knowledge, login, notes};
use super::{settings, stream, suggestion_lists, suggestions, ticket_messages, tickets, users};
use crate::data::{Id, NoteSubject};

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
    let third = ids.get(2).copied().unwrap_or_default();
    // The server omits the body of a response to HEAD.
    let method = if method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };

    match (method, route.as_slice()) {
        ("POST" | "GET", ["oauth", "request_token"]) => login::request_token_json(ctx),
        ("POST" | "GET", ["oauth", "authorize"]) => login::authorize(ctx),
        ("POST", ["users", "login_as"]) => login::login_as(ctx),
        ("POST", ["users", "login_as_owner"]) => login::login_as_owner(ctx),

        (_, ["users", rest @ ..]) => users(ctx, method, id, rest),
        (_, ["forums", rest @ ..]) => forums(ctx, method, id, second, third, rest),
        (_, ["suggestions", "ID", rest @ ..]) => suggestion(ctx, method, id, second, rest),
        (_, ["tickets", rest @ ..]) => tickets(ctx, method, id, second, rest),
        (_, ["articles" | "topics", ..]) => knowledge(ctx, method, id, &route),
        (_, ["support_queues", rest @ ..]) => support_queues(ctx, method, id, rest),

        ("GET", ["suggestions"]) => suggestion_lists::list(ctx, None),
        ("GET", ["suggestions", "search"]) => suggestion_lists::search(ctx, None),
        ("PUT", ["suggestions", "identify"]) => suggestions::identify(ctx),
        ("GET", ["client"]) => settings::client(ctx),
        ("GET", ["clients", "default"]) => settings::default_client(ctx),
        ("GET", ["comments"]) => comments::visible(ctx, None),
        ("GET", ["notes"]) => notes::all(ctx, None),
        ("GET", ["ticket_messages"]) => ticket_messages::list_all(ctx),
        ("GET", ["statuses"]) => settings::statuses(ctx),
        ("GET", ["custom_fields"]) => settings::custom_fields(ctx),
        ("GET", ["custom_fields", "public"]) => settings::public_custom_fields(ctx),
        ("GET", ["instant_answers", "search"]) => instant_answers::search(ctx),
        ("GET", ["stream", "public"]) => stream::public(ctx, None),
        ("GET", ["stream", "private"]) => stream::private(ctx, None),
        ("POST", ["assets"]) => assets::create(ctx),
        ("GET", ["assets", "ID"]) => assets::read(ctx, id),
        ("DELETE", ["assets", "ID"]) => assets::delete(ctx, id),
        _ => Err(ApiError::NoRoute),
    }
}

fn users(ctx: &mut Context, method: &str, id: Id, rest: &[&str]) -> ApiResult {
    match (method, rest) {
        ("GET", []) => users::list(ctx),
        ("POST", []) => users::create(ctx),
        ("GET", ["search"]) => users::search(ctx),
        ("GET", ["discover"]) => users::discover(ctx),
        ("GET", ["forgot_password"]) => users::forgot_password(ctx),
        ("GET", ["current"]) => users::current(ctx),
        ("PUT", ["current"]) => users::update(ctx, None),
        ("POST", ["find_or_create"]) => users::find_or_create(ctx),
        ("PUT", ["identify"]) => users::identify(ctx),
        ("GET", ["ID"]) => users::read(ctx, id),
        ("PUT", ["ID"]) => users::update(ctx, Some(id)),
        ("DELETE", ["ID"]) => users::delete(ctx, id),
        ("GET", ["ID", "suggestions"]) => suggestion_lists::of_user(ctx, id),
        ("GET", ["ID", "comments"]) => comments::visible(ctx, Some(id)),
        ("GET", ["ID", "notes"]) => notes::all(ctx, Some(id)),
        _ => Err(ApiError::NoRoute),
    }
}

fn forums(
    ctx: &mut Context,
    method: &str,
    id: Id,
    second: Id,
    third: Id,
    rest: &[&str],
) -> ApiResult {
    match (method, rest) {
        ("GET", []) => forums::list(ctx),
        ("POST", []) => forums::create(ctx),
        ("GET", ["ID"]) => forums::read(ctx, id),
        ("PUT", ["ID"]) => forums::update(ctx, id),
        ("DELETE", ["ID"]) => forums::delete(ctx, id),
        ("GET", ["ID", "categories"]) => categories::list(ctx, id),
        ("POST", ["ID", "categories"]) => categories::create(ctx, id),
        ("GET", ["ID", "categories", "ID"]) => categories::read(ctx, id, second),
        ("PUT", ["ID", "categories", "ID"]) => categories::update(ctx, id, second),
        ("DELETE", ["ID", "categories", "ID"]) => categories::delete(ctx, id, second),
        ("GET", ["ID", "stream", "public"]) => stream::public(ctx, Some(id)),
        ("GET", ["ID", "stream", "private"]) => stream::private(ctx, Some(id)),
        ("GET", ["ID", "suggestions"]) => suggestion_lists::list(ctx, Some(id)),
        ("GET", ["ID", "suggestions", "search"]) => suggestion_lists::search(ctx, Some(id)),
        ("POST", ["ID", "suggestions"]) => suggestions::create(ctx, id),
        (_, ["ID", "suggestions", "ID", rest @ ..]) => {
            suggestions::check_forum(ctx, id, second)?;
            suggestion(ctx, method, second, third, rest)
        }
        _ => Err(ApiError::NoRoute),
    }
}

/// `inner` is the id of a comment or note of the suggestion.
fn suggestion(ctx: &mut Context, method: &str, id: Id, inner: Id, rest: &[&str]) -> ApiResult {
    match (method, rest) {
        ("GET", []) => suggestions::read(ctx, id),
        ("PUT", []) => suggestions::update(ctx, id),
        ("DELETE", []) => suggestions::delete(ctx, id),
        ("PUT", ["respond"]) => suggestions::respond(ctx, id),
        ("POST", ["votes"]) => suggestions::vote(ctx, id),
        ("POST", ["watch"]) => suggestions::watch(ctx, id),
        ("GET", ["comments"]) => comments::list(ctx, id),
        ("POST", ["comments"]) => comments::create(ctx, id),
        ("GET", ["comments", "ID"]) => comments::read(ctx, id, inner),
        ("PUT", ["comments", "ID"]) => comments::update(ctx, id, inner),
        ("DELETE", ["comments", "ID"]) => comments::delete(ctx, id, inner),
        ("GET", ["notes"]) => suggestions::list_notes(ctx, id),
        ("POST", ["notes"]) => suggestions::add_note(ctx, id),
        ("PUT", ["notes", "ID"]) => notes::update(ctx, NoteSubject::Suggestion(id), inner),
        ("DELETE", ["notes", "ID"]) => notes::delete(ctx, NoteSubject::Suggestion(id), inner),
        ("GET", ["supporters"]) => suggestions::supporters(ctx, id),
        _ => Err(ApiError::NoRoute),
    }
}

fn tickets(ctx: &mut Context, method: &str, id: Id, note: Id, rest: &[&str]) -> ApiResult {
    match (method, rest) {
        ("GET", []) => tickets::list(ctx),
        ("POST", []) => tickets::create(ctx),
        ("GET", ["search"]) => tickets::search(ctx),
        ("GET", ["ID"]) => tickets::read(ctx, id),
        ("PUT", ["ID"]) => tickets::update(ctx, id),
        ("DELETE", ["ID"]) => tickets::delete(ctx, id),
        ("GET", ["ID", "ticket_messages"]) => ticket_messages::list(ctx, id),
        ("POST", ["ID", "ticket_messages"]) => ticket_messages::reply(ctx, id),
        ("GET", ["ID", "notes"]) => tickets::list_notes(ctx, id),
        ("POST", ["ID", "notes"]) => tickets::add_note(ctx, id),
        ("PUT", ["ID", "notes", "ID"]) => notes::update(ctx, NoteSubject::Ticket(id), note),
        ("DELETE", ["ID", "notes", "ID"]) => notes::delete(ctx, NoteSubject::Ticket(id), note),
        _ => Err(ApiError::NoRoute),
    }
}

fn knowledge(ctx: &mut Context, method: &str, id: Id, route: &[&str]) -> ApiResult {
    match (method, route) {
        ("GET", ["articles"]) => knowledge::articles(ctx, None),
        ("POST", ["articles"]) => knowledge::create(ctx),
        ("GET", ["articles", "search"]) => knowledge::search(ctx, None),
        ("GET", ["articles", "ID"]) => knowledge::article(ctx, id),
        ("PUT", ["articles", "ID"]) => knowledge::update(ctx, id),
        ("DELETE", ["articles", "ID"]) => knowledge::delete(ctx, id),
        ("GET", ["topics"]) => knowledge::topics(ctx),
        ("GET", ["topics", "ID"]) => knowledge::topic(ctx, id),
        ("GET", ["topics", "ID", "articles"]) => knowledge::articles(ctx, Some(id)),
        ("GET", ["topics", "ID", "articles", "search"]) => knowledge::search(ctx, Some(id)),
        _ => Err(ApiError::NoRoute),
    }
}

fn support_queues(ctx: &mut Context, method: &str, id: Id, rest: &[&str]) -> ApiResult {
    match (method, rest) {
        ("GET", []) => settings::support_queues(ctx),
        ("POST", []) => settings::create_support_queue(ctx),
        ("GET", ["ID"]) => settings::support_queue(ctx, id),
        ("PUT", ["ID"]) => settings::update_support_queue(ctx, id),
        ("DELETE", ["ID"]) => settings::delete_support_queue(ctx, id),
        _ => Err(ApiError::NoRoute),
    }
}
