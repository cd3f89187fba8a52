//! Lists of suggestions: filters, orders and searches.

use super::context::{Context, Sorts};
use super::response::{ApiError, ApiResult, not_found};
use super::suggestions;
use crate::data::{Id, Suggestion};

const SORTS: Sorts = &["votes", "newest", "oldest"];

/// Returns the suggestions of one forum, or of all forums that the caller may view.
pub fn visible<'a>(ctx: &'a Context, forum: Option<Id>) -> Result<Vec<&'a Suggestion>, ApiError> {
    let forums: Vec<Id> = match forum {
        Some(id) => vec![ctx.find_forum(id)?.id],
        None => {
            let forums = ctx.data.forums.iter();
            forums
                .filter(|forum| ctx.can_view(forum))
                .map(|forum| forum.id)
                .collect()
        }
    };
    let suggestions = ctx.data.suggestions.iter();
    Ok(suggestions
        .filter(|suggestion| forums.contains(&suggestion.forum))
        .collect())
}

/// Sorts by votes if the request selects that order. Other orders are left to `Context::page`.
fn sorted<'a>(ctx: &Context, mut rows: Vec<&'a Suggestion>) -> Vec<&'a Suggestion> {
    if ctx.sort(SORTS) == "votes" {
        rows.sort_by_key(|suggestion| std::cmp::Reverse(suggestion.vote_count()));
    }
    rows
}

/// Returns the filter that the request selects, or "all". Unknown ones are ignored.
fn filter(ctx: &Context) -> &'static str {
    const FILTERS: [&str; 4] = [
        "public",
        "closed",
        "with_external_id",
        "without_external_id",
    ];
    let selected = ctx.parameter("filter");
    let supported = FILTERS.into_iter().find(|filter| Some(*filter) == selected);
    supported.unwrap_or("all")
}

fn passes(ctx: &Context, suggestion: &Suggestion) -> bool {
    let scope = ctx.parameter("external_scope");
    let mut external_ids = suggestion.external_ids.iter();
    let is_identified = external_ids.any(|id| scope.is_none_or(|scope| id.scope == scope));
    match filter(ctx) {
        "public" => suggestion.state != "spam",
        "closed" => suggestions::state(suggestion) == "closed",
        "with_external_id" => is_identified,
        "without_external_id" => !is_identified,
        _ => true,
    }
}

/// Returns a page of suggestions in the order that the request selects.
fn page(ctx: &Context, mut rows: Vec<&Suggestion>) -> ApiResult {
    // The service knows some names of manual actions; the sandbox knows none.
    if ctx.parameter("manual_action").is_some() {
        return Err(not_found("Manual action"));
    }
    rows.retain(|suggestion| passes(ctx, suggestion));
    let (status, mut body) = ctx.page("suggestions", SORTS, sorted(ctx, rows), |record| {
        suggestions::to_json(ctx, record)
    })?;
    body["response_data"]["filter"] = filter(ctx).into();
    Ok((status, body))
}

pub fn list(ctx: &Context, forum: Option<Id>) -> ApiResult {
    page(ctx, visible(ctx, forum)?)
}

/// Lists the suggestions of a user.
pub fn of_user(ctx: &Context, user: Id) -> ApiResult {
    ctx.find_user(user)?;
    let mut rows = visible(ctx, None)?;
    rows.retain(|suggestion| suggestion.creator == user);
    page(ctx, rows)
}

pub fn search(ctx: &Context, forum: Option<Id>) -> ApiResult {
    let query = ctx.search_query()?;
    page(ctx, found(ctx, &query, forum)?)
}

/// Returns the suggestions whose title or text contains the query.
pub fn found<'a>(
    ctx: &'a Context,
    query: &str,
    forum: Option<Id>,
) -> Result<Vec<&'a Suggestion>, ApiError> {
    let mut rows = visible(ctx, forum)?;
    rows.retain(|suggestion| {
        suggestion.title.to_lowercase().contains(query)
            || suggestion.text.to_lowercase().contains(query)
    });
    Ok(rows)
}
