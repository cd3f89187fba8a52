//! Records as rows: the values of columns.

use indexmap::IndexMap;
use serde_json::value::RawValue;

/// A record whose values are JSON as it arrived.
pub struct Record<'a>(IndexMap<String, &'a RawValue>);

impl<'a> Record<'a> {
    /// Parses a record; one that is not an object has the column `value` only.
    pub fn parse(json: &'a str) -> Self {
        match serde_json::from_str(json) {
            Ok(members) => Record(members),
            Err(_) => {
                let value = serde_json::from_str(json).ok();
                Record(
                    value
                        .map(|value| ("value".to_owned(), value))
                        .into_iter()
                        .collect(),
                )
            }
        }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the JSON of a column: a member, or that of an object in it, such as
    /// `links.forum`.
    pub fn json(&self, column: &str) -> Option<String> {
        if let Some(value) = self.0.get(column) {
            return Some(value.get().to_owned());
        }
        let (first, rest) = column.split_once('.')?;
        Record::parse_object(self.0.get(first)?.get())?.json(rest)
    }

    fn parse_object(json: &str) -> Option<Record<'_>> {
        serde_json::from_str(json).ok().map(Record)
    }

    /// Returns the text of a column: a string as it is, null as nothing, everything else as JSON.
    pub fn text(&self, column: &str) -> String {
        let Some(json) = self.json(column).filter(|json| json != "null") else {
            return String::new();
        };
        serde_json::from_str(&json).unwrap_or(json)
    }

    /// Returns a JSON object of the members that are not in `columns`; nothing if there are none.
    pub fn other(&self, columns: &[String]) -> String {
        let is_other = |(name, _): &(&String, &&RawValue)| !columns.contains(name);
        let other: IndexMap<_, _> = self.0.iter().filter(is_other).collect();
        match other.is_empty() {
            true => String::new(),
            false => serde_json::to_string(&other).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str =
        r#"{"id":12345678901234567890123,"a":"x","n":null,"links":{"forum":1},"t":[1]}"#;

    #[test]
    fn text_of_columns() {
        let record = Record::parse(JSON);
        for (column, text) in [
            ("id", "12345678901234567890123"),
            ("a", "x"),
            ("n", ""),
            ("links.forum", "1"),
            ("links.user", ""),
            ("t", "[1]"),
            ("missing", ""),
            ("a.b", ""),
        ] {
            assert_eq!(record.text(column), text, "{column}");
        }
        assert_eq!(Record::parse("7").text("value"), "7");
    }

    #[test]
    fn other_members_are_kept() {
        let columns = ["id", "links", "t", "n"].map(String::from);
        assert_eq!(Record::parse(JSON).other(&columns), r#"{"a":"x"}"#);
        assert_eq!(Record::parse("{}").other(&columns), "");
    }
}
