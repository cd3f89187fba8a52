//! Creates, changes and deletes records that only API v2 has.

use serde_json::{Map, Value, json};

use super::context::{ApiError, ApiResult, Context, invalid};
use super::output;
use crate::api::Resource;
use crate::data::Id;

/// Returns the parameters that are fields or links of the records.
fn fields(ctx: &Context) -> Map<String, Value> {
    let resource = ctx.call.resource;
    let given = ctx
        .input
        .iter()
        .filter(|(name, _)| match name.strip_prefix("links.") {
            Some(link) => resource.link(link).is_some(),
            None => resource.field(name).is_some(),
        });
    given
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn has_link(resource: &Resource, name: &str) -> bool {
    resource.link(name).is_some()
}

/// Adds what the service fills in when a record is created.
fn add_defaults(ctx: &Context, fields: &mut Map<String, Value>) {
    let resource = ctx.call.resource;
    for link in ["created_by", "updated_by", "invited_by"] {
        if has_link(resource, link) {
            fields.insert(format!("links.{link}"), ctx.user.into());
        }
    }
    for (name, value) in [("body_mime_type", "text/plain"), ("name", "Untitled")] {
        if resource.field(name).is_some() {
            fields.entry(name).or_insert_with(|| value.into());
        }
    }
    // A view belongs to a user, by default to its creator.
    if resource.name == "views" {
        fields
            .entry("links.user")
            .or_insert_with(|| ctx.user.into());
    }
}

/// Adds a record with these fields, and what the service fills in.
pub fn insert(ctx: &mut Context, mut fields: Map<String, Value>) -> Id {
    add_defaults(ctx, &mut fields);
    let resource = ctx.call.resource;
    ctx.data.insert_document(resource.store(), fields, ctx.now)
}

pub fn create(ctx: &mut Context) -> ApiResult {
    let fields = fields(ctx);
    let id = insert(ctx, fields);
    output::one(ctx, id)
}

/// Creates what an activity entry links to: a message, or a feedback record.
pub fn create_on_suggestion(ctx: &mut Context, kind: &str) -> ApiResult {
    let (suggestion, act) = (ctx.input.id("links.suggestion"), ctx.act());
    let suggestion = suggestion.ok_or_else(|| invalid("links.suggestion", "required"))?;
    let mut fields = fields(ctx);
    if kind == "message" {
        let supporters = ctx.data.suggestions.get(suggestion);
        let supporters = supporters.map_or(0, |suggestion| suggestion.votes.len());
        fields.insert("mail_sent_count".into(), supporters.into());
    }
    let id = insert(ctx, fields);
    let mut link = Map::new();
    link.insert(format!("links.{kind}"), id.into());
    ctx.data.record_activity(act, kind, suggestion, link.into());
    output::one(ctx, id)
}

pub fn update(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let (changes, user, now) = (fields(ctx), ctx.user, ctx.now);
    let resource = ctx.call.resource;
    let table = ctx.data.documents.get_mut(resource.store());
    let document = table.and_then(|table| table.get_mut(id));
    let document = document.ok_or(ApiError::NotFound)?;
    document.fields.extend(changes);
    if has_link(resource, "updated_by") {
        document
            .fields
            .insert("links.updated_by".into(), user.into());
    }
    document.updated_at = now;
    output::one(ctx, id)
}

pub fn delete(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let deleted = output::one(ctx, id)?;
    remove(ctx, id);
    Ok(deleted)
}

pub fn remove(ctx: &mut Context, id: Id) {
    let store = ctx.call.resource.store();
    if let Some(table) = ctx.data.documents.get_mut(store) {
        table.remove(id);
    }
}

/// Creates an invitation for each e-mail address.
pub fn create_invitations(ctx: &mut Context) -> ApiResult {
    let emails = ctx.input.list("email").to_vec();
    let mut ids = Vec::new();
    for email in emails {
        let mut invitation = fields(ctx);
        let message = ctx.input.get("message").cloned().unwrap_or_default();
        invitation.insert("email".into(), email);
        invitation.insert("text".into(), message);
        invitation.insert("action".into(), "invite".into());
        invitation.insert(
            "code".into(),
            crate::auth::credentials::random_token().into(),
        );
        ids.push(insert(ctx, invitation));
    }
    output::several(ctx, &ids)
}

/// Creates a rating from 0 to 10, with its difference from the user's last one.
pub fn create_rating(ctx: &mut Context) -> ApiResult {
    let mut rating = fields(ctx);
    let score = ctx.input.get("rating").and_then(Value::as_i64);
    let score = score.filter(|score| (0..=10).contains(score));
    let score = score.ok_or_else(|| invalid("rating", "invalid"))?;
    let user = ctx.input.get("links.user").cloned().unwrap_or_default();
    let ratings = ctx.data.documents.get("nps_ratings");
    let mut of_user = ratings.into_iter().flat_map(|table| table.iter());
    let of_user = of_user.rfind(|one| one.fields.get("links.user") == Some(&user));
    let previous = of_user.and_then(|rating| rating.fields.get("rating")?.as_i64());
    let group = match score {
        9.. => "promoter",
        7..=8 => "passive",
        _ => "detractor",
    };
    rating.insert("group".into(), group.into());
    rating.insert("previous_rating".into(), json!(previous));
    let delta = previous.map(|previous| score - previous);
    rating.insert("rating_delta".into(), json!(delta));
    let id = insert(ctx, rating);
    output::one(ctx, id)
}
