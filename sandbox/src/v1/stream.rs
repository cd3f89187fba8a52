//! Streams: the newest suggestions, comments and tickets of the site or of a forum.
//!
//! No public source shows the records of a stream. Here each names its kind in `type`.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::context::{Context, NEWEST_FIRST};
use super::response::{ApiResult, format_time};
use super::{comments, suggestion_lists, suggestions, tickets};
use crate::data::{Comment, Id, Suggestion, Ticket};

enum Item<'a> {
    Suggestion(&'a Suggestion),
    Comment(&'a Comment),
    Ticket(&'a Ticket),
}

impl Item<'_> {
    fn created_at(&self) -> OffsetDateTime {
        match self {
            Item::Suggestion(suggestion) => suggestion.created_at,
            Item::Comment(comment) => comment.created_at,
            Item::Ticket(ticket) => ticket.created_at,
        }
    }

    fn to_json(&self, ctx: &Context) -> Value {
        let (kind, record) = match self {
            Item::Suggestion(suggestion) => ("suggestion", suggestions::to_json(ctx, suggestion)),
            Item::Comment(comment) => ("comment", comments::to_json(ctx, comment)),
            Item::Ticket(ticket) => ("ticket", tickets::to_json(ctx, ticket)),
        };
        json!({ "type": kind, "created_at": format_time(self.created_at()), kind: record })
    }
}

/// What everybody may view.
pub fn public(ctx: &Context, forum: Option<Id>) -> ApiResult {
    page(ctx, forum, vec![])
}

/// What admins may view: tickets too, unless the stream is that of a forum.
pub fn private(ctx: &Context, forum: Option<Id>) -> ApiResult {
    ctx.require_trusted_client()?;
    let tickets = match forum {
        None => ctx.data.tickets.iter().map(Item::Ticket).collect(),
        Some(_) => vec![],
    };
    page(ctx, forum, tickets)
}

fn page<'a>(ctx: &'a Context, forum: Option<Id>, mut items: Vec<Item<'a>>) -> ApiResult {
    let suggestions = suggestion_lists::visible(ctx, forum)?;
    let ids: std::collections::HashSet<Id> =
        suggestions.iter().map(|suggestion| suggestion.id).collect();
    let comments = ctx.data.comments.iter();
    let comments = comments.filter(|comment| ids.contains(&comment.suggestion));
    items.extend(comments.map(Item::Comment));
    items.extend(suggestions.into_iter().map(Item::Suggestion));
    items.sort_by_key(Item::created_at);
    ctx.page("stream", NEWEST_FIRST, items.iter().collect(), |item| {
        item.to_json(ctx)
    })
}
