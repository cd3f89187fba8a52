//! The JSON of a response: records, those they link to, and the description of the links.

use serde_json::{Map, Value, json};

use super::context::{ApiError, ApiResult, Context};
use super::record::{self, Record, Row, View};
use crate::api::{Base, Resource, Type, api};
use crate::data::Id;

/// Returns a record with the fields that the table lists.
fn record_json(resource: &Resource, record: &dyn Record, view: View) -> Value {
    let mut json = Map::new();
    for (name, kind, _) in resource.all_fields() {
        json.insert(name.into(), or_default(record.value(view, name), kind));
    }
    let mut links = Map::new();
    for (name, kind, _) in resource.all_links() {
        let value = record.value(view, &format!("links.{name}"));
        links.insert(name.into(), or_default(value, kind));
    }
    json.insert("links".into(), links.into());
    json.into()
}

/// Returns the value, or what a field that cannot be null has instead.
fn or_default(value: Value, kind: &Type) -> Value {
    if !value.is_null() || kind.nullable {
        return value;
    }
    match kind.base {
        _ if kind.array => json!([]),
        Base::Integer | Base::Number => json!(0),
        Base::Boolean => json!(false),
        Base::Object => json!({}),
        _ => json!(""),
    }
}

/// Returns the response with these records and what `includes` names.
pub fn records(ctx: &Context, rows: &[Row]) -> Result<Map<String, Value>, ApiError> {
    let resource = ctx.call.resource;
    let view = ctx.view();
    let records = rows.iter().map(|row| record_json(resource, &**row, view));
    let records: Vec<Value> = records.collect();
    let mut links = Map::new();
    describe_links(resource, &mut links);
    let mut body = Map::new();
    for included in included(ctx)? {
        let ids = linked_ids(resource, &included.name, &records);
        let rows = ids
            .into_iter()
            .filter_map(|id| record::row(ctx.data, included.store(), id));
        let rows: Vec<Value> = rows.map(|row| record_json(included, &*row, view)).collect();
        describe_links(included, &mut links);
        body.insert(included.name.clone(), rows.into());
    }
    // The records come first, and win if a resource includes itself.
    let mut response = Map::new();
    response.insert(resource.name.clone(), records.into());
    response.insert("links".into(), links.into());
    for (name, rows) in body {
        response.entry(name).or_insert(rows);
    }
    Ok(response)
}

/// Adds the resources that the links of records lead to.
fn describe_links(resource: &Resource, links: &mut Map<String, Value>) {
    for (name, kind, _) in resource.all_links() {
        if let Base::Id(target) = &kind.base {
            let name = format!("{}.{name}", resource.name);
            links.insert(name, json!({ "type": target }));
        }
    }
}

/// Returns the resources that `includes` names.
fn included(ctx: &Context) -> Result<Vec<&'static Resource>, ApiError> {
    let resource = ctx.call.resource;
    let mut included = Vec::new();
    for name in ctx.input.list("includes") {
        let name = name.as_str().unwrap_or_default();
        match api().resource(name) {
            Some(target) if resource.includes.contains(&target.name) => included.push(target),
            _ if ctx.lenient || name.is_empty() => {}
            _ => {
                let known = resource.includes.join(", ");
                let message = format!(
                    "unknown resource {name:?} in includes: {} have {known}",
                    resource.many
                );
                return Err(ApiError::Unknown(json!({ "includes": "unknown" }), message));
            }
        }
    }
    Ok(included)
}

/// Returns the ids of the records of another resource that these records link to.
fn linked_ids(resource: &Resource, target: &str, records: &[Value]) -> Vec<Id> {
    let links = resource.all_links();
    let links = links.filter(|(_, kind, _)| kind.base == Base::Id(target.into()));
    let links: Vec<&str> = links.map(|(name, ..)| name).collect();
    let values = records.iter().flat_map(|record| {
        let values = links.iter().map(|link| &record["links"][*link]);
        values.flat_map(|value| match value {
            Value::Array(ids) => ids.as_slice(),
            id => std::slice::from_ref(id),
        })
    });
    let mut ids: Vec<Id> = values.filter_map(Value::as_u64).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Returns the response with one record of the call's resource.
pub fn one(ctx: &Context, id: Id) -> ApiResult {
    let row = record::row(ctx.data, ctx.call.resource.store(), id);
    records(ctx, &[row.ok_or(ApiError::NotFound)?]).map(Value::from)
}

/// Returns the response with several records of the call's resource.
pub fn several(ctx: &Context, ids: &[Id]) -> ApiResult {
    let store = ctx.call.resource.store();
    let rows = ids
        .iter()
        .filter_map(|id| record::row(ctx.data, store, *id));
    records(ctx, &rows.collect::<Vec<_>>()).map(Value::from)
}
