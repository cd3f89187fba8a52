//! Creates, updates and deletes records.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::attachments;
use super::context::{ApiError, ApiResult, Context};
use super::fields::{flag, link, text};
use super::resources;
use crate::data::{ExternalUser, Forum, Id, Suggestion, UploadSubject, Vote};

fn invalid(errors: Value) -> ApiError {
    ApiError::Invalid(errors)
}

fn created(ctx: &Context, resource: &str, id: Id) -> ApiResult {
    let (_, record) = resources::read(ctx, resource, id)?;
    Ok((StatusCode::CREATED, record))
}

pub fn find_or_create_user(ctx: &mut Context) -> ApiResult {
    let email = text(&ctx.body, "email_address").or(text(&ctx.body, "email"));
    let email = email.filter(|email| email.contains('@'));
    let email = email.ok_or_else(|| invalid(json!({ "email_address": "required" })))?;
    let id = ctx
        .data
        .find_or_create_user(email, text(&ctx.body, "name"), ctx.now);
    resources::read(ctx, "users", id)
}

pub fn create_suggestion(ctx: &mut Context) -> ApiResult {
    let mut errors = Map::new();
    let mut links = Map::new();
    let title = text(&ctx.body, "title");
    if title.is_none() {
        errors.insert("title".into(), "required".into());
    }
    let forum = link(&ctx.body, "forum", &ctx.data.forums);
    let forum = forum.and_then(|forum| forum.ok_or("int"));
    if let Err(error) = forum {
        links.insert("forum".into(), error.into());
    }
    let category = link(&ctx.body, "category", &ctx.data.categories);
    if let Err(error) = category {
        links.insert("category".into(), error.into());
    }
    if !links.is_empty() {
        errors.insert("links".into(), links.into());
    }
    let (Some(title), Ok(forum), Ok(category)) = (title, forum, category) else {
        return Err(invalid(errors.into()));
    };
    let uploads = attachments::named_uploads(ctx)?;
    let (now, user) = (ctx.now, ctx.user);
    let id = ctx
        .data
        .suggestions
        .insert(|id| Suggestion {
            id,
            forum,
            title: title.into(),
            text: text(&ctx.body, "body").unwrap_or_default().into(),
            state: "published",
            creator: user,
            category,
            status: None,
            response: None,
            other_votes: 0,
            votes: vec![Vote {
                user,
                count: 1,
                created_at: now,
            }],
            labels: vec![],
            external_ids: vec![],
            created_at: now,
            updated_at: now,
        })
        .id;
    attachments::attach(ctx, &uploads, UploadSubject::Suggestion(id));
    created(ctx, "suggestions", id)
}

pub fn update_suggestion(ctx: &mut Context, id: Id) -> ApiResult {
    if ctx.body.get("title").is_some() && text(&ctx.body, "title").is_none() {
        return Err(invalid(json!({ "title": "required" })));
    }
    let invalid_link = |name: &str, error: &str| invalid(json!({ "links": { name: error } }));
    let status = link(&ctx.body, "status", &ctx.data.statuses);
    let status = status.map_err(|error| invalid_link("status", error))?;
    let category = link(&ctx.body, "category", &ctx.data.categories);
    let category = category.map_err(|error| invalid_link("category", error))?;
    let uploads = attachments::named_uploads(ctx)?;
    let suggestion = ctx.data.suggestions.get_mut(id);
    let suggestion = suggestion.ok_or(ApiError::NotFound)?;
    if let Some(title) = text(&ctx.body, "title") {
        suggestion.title = title.into();
    }
    if let Some(body) = ctx.body["body"].as_str() {
        suggestion.text = body.into();
    }
    suggestion.status = status.or(suggestion.status);
    suggestion.category = category.or(suggestion.category);
    suggestion.updated_at = ctx.now;
    attachments::attach(ctx, &uploads, UploadSubject::Suggestion(id));
    resources::read(ctx, "suggestions", id)
}

pub fn set_suggestion_state(ctx: &mut Context, id: Id, verb: &str) -> ApiResult {
    let suggestion = ctx.data.suggestions.get_mut(id);
    let suggestion = suggestion.ok_or(ApiError::NotFound)?;
    suggestion.state = match verb {
        "spam" => "spam",
        "approve" => "approved",
        _ => "published",
    };
    suggestion.updated_at = ctx.now;
    resources::read(ctx, "suggestions", id)
}

pub fn delete_suggestion(ctx: &mut Context, id: Id) -> ApiResult {
    let removed = ctx.data.remove_suggestion(id);
    removed.ok_or(ApiError::NotFound)?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}

pub fn create_forum(ctx: &mut Context) -> ApiResult {
    let name = text(&ctx.body, "name");
    let name = name.ok_or_else(|| invalid(json!({ "name": "required" })))?;
    let private = flag(&ctx.body, "is_private")?.unwrap_or(false);
    let now = ctx.now;
    let id = ctx
        .data
        .forums
        .insert(|id| Forum {
            id,
            name: name.into(),
            welcome: text(&ctx.body, "welcome_message")
                .unwrap_or_default()
                .into(),
            private,
            email_domains: vec![],
            created_at: now,
            updated_at: now,
        })
        .id;
    created(ctx, "forums", id)
}

pub fn delete_forum(ctx: &mut Context, id: Id) -> ApiResult {
    let removed = ctx.data.remove_forum(id);
    removed.ok_or(ApiError::NotFound)?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}

/// Creates external users, or updates those whose external id exists already.
pub fn import_users(ctx: &mut Context) -> ApiResult {
    const MAX_USERS: usize = 1000;
    let users = ctx.body["external_users"].as_array();
    let users = users.ok_or_else(|| invalid(json!({ "external_users": "required" })))?;
    if users.len() > MAX_USERS {
        return Err(invalid(json!({ "external_users": "too_many" })));
    }
    if let Some(index) = users
        .iter()
        .position(|user| text(user, "external_id").is_none())
    {
        let errors =
            json!({ "external_users": { index.to_string(): { "external_id": "required" } } });
        return Err(invalid(errors));
    }
    let now = ctx.now;
    for user in users {
        let field = |name| text(user, name).map(String::from);
        let external_id = field("external_id").unwrap_or_default();
        let mut existing = ctx.data.external_users.iter();
        let existing = existing.find(|existing| existing.external_id == external_id);
        let existing = existing.map(|existing| existing.id);
        let build = |id| ExternalUser {
            id,
            external_id,
            name: field("name"),
            email: field("email"),
            created_at: now,
            updated_at: now,
        };
        match existing.and_then(|id| ctx.data.external_users.get_mut(id)) {
            None => {
                ctx.data.external_users.insert(build);
            }
            Some(existing) => {
                existing.name = field("name").or(existing.name.take());
                existing.email = field("email").or(existing.email.take());
                existing.updated_at = now;
            }
        }
    }
    Ok((
        StatusCode::OK,
        json!({ "external_users": [], "imported": users.len() }),
    ))
}
