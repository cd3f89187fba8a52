//! Parts that several pages share.

use std::time::Duration;

use maud::{Markup, html};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::data::{Data, Id, Note, Status, Suggestion};

/// A date such as "6 May 2013", with the exact timestamp in its `datetime`.
pub fn date(time: OffsetDateTime) -> Markup {
    let text = format_description!("[day padding:none] [month repr:short] [year]");
    let iso = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    html! { time datetime=(format(time, iso)) { (format(time, text)) } }
}

/// A time of day such as "12:03:44".
pub fn clock(time: OffsetDateTime) -> String {
    format(time, format_description!("[hour]:[minute]:[second]"))
}

fn format(
    time: OffsetDateTime,
    description: &[time::format_description::BorrowedFormatItem],
) -> String {
    time.format(description)
        .expect("every timestamp has the fields of this format")
}

/// "1 vote", "2 votes", "1,501 suggestions".
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// Separates thousands by commas.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A link to a user, or "a deleted user".
pub fn user(data: &Data, id: Id) -> Markup {
    match data.users.get(id) {
        Some(user) => html! { a href={ "/users/" (id) } { (user.name) } },
        None => html! { "a deleted user" },
    }
}

pub fn avatar(id: Id) -> Markup {
    html! { img .avatar src={ "/avatars/" (id) ".png" } width="32" height="32" alt=""; }
}

/// The status of a suggestion, with its colour.
pub fn status(status: &Status) -> Markup {
    html! {
        span .status {
            svg viewBox="0 0 8 8" aria-hidden="true" { circle cx="4" cy="4" r="4" fill=(status.hex_color) {} }
            (status.name)
        }
    }
}

/// Text with its line breaks.
pub fn text(text: &str) -> Markup {
    html! { p .text { (text) } }
}

/// A duration such as "0.4 ms" or "25 ms".
pub fn milliseconds(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1000.0;
    match milliseconds < 10.0 {
        true => format!("{milliseconds:.1} ms"),
        false => format!("{milliseconds:.0} ms"),
    }
}

pub fn votes(suggestion: &Suggestion) -> Markup {
    let votes = usize::try_from(suggestion.vote_count()).unwrap_or(usize::MAX);
    html! {
        div .votes { b { (grouped(votes)) } span { @if votes == 1 { "vote" } @else { "votes" } } }
    }
}

/// Suggestions as a list.
pub fn suggestion_list(data: &Data, suggestions: &[&Suggestion]) -> Markup {
    html! {
        ol .suggestions {
            @for suggestion in suggestions {
                @let comments = data.comments.iter().filter(|comment| comment.suggestion == suggestion.id).count();
                li {
                    (votes(suggestion))
                    div {
                        a .title href={ "/forums/" (suggestion.forum) "/suggestions/" (suggestion.id) } { (suggestion.title) }
                        p .meta {
                            @if let Some(id) = suggestion.status && let Some(record) = data.statuses.get(id) {
                                (status(record)) " · "
                            }
                            (user(data, suggestion.creator)) " · " (date(suggestion.created_at))
                            @if comments > 0 { " · " (count(comments, "comment")) }
                        }
                    }
                }
            }
        }
    }
}

/// Links to the pages before and after a page of a list.
pub fn pager(page: usize, pages: usize, url: impl Fn(usize) -> String) -> Markup {
    html! {
        @if pages > 1 {
            nav .pager aria-label="Pages" {
                @if page > 1 { a rel="prev" href=(url(page - 1)) { "← Previous" } } @else { span {} }
                span { "Page " (page) " of " (pages) }
                @if page < pages { a rel="next" href=(url(page + 1)) { "Next →" } } @else { span {} }
            }
        }
    }
}

/// The notes of a record, which only admins see.
pub fn notes<'a>(data: &Data, notes: impl Iterator<Item = &'a Note>) -> Markup {
    let notes: Vec<&Note> = notes.collect();
    html! {
        @if !notes.is_empty() {
            section {
                h2 { (count(notes.len(), "note")) }
                ol .entries {
                    @for note in notes {
                        li { (avatar(note.user)) div {
                            p .meta { (user(data, note.user)) " · " (date(note.created_at)) }
                            (text(&note.text))
                        } }
                    }
                }
            }
        }
    }
}
