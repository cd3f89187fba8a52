//! The parameters of a request: a query, a JSON body or a form, validated by the table.

use serde_json::{Map, Value, json};

use super::context::{ApiError, Context, add_error};
use super::record;
use crate::api::{Base, Match, Type, api};
use crate::data::{Data, Id};
use crate::v2::page::{format_time, parse_timestamp};

/// Parameters by their name in the table, such as `title` and `links.forum`.
#[derive(Default)]
pub struct Input(Map<String, Value>);

impl Input {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(String::from)
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    pub fn id(&self, name: &str) -> Option<Id> {
        self.get(name)?.as_u64()
    }

    pub fn list(&self, name: &str) -> &[Value] {
        self.get(name)
            .and_then(Value::as_array)
            .map_or(&[], |list| list)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }
}

/// The body of a request. A form has strings for everything; JSON has types.
pub enum Body {
    Form(Value),
    Json(Value),
}

/// Validates the parameters of a call.
pub fn parse(
    data: &Data,
    call: Match,
    query: &[(String, String)],
    body: Body,
    lenient: bool,
) -> Result<Input, ApiError> {
    let raw = collect(call, query, body)?;
    reject_unknown(call, &raw, lenient)?;
    let mut errors = Map::new();
    let mut values = Map::new();
    for (name, kind) in parameters(call) {
        if name.contains("[]") {
            continue;
        }
        match coerce(data, raw.get(name), kind) {
            Ok(Some(value)) if is_blank(&value) && must_not_be_blank(call, name, kind) => {
                add_error(&mut errors, name, "required");
            }
            Ok(Some(value)) => {
                values.insert(name.into(), value);
            }
            Ok(None) if kind.required => add_error(&mut errors, name, kind.missing()),
            Ok(None) => {}
            Err(word) => add_error(&mut errors, name, word),
        }
    }
    match errors.is_empty() {
        true => Ok(Input(values)),
        false => Err(ApiError::Invalid(errors.into())),
    }
}

/// Returns the parameters as they were sent. `links` becomes `links.forum` and so on. Only
/// the query counts for GET.
fn collect(
    call: Match,
    query: &[(String, String)],
    body: Body,
) -> Result<Map<String, Value>, ApiError> {
    let mut raw = Map::new();
    for (name, value) in query {
        let value = split_list(call, name, value.as_str().into());
        raw.insert(name.clone(), value);
    }
    if call.call.method() == "GET" {
        return Ok(raw);
    }
    let (body, is_form) = match body {
        Body::Form(body) => (body, true),
        Body::Json(body) => (body, false),
    };
    let fields = match body {
        Value::Null => return Ok(raw),
        Value::Object(fields) => fields,
        _ => return Err(ApiError::BadRequest("The body is not an object".into())),
    };
    for (name, value) in fields {
        match value {
            Value::Object(links) if name == "links" => {
                let links = links.into_iter();
                raw.extend(links.map(|(link, value)| (format!("links.{link}"), value)));
            }
            value if is_form => {
                let value = split_list(call, &name, value);
                raw.insert(name, value);
            }
            value => {
                raw.insert(name, value);
            }
        }
    }
    Ok(raw)
}

/// Splits the value of a list in a query or a form, which separates items by commas.
fn split_list(call: Match, name: &str, value: Value) -> Value {
    let is_list = parameters(call)
        .into_iter()
        .any(|(key, kind)| key == name && kind.array);
    match value.as_str() {
        Some(text) if is_list => text
            .split(',')
            .map(|item| Value::from(item.trim()))
            .collect(),
        _ => value,
    }
}

/// Returns the parameters of a call, apart from the one in its path.
fn parameters(call: Match<'_>) -> Vec<(&'static str, &'static Type)> {
    let Match { resource, call, .. } = call;
    let filters = call
        .filters
        .iter()
        .map(|(name, filter)| (name, &filter.kind));
    let own = filters.chain(call.params.iter());
    let common = api().list_parameters().map(|(name, kind, _)| (name, kind));
    let common = common.filter(|(name, _)| match *name {
        "includes" => !resource.includes.is_empty(),
        _ => call.is_list(),
    });
    own.chain(common).collect()
}

fn reject_unknown(call: Match, raw: &Map<String, Value>, lenient: bool) -> Result<(), ApiError> {
    let known = parameters(call);
    let known: Vec<&str> = known.into_iter().map(|(name, _)| name).collect();
    let mut unknown = raw.keys().filter(|name| !known.contains(&name.as_str()));
    let Some(first) = unknown.next().filter(|_| !lenient) else {
        return Ok(());
    };
    let mut errors = Map::new();
    for name in std::iter::once(first).chain(unknown) {
        add_error(&mut errors, name, "unknown");
    }
    let known = match known.is_empty() {
        true => "no parameters".into(),
        false => known.join(", "),
    };
    let message = format!(
        "unknown parameter {first:?}: {} accepts {known}",
        call.call.call
    );
    Err(ApiError::Unknown(errors.into(), message))
}

/// Returns whether a parameter is required here, or when the record is created.
fn must_not_be_blank(call: Match, name: &str, kind: &Type) -> bool {
    kind.required || (call.call.does == "update" && call.resource.requires(name))
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

/// Converts a value to its type: a form has strings for everything. Returns the word for
/// what is wrong with it.
fn coerce(data: &Data, value: Option<&Value>, kind: &Type) -> Result<Option<Value>, &'static str> {
    let value = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    if !kind.array {
        return coerce_one(data, value, kind).map(Some);
    }
    let items = value.as_array().ok_or("array")?.iter();
    let items = items.map(|item| coerce_one(data, item, kind));
    items
        .collect::<Result<Vec<_>, _>>()
        .map(|items| Some(items.into()))
}

fn coerce_one(data: &Data, value: &Value, kind: &Type) -> Result<Value, &'static str> {
    let text = value.as_str();
    let integer = || {
        // JSON does not distinguish 1 and 1.0. An f64 of 2^63 or more is beyond an i64.
        let whole = value.as_f64().filter(|number| number.fract() == 0.0);
        let whole = whole.filter(|number| number.abs() < 9_223_372_036_854_775_808.0);
        let whole = whole.map(|number| number as i64);
        value.as_i64().or(whole).or_else(|| text?.parse().ok())
    };
    let converted = match &kind.base {
        Base::Integer => integer().map(Value::from),
        Base::Number => value
            .as_f64()
            .or_else(|| text?.parse().ok())
            .map(Value::from),
        Base::String => text.map(Value::from),
        Base::Boolean => value
            .as_bool()
            .or_else(|| text?.parse().ok())
            .map(Value::from),
        Base::Timestamp => text
            .and_then(parse_timestamp)
            .map(|time| format_time(time).into()),
        Base::Object => match text {
            Some(text) => serde_json::from_str(text).ok(),
            None => Some(value.clone()),
        }
        .filter(Value::is_object),
        // The body of a form with files, see `multipart`.
        Base::File => value.is_object().then(|| value.clone()),
        Base::Id(resource) => {
            let id = integer().ok_or(kind.error())?;
            let exists = u64::try_from(id).is_ok_and(|id| record::exists(data, resource, id));
            return if exists {
                Ok(json!(id))
            } else {
                Err("not_found")
            };
        }
    };
    converted.ok_or(kind.error())
}

/// Validates the items of a list such as `users`, whose parameters are `users[].email`,
/// `users[].account.name` and so on. Returns them with these names, without `users[].`.
pub fn items(ctx: &Context, list: &str) -> Result<Vec<Input>, ApiError> {
    let prefix = format!("{list}[].");
    let params = ctx.call.call.params.iter();
    let params: Vec<(&str, &Type)> = params
        .filter_map(|(name, kind)| Some((name.strip_prefix(&prefix)?, kind)))
        .collect();
    let mut errors = Map::new();
    let mut parsed = Vec::new();
    for (index, item) in ctx.input.list(list).iter().enumerate() {
        let fields = flatten(item, &params);
        let mut values = Map::new();
        let mut add =
            |name: &str, word| add_error(&mut errors, &format!("{list}.{index}.{name}"), word);
        for (name, kind) in &params {
            // What an object requires counts only if the object is there.
            let parent = name.split_once('.').map(|(object, _)| object);
            let has_parent = parent.is_none_or(|object| item.get(object).is_some());
            match coerce(ctx.data, fields.get(*name), kind) {
                Ok(Some(value)) if kind.required && is_blank(&value) => add(name, "required"),
                Ok(Some(value)) => {
                    values.insert((*name).into(), value);
                }
                Ok(None) if kind.required && has_parent => add(name, "required"),
                Ok(None) => {}
                Err(word) => add(name, word),
            }
        }
        let known = |name: &str| params.iter().any(|(known, _)| *known == name);
        for name in fields.keys().filter(|name| !ctx.lenient && !known(name)) {
            let is_object = params
                .iter()
                .any(|(known, _)| known.split('.').next() == Some(name));
            add(name, if is_object { "object" } else { "unknown" });
        }
        parsed.push(Input(values));
    }
    match errors.is_empty() {
        true => Ok(parsed),
        false => Err(ApiError::Invalid(errors.into())),
    }
}

/// Returns the fields of an item. Those of an object that has parameters of its own, such as
/// `account`, become `account.name` and so on.
fn flatten(item: &Value, params: &[(&str, &Type)]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in item.as_object().into_iter().flatten() {
        let prefix = format!("{name}.");
        match value {
            Value::Object(object) if params.iter().any(|(known, _)| known.starts_with(&prefix)) => {
                let object = object.iter();
                fields.extend(
                    object.map(|(inner, value)| (format!("{prefix}{inner}"), value.clone())),
                );
            }
            value => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
    fields
}
