//! The types of the table, and its search by method and path.

use serde::de::{DeserializeOwned, Deserializer};
use serde::{Deserialize, de};
use serde_json::{Map, Value};

use super::types::{Base, Filter, Type};

/// An object of the table, in the order of its file.
#[derive(Debug)]
pub struct Named<T>(pub Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named(Vec::new())
    }
}

impl<T> Named<T> {
    pub fn get(&self, name: &str) -> Option<&T> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Map::<String, Value>::deserialize(deserializer)?;
        let entries = entries.into_iter().map(|(name, value)| {
            let value = serde_json::from_value(value)
                .map_err(|error| de::Error::custom(format!("{name}: {error}")))?;
            Ok((name, value))
        });
        entries.collect::<Result<_, _>>().map(Named)
    }
}

/// One file of the table: the records of a resource and its calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    #[serde(rename = "resource")]
    pub name: String,
    /// The resource that stores the records, if it is another one.
    records_of: Option<String>,
    /// "a forum"
    pub one: String,
    /// "forums"
    pub many: String,
    pub about: String,
    /// The fields of a record, by source.
    #[serde(default)]
    pub fields: Named<Named<Type>>,
    /// The ids in a record's `links`, by source.
    #[serde(default)]
    pub links: Named<Named<Type>>,
    /// The resources whose records a response can include.
    #[serde(default)]
    pub includes: Vec<String>,
    #[serde(default)]
    pub calls: Vec<Call>,
    /// The initial records of a sandbox, unless `data` generates them.
    #[serde(default)]
    pub seed: Vec<Map<String, Value>>,
}

impl Resource {
    pub fn store(&self) -> &str {
        self.records_of.as_deref().unwrap_or(&self.name)
    }

    /// Returns the fields of a record with the source of each.
    pub fn all_fields(&self) -> impl Iterator<Item = (&str, &Type, &str)> {
        with_source(&self.fields)
    }

    pub fn all_links(&self) -> impl Iterator<Item = (&str, &Type, &str)> {
        with_source(&self.links)
    }

    pub fn field(&self, name: &str) -> Option<&Type> {
        self.all_fields()
            .find(|(key, ..)| *key == name)
            .map(|(_, kind, _)| kind)
    }

    pub fn link(&self, name: &str) -> Option<&Type> {
        self.all_links()
            .find(|(key, ..)| *key == name)
            .map(|(_, kind, _)| kind)
    }

    pub fn has_records(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Returns the values of `sort`: each field, ascending and descending.
    pub fn sorts(&self) -> Vec<String> {
        let fields = self.all_fields();
        let fields = fields.filter(|(_, kind, _)| kind.base != Base::Object);
        let sorts = fields.flat_map(|(name, ..)| [name.to_string(), format!("-{name}")]);
        sorts.collect()
    }

    /// Returns whether a record must have this parameter when it is created.
    pub fn requires(&self, parameter: &str) -> bool {
        let mut create = self.calls.iter().filter(|call| call.does == "create");
        create.any(|call| call.params.get(parameter).is_some_and(|kind| kind.required))
    }
}

fn with_source(groups: &Named<Named<Type>>) -> impl Iterator<Item = (&str, &Type, &str)> {
    groups.iter().flat_map(|(source, group)| {
        let entries = group.iter();
        entries.map(move |(name, kind)| (name, kind, source))
    })
}

/// A method and a path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// `GET /api/v2/admin/forums/{ids}`
    pub call: String,
    /// The name of the function that handles it.
    pub does: String,
    summary: Option<String>,
    source: Option<String>,
    /// The status code of success, if it is not the usual one.
    status: Option<u16>,
    #[serde(default)]
    pub filters: Named<Filter>,
    #[serde(default)]
    pub params: Named<Type>,
    /// Parameters for the reference, which a fresh sandbox accepts.
    #[serde(default)]
    pub example: Map<String, Value>,
    /// The id for the reference, if it is not 1.
    #[serde(default = "first_id")]
    example_id: u64,
}

fn first_id() -> u64 {
    1
}

impl Call {
    pub fn method(&self) -> &str {
        self.call.split_once(' ').map_or("", |(method, _)| method)
    }

    pub fn path(&self) -> &str {
        self.call.split_once(' ').map_or("", |(_, path)| path)
    }

    pub fn source(&self) -> &str {
        self.source.as_deref().unwrap_or("csharp-sdk")
    }

    /// Returns whether the call needs a bearer token.
    pub fn is_admin_call(&self) -> bool {
        self.path().starts_with("/api/v2/admin/")
    }

    pub fn is_list(&self) -> bool {
        self.does == "list"
    }

    /// Returns the name of the path's parameter, `id` or `ids`.
    pub fn path_parameter(&self) -> Option<&str> {
        let (_, rest) = self.path().split_once('{')?;
        rest.split_once('}').map(|(name, _)| name)
    }

    /// Returns the path with the id of the example.
    pub fn example_path(&self) -> String {
        let id = self.example_id.to_string();
        self.path().replace("{ids}", &id).replace("{id}", &id)
    }

    pub fn status(&self) -> u16 {
        match self.does.as_str() {
            _ if self.status.is_some() => self.status.unwrap_or_default(),
            "create" => 201,
            _ => 200,
        }
    }

    pub fn summary(&self, resource: &Resource) -> String {
        match self.does.as_str() {
            _ if self.summary.is_some() => self.summary.clone().unwrap_or_default(),
            "list" => format!("Lists {}.", resource.many),
            "read" => format!(
                "Reads {}, or several: `/{}/1,2`.",
                resource.one, resource.name
            ),
            "create" => format!("Creates {}.", resource.one),
            "update" => format!("Changes {}.", resource.one),
            _ => format!("Deletes {} and returns it.", resource.one),
        }
    }

    /// Returns the value of the path's parameter (empty without one) if the path is this
    /// call's.
    fn matches<'a>(&self, method: &str, path: &'a str) -> Option<&'a str> {
        if self.method() != method {
            return None;
        }
        let (mut own, mut parts) = (self.path().split('/'), path.split('/'));
        let mut value = "";
        loop {
            match (own.next(), parts.next()) {
                (None, None) => return Some(value),
                (Some(name), Some(part)) if name.starts_with('{') => value = part,
                (Some(name), Some(part)) if name == part => {}
                _ => return None,
            }
        }
    }
}

/// A call that a request was matched with.
#[derive(Clone, Copy)]
pub struct Match<'a> {
    pub resource: &'static Resource,
    pub call: &'static Call,
    /// The path's parameter; empty if the call has none.
    pub id: &'a str,
}

/// Parameters that all lists have, and what the errors mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// The sources: where a fact of the table comes from.
    pub sources: Named<String>,
    /// The parameters of every list, by source.
    pub list: Named<Named<Type>>,
    /// What these parameters mean.
    pub about: Named<String>,
    /// The responses to requests that fail, by status code.
    pub errors: Named<String>,
    /// What the words mean that a validation error has for a field.
    pub words: Named<String>,
}

pub struct Api {
    pub common: Common,
    pub resources: Vec<Resource>,
}

impl Api {
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    pub fn calls(&self) -> impl Iterator<Item = (&Resource, &Call)> {
        let resources = self.resources.iter();
        resources.flat_map(|resource| resource.calls.iter().map(move |call| (resource, call)))
    }

    /// Returns the parameters of every list, with the source of each.
    pub fn list_parameters(&self) -> impl Iterator<Item = (&str, &Type, &str)> {
        with_source(&self.common.list)
    }
}

/// Returns the call of a request. A fixed path precedes one with a parameter:
/// `users/current` is not the user with the id "current".
pub fn find<'a>(api: &'static Api, method: &str, path: &'a str) -> Option<Match<'a>> {
    let matches = api.calls().filter_map(|(resource, call)| {
        let id = call.matches(method, path)?;
        Some(Match { resource, call, id })
    });
    matches.min_by_key(|found| found.call.path_parameter().is_some())
}
