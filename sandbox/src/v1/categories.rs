//! The categories of a forum.
//!
//! UserVoice's mobile SDKs read them. That a category is created and changed with `category[name]`, as a forum is with
//! `forum[name]`, is a guess.

use serde_json::{Value, json};

use super::context::{Context, OLDEST_FIRST};
use super::fields::text;
use super::response::{ApiError, ApiResult, created, invalid, not_found, ok};
use crate::data::{Category, Id};

fn to_json(ctx: &Context, category: &Category) -> Value {
    let suggestions = ctx.data.suggestions.iter();
    let suggestions = suggestions.filter(|suggestion| suggestion.category == Some(category.id));
    json!({ "id": category.id, "name": category.name, "suggestions_count": suggestions.count() })
}

/// Returns the categories of a forum as a part of it.
pub fn of_forum(ctx: &Context, forum: Id) -> Vec<Value> {
    let rows = ctx.data.categories.iter();
    let rows = rows.filter(|category| category.forum == forum);
    rows.map(|category| json!({ "id": category.id, "name": category.name }))
        .collect()
}

pub fn list(ctx: &Context, forum: Id) -> ApiResult {
    ctx.find_forum(forum)?;
    let rows = ctx.data.categories.iter();
    let rows = rows.filter(|category| category.forum == forum).collect();
    ctx.page("categories", OLDEST_FIRST, rows, |category| {
        to_json(ctx, category)
    })
}

pub fn read(ctx: &Context, forum: Id, id: Id) -> ApiResult {
    ok("category", to_json(ctx, find(ctx, forum, id)?))
}

fn find<'a>(ctx: &'a Context, forum: Id, id: Id) -> Result<&'a Category, ApiError> {
    ctx.find_forum(forum)?;
    let category = ctx.data.categories.get(id);
    let category = category.filter(|category| category.forum == forum);
    category.ok_or_else(|| not_found("Category"))
}

/// Returns the name of a category in the body.
fn name(ctx: &Context) -> Result<String, ApiError> {
    let input = ctx.object("category")?;
    let name = text(&input, "name").ok_or_else(|| invalid("Name can't be blank"))?;
    Ok(name.into())
}

pub fn create(ctx: &mut Context, forum: Id) -> ApiResult {
    ctx.require_admin()?;
    ctx.find_forum(forum)?;
    let (name, now) = (name(ctx)?, ctx.now);
    let category = ctx.data.categories.insert(|id| Category {
        id,
        forum,
        name,
        created_at: now,
        updated_at: now,
    });
    let id = category.id;
    created("category", to_json(ctx, find(ctx, forum, id)?))
}

pub fn update(ctx: &mut Context, forum: Id, id: Id) -> ApiResult {
    ctx.require_admin()?;
    find(ctx, forum, id)?;
    let (name, now) = (name(ctx)?, ctx.now);
    if let Some(category) = ctx.data.categories.get_mut(id) {
        category.name = name;
        category.updated_at = now;
    }
    read(ctx, forum, id)
}

pub fn delete(ctx: &mut Context, forum: Id, id: Id) -> ApiResult {
    ctx.require_admin()?;
    let deleted = read(ctx, forum, id)?;
    ctx.data.remove_category(id);
    Ok(deleted)
}
