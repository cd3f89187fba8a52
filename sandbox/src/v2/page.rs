//! Pages of lists: filters, order and cursors.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use crate::data::Id;

/// The fields of a record that lists filter and sort by.
pub trait Dated {
    fn id(&self) -> Id;
    fn created_at(&self) -> OffsetDateTime;
    fn updated_at(&self) -> OffsetDateTime;
}

pub struct Query<'a>(pub &'a [(String, String)]);

impl Query<'_> {
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str, default: usize) -> usize {
        let number = self.get(name).and_then(|text| text.parse().ok());
        number.filter(|number| *number > 0).unwrap_or(default)
    }

    fn timestamp(&self, name: &str) -> Result<Option<OffsetDateTime>, Value> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        match parse_timestamp(text) {
            Some(timestamp) => Ok(Some(timestamp)),
            None => Err(json!({ name: "datetime" })),
        }
    }
}

/// Parses a timestamp in ISO 8601. The default offset is UTC, the default time midnight.
fn parse_timestamp(text: &str) -> Option<OffsetDateTime> {
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

/// The order of a list. Records with equal keys are ordered by id.
#[derive(Clone, Copy)]
struct Order {
    key: SortKey,
    descending: bool,
}

#[derive(Clone, Copy)]
enum SortKey {
    Id,
    Created,
    Updated,
}

/// The position of a record in an order.
type Position = (i128, Id);

impl Order {
    /// Parses `sort`. Like the service, it ignores an unknown key.
    fn parse(text: Option<&str>) -> Order {
        let text = text.unwrap_or("id");
        let key = match text.trim_start_matches('-') {
            "created_at" => SortKey::Created,
            "updated_at" => SortKey::Updated,
            _ => SortKey::Id,
        };
        Order {
            key,
            descending: text.starts_with('-'),
        }
    }

    fn position(self, row: &impl Dated) -> Position {
        let key = match self.key {
            SortKey::Id => row.id().into(),
            SortKey::Created => row.created_at().unix_timestamp_nanos(),
            SortKey::Updated => row.updated_at().unix_timestamp_nanos(),
        };
        (key, row.id())
    }
}

fn encode_cursor((key, id): Position) -> String {
    URL_SAFE_NO_PAD.encode(format!("{key}/{id}"))
}

fn decode_cursor(cursor: &str) -> Option<Position> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (key, id) = text.split_once('/')?;
    Some((key.parse().ok()?, id.parse().ok()?))
}

/// Returns the page of `rows` that the query selects, with its pagination object.
pub fn page<'a, T: Dated + 'a>(
    name: &str,
    query: &Query,
    rows: impl Iterator<Item = &'a T>,
    to_json: impl Fn(&T) -> Value,
) -> Result<Map<String, Value>, Value> {
    let (after, before) = (
        query.timestamp("updated_after")?,
        query.timestamp("updated_before")?,
    );
    let order = Order::parse(query.get("sort"));
    let mut rows: Vec<&T> = rows
        .filter(|row| after.is_none_or(|after| row.updated_at() > after))
        .filter(|row| before.is_none_or(|before| row.updated_at() < before))
        .collect();
    rows.sort_by_key(|row| order.position(*row));
    if order.descending {
        rows.reverse();
    }

    let per_page = query.number("per_page", 20).min(100);
    let total = rows.len();
    let (page, start) = match query.get("cursor") {
        None => {
            let page = query.number("page", 1);
            (page, (page - 1).saturating_mul(per_page))
        }
        Some(cursor) => {
            let cursor = decode_cursor(cursor).ok_or_else(|| json!({ "cursor": "invalid" }))?;
            let start = rows.partition_point(|row| {
                let position = order.position(*row);
                if order.descending {
                    position >= cursor
                } else {
                    position <= cursor
                }
            });
            (start / per_page + 1, start)
        }
    };
    let records: Vec<&T> = rows.into_iter().skip(start).take(per_page).collect();
    let more = start.saturating_add(records.len()) < total;
    let cursor = records.last().filter(|_| more);
    let mut page_json = Map::new();
    page_json.insert(
        name.into(),
        records
            .iter()
            .map(|row| to_json(row))
            .collect::<Vec<_>>()
            .into(),
    );
    page_json.insert("links".into(), json!({}));
    page_json.insert(
        "pagination".into(),
        json!({
            "page": page,
            "per_page": per_page,
            "total_pages": total.div_ceil(per_page),
            "total_records": total,
            "cursor": cursor.map(|row| encode_cursor(order.position(*row))),
        }),
    );
    Ok(page_json)
}
