//! The output formats: one JSON record per line, or CSV.

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

/// Returns the columns for `records`: the names of their members, and one column for members
/// that only later records have.
pub(super) fn columns_of(records: &[&str]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for record in records {
        let Ok(object) = Object::parse(record) else {
            continue;
        };
        for (key, _) in object.iter() {
            if key != OTHER && !columns.iter().any(|column| *column == key) {
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
    add_rows(lines, records.iter().map(|record| row(columns, record)));
}

fn row(columns: &[String], record: &str) -> Vec<String> {
    let object = Object::parse(record);
    let cell_of = |column: &String| match &object {
        _ if column == OTHER => other_members(object.as_ref().ok(), columns, record),
        Ok(object) => object.get(column).map(cell).unwrap_or_default(),
        Err(_) => String::new(),
    };
    columns.iter().map(cell_of).collect()
}

fn cell(value: &str) -> String {
    match value {
        "null" => String::new(),
        _ => serde_json::from_str(value).unwrap_or_else(|_| value.to_owned()),
    }
}

/// Returns the members without a column as a JSON object. A record that is not an object is
/// returned unchanged.
fn other_members(object: Option<&Object<'_>>, columns: &[String], record: &str) -> String {
    let Some(object) = object else {
        return record.to_owned();
    };
    let has_column = |key: &str| key != OTHER && columns.iter().any(|column| column == key);
    let members: Vec<String> = object
        .iter()
        .filter(|(key, _)| !has_column(key))
        .map(|(key, value)| format!("{}:{value}", quote(&key)))
        .collect();
    match members.is_empty() {
        true => String::new(),
        false => format!("{{{}}}", members.join(",")),
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
        // With the option "columns" there may be no column for other members.
        assert_eq!(csv(&["id".to_owned()], r#"{"id":1,"a":2}"#), "1\n");
    }
}
