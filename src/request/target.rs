//! Request targets: the path and query of a request.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::encoding::json::{Object, decode, elements};
use crate::encoding::percent::encode;
use crate::error::{Error, Result};
use crate::request::{MAX_HEAD_BYTES, too_long};

/// The characters that RFC 3986 does not permit in a URL, of those that cannot change where
/// the URL leads. They are encoded, not rejected.
const NOT_PERMITTED: &AsciiSet = &CONTROLS
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Validates a path with or without a query, and encodes it as it is sent. A path cannot
/// lead to another host.
pub(crate) fn from_path(path: &str) -> Result<String> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(Error::invalid("path", "must begin with one '/'"));
    }
    if path.len() > MAX_HEAD_BYTES {
        return Err(too_long("path", "is too long"));
    }
    let is_rejected = |c: char| c.is_control() || matches!(c, ' ' | '\\' | '#');
    if let Some(rejected) = path.chars().find(|&c| is_rejected(c)) {
        let why = format_args!("must not contain {rejected:?}");
        return Err(Error::invalid("path", why));
    }
    let is_escape = |rest: &str| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !path.split('%').skip(1).all(is_escape) {
        let why = "'%' must be followed by two hexadecimal digits";
        return Err(Error::invalid("path", why));
    }
    Ok(Cow::from(utf8_percent_encode(path, NOT_PERMITTED)).into_owned())
}

/// Appends the members of `params`, a JSON object, to the query.
pub(crate) fn add_query(target: &mut String, params: &str) -> Result<()> {
    let params = Object::parse(params).map_err(|error| {
        Error::invalid("params", format_args!("must be a JSON object: {error}"))
    })?;
    let style = match is_v2(target) {
        true => ArrayStyle::Commas,
        false => ArrayStyle::Brackets,
    };
    for (key, value) in params.iter() {
        add_member(target, &key, value, style)?;
    }
    Ok(())
}

/// How an array is written in a query.
#[derive(Clone, Copy)]
enum ArrayStyle {
    /// `key=1,2`
    Commas,
    /// `key[]=1&key[]=2`
    Brackets,
}

/// Appends one pair to the query.
pub(crate) fn add_pair(target: &mut String, key: &str, value: &str) {
    add_encoded(target, &Cow::from(encode(key)), &Cow::from(encode(value)));
}

/// Appends one pair that is encoded already to the query.
pub(crate) fn add_encoded(target: &mut String, key: &str, value: &str) {
    let separator = if target.contains('?') { '&' } else { '?' };
    target.push(separator);
    target.push_str(key);
    target.push('=');
    target.push_str(value);
}

/// Returns whether the query contains `key`.
pub(crate) fn has_key(target: &str, key: &str) -> bool {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let mut keys = query.split('&').filter_map(|pair| pair.split('=').next());
    keys.any(|found| percent_decode_str(found).decode_utf8_lossy() == key)
}

/// Returns whether `target` belongs to API v2.
pub(crate) fn is_v2(target: &str) -> bool {
    target.starts_with("/api/v2/")
}

fn add_member(target: &mut String, key: &str, value: &str, style: ArrayStyle) -> Result<()> {
    let invalid = |why: &str| Error::invalid_member("params", key, why);
    if value.starts_with('{') {
        let object = Object::parse(value).map_err(|error| invalid(&error.to_string()))?;
        for (member, value) in object.iter() {
            add_member(target, &format!("{key}[{member}]"), value, style)?;
        }
        return Ok(());
    }
    // Before the next one: nested objects repeat their keys for each value.
    if target.len() > MAX_HEAD_BYTES {
        return Err(too_long("params", "are too long"));
    }
    if !value.starts_with('[') {
        if let Some(text) = scalar(key, value)? {
            add_pair(target, key, &text);
        }
        return Ok(());
    }

    let mut texts = Vec::new();
    for element in elements(value) {
        if element.starts_with(['[', '{']) {
            return Err(invalid(
                "an array must contain only strings, numbers, booleans and nulls",
            ));
        }
        texts.extend(scalar(key, element)?);
    }
    match style {
        ArrayStyle::Commas => add_pair(target, key, &texts.join(",")),
        ArrayStyle::Brackets => {
            let key = format!("{key}[]");
            for text in texts {
                add_pair(target, &key, &text);
                if target.len() > MAX_HEAD_BYTES {
                    return Err(too_long("params", "are too long"));
                }
            }
        }
    }
    Ok(())
}

/// Returns a string, number or boolean as it is written in a query; `None` for null.
fn scalar<'a>(key: &str, value: &'a str) -> Result<Option<Cow<'a, str>>> {
    match value {
        "null" => Ok(None),
        string if string.starts_with('"') => {
            let decoded = decode(string).map(Some);
            decoded.map_err(|why| Error::invalid_member("params", key, why))
        }
        number_or_boolean => Ok(Some(Cow::Borrowed(number_or_boolean))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_paths_that_lead_to_another_host() {
        for bad in [
            "",
            "api",
            "@evil.example/",
            "//evil.example/",
            "/\\evil",
            "\\\\evil",
            "/a b",
            "/a#b",
            "/a\r\nHost: evil",
            "/a\u{0}",
            "/a\u{7f}",
            "/a\u{85}",
            "http://evil.example/",
            "/%",
            "/%0",
            "/%zz",
            ".evil.example",
            ":80/",
            "?a=b",
        ] {
            let error = from_path(bad).unwrap_err();
            assert_eq!(error.argument(), Some("path"), "{bad:?}");
        }
        for (path, sent) in [
            ("/", "/"),
            (
                "/api/v1/users.json?a=b&a=b%20c",
                "/api/v1/users.json?a=b&a=b%20c",
            ),
            ("/a/../b", "/a/../b"),
            ("/@evil.example", "/@evil.example"),
            ("/%40%0d%0a", "/%40%0d%0a"),
            ("/é?q={}", "/%C3%A9?q=%7B%7D"),
        ] {
            assert_eq!(from_path(path).unwrap(), sent);
        }
    }

    #[test]
    fn accepts_targets_of_the_greatest_length_only() {
        let path = format!("/{}", "x".repeat(MAX_HEAD_BYTES - 1));
        assert_eq!(from_path(&path).unwrap(), path);
        let error = from_path(&format!("{path}xx")).unwrap_err();
        assert!(error.message().contains("is too long"), "{error}");

        let query = |path: &str, params: &str| {
            let mut target = path.to_owned();
            add_query(&mut target, params).map(|()| target.len())
        };
        // null adds nothing, and "a[]=" is encoded.
        assert_eq!(query(&path, r#"{"a":null}"#).unwrap(), MAX_HEAD_BYTES);
        let room = &path[.."?a%5B%5D=".len()].len();
        let shorter = &path[..MAX_HEAD_BYTES - room - 2];
        let length = query(shorter, r#"{"a":["12"]}"#).unwrap();
        assert_eq!(length, MAX_HEAD_BYTES);
        for params in [
            r#"{"a":["1234"]}"#,
            r#"{"a":"12","b":null}"#,
            r#"{"a":{"b":"12","c":null}}"#,
        ] {
            let error = query(&path[..MAX_HEAD_BYTES - 2], params).unwrap_err();
            assert_eq!(error.argument(), Some("params"), "{params}");
        }
    }

    #[test]
    fn finds_keys_of_the_query_as_they_are_decoded() {
        for (target, found) in [
            ("/a?x=y&page=1", true),
            ("/a?p%61ge", true),
            ("/a?per_page=1&x=page", false),
            ("/page", false),
        ] {
            assert_eq!(has_key(target, "page"), found, "{target}");
        }
    }

    #[test]
    fn appends_params_to_the_query() {
        let query = |target: &str, params: &str| {
            let mut target = target.to_owned();
            add_query(&mut target, params).map(|()| target)
        };
        let params =
            r#"{"a":"x y","n":1.10,"t":true,"z":null,"l":[1,"b",null],"o":{"k":{"s":"v"}}}"#;
        assert_eq!(
            query("/api/v1/x?p=q", params).unwrap(),
            "/api/v1/x?p=q&a=x%20y&n=1.10&t=true&l%5B%5D=1&l%5B%5D=b&o%5Bk%5D%5Bs%5D=v"
        );
        assert_eq!(
            query("/api/v2/x", r#"{"l":[1,"b"],"p":"é&="}"#).unwrap(),
            "/api/v2/x?l=1%2Cb&p=%C3%A9%26%3D"
        );
        for bad in [
            "[]",
            "1",
            "{",
            r#"{"a":[[1]]}"#,
            r#"{"a":[{}]}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":["\ud800"]}"#,
        ] {
            let error = query("/", bad).unwrap_err();
            assert!(error.argument().unwrap().starts_with("params"), "{bad}");
        }
    }
}
