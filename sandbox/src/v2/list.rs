//! One page of a list of API v2: filters, order, cursor, side-loaded records.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use crate::data::Id;

/// A record as far as a list looks at it before it is shown.
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
        let given = self.get(name).and_then(|text| text.parse().ok());
        given.filter(|number| *number > 0).unwrap_or(default)
    }

    fn moment(&self, name: &str) -> Result<Option<OffsetDateTime>, Value> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        match moment(text) {
            Some(moment) => Ok(Some(moment)),
            None => Err(json!({ name: "datetime" })),
        }
    }
}

/// A moment in ISO 8601; without an offset it is UTC's, without a time the day's first.
fn moment(text: &str) -> Option<OffsetDateTime> {
    const ISO: &Iso8601 = &Iso8601::DEFAULT;
    // A day is parsed for itself: of a text with a time it would be taken alone.
    if !text.contains(['T', 't', ' ']) {
        let day = Date::parse(text, ISO).ok()?;
        return Some(day.midnight().assume_utc());
    }
    let whole = OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(text, ISO));
    let whole = whole.or_else(|_| PrimitiveDateTime::parse(text, ISO).map(|at| at.assume_utc()));
    whole.ok()
}

/// What a list is ordered by; the id makes each place in it unique.
#[derive(Clone, Copy)]
struct Order {
    by: By,
    descending: bool,
}

#[derive(Clone, Copy)]
enum By {
    Id,
    Created,
    Updated,
}

type Place = (i128, Id);

impl Order {
    /// An order that is unknown is ignored, as the service does.
    fn of(text: Option<&str>) -> Order {
        let text = text.unwrap_or("id");
        let by = match text.trim_start_matches('-') {
            "created_at" => By::Created,
            "updated_at" => By::Updated,
            _ => By::Id,
        };
        Order {
            by,
            descending: text.starts_with('-'),
        }
    }

    fn place(self, row: &impl Dated) -> Place {
        let key = match self.by {
            By::Id => row.id().into(),
            By::Created => row.created_at().unix_timestamp_nanos(),
            By::Updated => row.updated_at().unix_timestamp_nanos(),
        };
        (key, row.id())
    }
}

fn cursor_of((key, id): Place) -> String {
    URL_SAFE_NO_PAD.encode(format!("{key}/{id}"))
}

fn place_of(cursor: &str) -> Option<Place> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (key, id) = text.split_once('/')?;
    Some((key.parse().ok()?, id.parse().ok()?))
}

/// A page of `rows` under `name`, with what stands beside it.
pub fn page<'a, T: Dated + 'a>(
    name: &str,
    query: &Query,
    rows: impl Iterator<Item = &'a T>,
    show: impl Fn(&T) -> Value,
) -> Result<Map<String, Value>, Value> {
    let (after, before) = (
        query.moment("updated_after")?,
        query.moment("updated_before")?,
    );
    let order = Order::of(query.get("sort"));
    let mut rows: Vec<&T> = rows
        .filter(|row| after.is_none_or(|after| row.updated_at() > after))
        .filter(|row| before.is_none_or(|before| row.updated_at() < before))
        .collect();
    rows.sort_by_key(|row| order.place(*row));
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
            let place = place_of(cursor).ok_or_else(|| json!({ "cursor": "invalid" }))?;
            let start = rows.partition_point(|row| {
                let here = order.place(*row);
                if order.descending {
                    here >= place
                } else {
                    here <= place
                }
            });
            (start / per_page + 1, start)
        }
    };
    let shown: Vec<&T> = rows.into_iter().skip(start).take(per_page).collect();
    let more = start.saturating_add(shown.len()) < total;
    let cursor = shown.last().filter(|_| more);
    let mut answer = Map::new();
    answer.insert(
        name.into(),
        shown.iter().map(|row| show(row)).collect::<Vec<_>>().into(),
    );
    answer.insert("links".into(), json!({}));
    answer.insert(
        "pagination".into(),
        json!({
            "page": page,
            "per_page": per_page,
            "total_pages": total.div_ceil(per_page),
            "total_records": total,
            "cursor": cursor.map(|row| cursor_of(order.place(*row))),
        }),
    );
    Ok(answer)
}
