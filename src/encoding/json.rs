//! JSON as text: an object is split into its members without building a tree, so that
//! numbers, duplicate keys and the order of keys remain as they are in the source.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr2, memchr2_iter};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::error::Error;

/// The members of a JSON object in their order, with duplicates.
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Parses `text`, which must be one JSON object. Errors do not quote it.
    pub(crate) fn parse(text: &'a str) -> serde_json::Result<Self> {
        // For other types, serde_json would quote the value, which may be a secret.
        if !text.trim_start().starts_with('{') {
            return Err(serde::de::Error::custom("it must begin with '{'"));
        }
        check_depth(text)?;
        serde_json::from_str(text)
    }

    /// Returns the value of `key` as JSON. If the key is repeated, the last value counts,
    /// as in other JSON parsers.
    pub(crate) fn get(&self, key: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().rev().find(|(name, _)| name == key)?;
        Some(value.get())
    }

    /// Returns the value of `key` if it is a string.
    pub(crate) fn string(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.get(key)?).ok()
    }

    /// Returns the value of `key` if it is a string, which is overwritten when it is
    /// dropped. Also for input that may be a secret by mistake.
    pub(crate) fn secret(&self, key: &str) -> Option<Zeroizing<String>> {
        self.string(key).map(Zeroizing::new)
    }

    /// Returns the value of `key` if it is an integer or a string with one.
    pub(crate) fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.trim_matches('"').parse().ok()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(key, value)| (&**key, value.get()))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(8);
                while let Some(member) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.push((member.0.0, member.1));
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// A key, borrowed unless it contains escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Checks `text` as [`check`] does, and returns its members if it is an object.
pub(crate) fn check_members(text: &str) -> serde_json::Result<Option<Object<'_>>> {
    // An error here is another type, or an object with a lone surrogate in a key.
    match Object::parse(text) {
        Ok(object) => Ok(Some(object)),
        Err(_) => check(text).map(|()| None),
    }
}

/// Returns the elements of a JSON array as slices of `text`.
pub(crate) fn elements(text: &str) -> serde_json::Result<Vec<&RawValue>> {
    serde_json::from_str(text)
}

/// Checks that `text` is one JSON value, nested no deeper than other parsers accept.
pub(crate) fn check(text: &str) -> serde_json::Result<()> {
    check_depth(text)?;
    serde_json::from_str::<&RawValue>(text).map(drop)
}

/// Returns the value in `text` that a JSON Pointer (RFC 6901) refers to: a string
/// decoded, any other value as its JSON; `None` if there is no such value.
///
/// # Errors
/// `InvalidArgument` of the arguments `json` or `pointer`.
pub(crate) fn get<'a>(text: &'a str, pointer: &str) -> Result<Option<Cow<'a, str>>, Error> {
    let is_escape = |rest: &str| rest.starts_with(['0', '1']);
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(Error::invalid("pointer", "must be \"\" or begin with '/'"));
    }
    if !pointer.split('~').skip(1).all(is_escape) {
        return Err(Error::invalid("pointer", "'~' must be followed by 0 or 1"));
    }
    find(text, pointer)
        .map_err(|error| Error::invalid("json", format_args!("must be valid JSON: {error}")))
}

fn find<'a>(text: &'a str, pointer: &str) -> serde_json::Result<Option<Cow<'a, str>>> {
    check(text)?;
    let mut value = text.trim();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let child = match value.as_bytes().first() {
            Some(b'{') => Object::parse(value)?.get(&token),
            Some(b'[') => array_index(&token)
                .and_then(|index| elements(value).ok()?.get(index).copied())
                .map(RawValue::get),
            _ => None,
        };
        let Some(child) = child else {
            return Ok(None);
        };
        value = child;
    }
    match value.starts_with('"') {
        true => serde_json::from_str(value).map(Cow::Owned).map(Some),
        false => Ok(Some(Cow::Borrowed(value))),
    }
}

/// Parses an array index, which has no leading zeros (RFC 6901, section 4).
fn array_index(token: &str) -> Option<usize> {
    let is_index =
        token == "0" || !token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit());
    token.parse().ok().filter(|_| is_index)
}

/// The maximum depth of arrays and objects. Splitting text does not recurse, but the
/// caller's parser may; serde_json has the same limit.
const MAX_DEPTH: usize = 128;

fn check_depth(text: &str) -> serde_json::Result<()> {
    let bytes = text.as_bytes();
    // Most responses have too few opening brackets to be nested deeper.
    let mut openings = memchr2_iter(b'[', b'{', bytes);
    if openings.nth(MAX_DEPTH).is_none() {
        return Ok(());
    }
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'[' | b'{' if depth == MAX_DEPTH => {
                return Err(serde::de::Error::custom(format_args!(
                    "nested deeper than {MAX_DEPTH} levels"
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

/// Returns `text` as a JSON string, with its quotes.
pub(crate) fn quote(text: &str) -> String {
    // The usual length at once: a buffer that grows leaves copies of a secret in memory.
    let mut quoted = Vec::with_capacity(text.len() + 2);
    serde_json::to_writer(&mut quoted, text).expect("writing to a Vec cannot fail");
    String::from_utf8(quoted).expect("JSON is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_text() {
        let object =
            Object::parse(r#"{ "b": 1.10, "a":"x\u00e9", "b" :[1, 2], "k\u0065y":null }"#).unwrap();
        let members: Vec<_> = object.iter().collect();
        assert_eq!(
            members,
            [
                ("b", "1.10"),
                ("a", r#""x\u00e9""#),
                ("b", "[1, 2]"),
                ("key", "null")
            ]
        );
        assert_eq!(object.get("b"), Some("[1, 2]"));
        assert_eq!(object.string("a").as_deref(), Some("xé"));
        assert_eq!(object.string("b"), None);
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
        let deep = "{\"a\":".repeat(200_000) + "1" + &"}".repeat(200_000);
        assert!(Object::parse(&deep).is_err());
        // Neither brackets in strings nor siblings add to the depth.
        assert!(check(&format!("\"\\\"{}\"", "[".repeat(200_000))).is_ok());
        assert!(check(&format!("[{}[]]", "[],".repeat(200_000))).is_ok());
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

    #[test]
    fn quotes_strings() {
        assert_eq!(quote("a\"b\\\n"), r#""a\"b\\\n""#);
    }
}
