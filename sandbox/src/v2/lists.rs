//! Reads records: a page of a list, and one or several by id.

use serde_json::{Map, Value, json};

use super::context::{ApiError, ApiResult, Context};
use super::{output, page, record};
use crate::data::Id;

const MAX_IDS: usize = 100;

pub fn list(ctx: &Context) -> ApiResult {
    let mut rows = record::rows(ctx.data, ctx.call.resource.store());
    page::filter(ctx, &mut rows);
    let (rows, pagination) = page::page(ctx, rows)?;
    let mut response = output::records(ctx, &rows)?;
    response.insert("pagination".into(), pagination);
    Ok(response.into())
}

/// Reads the records of the path, such as `1,2`. Those that do not exist are left out.
pub fn read(ctx: &Context) -> ApiResult {
    let ids = ctx.call.id.split(',').take(MAX_IDS);
    let ids: Result<Vec<Id>, _> = ids.map(str::parse).collect();
    let ids = ids.map_err(|_| ApiError::NotFound)?;
    let store = ctx.call.resource.store();
    match ids.iter().any(|id| record::exists(ctx.data, store, *id)) {
        true => output::several(ctx, &ids),
        false => Err(ApiError::NotFound),
    }
}

/// Reads the texts of the site that can be translated.
pub fn translatable_strings(ctx: &Context) -> ApiResult {
    let (mut plain, mut html) = (Map::new(), Map::new());
    let view = ctx.view();
    for (resource, one) in [
        ("forums", "forum"),
        ("categories", "category"),
        ("statuses", "status"),
    ] {
        for row in record::rows(ctx.data, resource) {
            let name = format!("{one}.{}.name", row.id());
            plain.insert(name, row.value(view, "name"));
        }
    }
    for row in record::rows(ctx.data, "forums") {
        let field = |name: &str| format!("forum.{}.{name}", row.id());
        plain.insert(field("prompt"), row.value(view, "prompt"));
        html.insert(field("welcome_message"), row.value(view, "welcome_message"));
    }
    Ok(json!({ "translatable_strings": { "plain": plain, "html": html } }))
}

/// Reads the site.
pub fn current_subdomain(ctx: &Context) -> ApiResult {
    let resource = ctx.call.resource;
    let mut site = Map::new();
    for (name, ..) in resource.all_fields() {
        let value = match name {
            "id" => json!(1),
            "key" => json!(crate::auth::credentials::SUBDOMAIN),
            "name" => json!("Sandbox"),
            _ => Value::Null,
        };
        site.insert(name.into(), value);
    }
    site.insert("links".into(), json!({ "default_forum": 1 }));
    Ok(
        json!({ "subdomains": [site], "links": { "subdomains.default_forum": { "type": "forums" } } }),
    )
}
