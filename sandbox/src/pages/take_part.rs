//! Comments and votes of the visitor.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Fields;
use super::html::{error_page, html_response, not_found};
use super::visitor::Visitor;
use crate::data::{Act, Data, Id, Suggestion, Vote};
use crate::journal::Identity;
use crate::site::Site;

const MAX_VOTES: u64 = 3;

/// The forms, or a link to sign in.
pub fn forms(visitor: &Visitor, suggestion: &Suggestion) -> Markup {
    let path = format!("/forums/{}/suggestions/{}", suggestion.forum, suggestion.id);
    html! {
        section {
            h2 { "Take part" }
            @match &visitor.user {
                None => p { a href="/#sign-in" { "Sign in" } " to vote and to comment." },
                Some((user, _)) => {
                    @let mut own = suggestion.votes.iter().filter(|vote| vote.user == *user);
                    @let votes = own.next().map_or(0, |vote| vote.count);
                    form .inline method="post" action={ (path) "/votes" } {
                        label for="to" { "Your votes" }
                        select #to name="to" {
                            @for number in 0..=MAX_VOTES { option selected[number == votes] { (number) } }
                        }
                        button { "Vote" }
                    }
                    form .comment method="post" action={ (path) "/comments" } {
                        label for="text" { "Comment" }
                        textarea #text name="text" rows="3" required {}
                        button { "Post" }
                    }
                }
            }
        }
    }
}

/// Changes a suggestion as the visitor, and shows it again.
fn take_part(
    site: &Site,
    visitor: &Visitor,
    (forum, suggestion): (String, String),
    change: impl FnOnce(&mut Data, Id, Id),
) -> Response {
    let Some((user, _)) = visitor.user else {
        let content = html! { p { a href="/#sign-in" { "Sign in" } " to vote and to comment." } };
        return html_response(StatusCode::UNAUTHORIZED, "Not signed in", content);
    };
    let mut state = site.lock();
    let data = &mut state.data;
    let suggestion = suggestion
        .parse()
        .ok()
        .and_then(|id| data.suggestions.get(id));
    let suggestion = suggestion.filter(|suggestion| forum.parse() == Ok(suggestion.forum));
    let Some(suggestion) = suggestion.map(|suggestion| suggestion.id) else {
        return not_found();
    };
    change(data, user, suggestion);
    // For the journal and for webhooks.
    let identity = Identity {
        signed: false,
        acting_as: data.users.get(user).map(|user| user.email.clone()),
    };
    let page = Redirect::to(&format!("/forums/{forum}/suggestions/{suggestion}"));
    (Extension(identity), page).into_response()
}

#[derive(Deserialize)]
pub struct CommentForm {
    text: String,
}

pub async fn comment(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(path): Path<(String, String)>,
    Fields(form): Fields<CommentForm>,
) -> Response {
    if form.text.trim().is_empty() {
        return error_page("The comment is empty");
    }
    let now = site.now();
    take_part(&site, &visitor, path, |data, user, suggestion| {
        data.add_comment(Act { user, now }, suggestion, form.text, "published");
    })
}

#[derive(Deserialize)]
pub struct VoteForm {
    to: u64,
}

pub async fn vote(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(path): Path<(String, String)>,
    Fields(form): Fields<VoteForm>,
) -> Response {
    if form.to > MAX_VOTES {
        return error_page("There are 0 to 3 votes");
    }
    let created_at = site.now();
    take_part(&site, &visitor, path, |data, user, suggestion| {
        let vote = Vote {
            user,
            count: form.to,
            created_at,
        };
        if let Some(suggestion) = data.suggestions.get_mut(suggestion) {
            suggestion.votes.retain(|vote| vote.user != user);
            suggestion.votes.extend((form.to > 0).then_some(vote));
        }
    })
}
