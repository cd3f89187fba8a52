//! Paths and parameters: what stands behind the host in a request.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::auth::oauth1::encode;
use crate::encoding::json::{Object, elements};
use crate::error::{Error, Result};

/// What may not stand in a URL as it is (RFC 3986), and cannot change where it
/// leads.
const UNSAFE: &AsciiSet = &CONTROLS
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// `path` as it is sent, or why it cannot be: it must stay on the site's host.
pub(crate) fn from_path(path: &str) -> Result<String> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(Error::invalid("path", "must begin with one '/'"));
    }
    if let Some(bad) = path
        .chars()
        .find(|&c| c.is_control() || matches!(c, ' ' | '\\' | '#'))
    {
        return Err(Error::invalid(
            "path",
            format_args!("must not contain {bad:?}"),
        ));
    }
    let mut escapes = path.split('%').skip(1);
    let is_escape = |rest: &str| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !escapes.all(is_escape) {
        return Err(Error::invalid(
            "path",
            "'%' must be followed by two hexadecimal digits",
        ));
    }
    Ok(Cow::from(utf8_percent_encode(path, UNSAFE)).into_owned())
}

/// Adds the members of `params`, a JSON object, to the query of `target`.
pub(crate) fn add_query(target: &mut String, params: &str) -> Result<()> {
    let object = parse_params(params)?;
    let comma_lists = is_v2(target);
    for (key, value) in object.iter() {
        add_member(target, key, value, comma_lists)?;
    }
    Ok(())
}

/// Adds one pair to the query of `target`.
pub(crate) fn add_pair(target: &mut String, key: &str, value: &str) {
    add_encoded(target, &Cow::from(encode(key)), &Cow::from(encode(value)));
}

/// Adds one pair that is encoded already.
pub(crate) fn add_encoded(target: &mut String, key: &str, value: &str) {
    let separator = if target.contains('?') { '&' } else { '?' };
    target.push(separator);
    target.push_str(key);
    target.push('=');
    target.push_str(value);
}

/// Whether the query of `target` has a value for `key`.
pub(crate) fn has_key(target: &str, key: &str) -> bool {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let mut keys = query.split('&').map(|pair| pair.split('=').next());
    keys.any(|found| found == Some(key))
}

/// Whether `target` is a call of API v2.
pub(crate) fn is_v2(target: &str) -> bool {
    target.starts_with("/api/v2/")
}

pub(crate) fn parse_params(params: &str) -> Result<Object<'_>> {
    Object::parse(params)
        .map_err(|error| Error::invalid("params", format_args!("must be a JSON object: {error}")))
}

fn add_member(target: &mut String, key: &str, value: &str, comma_lists: bool) -> Result<()> {
    if value.starts_with('{') {
        let object = parse_params(value)?;
        for (sub, value) in object.iter() {
            add_member(target, &format!("{key}[{sub}]"), value, comma_lists)?;
        }
        return Ok(());
    }
    if !value.starts_with('[') {
        if let Some(text) = scalar(key, value)? {
            add_pair(target, key, &text);
        }
        return Ok(());
    }

    let mut texts = Vec::new();
    for element in elements(value).map_err(|error| Error::invalid("params", error))? {
        if element.get().starts_with(['[', '{']) {
            return Err(Error::invalid_member(
                "params",
                key,
                "an array must contain only strings, numbers, booleans and nulls",
            ));
        }
        texts.extend(scalar(key, element.get())?);
    }
    if comma_lists {
        add_pair(target, key, &texts.join(","));
        return Ok(());
    }
    let key = format!("{key}[]");
    for text in texts {
        add_pair(target, &key, &text);
    }
    Ok(())
}

/// Text, a number or a boolean as it stands in a query; `None` for `null`.
fn scalar(key: &str, value: &str) -> Result<Option<String>> {
    match value {
        "null" => Ok(None),
        text if text.starts_with('"') => serde_json::from_str(text)
            .map(Some)
            .map_err(|_| Error::invalid_member("params", key, "is not a valid string")),
        number_or_boolean => Ok(Some(number_or_boolean.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_on_the_host() {
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
    fn params_become_a_query() {
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
