//! `options_json` of an export: which lists, and how they are written.

use time::OffsetDateTime;

use super::format::Format;
use super::moment;
use crate::client::options::{boolean, invalid, string, unknown};
use crate::collection::page::Paging;
use crate::encoding::json::{Object, elements, quote};
use crate::error::{Error, Result};
use crate::request::Request;
use crate::request::target;

/// Lists that one export may have.
const MOST_RESOURCES: usize = 64;

/// A list to export, and how.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resource {
    pub(super) name: String,
    /// Path and query, without what tells one page from another.
    pub(super) target: String,
    pub(super) format: Format,
    /// Each run appends what has changed since the last one; else it writes the
    /// whole list anew.
    pub(super) incremental: bool,
    /// Bounds of `updated_at`: the first belongs to the export, the second not.
    pub(super) since: Option<OffsetDateTime>,
    pub(super) until: Option<OffsetDateTime>,
    /// Those of CSV that were asked for.
    pub(super) columns: Option<Vec<String>>,
}

/// What holds for all resources.
#[derive(Default)]
struct ForAll {
    format: Format,
    since: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
}

/// The resources that `json` asks for.
pub(super) fn parse(json: &str) -> Result<Vec<Resource>> {
    let object = Object::parse(json).map_err(|error| {
        Error::invalid("options", format_args!("must be a JSON object: {error}"))
    })?;
    let mut for_all = ForAll::default();
    let mut resources = "[]";
    for (key, value) in object.iter() {
        match key {
            "resources" => resources = value,
            "format" => for_all.format = format(value)?,
            "since" => for_all.since = moment_of(key, value)?,
            "until" => for_all.until = moment_of(key, value)?,
            _ => return Err(unknown(key, ["resources", "format", "since", "until"])),
        }
    }
    if let (Some(since), Some(until)) = (for_all.since, for_all.until)
        && since >= until
    {
        return Err(invalid("until", "must be later than \"since\""));
    }
    let given = elements(resources).map_err(|_| invalid("resources", "must be an array"))?;
    if !(1..=MOST_RESOURCES).contains(&given.len()) {
        let why = format!("must name 1 to {MOST_RESOURCES} lists");
        return Err(invalid("resources", why));
    }
    let mut made: Vec<Resource> = Vec::with_capacity(given.len());
    for one in given {
        let resource = for_all.resource(one.get())?;
        let is_same = |other: &Resource| other.name.eq_ignore_ascii_case(&resource.name);
        if made.iter().any(is_same) {
            return Err(bad(&resource.name, "is there twice"));
        }
        made.push(resource);
    }
    Ok(made)
}

impl ForAll {
    /// The resource that one element of `resources` asks for.
    fn resource(&self, json: &str) -> Result<Resource> {
        if let Ok(name) = serde_json::from_str::<String>(json) {
            return self.made(Given {
                name,
                ..Given::default()
            });
        }
        let object = Object::parse(json).map_err(|_| {
            invalid(
                "resources",
                "must hold names such as \"suggestions\", and objects with \"name\" and \"path\"",
            )
        })?;
        let mut given = Given::default();
        for (key, value) in object.iter() {
            match key {
                "name" => given.name = string(key, value)?,
                "path" => given.path = Some(string(key, value)?),
                "params" => given.params = Some(value),
                "columns" => given.columns = Some(columns(value)?),
                "incremental" => given.incremental = Some(boolean(key, value)?),
                _ => {
                    let names = ["name", "path", "params", "columns", "incremental"];
                    return Err(unknown(key, names));
                }
            }
        }
        self.made(given)
    }

    fn made(&self, given: Given<'_>) -> Result<Resource> {
        let name = given.name;
        check_name(&name)?;
        let path = given.path.unwrap_or(format!("/api/v2/admin/{name}"));
        let call = Request::new("GET", &path, given.params)
            .map_err(|error| bad(&name, error.message()))?;
        let has_windows = target::is_v2(&call.target);
        let incremental = given.incremental.unwrap_or(has_windows);
        if incremental && !has_windows {
            return Err(bad(&name, "only lists of API v2 can be \"incremental\""));
        }
        if !incremental && (self.since.is_some() || self.until.is_some()) {
            return Err(bad(
                &name,
                "is not incremental: \"since\" and \"until\" are not for it",
            ));
        }
        if given.columns.is_some() && self.format != Format::Csv {
            return Err(bad(&name, "only CSV has \"columns\""));
        }
        Ok(Resource {
            target: target_of(&name, &call.target, incremental)?,
            name,
            format: self.format,
            incremental,
            since: self.since,
            until: self.until,
            columns: given.columns,
        })
    }
}

/// What an element of `resources` says.
#[derive(Default)]
struct Given<'a> {
    name: String,
    path: Option<String>,
    params: Option<&'a str>,
    columns: Option<Vec<String>>,
    incremental: Option<bool>,
}

/// The list's request, which the export itself divides into windows and pages.
fn target_of(name: &str, target: &str, incremental: bool) -> Result<String> {
    let paging = Paging::of(target).map_err(|error| bad(name, error.message()))?;
    if paging.first_cursor.is_some() || paging.first_page != 1 {
        return Err(bad(name, "must not have \"page\" or \"cursor\""));
    }
    let mut target = paging.target;
    let has = |key| target::has_key(&target, key);
    if incremental && (has("updated_after") || has("updated_before")) {
        return Err(bad(
            name,
            "\"updated_after\" and \"updated_before\" are the options \"since\" and \"until\"",
        ));
    }
    // A record that changes while the list is read keeps its place.
    if incremental && !has("sort") {
        target::add_pair(&mut target, "sort", "id");
    }
    Ok(target)
}

/// A name is a part of a file's name.
fn check_name(name: &str) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    let why = "a name must be 1 to 64 letters, digits, '-' or '_'";
    Err(invalid("resources", why))
}

fn format(value: &str) -> Result<Format> {
    let name = string("format", value)?;
    Format::of(&name).ok_or_else(|| invalid("format", "must be \"jsonl\" or \"csv\""))
}

/// A moment; JSON's null is none.
fn moment_of(key: &str, value: &str) -> Result<Option<OffsetDateTime>> {
    if value == "null" {
        return Ok(None);
    }
    let why =
        "must be a moment such as \"2026-01-31T00:00:00Z\", or a date, of the years 1970 to 9998";
    let moment = moment::parse(&string(key, value)?);
    moment.map(Some).ok_or_else(|| invalid(key, why))
}

fn columns(value: &str) -> Result<Vec<String>> {
    let columns: Vec<String> =
        serde_json::from_str(value).map_err(|_| invalid("columns", "must be an array of names"))?;
    let is_twice = |(index, name): (usize, &String)| columns[..index].contains(name);
    if columns.is_empty() || columns.iter().enumerate().any(is_twice) {
        let why = "must name at least one column, and none twice";
        return Err(invalid("columns", why));
    }
    Ok(columns)
}

fn bad(name: &str, why: &str) -> Error {
    invalid("resources", format_args!("{}: {why}", quote(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_objects_are_resources() {
        let made = parse(
            r#"{"format":"csv","since":"2026-01-01","resources":["suggestions",
                {"name":"mine","path":"/api/v2/admin/users?x=y","params":{"sort":"-id","a":[1,2]},
                 "columns":["id"]}]}"#,
        )
        .unwrap();
        assert_eq!(made[0].target, "/api/v2/admin/suggestions?sort=id");
        assert_eq!(made[0].format, Format::Csv);
        assert!(made[0].incremental && made[0].since.is_some() && made[0].until.is_none());
        assert_eq!(made[1].target, "/api/v2/admin/users?x=y&sort=-id&a=1%2C2");
        assert_eq!(made[1].columns.as_deref(), Some(&["id".to_owned()][..]));
        let made = parse(
            r#"{"resources":[{"name":"tickets","path":"/api/v1/tickets?page=1&per_page=7"},
                {"name":"labels","incremental":false}]}"#,
        )
        .unwrap();
        assert_eq!(made[0].target, "/api/v1/tickets?per_page=7");
        assert_eq!(made[1].target, "/api/v2/admin/labels");
        assert!(
            made.iter()
                .all(|one| !one.incremental && one.format == Format::JsonLines)
        );
    }

    #[test]
    fn errors_name_the_option() {
        for (json, named) in [
            ("[]", "options: must be a JSON object"),
            ("{}", "options.resources"),
            (r#"{"resources":[]}"#, "options.resources"),
            (r#"{"resources":"users"}"#, "options.resources"),
            (r#"{"resources":[1]}"#, "options.resources"),
            (r#"{"resources":["../users"]}"#, "options.resources"),
            (r#"{"resources":[""]}"#, "options.resources"),
            (
                r#"{"resources":["users","Users"]}"#,
                "\"Users\": is there twice",
            ),
            (r#"{"resources":[{"path":"/a"}]}"#, "options.resources"),
            (
                r#"{"resources":[{"name":"a","path":"b"}]}"#,
                "\"a\": path: ",
            ),
            (r#"{"resources":[{"name":"a","path":1}]}"#, "options.path"),
            (
                r#"{"resources":[{"name":"a","params":[]}]}"#,
                "\"a\": params: ",
            ),
            (
                r#"{"resources":[{"name":"a","params":{"page":2}}]}"#,
                "\"a\": must not have \"page\"",
            ),
            (
                r#"{"resources":[{"name":"a","params":{"cursor":2}}]}"#,
                "\"a\": must not have",
            ),
            (
                r#"{"resources":[{"name":"a","params":{"updated_after":2}}]}"#,
                "\"since\"",
            ),
            (
                r#"{"resources":[{"name":"a","limit":2}]}"#,
                "options.limit: unknown option",
            ),
            (
                r#"{"resources":[{"name":"a","incremental":1}]}"#,
                "options.incremental",
            ),
            (
                r#"{"resources":[{"name":"a","path":"/api/v1/a","incremental":true}]}"#,
                "only lists of API v2",
            ),
            (
                r#"{"since":"2026-01-01","resources":[{"name":"a","path":"/api/v1/a"}]}"#,
                "\"since\"",
            ),
            (
                r#"{"resources":[{"name":"a","columns":["id"]}]}"#,
                "only CSV",
            ),
            (
                r#"{"format":"csv","resources":[{"name":"a","columns":["id","id"]}]}"#,
                "options.columns",
            ),
            (
                r#"{"format":"csv","resources":[{"name":"a","columns":[]}]}"#,
                "options.columns",
            ),
            (r#"{"resources":["a"],"format":"xml"}"#, "options.format"),
            (
                r#"{"resources":["a"],"since":"yesterday"}"#,
                "options.since",
            ),
            (r#"{"resources":["a"],"until":5}"#, "options.until"),
            (
                r#"{"resources":["a"],"since":"2026-01-02","until":"2026-01-02"}"#,
                "options.until",
            ),
            (
                r#"{"resources":["a"],"Since":null}"#,
                "options.Since: unknown option",
            ),
        ] {
            let error = parse(json).unwrap_err();
            assert_eq!(error.status(), crate::Status::InvalidArgument);
            assert!(error.argument().unwrap().starts_with("options"), "{error}");
            assert!(error.message().contains(named), "{json}: {error}");
        }
    }
}
