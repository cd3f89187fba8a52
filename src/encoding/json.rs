//! JSON as text: an object is split into its members without building a tree, so that
//! numbers, duplicate keys and the order of keys remain as they are in the source.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memchr2, memchr2_iter};
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::encoding::json_string::{StringError, is_decodable};
pub(crate) use crate::encoding::json_string::{decode, quote};
use crate::error::Error;

/// The members of a JSON object in their order, with duplicates. Takes little memory,
/// whatever the text: a list of all members could be many times as large.
pub(crate) struct Object<'a> {
    /// The first members, raw keys and values.
    first: Vec<(&'a str, &'a str)>,
    /// The other members, which are found again each time that they are needed.
    others: Members<'a>,
    len: usize,
}

/// More members than the objects have that UserVoice documents.
const MAX_LISTED: usize = 64;

/// The maximum length of a key with escapes, which is copied to be decoded.
const MAX_ESCAPED_KEY: usize = 64 * 1024;

impl<'a> Object<'a> {
    /// Parses `text`, which must be one JSON object. Errors do not quote it.
    pub(crate) fn parse(text: &'a str) -> serde_json::Result<Self> {
        // For other types, serde_json would quote the value, which may be a secret.
        if !text.trim_start().starts_with('{') {
            return Err(serde::de::Error::custom("it must begin with '{'"));
        }
        check_depth(text, MAX_DEPTH)?;
        Object::split(text)
    }

    /// Splits `text`, which is not nested too deep.
    fn split(text: &'a str) -> serde_json::Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let (first, len) = deserializer.deserialize_map(ObjectVisitor)?;
        deserializer.end()?;
        let others = match first.last() {
            Some((_, value)) if len > first.len() => {
                let end = value.as_ptr() as usize + value.len() - text.as_ptr() as usize;
                &text[end..]
            }
            _ => "",
        };
        Ok(Object {
            first,
            others: Members(others),
            len,
        })
    }

    /// Returns the value of `key` as JSON. If the key is repeated, the last value counts,
    /// as in other JSON parsers.
    pub(crate) fn get(&self, key: &str) -> Option<&'a str> {
        let is_wanted = |(raw, _): &(&str, &str)| decoded_key(raw) == key;
        let value = self.others.clone().filter(is_wanted).last();
        let value = value.or_else(|| self.first.iter().copied().rev().find(is_wanted));
        value.map(|(_, value)| value)
    }

    /// Returns the value of `key` if it is a string, and there is memory for a copy.
    pub(crate) fn string(&self, key: &str) -> Option<String> {
        match decode(self.get(key)?).ok()? {
            Cow::Owned(decoded) => Some(decoded),
            Cow::Borrowed(text) => {
                let mut copy = String::new();
                copy.try_reserve_exact(text.len()).ok()?;
                copy.push_str(text);
                Some(copy)
            }
        }
    }

    /// Returns the value of `key` if it is a string, which is overwritten when it is
    /// dropped. Also for input that may be a secret by mistake.
    pub(crate) fn secret(&self, key: &str) -> Option<Zeroizing<String>> {
        self.string(key).map(Zeroizing::new)
    }

    /// Returns whether more than one member has the name `key`. Parsers differ in which one
    /// counts.
    pub(crate) fn is_repeated(&self, key: &str) -> bool {
        self.iter().filter(|(name, _)| name == key).nth(1).is_some()
    }

    /// Returns the value of `key` if it is an integer or a string with one.
    pub(crate) fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.trim_matches('"').parse().ok()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Cow<'a, str>, &'a str)> {
        let members = self.raw_members();
        members.map(|(key, value)| (decoded_key(key), value))
    }

    /// Returns the members with their keys as they are in the text.
    pub(crate) fn raw_members(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.first.iter().copied().chain(self.others.clone())
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

/// Decodes a key of an object.
pub(crate) fn decoded_key(raw: &str) -> Cow<'_, str> {
    let contents = &raw[1..raw.len() - 1];
    match memchr(b'\\', contents.as_bytes()) {
        None => Cow::Borrowed(contents),
        Some(_) => decode(raw).unwrap_or(Cow::Borrowed(contents)),
    }
}

/// Returns the first members, and the number of all.
struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = (Vec<(&'de str, &'de str)>, usize);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut first = Vec::with_capacity(8);
        let mut len = 0;
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let (key, value) = (key.get().trim_ascii(), value.get());
            let contents = &key[1..key.len() - 1];
            if !is_decodable(contents) {
                return Err(serde::de::Error::custom("a key has an invalid escape"));
            }
            if contents.len() > MAX_ESCAPED_KEY && contents.contains('\\') {
                return Err(serde::de::Error::custom("a key is too long"));
            }
            if len < MAX_LISTED {
                first.push((key, value));
            }
            len += 1;
        }
        Ok((first, len))
    }
}

/// Iterates over the rest of the members of a valid object, as raw keys and values.
#[derive(Clone)]
struct Members<'a>(&'a str);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0.trim_start_matches(is_between);
        let (key, text) = split_value(text)?;
        let text = text.trim_start_matches(is_between);
        let (value, text) = split_value(text)?;
        self.0 = text;
        Some((key, value))
    }
}

/// Iterates over the elements of a valid array.
#[derive(Clone)]
pub(crate) struct Elements<'a>(&'a str);

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (element, rest) = split_value(self.0.trim_start_matches(is_between))?;
        self.0 = rest;
        Some(element)
    }
}

/// Returns the elements of `array`, a JSON array that is valid, as slices of it.
pub(crate) fn elements(array: &str) -> Elements<'_> {
    Elements(array.strip_prefix('[').unwrap_or(""))
}

/// Returns whether a character may stand between values.
fn is_between(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | ',' | ':')
}

/// Splits valid JSON after the value at its beginning; `None` at the end of an array or
/// object.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let end = match bytes.first()? {
        b']' | b'}' => return None,
        b'"' => end_of_string(bytes, 1),
        b'[' | b'{' => end_of_container(bytes),
        _ => {
            let is_end =
                |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
            bytes.iter().position(is_end).unwrap_or(bytes.len())
        }
    };
    text.split_at_checked(end)
}

/// Returns the position after the array or object that `bytes` begin with.
fn end_of_container(bytes: &[u8]) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(bytes, at),
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 1 => return at,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
    }
    at
}

/// Checks `text` as [`check`] does, and returns its members if it is an object.
pub(crate) fn check_members(text: &str) -> serde_json::Result<Option<Object<'_>>> {
    // An error here is another type, or an object with a lone surrogate in a key.
    match Object::parse(text) {
        Ok(object) => Ok(Some(object)),
        Err(_) => check(text).map(|()| None),
    }
}

/// Checks that `text` is one JSON value, nested no deeper than other parsers accept.
pub(crate) fn check(text: &str) -> serde_json::Result<()> {
    check_to_depth(text, MAX_DEPTH)
}

fn check_to_depth(text: &str, max_depth: usize) -> serde_json::Result<()> {
    check_depth(text, max_depth)?;
    serde_json::from_str::<&RawValue>(text).map(drop)
}

/// Returns the value in `text` that a JSON Pointer (RFC 6901) refers to: a string
/// decoded, any other value as its JSON; `None` if there is no such value.
///
/// # Errors
/// `InvalidArgument` of the arguments `json` or `pointer`.
pub(crate) fn get<'a>(text: &'a str, pointer: &str) -> Result<Option<Cow<'a, str>>, Error> {
    let is_escape = |rest: &str| rest.starts_with(['0', '1']);
    if pointer
        .split('/')
        .any(|token| token.len() > MAX_ESCAPED_KEY)
    {
        return Err(Error::invalid("pointer", "has a key that is too long"));
    }
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(Error::invalid("pointer", "must be \"\" or begin with '/'"));
    }
    if !pointer.split('~').skip(1).all(is_escape) {
        return Err(Error::invalid("pointer", "'~' must be followed by 0 or 1"));
    }
    let value = find(text, pointer)
        .map_err(|error| Error::invalid("json", format_args!("must be valid JSON: {error}")))?;
    match value {
        Some(string) if string.starts_with('"') => match decode(string) {
            Ok(decoded) => Ok(Some(decoded)),
            Err(StringError::NotAString) => {
                let why = "the string at this pointer has a surrogate without its other half";
                Err(Error::invalid("json", why))
            }
            Err(error) => Err(Error::invalid("json", error)),
        },
        other => Ok(other.map(Cow::Borrowed)),
    }
}

fn find<'a>(text: &'a str, pointer: &str) -> serde_json::Result<Option<&'a str>> {
    // One level more than a response may have, for one that the library wrapped.
    check_to_depth(text, MAX_DEPTH + 1)?;
    let mut value = text.trim();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let child = match value.as_bytes().first() {
            Some(b'{') => Object::split(value)?.get(&token),
            Some(b'[') => array_index(&token).and_then(|index| elements(value).nth(index)),
            _ => None,
        };
        let Some(child) = child else {
            return Ok(None);
        };
        value = child;
    }
    Ok(Some(value))
}

/// Parses an array index, which has no leading zeros (RFC 6901, section 4).
fn array_index(token: &str) -> Option<usize> {
    let is_index =
        token == "0" || !token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit());
    token.parse().ok().filter(|_| is_index)
}

/// The maximum depth of arrays and objects, of all JSON that the library accepts. It does not
/// recurse, but the caller's parser may.
const MAX_DEPTH: usize = 128;

fn check_depth(text: &str, max_depth: usize) -> serde_json::Result<()> {
    let bytes = text.as_bytes();
    // Most responses have too few opening brackets to be nested deeper.
    let mut openings = memchr2_iter(b'[', b'{', bytes);
    if openings.nth(max_depth).is_none() {
        return Ok(());
    }
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'[' | b'{' if depth == max_depth => {
                return Err(serde::de::Error::custom(format_args!(
                    "nested deeper than {max_depth} levels"
                )));
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => at = end_of_string(bytes, at),
            _ => {}
        }
    }
    Ok(())
}

/// Returns the position after the string whose first character is at `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(rest) = bytes.get(at..) {
        match memchr2(b'"', b'\\', rest) {
            Some(found) if rest[found] == b'"' => return at + found + 1,
            // An escape is one byte, or begins with a byte that does not end a string.
            Some(found) => at += found + 2,
            None => break,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_text() {
        let object =
            Object::parse(r#"{ "b": 1.10, "a":"x\u00e9", "b" :[1, 2], "k\u0065y":null }"#).unwrap();
        let members: Vec<_> = object.iter().collect();
        let expected = [
            ("b", "1.10"),
            ("a", r#""x\u00e9""#),
            ("b", "[1, 2]"),
            ("key", "null"),
        ];
        assert_eq!(members, expected.map(|(key, value)| (key.into(), value)));
        assert_eq!(object.get("b"), Some("[1, 2]"));
        assert_eq!(object.string("a").as_deref(), Some("xé"));
        assert_eq!(object.string("b"), None);
    }

    #[test]
    fn finds_members_beyond_those_listed() {
        let mut json = "{".to_owned();
        let values = [r#""a]}\"b" "#, "[1,[{}]]", r#"{"k":"}"}"#, "null", "-1.5e3"];
        let count = 3 * MAX_LISTED;
        for number in 0..count {
            let value = values[number % values.len()];
            json += &format!("\n\"k\\u{:04x}\" : {value},", 0x100 + number);
        }
        json += r#" "k":0,"k\u0100" :7 }"#;
        let object = Object::parse(&json).unwrap();
        assert_eq!(object.len(), count + 2);
        assert_eq!(object.iter().count(), count + 2);
        for number in 1..count {
            let key = format!("k{}", char::from_u32(0x100 + number as u32).unwrap());
            let value = values[number % values.len()].trim();
            assert_eq!(object.get(&key), Some(value), "{number}");
        }
        assert_eq!(object.get("k\u{100}"), Some("7"));
        assert_eq!(object.get("missing"), None);
        let invalid = json.replace("\"k\"", "\"\\ud800\"");
        assert!(Object::parse(&invalid).is_err());
    }

    #[test]
    fn splits_arrays_into_elements() {
        let array = r#"[ 1 ,"a,]\"" , [2, {"b":[]}] ,{}, null,true]"#;
        let split: Vec<_> = elements(array).collect();
        let expected = ["1", r#""a,]\"""#, r#"[2, {"b":[]}]"#, "{}", "null", "true"];
        assert_eq!(split, expected);
        assert_eq!(elements("[ ]").count(), 0);
    }

    #[test]
    fn integers_may_be_strings() {
        let object = Object::parse(r#"{"a":7,"b":"8","c":1.5,"d":null}"#).unwrap();
        assert_eq!(object.integer("a"), Some(7));
        assert_eq!(object.integer("b"), Some(8));
        assert_eq!(object.integer("c"), None);
        assert_eq!(object.integer("d"), None);
    }

    #[test]
    fn rejects_what_is_not_json() {
        for bad in [
            "",
            "{",
            "{}x",
            "{'a':1}",
            "{\"a\":01}",
            "{\"a\":\"\u{1}\"}",
            "nul",
            "\u{feff}{}",
        ] {
            assert!(check(bad).is_err(), "{bad:?}");
            assert!(Object::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Object::parse("[]").is_err());
    }

    #[test]
    fn errors_do_not_quote_the_input() {
        for bad in [
            "\"hidden\"",
            " \"hidden",
            "hidden",
            "[\"hidden\"]",
            "{\"hidden\"",
            "{\"hidden\":hidden}",
            "{\"hidden\":1}hidden",
            "{hidden:1}",
            "{\"\\uhidden\":1}",
        ] {
            let error = Object::parse(bad).err().unwrap().to_string();
            assert!(!error.contains("hidden"), "{bad}: {error}");
            if let Err(error) = check(bad) {
                assert!(!error.to_string().contains("hidden"), "{bad}: {error}");
            }
        }
    }

    #[test]
    fn limits_the_depth() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(check(&nested(MAX_DEPTH)).is_ok());
        for depth in [MAX_DEPTH + 1, 200_000] {
            let error = check(&nested(depth)).unwrap_err().to_string();
            assert!(error.contains("128 levels"), "{error}");
        }
        let object = |depth| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        assert!(Object::parse(&object(MAX_DEPTH)).is_ok());
        for depth in [MAX_DEPTH + 1, 200_000] {
            assert!(Object::parse(&object(depth)).is_err());
        }
        // Neither brackets in strings nor siblings add to the depth.
        assert!(check(&format!("\"\\\"{}\"", "[".repeat(200_000))).is_ok());
        assert!(check(&format!("[{}[]]", "[],".repeat(200_000))).is_ok());
    }

    #[test]
    fn what_wraps_a_response_of_the_maximum_depth_can_be_read() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        let wrap = |depth| format!("{{\"body\":{}}}", nested(depth));
        let json = wrap(MAX_DEPTH);
        let body = get(&json, "/body").unwrap();
        assert_eq!(body.as_deref(), Some(&*nested(MAX_DEPTH)));
        assert!(get(&wrap(MAX_DEPTH + 1), "/body").is_err());
    }

    #[test]
    fn json_pointer_refers_to_values() {
        let json = r#" {"a/b":[10, {"m~n":"x\u00e9\n"}],"":0,"e":1.10,"k":1,"k":null,"o":{ }} "#;
        for (pointer, value) in [
            ("/a~1b/0", Some("10")),
            ("/a~1b/1/m~0n", Some("xé\n")),
            ("/a~1b/1", Some(r#"{"m~n":"x\u00e9\n"}"#)),
            ("/", Some("0")),
            ("/e", Some("1.10")),
            ("/k", Some("null")),
            ("/o", Some("{ }")),
            ("", Some(json.trim())),
            ("/a~1b/2", None),
            ("/a~1b/00", None),
            ("/a~1b/+0", None),
            ("/a~1b/-", None),
            ("/a~1b/", None),
            ("/missing/x", None),
            ("/e/0", None),
            ("/k/0", None),
        ] {
            assert_eq!(get(json, pointer).unwrap().as_deref(), value, "{pointer}");
        }
        assert_eq!(get(" \"a\\\"b\" ", "").unwrap().as_deref(), Some("a\"b"));
        for pointer in ["a", "/~", "/~2", "/a~"] {
            let error = get(json, pointer).unwrap_err();
            assert_eq!(error.argument(), Some("pointer"), "{pointer}");
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        for bad in ["", "{", "{}x", "{\"a\":\"\\ud800\"}", &deep] {
            let error = get(bad, "/a").unwrap_err();
            assert_eq!(error.argument(), Some("json"), "{bad}");
        }
    }
}
