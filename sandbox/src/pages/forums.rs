//! `/forums/…`: forums and their suggestions, and the suggestions in the Admin Console.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Fields;
use super::html::{not_found, site_page};
use super::parts::{self, avatar, count, date, text, user};
use super::take_part;
use super::visitor::Visitor;
use crate::data::{Comment, Data, Forum, NoteSubject, Suggestion};
use crate::site::Site;

const PER_PAGE: usize = 20;

#[derive(Deserialize)]
pub struct ForumQuery {
    sort: Option<String>,
    page: Option<usize>,
}

pub async fn forum(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Fields(query): Fields<ForumQuery>,
) -> Response {
    let state = site.lock();
    let forum = id.parse().ok().and_then(|id| state.data.forums.get(id));
    match forum {
        Some(forum) => site_page(
            &visitor,
            "",
            &forum.name,
            forum_page(&state.data, forum, &query),
        ),
        None => not_found(),
    }
}

fn forum_page(data: &Data, forum: &Forum, query: &ForumQuery) -> Markup {
    let newest = query.sort.as_deref() == Some("newest");
    let suggestions = data.suggestions.iter();
    let mut rows: Vec<&Suggestion> = suggestions
        .filter(|suggestion| suggestion.forum == forum.id)
        .collect();
    match newest {
        true => rows.reverse(),
        false => rows.sort_by_key(|suggestion| Reverse(suggestion.vote_count())),
    }
    let pages = rows.len().div_ceil(PER_PAGE).max(1);
    let page = query.page.unwrap_or(1).clamp(1, pages);
    let start = (page - 1) * PER_PAGE;
    let visible = &rows[start..rows.len().min(start + PER_PAGE)];
    let sort = if newest { "newest" } else { "votes" };
    html! {
        p .crumbs { a href="/" { "Overview" } }
        h1 { (forum.name) @if forum.private { " " span .tag { "private" } } }
        @if !forum.welcome.is_empty() { p .lede { (forum.welcome) } }
        div .heading {
            p .meta { (count(rows.len(), "suggestion")) }
            nav .tabs aria-label="Order" {
                @for (value, name) in [("votes", "Most votes"), ("newest", "Newest")] {
                    a href={ "?sort=" (value) } aria-current=[(sort == value).then_some("true")] { (name) }
                }
            }
        }
        @if rows.is_empty() { p .empty { "This forum has no suggestions yet." } }
        (parts::suggestion_list(data, visible))
        (parts::pager(page, pages, |page| format!("?sort={sort}&page={page}")))
    }
}

pub async fn suggestion(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path((forum, id)): Path<(String, String)>,
) -> Response {
    let state = site.lock();
    let suggestion = id
        .parse()
        .ok()
        .and_then(|id| state.data.suggestions.get(id));
    let suggestion = suggestion.filter(|suggestion| forum.parse() == Ok(suggestion.forum));
    match suggestion {
        Some(suggestion) => {
            let content = suggestion_page(
                &state.data,
                suggestion,
                take_part::forms(&visitor, suggestion),
            );
            site_page(&visitor, "", &suggestion.title, content)
        }
        None => not_found(),
    }
}

/// A suggestion in the Admin Console: the same page, with what only admins see.
pub async fn admin_suggestion(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let state = site.lock();
    let suggestion = id
        .parse()
        .ok()
        .and_then(|id| state.data.suggestions.get(id));
    match suggestion {
        Some(suggestion) => {
            let admin = admin_section(&state.data, suggestion);
            let content = suggestion_page(&state.data, suggestion, admin);
            site_page(&visitor, "", &suggestion.title, content)
        }
        None => not_found(),
    }
}

fn suggestion_page(data: &Data, suggestion: &Suggestion, more: Markup) -> Markup {
    let forum = data.forums.get(suggestion.forum);
    let status = suggestion.status.and_then(|id| data.statuses.get(id));
    let category = suggestion.category.and_then(|id| data.categories.get(id));
    let comments = data.comments.iter();
    let comments: Vec<&Comment> = comments
        .filter(|comment| comment.suggestion == suggestion.id && !comment.is_spam())
        .collect();
    html! {
        p .crumbs {
            a href="/" { "Overview" }
            @if let Some(forum) = forum { " / " a href={ "/forums/" (forum.id) } { (forum.name) } }
        }
        article .suggestion {
            (parts::votes(suggestion))
            div {
                h1 { (suggestion.title) }
                p .meta {
                    @if let Some(status) = status { (parts::status(status)) " · " }
                    @if suggestion.state == "spam" { span .tag { "spam" } " · " }
                    (user(data, suggestion.creator)) " · " (date(suggestion.created_at))
                    @if let Some(category) = category { " · " (category.name) }
                }
                (text(&suggestion.text))
                @if let Some(response) = &suggestion.response {
                    section .response {
                        h2 { "Response" }
                        (text(&response.text))
                        p .meta { (user(data, response.user)) " · " (date(response.created_at)) }
                    }
                }
            }
        }
        (more)
        section {
            h2 { (count(comments.len(), "comment")) }
            @if comments.is_empty() { p .empty { "Nobody has commented yet." } }
            ol .entries { @for comment in &comments { (comment_item(data, comment)) } }
        }
        section {
            h2 { (count(suggestion.votes.len(), "supporter")) }
            ul .entries {
                @for vote in &suggestion.votes {
                    li { (avatar(vote.user)) div {
                        (user(data, vote.user))
                        span .meta { " · " (count(vote.count as usize, "vote")) " · " (date(vote.created_at)) }
                    } }
                }
            }
            @if suggestion.other_votes > 0 {
                p .meta { "Other votes: " (suggestion.other_votes) }
            }
        }
    }
}

fn comment_item(data: &Data, comment: &Comment) -> Markup {
    html! {
        li {
            (avatar(comment.user))
            div {
                p .meta { (user(data, comment.user)) " · " (date(comment.created_at)) }
                (text(&comment.text))
            }
        }
    }
}

fn admin_section(data: &Data, suggestion: &Suggestion) -> Markup {
    let labels = suggestion
        .labels
        .iter()
        .filter_map(|id| data.label_name(*id));
    let labels: Vec<&str> = labels.collect();
    let notes = data.notes.iter();
    let notes = notes.filter(|note| note.subject == NoteSubject::Suggestion(suggestion.id));
    html! {
        section {
            h2 { "Admin Console" }
            dl .pairs {
                dt { "State" } dd { (suggestion.state) }
                dt { "Labels" } dd { @if labels.is_empty() { "none" } @else { (labels.join(", ")) } }
                @for external_id in &suggestion.external_ids {
                    dt { "Id in " (external_id.scope) } dd { (external_id.id) }
                }
                dt { "Updated" } dd { (date(suggestion.updated_at)) }
            }
            (parts::notes(data, notes))
        }
    }
}
