//! API v1: the routes, and how a caller is told from another.

mod call;
mod forums;
pub mod http;
mod knowledge;
mod login;
mod suggestions;
mod tickets;
mod users;

use axum::http::Method;

use crate::data::Id;
pub use call::{Call, Caller, Refusal, Reply, unauthorized};
pub use login::{access_token, is_absolute_url, request_token};
pub use users::{checked_address, from_claims};

/// Answers the call of `path`, which stands without "/api/v1/" and ".json".
pub fn answer(call: &mut Call, method: &Method, path: &str) -> Reply {
    let parts: Vec<&str> = path.split('/').collect();
    // The path's numbers are ids; the routes read better without them.
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
    // HEAD is a GET whose body stays at home.
    let method = if method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };

    match (method, route.as_slice()) {
        ("POST", ["oauth", "request_token"]) => login::request_token_json(call),
        ("POST", ["users", "login_as"]) => login::login_as(call),
        ("POST", ["users", "login_as_owner"]) => login::login_as_owner(call),

        ("GET", ["users"]) => users::list(call),
        ("POST", ["users"]) => users::create(call),
        ("GET", ["users", "search"]) => users::search(call),
        ("GET", ["users", "current"]) => users::current(call),
        ("PUT", ["users", "current"]) => users::update_current(call),
        ("POST", ["users", "find_or_create"]) => users::find_or_create(call),
        ("PUT", ["users", "identify"]) => users::identify(call),
        ("GET", ["users", "ID"]) => users::read(call, id),
        ("DELETE", ["users", "ID"]) => users::delete(call, id),

        ("GET", ["forums"]) => forums::list(call),
        ("POST", ["forums"]) => forums::create(call),
        ("GET", ["forums", "ID"]) => forums::read(call, id),
        ("DELETE", ["forums", "ID"]) => forums::delete(call, id),

        ("GET", ["suggestions"]) => suggestions::list(call, None),
        ("GET", ["suggestions", "search"]) => suggestions::search(call, None),
        ("PUT", ["suggestions", "identify"]) => suggestions::identify(call),
        ("GET", ["forums", "ID", "suggestions"]) => suggestions::list(call, Some(id)),
        ("GET", ["forums", "ID", "suggestions", "search"]) => suggestions::search(call, Some(id)),
        ("POST", ["forums", "ID", "suggestions"]) => suggestions::create(call, id),
        (_, ["forums", "ID", "suggestions", "ID", rest @ ..]) => {
            suggestions::within(call, id, second)?;
            suggestion(call, method, second, rest)
        }
        (_, ["suggestions", "ID", rest @ ..]) => suggestion(call, method, id, rest),

        ("GET", ["tickets"]) => tickets::list(call),
        ("POST", ["tickets"]) => tickets::create(call),
        ("GET", ["tickets", "search"]) => tickets::search(call),
        ("GET", ["tickets", "ID"]) => tickets::read(call, id),
        ("PUT", ["tickets", "ID"]) => tickets::update(call, id),
        ("GET", ["tickets", "ID", "ticket_messages"]) => tickets::messages(call, id),
        ("POST", ["tickets", "ID", "ticket_messages"]) => tickets::reply(call, id),
        ("GET", ["tickets", "ID", "notes"]) => tickets::notes(call, id),
        ("POST", ["tickets", "ID", "notes"]) => tickets::add_note(call, id),

        ("GET", ["articles"]) => knowledge::articles(call, None),
        ("GET", ["articles", "search"]) => knowledge::search(call),
        ("GET", ["articles", "ID"]) => knowledge::article(call, id),
        ("GET", ["topics"]) => knowledge::topics(call),
        ("GET", ["topics", "ID", "articles"]) => knowledge::articles(call, Some(id)),
        ("GET", ["statuses"]) => knowledge::statuses(call),
        ("GET", ["custom_fields"]) => knowledge::custom_fields(call),
        _ => Err(Refusal::NoRoute),
    }
}

fn suggestion(call: &mut Call, method: &str, id: Id, rest: &[&str]) -> Reply {
    match (method, rest) {
        ("GET", []) => suggestions::read(call, id),
        ("PUT", []) => suggestions::update(call, id),
        ("DELETE", []) => suggestions::delete(call, id),
        ("PUT", ["respond"]) => suggestions::respond(call, id),
        ("POST", ["votes"]) => suggestions::vote(call, id),
        ("GET", ["comments"]) => suggestions::comments(call, id),
        ("POST", ["comments"]) => suggestions::add_comment(call, id),
        ("GET", ["notes"]) => suggestions::notes(call, id),
        ("POST", ["notes"]) => suggestions::add_note(call, id),
        ("GET", ["supporters"]) => suggestions::supporters(call, id),
        _ => Err(Refusal::NoRoute),
    }
}
