//! Reads resources: lists and single records.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::context::{ApiError, ApiResult, Context};
use super::page::{Dated, Query, page};
use super::{attachments, json};
use crate::data::{Forum, Id, UploadSubject};

/// Resources of the service that have no records in the sandbox.
const EMPTY: [&str; 13] = [
    "external_accounts",
    "feature_statuses",
    "features",
    "feedback_records",
    "internal_statuses",
    "messages",
    "nps_ratings",
    "permissions",
    "product_areas",
    "segmented_values",
    "segments",
    "status_updates",
    "teams",
];

/// Returns a page of a resource. If `id` is set, the only record is the one with this id.
fn resource_page(
    ctx: &Context,
    resource: &str,
    id: Option<Id>,
) -> Result<Map<String, Value>, ApiError> {
    let data = &*ctx.data;
    let query = Query(&ctx.query);
    fn select<'a, T: Dated>(
        rows: std::slice::Iter<'a, T>,
        id: Option<Id>,
    ) -> impl Iterator<Item = &'a T> {
        rows.filter(move |row| id.is_none_or(|id| row.id() == id))
    }
    let page = match resource {
        "suggestions" => {
            let forum = query.get("forum").and_then(|forum| forum.parse().ok());
            let rows = select(data.suggestions.iter(), id);
            let rows =
                rows.filter(|suggestion| forum.is_none_or(|forum: Id| suggestion.forum == forum));
            page(resource, &query, rows, |suggestion| {
                json::suggestion(data, suggestion)
            })
        }
        "users" => page(resource, &query, select(data.users.iter(), id), json::user),
        "forums" => page(
            resource,
            &query,
            select(data.forums.iter(), id),
            json::forum,
        ),
        "comments" => page(
            resource,
            &query,
            select(data.comments.iter(), id),
            json::comment,
        ),
        "notes" => page(resource, &query, select(data.notes.iter(), id), json::note),
        "statuses" => page(
            resource,
            &query,
            select(data.statuses.iter(), id),
            json::status,
        ),
        "categories" => page(
            resource,
            &query,
            select(data.categories.iter(), id),
            json::category,
        ),
        "labels" => page(
            resource,
            &query,
            select(data.labels.iter(), id),
            json::label,
        ),
        "supporters" => {
            let supporters = data.supporters();
            page(
                resource,
                &query,
                select(supporters.iter(), id),
                json::supporter,
            )
        }
        "external_users" => {
            let rows = select(data.external_users.iter(), id);
            page(resource, &query, rows, json::external_user)
        }
        "attachments" => {
            let links = |name| query.get(name).and_then(|id| id.parse().ok());
            let (suggestion, note) = (links("suggestion"), links("note"));
            let rows = select(data.uploads.iter(), id).filter(|upload| {
                let of = |id: Option<Id>, subject: fn(Id) -> UploadSubject| {
                    id.is_none_or(|id| upload.attached_to == Some(subject(id)))
                };
                of(suggestion, UploadSubject::Suggestion) && of(note, UploadSubject::Note)
            });
            page(resource, &query, rows, |upload| {
                attachments::json(upload, &ctx.origin)
            })
        }
        empty if EMPTY.contains(&empty) => {
            let no_rows: [Forum; 0] = [];
            page(empty, &query, no_rows.iter(), json::forum)
        }
        _ => return Err(ApiError::NotFound),
    };
    page.map_err(ApiError::Invalid)
}

pub fn list(ctx: &Context, resource: &str) -> ApiResult {
    let mut page = resource_page(ctx, resource, None)?;
    add_includes(ctx, resource, &mut page);
    Ok((StatusCode::OK, page.into()))
}

/// Adds the linked records that `includes=` names.
fn add_includes(ctx: &Context, resource: &str, page: &mut Map<String, Value>) {
    let query = Query(&ctx.query);
    let Some(includes) = query.get("includes") else {
        return;
    };
    let records = page[resource].as_array().map_or(&[][..], Vec::as_slice);
    let included = json::included(ctx.data, records, includes);
    for (name, records) in included {
        page.entry(name).or_insert(records);
    }
}

/// Returns one record, as an array like every result of API v2.
pub fn read(ctx: &Context, resource: &str, id: Id) -> ApiResult {
    let mut page = resource_page(ctx, resource, Some(id))?;
    page.remove("pagination");
    if page[resource].as_array().is_some_and(Vec::is_empty) {
        return Err(ApiError::NotFound);
    }
    add_includes(ctx, resource, &mut page);
    Ok((StatusCode::OK, page.into()))
}
