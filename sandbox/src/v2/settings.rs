//! Forums, categories, custom fields and labels.

use serde_json::{Map, Value, json};

use super::context::{ApiError, ApiResult, Context, invalid};
use super::{documents, output};
use crate::data::{Category, CustomField, Forum, Id};

fn required(ctx: &Context, name: &str) -> Result<String, ApiError> {
    ctx.input
        .owned(name)
        .ok_or_else(|| invalid(name, "required"))
}

pub fn create_forum(ctx: &mut Context) -> ApiResult {
    let (name, now) = (required(ctx, "name")?, ctx.now);
    let welcome = ctx.input.owned("welcome_message").unwrap_or_default();
    let private = ctx.input.flag("is_private").unwrap_or(false);
    let forum = ctx.data.forums.insert(|id| Forum {
        id,
        name,
        welcome,
        private,
        email_domains: vec![],
        created_at: now,
        updated_at: now,
    });
    let id = forum.id;
    output::one(ctx, id)
}

pub fn delete_forum(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let deleted = output::one(ctx, id)?;
    ctx.data.remove_forum(id);
    Ok(deleted)
}

pub fn create_category(ctx: &mut Context) -> ApiResult {
    let forum = ctx.input.id("links.forum");
    let forum = forum.ok_or_else(|| invalid("links.forum", "required"))?;
    let (name, now) = (required(ctx, "name")?, ctx.now);
    let category = ctx.data.categories.insert(|id| Category {
        id,
        forum,
        name,
        created_at: now,
        updated_at: now,
    });
    let id = category.id;
    output::one(ctx, id)
}

pub fn update_category(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let category = ctx.data.categories.get_mut(id).ok_or(ApiError::NotFound)?;
    if let Some(name) = ctx.input.owned("name") {
        category.name = name;
    }
    category.forum = ctx.input.id("links.forum").unwrap_or(category.forum);
    category.updated_at = ctx.now;
    output::one(ctx, id)
}

pub fn delete_category(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let deleted = output::one(ctx, id)?;
    ctx.data.remove_category(id);
    Ok(deleted)
}

pub fn create_custom_field(ctx: &mut Context) -> ApiResult {
    let (name, key) = (required(ctx, "name")?, required(ctx, "key")?);
    let (kind, object_type) = (required(ctx, "field_type")?, required(ctx, "object_type")?);
    let now = ctx.now;
    let field = ctx.data.custom_fields.insert(|id| CustomField {
        id,
        key,
        name,
        kind,
        object_type,
        possible_values: &[],
        created_at: now,
        updated_at: now,
    });
    let id = field.id;
    output::one(ctx, id)
}

pub fn update_custom_field(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let field = ctx.data.custom_fields.get_mut(id);
    let field = field.ok_or(ApiError::NotFound)?;
    if let Some(name) = ctx.input.owned("name") {
        field.name = name;
    }
    if let Some(key) = ctx.input.owned("key") {
        field.key = key;
    }
    field.updated_at = ctx.now;
    output::one(ctx, id)
}

pub fn delete_custom_field(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let deleted = output::one(ctx, id)?;
    ctx.data.custom_fields.remove(id);
    Ok(deleted)
}

/// Returns the fields of a label that depend on the one above it.
fn nested(ctx: &Context, name: &str, parent: Option<Id>) -> Map<String, Value> {
    let labels = ctx.data.documents.get("labels");
    let parent = parent.and_then(|id| labels?.get(id));
    let above = parent.and_then(|label| label.fields.get("full_name")?.as_str());
    let level = parent.and_then(|label| label.fields.get("level")?.as_u64());
    let full_name = match above {
        Some(above) => format!("{above} / {name}"),
        None => name.into(),
    };
    let fields = json!({
        "name": name,
        "full_name": full_name,
        "level": level.map_or(0, |level| level + 1),
        "links.parent": parent.map(|label| label.id),
    });
    fields.as_object().cloned().unwrap_or_default()
}

pub fn create_label(ctx: &mut Context) -> ApiResult {
    let name = required(ctx, "name")?;
    let fields = nested(ctx, &name, ctx.input.id("links.parent"));
    let id = documents::insert(ctx, fields);
    output::one(ctx, id)
}

pub fn update_label(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let parent = ctx.input.id("links.parent");
    if parent == Some(id) {
        return Err(invalid("links.parent", "invalid"));
    }
    let labels = ctx.data.documents.get("labels");
    let label = labels
        .and_then(|table| table.get(id))
        .ok_or(ApiError::NotFound)?;
    let field = |name: &str| label.fields.get(name);
    let name = ctx
        .input
        .text("name")
        .or(field("name").and_then(Value::as_str));
    let parent = parent.or(field("links.parent").and_then(Value::as_u64));
    let fields = nested(ctx, name.unwrap_or_default(), parent);
    let now = ctx.now;
    let labels = ctx.data.documents.get_mut("labels");
    if let Some(label) = labels.and_then(|table| table.get_mut(id)) {
        label.fields.extend(fields);
        label.updated_at = now;
    }
    output::one(ctx, id)
}

/// Deletes a label. Its suggestions do not have it afterwards.
pub fn delete_label(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let deleted = output::one(ctx, id)?;
    documents::remove(ctx, id);
    for suggestion in ctx.data.suggestions.iter_mut() {
        suggestion.labels.retain(|label| *label != id);
    }
    Ok(deleted)
}

pub fn attach_label(ctx: &mut Context) -> ApiResult {
    change_labels(ctx, |labels, label| {
        if !labels.contains(&label) {
            labels.push(label);
        }
    })
}

pub fn detach_label(ctx: &mut Context) -> ApiResult {
    change_labels(ctx, |labels, label| labels.retain(|one| *one != label))
}

fn change_labels(ctx: &mut Context, change: impl FnOnce(&mut Vec<Id>, Id)) -> ApiResult {
    let label = ctx.input.id("links.label");
    let label = label.ok_or_else(|| invalid("links.label", "required"))?;
    let suggestion = ctx.input.id("links.suggestion");
    let suggestion = suggestion.and_then(|id| ctx.data.suggestions.get_mut(id));
    let suggestion = suggestion.ok_or_else(|| invalid("links.suggestion", "required"))?;
    change(&mut suggestion.labels, label);
    suggestion.updated_at = ctx.now;
    output::one(ctx, label)
}
