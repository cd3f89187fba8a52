//! `/users/…` and `/avatars/…`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::avatar;
use super::html::{not_found, site_page};
use super::parts::{count, date, suggestion_list};
use super::visitor::Visitor;
use crate::data::{Data, OWNER, Suggestion, User};
use crate::journal::Page;
use crate::site::Site;

pub async fn user(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let state = site.lock();
    match id.parse().ok().and_then(|id| state.data.users.get(id)) {
        Some(user) => site_page(&visitor, "", &user.name, user_page(&state.data, user)),
        None => not_found(),
    }
}

fn user_page(data: &Data, user: &User) -> Markup {
    const MAX_SUGGESTIONS: usize = 20;
    let suggestions = data.suggestions.iter().rev();
    let suggestions: Vec<&Suggestion> = suggestions
        .filter(|suggestion| suggestion.creator == user.id)
        .collect();
    let comments = data
        .comments
        .iter()
        .filter(|comment| comment.user == user.id)
        .count();
    let role = match user.admin {
        _ if user.id == OWNER => Some("owner"),
        true => Some("admin"),
        false => None,
    };
    html! {
        p .crumbs { a href="/" { "Overview" } }
        div .person {
            img .avatar src={ "/avatars/" (user.id) ".png" } width="64" height="64" alt="";
            div {
                h1 { (user.name) @if let Some(role) = role { " " span .tag { (role) } } }
                p .meta { "Member since " (date(user.created_at)) " · " (count(comments, "comment")) }
            }
        }
        dl .pairs {
            dt { "Id" } dd { (user.id) }
            dt { "E-mail address" } dd { @if user.email.is_empty() { "none" } @else { code { (user.email) } } }
            @if let Some(guid) = &user.guid { dt { "Guid" } dd { code { (guid) } } }
        }
        section {
            h2 { (count(suggestions.len(), "suggestion")) }
            (suggestion_list(data, &suggestions[..suggestions.len().min(MAX_SUGGESTIONS)]))
            @if suggestions.len() > MAX_SUGGESTIONS { p .meta { "The newest " (MAX_SUGGESTIONS) " are listed." } }
        }
    }
}

/// The avatar of a user, whose path is `ID.png`.
pub async fn picture(State(site): State<Arc<Site>>, Path(file): Path<String>) -> Response {
    let id = file.strip_suffix(".png").and_then(|id| id.parse().ok());
    match id.filter(|id| site.lock().data.users.get(*id).is_some()) {
        Some(id) => {
            let headers = [(header::CONTENT_TYPE, "image/png")];
            (axum::Extension(Page), headers, avatar::png(id)).into_response()
        }
        None => not_found(),
    }
}
