//! Parses the options of an export.

use time::OffsetDateTime;

use super::format::Format;
use super::resource::{CommonOptions, Element, ResourceOptions};
use super::timestamp;
use crate::client::option_values::{check_length, invalid, string, unknown};
use crate::encoding::json::{Object, elements, quote};
use crate::error::{Error, Result};

const MAX_RESOURCES: usize = 64;

/// Parses `options_json` and returns the options of each resource.
pub(super) fn parse(json: &str) -> Result<Vec<ResourceOptions>> {
    check_length(json)?;
    let object = Object::parse(json).map_err(|error| {
        Error::invalid("options", format_args!("must be a JSON object: {error}"))
    })?;
    let mut common = CommonOptions::default();
    let mut array = "[]";
    for (key, value) in object.iter() {
        match &*key {
            "resources" => array = value,
            "format" => common.format = parse_format(value)?,
            "since" => common.since = parse_timestamp(&key, value)?,
            "until" => common.until = parse_timestamp(&key, value)?,
            _ => return Err(unknown(&key, ["resources", "format", "since", "until"])),
        }
    }
    if let (Some(since), Some(until)) = (common.since, common.until)
        && since >= until
    {
        return Err(invalid("until", "must be later than \"since\""));
    }
    if !array.starts_with('[') {
        return Err(invalid("resources", "must be an array"));
    }
    let elements = elements(array);
    if !(1..=MAX_RESOURCES).contains(&elements.clone().count()) {
        let why = format!("must have 1 to {MAX_RESOURCES} elements");
        return Err(invalid("resources", why));
    }
    let mut resources: Vec<ResourceOptions> = Vec::new();
    for (index, element) in elements.enumerate() {
        let resource = Element::parse(element)
            .and_then(|element| common.resource(element))
            .and_then(|resource| check_unique(resource, &resources))
            .map_err(|error| in_element(index, &error))?;
        resources.push(resource);
    }
    Ok(resources)
}

fn check_unique(resource: ResourceOptions, others: &[ResourceOptions]) -> Result<ResourceOptions> {
    // File systems may ignore case.
    let is_same = |other: &ResourceOptions| other.name.eq_ignore_ascii_case(&resource.name);
    match others.iter().any(is_same) {
        true => Err(Error::invalid(
            "name",
            format_args!("{} must not occur twice", quote(&resource.name)),
        )),
        false => Ok(resource),
    }
}

/// Names an invalid member of an element of `resources`, such as
/// `options.resources[0].path`.
fn in_element(index: usize, error: &Error) -> Error {
    let argument = error.argument().unwrap_or_default();
    let member = argument.strip_prefix("options.").unwrap_or(argument);
    let separator = if member.is_empty() { "" } else { "." };
    Error::invalid(
        format!("options.resources[{index}]{separator}{member}"),
        error.explanation(),
    )
}

fn parse_format(value: &str) -> Result<Format> {
    let name = string("format", value)?;
    Format::from_name(&name).ok_or_else(|| invalid("format", "must be \"jsonl\" or \"csv\""))
}

fn parse_timestamp(key: &str, value: &str) -> Result<Option<OffsetDateTime>> {
    if value == "null" {
        return Ok(None);
    }
    let timestamp = timestamp::parse(&string(key, value)?);
    timestamp.map(Some).ok_or_else(|| {
        let why = "must be a timestamp such as \"2026-01-31T00:00:00Z\", or a date, of the years \
                   1970 to 9998";
        invalid(key, why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_names_and_objects() {
        let resources = parse(
            r#"{"format":"csv","since":"2026-01-01","resources":["suggestions",
                {"name":"mine","path":"/api/v2/admin/users?x=y","params":{"sort":"-id","a":[1,2]},
                 "columns":["id"]}]}"#,
        )
        .unwrap();
        assert_eq!(resources[0].target, "/api/v2/admin/suggestions?sort=id");
        assert_eq!(resources[0].format, Format::Csv);
        assert!(
            resources[0].incremental
                && resources[0].since.is_some()
                && resources[0].until.is_none()
        );
        assert_eq!(
            resources[1].target,
            "/api/v2/admin/users?x=y&sort=-id&a=1%2C2"
        );
        assert_eq!(
            resources[1].columns.as_deref(),
            Some(&["id".to_owned()][..])
        );
        let resources = parse(
            r#"{"resources":[{"name":"tickets","path":"/api/v1/tickets?page=1&per_page=7"},
                {"name":"labels","incremental":false}]}"#,
        )
        .unwrap();
        assert_eq!(resources[0].target, "/api/v1/tickets?per_page=7");
        assert_eq!(resources[1].target, "/api/v2/admin/labels");
        assert!(
            resources
                .iter()
                .all(|resource| !resource.incremental && resource.format == Format::JsonLines)
        );
    }

    #[test]
    fn errors_name_the_invalid_option() {
        for (json, expected) in [
            ("[]", "options: must be a JSON object"),
            ("{}", "options.resources"),
            (r#"{"resources":[]}"#, "options.resources"),
            (r#"{"resources":"users"}"#, "options.resources"),
            (r#"{"resources":[1]}"#, "options.resources[0]: "),
            (
                r#"{"resources":["../users"]}"#,
                "options.resources[0].name: ",
            ),
            (r#"{"resources":[""]}"#, "options.resources[0].name: "),
            (
                r#"{"resources":["users","Users"]}"#,
                "options.resources[1].name: \"Users\" must not occur twice",
            ),
            (
                r#"{"resources":[{"path":"/a"}]}"#,
                "options.resources[0].name: ",
            ),
            (
                r#"{"resources":[{"name":"a","path":"b"}]}"#,
                "options.resources[0].path: must begin",
            ),
            (
                r#"{"resources":[{"name":"a","path":1}]}"#,
                "options.resources[0].path: ",
            ),
            (
                r#"{"resources":[{"name":"a","params":[]}]}"#,
                "options.resources[0].params: ",
            ),
            (
                r#"{"resources":[{"name":"a","params":{"page":2}}]}"#,
                "options.resources[0].path: must not have \"page\"",
            ),
            (
                r#"{"resources":[{"name":"a","params":{"cursor":2}}]}"#,
                "options.resources[0].path: must not have",
            ),
            (
                r#"{"resources":[{"name":"a","params":{"updated_after":2}}]}"#,
                "\"since\"",
            ),
            (
                r#"{"resources":[{"name":"a","limit":2}]}"#,
                "options.resources[0].limit: unknown option",
            ),
            (
                r#"{"resources":[{"name":"a","incremental":1}]}"#,
                "options.resources[0].incremental: ",
            ),
            (
                r#"{"resources":[{"name":"a","path":"/api/v1/a","incremental":true}]}"#,
                "options.resources[0].incremental: must be false",
            ),
            (
                r#"{"since":"2026-01-01","resources":[{"name":"a","path":"/api/v1/a"}]}"#,
                "\"since\"",
            ),
            (
                r#"{"resources":[{"name":"a","columns":["id"]}]}"#,
                "options.resources[0].columns: require",
            ),
            (
                r#"{"format":"csv","resources":[{"name":"a","columns":["id","id"]}]}"#,
                "options.resources[0].columns: ",
            ),
            (
                r#"{"format":"csv","resources":[{"name":"a","columns":[]}]}"#,
                "options.resources[0].columns: ",
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
            assert!(error.message().contains(expected), "{json}: {error}");
        }
    }
}
