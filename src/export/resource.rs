//! The options of one resource of an export: which list it is, and how it is written.

use time::OffsetDateTime;

use super::format::Format;
use crate::client::option_values::{boolean, string, unknown};
use crate::collection::paging::PagingParams;
use crate::encoding::json::Object;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::request::target;

/// The options of one resource, a list to export.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ResourceOptions {
    /// Unique in an export. File names begin with it.
    pub(super) name: String,
    /// Path and query without `page` and `cursor`.
    pub(super) target: String,
    pub(super) format: Format,
    /// Each run appends the records that changed since the last run. Otherwise each run
    /// writes the complete list.
    pub(super) incremental: bool,
    /// Lower bound of `updated_at`, inclusive.
    pub(super) since: Option<OffsetDateTime>,
    /// Upper bound of `updated_at`, exclusive.
    pub(super) until: Option<OffsetDateTime>,
    /// CSV columns; `None` to use the members of the first page's records.
    pub(super) columns: Option<Vec<String>>,
}

/// The options that apply to all resources.
#[derive(Default)]
pub(super) struct CommonOptions {
    pub(super) format: Format,
    pub(super) since: Option<OffsetDateTime>,
    pub(super) until: Option<OffsetDateTime>,
}

/// An element of `resources`.
#[derive(Default)]
pub(super) struct Element<'a> {
    name: String,
    path: Option<String>,
    params: Option<&'a str>,
    columns: Option<Vec<String>>,
    incremental: Option<bool>,
}

impl<'a> Element<'a> {
    /// Parses an element. Errors here and below name its members; an empty name is the
    /// element itself.
    pub(super) fn parse(json: &'a str) -> Result<Self> {
        let mut element = Element::default();
        if let Ok(name) = serde_json::from_str(json) {
            element.name = name;
            return Ok(element);
        }
        let object = Object::parse(json).map_err(|_| {
            Error::invalid(
                "",
                "must be a name, such as \"suggestions\", or an object with \"name\"",
            )
        })?;
        for (key, value) in object.iter() {
            match &*key {
                "name" => element.name = string(&key, value)?,
                "path" => element.path = Some(string(&key, value)?),
                "params" => element.params = Some(value),
                "columns" => element.columns = Some(parse_columns(value)?),
                "incremental" => element.incremental = Some(boolean(&key, value)?),
                _ => {
                    let names = ["name", "path", "params", "columns", "incremental"];
                    return Err(unknown(&key, names));
                }
            }
        }
        Ok(element)
    }
}

impl CommonOptions {
    /// Validates an element and returns the options of its resource.
    pub(super) fn resource(&self, element: Element<'_>) -> Result<ResourceOptions> {
        let name = element.name;
        check_name(&name)?;
        let path = element.path.unwrap_or(format!("/api/v2/admin/{name}"));
        let request = Request::new("GET", &path, element.params)?;
        // Only API v2 has "updated_after".
        let can_be_incremental = target::is_v2(&request.target);
        let incremental = element.incremental.unwrap_or(can_be_incremental);
        if incremental && !can_be_incremental {
            return Err(Error::invalid(
                "incremental",
                "must be false for a list that is not of API v2",
            ));
        }
        if !incremental && (self.since.is_some() || self.until.is_some()) {
            return Err(Error::invalid(
                "incremental",
                "must be true, for a list of API v2, if there is \"since\" or \"until\"",
            ));
        }
        if element.columns.is_some() && self.format != Format::Csv {
            return Err(Error::invalid("columns", "require the format \"csv\""));
        }
        Ok(ResourceOptions {
            target: target_of(&request.target, incremental)?,
            name,
            format: self.format,
            incremental,
            since: self.since,
            until: self.until,
            columns: element.columns,
        })
    }
}

/// Checks the query of a list and returns its target. The export itself adds the parameters
/// of windows and pages.
fn target_of(target: &str, incremental: bool) -> Result<String> {
    let paging = PagingParams::split_from(target)?;
    if paging.first_cursor.is_some() || paging.first_page != 1 {
        return Err(Error::invalid(
            "path",
            "must not have \"page\" or \"cursor\" in its query, nor in \"params\"",
        ));
    }
    let mut target = paging.target;
    let has = |key| target::has_key(&target, key);
    if incremental && (has("updated_after") || has("updated_before")) {
        return Err(Error::invalid(
            "path",
            "must not have \"updated_after\" or \"updated_before\" in its query, nor in \"params\"; \
             use the options \"since\" and \"until\"",
        ));
    }
    // By "id", a record keeps its position if it is updated while the list is read.
    if incremental && !has("sort") {
        target::add_pair(&mut target, "sort", "id");
    }
    Ok(target)
}

/// Checks that a name can be part of a file name.
fn check_name(name: &str) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    let why = "must have 1 to 64 letters, digits, '-' or '_'";
    Err(Error::invalid("name", why))
}

fn parse_columns(value: &str) -> Result<Vec<String>> {
    let columns: Vec<String> = serde_json::from_str(value)
        .map_err(|_| Error::invalid("columns", "must be an array of strings"))?;
    let is_repeated = |(index, name): (usize, &String)| columns[..index].contains(name);
    if columns.is_empty() || columns.iter().enumerate().any(is_repeated) {
        let why = "must have at least one name, and none twice";
        return Err(Error::invalid("columns", why));
    }
    Ok(columns)
}
