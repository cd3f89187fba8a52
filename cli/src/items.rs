//! Items of the command line: `name=value` and its variants, which become a JSON object.

use std::io::Read;
use std::path::Path;
use std::{fs, io};

use indexmap::IndexMap;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::streams::check_input;

/// The keys of a name such as `a[b][c]`. The library accepts JSON of 128 levels.
const MAX_KEYS: usize = 100;

/// A value that is being put together.
enum Node {
    /// JSON.
    Value(String),
    Array(Vec<Node>),
    Object(IndexMap<String, Node>),
}

/// Returns the JSON of the items, or `None` without items.
pub fn to_json(items: &[String]) -> Result<Option<String>> {
    if items.is_empty() {
        return Ok(None);
    }
    if let Some(file) = items.iter().find_map(|item| item.strip_prefix('@')) {
        return match items.len() {
            1 => checked_json(items[0].as_str(), read(file)?).map(Some),
            _ => Err(Error::usage(format!(
                "@{file}: must be the only item, because it is all of the JSON"
            ))),
        };
    }
    let is_input = |item: &&String| matches!(item.split_once('='), Some((_, "@-")));
    if items.iter().filter(is_input).count() > 1 {
        return Err(Error::usage("@-: standard input can be read only once"));
    }
    let mut object = IndexMap::new();
    for item in items {
        let (name, value) = parse(item)?;
        let path = keys(name)
            .ok_or_else(|| Error::usage(format!("{item}: the name must be like a, a[b] or a[]")))?;
        if path.len() > MAX_KEYS {
            let message = format!("{item}: the name must have at most {MAX_KEYS} keys");
            return Err(Error::usage(message));
        }
        insert(&mut object, &path, value).map_err(|why| Error::usage(format!("{item}: {why}")))?;
    }
    Ok(Some(Node::Object(object).into_json()))
}

/// Splits an item and returns its name and its value as JSON.
fn parse(item: &str) -> Result<(&str, String)> {
    let Some((name, value)) = item.split_once('=') else {
        return Err(Error::usage(format!(
            "{item}: must be name=value, name:=JSON or @FILE"
        )));
    };
    if let Some(name) = name.strip_suffix(':') {
        let json = match value.strip_prefix('@') {
            Some(file) => read(file)?,
            None => value.to_owned(),
        };
        return Ok((name, checked_json(item, json)?));
    }
    let text = match value.strip_prefix('@') {
        Some(file) => read(file)?,
        None => value.to_owned(),
    };
    Ok((name, quote(&text)))
}

/// Splits `a[b][]` into its keys; an empty one appends to an array.
fn keys(name: &str) -> Option<Vec<&str>> {
    let (first, rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    let mut keys = vec![first];
    if !rest.is_empty() {
        let inner = rest.strip_prefix('[')?.strip_suffix(']')?;
        keys.extend(inner.split("]["));
    }
    let is_name = |key: &&str| !key.contains(['[', ']']);
    (!first.is_empty() && keys.iter().all(is_name)).then_some(keys)
}

fn insert(
    object: &mut IndexMap<String, Node>,
    path: &[&str],
    value: String,
) -> std::result::Result<(), &'static str> {
    const REPEATED: &str = "the name occurs twice; use name[]=value for an array";
    let [key, rest @ ..] = path else {
        return Err("the name is empty");
    };
    let Some(next) = rest.first() else {
        if object.contains_key(*key) {
            return Err(REPEATED);
        }
        object.insert((*key).to_owned(), Node::Value(value));
        return Ok(());
    };
    if next.is_empty() {
        if rest.len() > 1 {
            return Err("[] must be the end of the name");
        }
        let node = object.entry((*key).to_owned());
        let Node::Array(array) = node.or_insert_with(|| Node::Array(Vec::new())) else {
            return Err(REPEATED);
        };
        array.push(Node::Value(value));
        return Ok(());
    }
    let node = object.entry((*key).to_owned());
    let Node::Object(inner) = node.or_insert_with(|| Node::Object(IndexMap::new())) else {
        return Err(REPEATED);
    };
    insert(inner, rest, value)
}

impl Node {
    fn into_json(self) -> String {
        match self {
            Node::Value(json) => json,
            Node::Array(elements) => {
                let elements: Vec<String> = elements.into_iter().map(Node::into_json).collect();
                format!("[{}]", elements.join(","))
            }
            Node::Object(members) => {
                let member = |(key, node): (String, Node)| quote(&key) + ":" + &node.into_json();
                let members: Vec<String> = members.into_iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }
}

fn checked_json(item: &str, json: String) -> Result<String> {
    match serde_json::from_str::<&RawValue>(&json) {
        Ok(_) => Ok(json),
        Err(error) => Err(Error::usage(format!("{item}: must be valid JSON: {error}"))),
    }
}

/// Returns a string as JSON.
pub fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Reads a file, or standard input for `-`, as UTF-8.
fn read(file: &str) -> Result<String> {
    let bytes = read_bytes(file)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| Error::usage(format!("{file}: must be UTF-8")))
}

/// Reads a file, or standard input for `-`.
pub fn read_bytes(file: impl AsRef<Path>) -> Result<Zeroizing<Vec<u8>>> {
    let file = file.as_ref();
    if file != Path::new("-") {
        let bytes = fs::read(file).map_err(|error| Error::file(file, error))?;
        return Ok(Zeroizing::new(bytes));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    let read = check_input().and_then(|()| io::stdin().lock().read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Error::file(Path::new("standard input"), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(items: &[&str]) -> std::result::Result<String, String> {
        let items: Vec<String> = items.iter().map(|&item| item.to_owned()).collect();
        match to_json(&items) {
            Ok(json) => Ok(json.unwrap_or_default()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn values_are_strings_unless_they_are_json() {
        let expected = r#"{"a":"1","b":1.50,"c":"x=y","d":"","e":{"f":null}}"#;
        let items = ["a=1", "b:=1.50", "c=x=y", "d=", "e:={\"f\":null}"];
        assert_eq!(json(&items).unwrap(), expected);
        assert_eq!(json(&[]).unwrap(), "");
    }

    #[test]
    fn brackets_nest_and_append() {
        let items = ["s[title]=t", "s[links][forum]:=1", "tags[]=a", "tags[]=b"];
        let expected = r#"{"s":{"title":"t","links":{"forum":1}},"tags":["a","b"]}"#;
        assert_eq!(json(&items).unwrap(), expected);
    }

    #[test]
    fn files_are_strings_or_json() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "{\"a\": [1]}").unwrap();
        let path = file.path().to_str().unwrap();
        let text = format!("t=@{path}");
        assert_eq!(json(&[&text]).unwrap(), r#"{"t":"{\"a\": [1]}"}"#);
        let value = format!("t:=@{path}");
        assert_eq!(json(&[&value]).unwrap(), r#"{"t":{"a": [1]}}"#);
        let all = format!("@{path}");
        assert_eq!(json(&[&all]).unwrap(), r#"{"a": [1]}"#);
        assert!(json(&[&all, "a=b"]).unwrap_err().contains("the only item"));
        assert!(
            json(&["a=@/does/not/exist"])
                .unwrap_err()
                .starts_with("/does/not/exist: ")
        );
    }

    #[test]
    fn errors_name_the_item() {
        let deep = format!("a{}=1", "[b]".repeat(20_000));
        for (items, message) in [
            (&["a"][..], "a: must be name=value"),
            (&[&deep], "a[b]"),
            (&["a=@-", "b=@-"], "@-: standard input can be read"),
            (&["=a"], "=a: the name must be like"),
            (&["a:=b"], "a:=b: must be valid JSON"),
            (&["a[b=c"], "a[b=c: the name must be like"),
            (&["a[b]c=d"], "a[b]c=d: the name must be like"),
            (&["a[][b]=c"], "a[][b]=c: [] must be the end"),
            (&["a=1", "a=2"], "a=2: the name occurs twice"),
            (&["a=1", "a[]=2"], "a[]=2: the name occurs twice"),
            (&["a=1", "a[b]=2"], "a[b]=2: the name occurs twice"),
        ] {
            let error = json(items).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
