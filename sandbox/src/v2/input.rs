//! The parameters of a request: a query, a JSON body or a form, validated by the table.

use serde_json::{Map, Value, json};

use super::context::{ApiError, add_error};
use super::record;
use crate::api::{Base, Call, Match, Type, api};
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

/// Validates the parameters of a call.
pub fn parse(
    data: &Data,
    call: Match,
    query: &[(String, String)],
    body: Value,
    lenient: bool,
) -> Result<Input, ApiError> {
    let raw = collect(call.call, query, body)?;
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
    call: &Call,
    query: &[(String, String)],
    body: Value,
) -> Result<Map<String, Value>, ApiError> {
    let mut raw: Map<String, Value> = query
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    match body {
        _ if call.method() == "GET" => {}
        Value::Null => {}
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Object(links) if name == "links" => {
                        let links = links.into_iter();
                        raw.extend(links.map(|(link, value)| (format!("links.{link}"), value)));
                    }
                    value => {
                        raw.insert(name, value);
                    }
                }
            }
        }
        _ => return Err(ApiError::BadRequest("The body is not an object".into())),
    }
    Ok(raw)
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
    let items = match value {
        Value::Array(items) => items.clone(),
        Value::String(text) => text.split(',').map(|item| item.trim().into()).collect(),
        single => vec![single.clone()],
    };
    let items = items.iter().map(|item| coerce_one(data, item, kind));
    items
        .collect::<Result<Vec<_>, _>>()
        .map(|items| Some(items.into()))
}

fn coerce_one(data: &Data, value: &Value, kind: &Type) -> Result<Value, &'static str> {
    let text = value.as_str();
    let integer = || {
        // JSON does not distinguish 1 and 1.0.
        let whole = value.as_f64().filter(|number| number.fract() == 0.0);
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
pub fn items(data: &Data, call: Match, input: &Input, list: &str) -> Result<Vec<Input>, ApiError> {
    let prefix = format!("{list}[].");
    let mut errors = Map::new();
    let mut parsed = Vec::new();
    for (index, item) in input.list(list).iter().enumerate() {
        let mut values = Map::new();
        for (name, kind) in call.call.params.iter() {
            let Some(name) = name.strip_prefix(&prefix) else {
                continue;
            };
            let pointer = format!("/{}", name.replace('.', "/"));
            // What an object requires counts only if the object is there.
            let has_parent = name
                .split_once('.')
                .is_none_or(|(object, _)| item.get(object).is_some());
            match coerce(data, item.pointer(&pointer), kind) {
                Ok(Some(value)) if kind.required && is_blank(&value) => {
                    add_error(&mut errors, &format!("{list}.{index}.{name}"), "required");
                }
                Ok(Some(value)) => {
                    values.insert(name.into(), value);
                }
                Ok(None) if kind.required && has_parent => {
                    add_error(&mut errors, &format!("{list}.{index}.{name}"), "required");
                }
                Ok(None) => {}
                Err(word) => add_error(&mut errors, &format!("{list}.{index}.{name}"), word),
            }
        }
        parsed.push(Input(values));
    }
    match errors.is_empty() {
        true => Ok(parsed),
        false => Err(ApiError::Invalid(errors.into())),
    }
}
