//! The output formats: one JSON record per line, or CSV.

use std::collections::{HashMap, HashSet};

use csv::WriterBuilder;

use crate::encoding::json::{Object, quote};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    JsonLines,
    Csv,
}

/// Name of the CSV column that has the members without their own column, as a JSON object.
const OTHER: &str = "other";

/// A row has a cell for each column, also for those that the record does not have: many columns
/// would make the file much larger than the response.
const MAX_COLUMNS: usize = 1_000;

impl Format {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "jsonl" => Some(Format::JsonLines),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    }

    /// Returns the option's value, which is also the extension of the file name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Format::JsonLines => "jsonl",
            Format::Csv => "csv",
        }
    }
}

/// Appends each record as a line. Line breaks become spaces: in JSON they occur only between
/// tokens.
pub(super) fn add_json_lines(lines: &mut Vec<u8>, records: &[&str]) {
    let is_break = |byte: u8| byte == b'\n' || byte == b'\r';
    for record in records {
        let bytes = record.bytes();
        lines.extend(bytes.map(|byte| if is_break(byte) { b' ' } else { byte }));
        lines.push(b'\n');
    }
}

/// Returns the columns for `records`: the names of their members, as many as a row may have, and
/// one column for the other members.
pub(super) fn columns_of(records: &[&str]) -> Vec<String> {
    let mut columns = Vec::new();
    let mut known = HashSet::from([OTHER.to_owned()]);
    for record in records {
        let Ok(object) = Object::parse(record) else {
            continue;
        };
        for (key, _) in object.iter() {
            if columns.len() < MAX_COLUMNS && !known.contains(&*key) {
                known.insert(key.to_string());
                columns.push(key.into_owned());
            }
        }
    }
    columns.push(OTHER.to_owned());
    columns
}

/// Appends a row with the names of the columns.
pub(super) fn add_csv_header(lines: &mut Vec<u8>, columns: &[String]) {
    add_rows(lines, [columns.to_vec()].into_iter());
}

/// Appends each record as a row: strings are decoded, null is empty, other values are JSON.
pub(super) fn add_csv_rows(lines: &mut Vec<u8>, columns: &[String], records: &[&str]) {
    let own = columns
        .iter()
        .enumerate()
        .filter(|(_, name)| *name != OTHER);
    let positions = own.map(|(position, name)| (&**name, position)).collect();
    add_rows(
        lines,
        records
            .iter()
            .map(|record| row(columns, &positions, record)),
    );
}

/// Returns the cells of a record. If a member is repeated, its last value counts.
fn row(columns: &[String], positions: &HashMap<&str, usize>, record: &str) -> Vec<String> {
    let mut cells = vec![String::new(); columns.len()];
    let mut other = String::new();
    match Object::parse(record) {
        Ok(object) => {
            for (key, value) in object.iter() {
                match positions.get(&*key) {
                    Some(&position) => cells[position] = cell(value),
                    None => {
                        other.push(if other.is_empty() { '{' } else { ',' });
                        other.push_str(&quote(&key));
                        other.push(':');
                        other.push_str(value);
                    }
                }
            }
            if !other.is_empty() {
                other.push('}');
            }
        }
        // It is not an object, and is kept unchanged.
        Err(_) => record.clone_into(&mut other),
    }
    if let Some(position) = columns.iter().position(|name| name == OTHER) {
        cells[position] = other;
    }
    cells
}

fn cell(value: &str) -> String {
    match value {
        "null" => String::new(),
        _ => serde_json::from_str(value).unwrap_or_else(|_| value.to_owned()),
    }
}

fn add_rows(lines: &mut Vec<u8>, rows: impl Iterator<Item = Vec<String>>) {
    let mut writer = WriterBuilder::new().has_headers(false).from_writer(lines);
    for row in rows {
        writer
            .write_record(row)
            .expect("writing to a Vec cannot fail");
    }
    writer.flush().expect("writing to a Vec cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(columns: &[String], record: &str) -> String {
        let mut lines = Vec::new();
        add_csv_rows(&mut lines, columns, &[record]);
        String::from_utf8(lines).unwrap()
    }

    #[test]
    fn json_records_are_one_line_each() {
        let mut lines = Vec::new();
        add_json_lines(&mut lines, &["{\r\n \"a\": \"x\\n\",\n\"b\":1.10}", "7"]);
        assert_eq!(lines, b"{   \"a\": \"x\\n\", \"b\":1.10}\n7\n");
    }

    #[test]
    fn columns_are_the_members_of_all_records() {
        let records = [r#"{"id":1,"a":2}"#, "7", r#"{"id":2,"other":1,"b":3}"#];
        assert_eq!(columns_of(&records), ["id", "a", "b", "other"]);
    }

    #[test]
    fn members_beyond_the_bound_have_no_column() {
        let members: Vec<String> = (0..MAX_COLUMNS + 5)
            .map(|n| format!("\"m{n}\":{n}"))
            .collect();
        let record = format!("{{{}}}", members.join(","));
        let columns = columns_of(&[&record]);
        assert_eq!(columns.len(), MAX_COLUMNS + 1);
        let row = csv(&columns, &record);
        assert!(row.contains(",999,\"{\"\"m1000\"\":1000,"), "{row}");
    }

    #[test]
    fn csv_keeps_every_member_of_a_record() {
        let columns = columns_of(&[r#"{"id":1,"text":"","links":{}}"#]);
        let row = csv(
            &columns,
            r#"{"text":"a \"quote\",\r\n two lines \u00e9","links":{"forum": 7},"id":1.10}"#,
        );
        assert_eq!(
            row,
            "1.10,\"a \"\"quote\"\",\r\n two lines é\",\"{\"\"forum\"\": 7}\",\n"
        );
        let row = csv(
            &columns,
            r#"{"id":null,"new":[1],"other":"x","text":"null"}"#,
        );
        assert_eq!(
            row,
            ",null,,\"{\"\"new\"\":[1],\"\"other\"\":\"\"x\"\"}\"\n"
        );
        assert_eq!(csv(&columns, "[7]"), ",,,[7]\n");
        assert_eq!(csv(&columns, r#"{"id":1,"id":2}"#), "2,,,\n");
        // With the option "columns" there may be no column for other members.
        assert_eq!(csv(&["id".to_owned()], r#"{"id":1,"a":2}"#), "1\n");
    }
}
