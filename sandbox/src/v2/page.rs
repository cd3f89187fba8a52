//! Pages of lists: filters, order and cursors.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use super::context::{ApiError, Context, invalid};
use super::record::{self, Row, View, is_or_contains};
use crate::api::{Base, Comparison, Filter, Resource};
use crate::data::Id;

/// Formats a timestamp as API v2 does.
pub fn format_time(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time.to_offset(time::UtcOffset::UTC)
        .format(format)
        .expect("every timestamp has the fields of this format")
}

/// Parses a timestamp in ISO 8601. The default offset is UTC, the default time midnight.
pub fn parse_timestamp(text: &str) -> Option<OffsetDateTime> {
    const ISO: &Iso8601 = &Iso8601::DEFAULT;
    // Only without a time: parsing a date ignores the rest of the string.
    if !text.contains(['T', 't', ' ']) {
        let day = Date::parse(text, ISO).ok()?;
        return Some(day.midnight().assume_utc());
    }
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(text, ISO))
        .or_else(|_| PrimitiveDateTime::parse(text, ISO).map(|time| time.assume_utc()))
        .ok()
}

/// Removes the rows that the filters of the query exclude.
pub fn filter(ctx: &Context, rows: &mut Vec<Row>) {
    let view = ctx.view();
    for (name, filter) in ctx.call.call.filters.iter() {
        let Some(value) = ctx.input.get(name) else {
            continue;
        };
        let fields = compared_fields(ctx.call.resource, name, filter);
        rows.retain(|row| {
            let mut fields = fields.iter().map(|field| compared_value(row, view, field));
            fields.any(|field| matches(filter, &field, value))
        });
    }
    let time = |name| ctx.input.text(name).and_then(parse_timestamp);
    if let Some(after) = time("updated_after") {
        rows.retain(|row| row.updated_at() > after);
    }
    if let Some(before) = time("updated_before") {
        rows.retain(|row| row.updated_at() < before);
    }
}

/// Returns the fields that a filter compares with.
fn compared_fields(resource: &Resource, name: &str, filter: &Filter) -> Vec<String> {
    if !filter.fields.is_empty() {
        return filter.fields.clone();
    }
    match resource.link(name) {
        Some(_) => vec![format!("links.{name}")],
        None => vec![name.into()],
    }
}

/// Returns a field of a record. `suggestion.state` is the field of the suggestion that it links
/// to, and `suggestions.supporter` those of several.
fn compared_value(row: &Row, view: View, field: &str) -> Value {
    let Some((link @ ("suggestion" | "suggestions"), field)) = field.split_once('.') else {
        return row.value(view, field);
    };
    let value = |id: &Value| {
        let suggestion = record::row(view.data, "suggestions", id.as_u64()?)?;
        Some(suggestion.value(view, field))
    };
    match &row.value(view, &format!("links.{link}")) {
        Value::Array(ids) => {
            let values = ids.iter().filter_map(value).map(|value| match value {
                Value::Array(values) => values,
                value => vec![value],
            });
            values.flatten().collect()
        }
        id => value(id).unwrap_or_default(),
    }
}

fn matches(filter: &Filter, field: &Value, value: &Value) -> bool {
    // Timestamps are strings whose order is that of time.
    let compare = || {
        field
            .as_str()
            .map(|field| field.cmp(value.as_str().unwrap_or_default()))
    };
    match (filter.comparison, value) {
        (Comparison::Is, Value::Array(values)) => {
            values.iter().any(|value| is_or_contains(field, value))
        }
        (Comparison::Is, value) => is_or_contains(field, value),
        (Comparison::AtLeast, _) => compare().is_some_and(Ordering::is_ge),
        (Comparison::AtMost, _) => compare().is_some_and(Ordering::is_le),
        (Comparison::Below, _) => compare().is_some_and(Ordering::is_lt),
        (Comparison::Contains, value) => {
            let lower = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
            lower(field).contains(&lower(value))
        }
    }
}

/// The order of a list. Records with equal keys are ordered by id.
struct Order {
    key: String,
    descending: bool,
}

/// The position of a record in an order.
struct Position {
    key: Value,
    id: Id,
}

impl Order {
    /// Parses `sort`, a field of the records. An unknown one is ignored if the sandbox is
    /// lenient.
    fn parse(ctx: &Context) -> Result<Order, ApiError> {
        let text = ctx.input.text("sort").unwrap_or("-id");
        let order = Order {
            key: text.trim_start_matches('-').into(),
            descending: text.starts_with('-'),
        };
        let resource = ctx.call.resource;
        match resource.field(&order.key) {
            Some(kind) if kind.base != Base::Object => Ok(order),
            _ if ctx.lenient => Ok(Order {
                key: "id".into(),
                descending: true,
            }),
            _ => {
                let known = resource.sorts().join(", ");
                let message = format!("unknown sort {text:?}: {} have {known}", resource.many);
                Err(ApiError::Unknown(json!({ "sort": "unknown" }), message))
            }
        }
    }

    fn position(&self, view: View, row: &Row) -> Position {
        Position {
            key: match self.key.as_str() {
                "id" => Value::Null,
                key => row.value(view, key),
            },
            id: row.id(),
        }
    }

    fn compare(&self, one: &Position, other: &Position) -> Ordering {
        let order = compare_values(&one.key, &other.key).then(one.id.cmp(&other.id));
        match self.descending {
            true => order.reverse(),
            false => order,
        }
    }
}

/// Compares values of the same field: null first, then numbers and booleans, or strings.
fn compare_values(one: &Value, other: &Value) -> Ordering {
    if let (Some(one), Some(other)) = (one.as_str(), other.as_str()) {
        return one.cmp(other);
    }
    let number = |value: &Value| match value {
        Value::Null => f64::NEG_INFINITY,
        Value::Bool(flag) => u8::from(*flag).into(),
        value => value.as_f64().unwrap_or(f64::INFINITY),
    };
    number(one).total_cmp(&number(other))
}

fn encode_cursor(position: &Position) -> String {
    URL_SAFE_NO_PAD.encode(json!([position.key, position.id]).to_string())
}

fn decode_cursor(cursor: &str) -> Option<Position> {
    let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (key, id) = serde_json::from_slice(&json).ok()?;
    Some(Position { key, id })
}

/// Returns the rows of the page that the query selects, and its pagination object.
pub fn page<'a>(ctx: &Context, rows: Vec<Row<'a>>) -> Result<(Vec<Row<'a>>, Value), ApiError> {
    let view = ctx.view();
    let order = Order::parse(ctx)?;
    let mut rows: Vec<(Position, Row)> = rows
        .into_iter()
        .map(|row| (order.position(view, &row), row))
        .collect();
    rows.sort_by(|one, other| order.compare(&one.0, &other.0));

    let number = |name, default| {
        let number = ctx
            .input
            .id(name)
            .and_then(|number| usize::try_from(number).ok());
        number.filter(|number| *number > 0).unwrap_or(default)
    };
    let per_page = number("per_page", 20).min(100);
    let total = rows.len();
    let cursor = ctx.input.text("cursor").filter(|cursor| !cursor.is_empty());
    let (page, start) = match cursor {
        None => {
            let page = number("page", 1);
            (page, (page - 1).saturating_mul(per_page))
        }
        Some(cursor) => {
            let cursor = decode_cursor(cursor).ok_or_else(|| invalid("cursor", "invalid"))?;
            let start = rows.partition_point(|row| order.compare(&row.0, &cursor).is_le());
            (start / per_page + 1, start)
        }
    };
    let records: Vec<_> = rows.into_iter().skip(start).take(per_page).collect();
    let more = start.saturating_add(records.len()) < total;
    let cursor = records.last().filter(|_| more);
    let pagination = json!({
        "page": page,
        "per_page": per_page,
        "total_pages": total.div_ceil(per_page),
        "total_records": total,
        "cursor": cursor.map(|(position, _)| encode_cursor(position)),
    });
    Ok((
        records.into_iter().map(|(_, row)| row).collect(),
        pagination,
    ))
}
