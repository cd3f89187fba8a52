//! Users and accounts of another system: imports, and deletes many at once.

use serde_json::{Map, Value, json};

use super::context::{ApiError, ApiResult, Context, invalid};
use super::input::{self, Input};
use super::{documents, output};
use crate::data::Id;

/// How many records a call can import or delete.
const MAX_RECORDS: usize = 1000;

/// Returns the validated items of the call's list.
fn items(ctx: &Context, list: &str) -> Result<Vec<Input>, ApiError> {
    if ctx.input.list(list).len() > MAX_RECORDS {
        return Err(invalid(list, "too_many"));
    }
    input::items(ctx, list)
}

/// Creates a record, or changes the one with the same external id.
fn upsert(ctx: &mut Context, resource: &'static str, fields: Map<String, Value>) -> Id {
    let now = ctx.now;
    let external_id = fields.get("external_id");
    let table = ctx.data.documents.get_mut(resource);
    let mut existing = table.into_iter().flat_map(|table| table.iter_mut());
    let existing = existing.find(|one| one.fields.get("external_id") == external_id);
    match existing {
        Some(existing) => {
            existing.fields.extend(fields);
            existing.updated_at = now;
            existing.id
        }
        None => ctx.data.insert_document(resource, fields, now),
    }
}

/// Returns those of an item's values whose names begin with `prefix`, without it.
fn values(item: &Input, prefix: &str) -> Map<String, Value> {
    let values = item.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix(prefix)?;
        let is_field = !name.contains('.') && !["user_id", "custom_fields"].contains(&name);
        is_field.then(|| (name.to_string(), value.clone()))
    });
    values.collect()
}

pub fn import_accounts(ctx: &mut Context) -> ApiResult {
    let mut ids = Vec::new();
    for account in items(ctx, "accounts")? {
        ids.push(upsert(ctx, "external_accounts", values(&account, "")));
    }
    output::several(ctx, &ids)
}

pub fn import_users(ctx: &mut Context) -> ApiResult {
    let mut ids = Vec::new();
    for item in items(ctx, "users")? {
        let account = values(&item, "account.");
        let mut user = values(&item, "");
        if account.contains_key("external_id") {
            let account = upsert(ctx, "external_accounts", account);
            user.insert("links.external_account".into(), account.into());
        }
        if let Some(id) = item.id("user_id") {
            user.insert("links.user".into(), id.into());
        }
        ids.push(upsert(ctx, "external_users", user));
    }
    output::several(ctx, &ids)
}

/// Does what the service does later, and responds that it is queued.
pub fn bulk_identify(ctx: &mut Context) -> ApiResult {
    for identity in items(ctx, "identities")? {
        let mut user = Map::new();
        let external_id = |name: &str| identity.get(name).cloned();
        let Some(id) = external_id("id") else {
            continue;
        };
        user.insert("external_id".into(), id);
        for field in ["email", "name", "type"] {
            user.extend(
                identity
                    .get(field)
                    .map(|value| (field.into(), value.clone())),
            );
        }
        if let Some(id) = external_id("account.id") {
            let mut account = Map::new();
            account.insert("external_id".into(), id);
            for field in ["name", "plan", "ltv"] {
                let value = identity.get(&format!("account.{field}"));
                account.extend(value.map(|value| (field.into(), value.clone())));
            }
            let rate = identity.get("account.monthly_rate");
            account.extend(rate.map(|rate| ("mrr".into(), rate.clone())));
            let account = upsert(ctx, "external_accounts", account);
            user.insert("links.external_account".into(), account.into());
        }
        upsert(ctx, "external_users", user);
    }
    Ok(json!({ "status": "queued" }))
}

pub fn bulk_delete(ctx: &mut Context) -> ApiResult {
    let ids = ctx.input.list("ids").iter().filter_map(Value::as_u64);
    let ids = ids.collect();
    delete(ctx, ids)
}

pub fn bulk_delete_by_external_id(ctx: &mut Context) -> ApiResult {
    let external_ids = ctx.input.list("external_ids");
    let table = ctx.data.documents.get(ctx.call.resource.store());
    let documents = table.into_iter().flat_map(|table| table.iter());
    let documents = documents.filter(|one| {
        let external_id = one.fields.get("external_id");
        external_id.is_some_and(|id| external_ids.contains(id))
    });
    let ids = documents.map(|one| one.id).collect();
    delete(ctx, ids)
}

/// Deletes the records, and returns those that existed.
fn delete(ctx: &mut Context, ids: Vec<Id>) -> ApiResult {
    let deleted = output::several(ctx, &ids)?;
    for id in ids {
        documents::remove(ctx, id);
    }
    Ok(deleted)
}
