//! Forums, public and private.

use serde_json::{Map, Value, json};

use super::categories;
use super::context::{Context, OLDEST_FIRST};
use super::fields::{flag, text};
use super::response::{ApiError, ApiResult, created, format_time, invalid, ok};
use super::suggestions;
use crate::data::{Forum, Id};

pub fn to_json(ctx: &Context, forum: &Forum) -> Value {
    let suggestions = || {
        let suggestions = ctx.data.suggestions.iter();
        suggestions.filter(|suggestion| suggestion.forum == forum.id)
    };
    let open = suggestions().filter(|one| suggestions::state(one) == "published");
    json!({
        "id": forum.id,
        "name": forum.name,
        "url": format!("{}/forums/{}", ctx.origin, forum.id),
        "welcome": forum.welcome,
        "private": forum.private,
        "anonymous_access": !forum.private,
        "allow_by_email_domain": !forum.email_domains.is_empty(),
        "allowed_email_domains": forum.email_domains.iter()
            .map(|domain| json!({ "domain": domain })).collect::<Vec<_>>(),
        "suggestions_count": suggestions().count(),
        "topics": [{
            "id": forum.id,
            "prompt": "I suggest you ...",
            "votes_allowed": 10,
            "open_suggestions_count": open.count(),
            "categories": categories::of_forum(ctx, forum.id),
        }],
        "created_at": format_time(forum.created_at),
        "updated_at": format_time(forum.updated_at),
    })
}

pub fn list(ctx: &Context) -> ApiResult {
    let rows = ctx.data.forums.iter().filter(|forum| ctx.can_view(forum));
    ctx.page("forums", OLDEST_FIRST, rows.collect(), |forum| {
        to_json(ctx, forum)
    })
}

pub fn read(ctx: &Context, id: Id) -> ApiResult {
    ok("forum", to_json(ctx, ctx.find_forum(id)?))
}

pub fn create(ctx: &mut Context) -> ApiResult {
    ctx.require_admin()?;
    let input = ctx.object("forum")?;
    let name = text(&input, "name").ok_or_else(|| invalid("Name can't be blank"))?;
    let private = flag(&input, "private")?.unwrap_or(false);
    let email_domains = email_domains(&input)?;
    let now = ctx.now;
    let id = ctx
        .data
        .forums
        .insert(|id| Forum {
            id,
            name: name.into(),
            welcome: text(&input, "welcome").unwrap_or_default().into(),
            private,
            email_domains,
            created_at: now,
            updated_at: now,
        })
        .id;
    created("forum", to_json(ctx, ctx.find_forum(id)?))
}

pub fn update(ctx: &mut Context, id: Id) -> ApiResult {
    ctx.require_admin()?;
    ctx.find_forum(id)?;
    let input = ctx.object("forum")?;
    let private = flag(&input, "private")?;
    let now = ctx.now;
    if let Some(forum) = ctx.data.forums.get_mut(id) {
        if let Some(name) = text(&input, "name") {
            forum.name = name.into();
        }
        if let Some(welcome) = text(&input, "welcome") {
            forum.welcome = welcome.into();
        }
        forum.private = private.unwrap_or(forum.private);
        forum.updated_at = now;
    }
    read(ctx, id)
}

/// Returns the domains of `allowed_email_domains`, a list of objects or of strings.
fn email_domains(forum: &Map<String, Value>) -> Result<Vec<String>, ApiError> {
    if !flag(forum, "allow_by_email_domain")?.unwrap_or(false) {
        return Ok(vec![]);
    }
    let list = forum.get("allowed_email_domains").and_then(Value::as_array);
    Ok(list
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("domain").unwrap_or(entry).as_str())
        .map(String::from)
        .collect())
}

pub fn delete(ctx: &mut Context, id: Id) -> ApiResult {
    ctx.require_admin()?;
    let deleted = to_json(ctx, ctx.find_forum(id)?);
    ctx.data.remove_forum(id);
    ok("forum", deleted)
}
