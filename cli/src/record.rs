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

    fn has(&self, column: &str) -> bool {
        self.json(column).is_some()
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

/// The columns that were asked for and that no record has had yet.
pub struct MissingColumns {
    columns: Vec<String>,
    /// The members of the first record.
    known: Option<String>,
}

impl MissingColumns {
    pub fn new(columns: Option<&[String]>) -> Self {
        MissingColumns {
            columns: columns.unwrap_or_default().to_vec(),
            known: None,
        }
    }

    pub fn add(&mut self, record: &Record) {
        self.columns.retain(|column| !record.has(column));
        if self.known.is_none() {
            self.known = Some(record.names().collect::<Vec<_>>().join(", "));
        }
    }

    /// Returns what to say at the end of the list; nothing is known of a list without records.
    pub fn warning(&self) -> Option<String> {
        let known = self.known.as_ref()?;
        let [first, ..] = self.columns.as_slice() else {
            return None;
        };
        let names = match self.columns.len() {
            1 => format!("column {first:?}"),
            _ => format!("columns {:?}", self.columns),
        };
        Some(format!(
            "no record has the {names}. The first record has: {known}"
        ))
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

    #[test]
    fn columns_are_missing_until_a_record_has_them() {
        let mut missing = MissingColumns::new(Some(&["b".into(), "c.d".into(), "e".into()]));
        assert_eq!(missing.warning(), None);
        for json in [r#"{"a":1}"#, r#"{"a":1,"b":null}"#, r#"{"c":{"d":1}}"#] {
            missing.add(&Record::parse(json));
        }
        let expected = "no record has the column \"e\". The first record has: a";
        assert_eq!(missing.warning().unwrap(), expected);
    }
}
