//! CSV: records as rows whose columns are the members of the first page's records.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{self, ErrorKind};

use csv::WriterBuilder;
use memchr::memchr;

use super::buffer::PageLines;
use crate::encoding::json::{Object, decode, decoded_key};
use crate::encoding::json_string::StringError;

/// Name of the CSV column that has the members without their own column, as a JSON object.
const OTHER: &str = "other";

/// A row has a cell for each column, also for those that the record does not have: many columns
/// would make the file much larger than the response.
const MAX_COLUMNS: usize = 1_000;

/// The columns are in `state.json`, too.
const MAX_COLUMN_BYTES: usize = 64 << 10;

/// Returns the columns for `records`: the names of their members, as many as a row may have, and
/// one column for the other members.
pub(super) fn columns_of<'a>(records: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut columns = Vec::new();
    let mut bytes_left = MAX_COLUMN_BYTES;
    let mut known = HashSet::from([Cow::Borrowed(OTHER)]);
    for object in records.filter_map(|record| Object::parse(record).ok()) {
        for (key, _) in object.iter() {
            let fits = columns.len() < MAX_COLUMNS && key.len() <= bytes_left;
            if fits && !known.contains(&key) {
                bytes_left -= key.len();
                columns.push(key.to_string());
                known.insert(key);
            }
        }
    }
    columns.push(OTHER.to_owned());
    columns
}

/// Writes records as rows: strings are decoded, null is empty, other values are JSON.
pub(super) struct CsvRows<'a> {
    writer: csv::Writer<PageLines<'a>>,
    columns: &'a [String],
    /// The positions of the columns but `OTHER`.
    positions: HashMap<&'a str, usize>,
    other: Option<usize>,
    needs_header: bool,
}

impl<'a> CsvRows<'a> {
    pub(super) fn new(lines: PageLines<'a>, columns: &'a [String], needs_header: bool) -> Self {
        let numbered = columns.iter().enumerate();
        let own = numbered.filter(|(_, name)| *name != OTHER);
        CsvRows {
            writer: WriterBuilder::new().has_headers(false).from_writer(lines),
            columns,
            positions: own.map(|(position, name)| (&**name, position)).collect(),
            other: columns.iter().position(|name| name == OTHER),
            needs_header,
        }
    }

    /// Writes a row, after the header if that is missing. If a member is repeated, its last value
    /// counts.
    pub(super) fn add(&mut self, record: &str) -> io::Result<()> {
        if std::mem::take(&mut self.needs_header) {
            self.writer.write_record(self.columns).map_err(io_error)?;
        }
        let object = Object::parse(record).ok();
        let mut values = vec!["null"; self.columns.len()];
        for (key, value) in object.iter().flat_map(Object::raw_members) {
            if let Some(&position) = self.positions.get(&*decoded_key(key)) {
                values[position] = value;
            }
        }
        for (position, value) in values.into_iter().enumerate() {
            let written = match Some(position) == self.other {
                true => self
                    .writer
                    .write_field(self.others(record, object.as_ref())?),
                false => self.writer.write_field(&*self.cell(value)?),
            };
            written.map_err(io_error)?;
        }
        let end_of_row = self.writer.write_record(None::<&[u8]>);
        end_of_row.map_err(io_error)
    }

    /// Writes what is buffered.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }

    fn cell<'r>(&self, value: &'r str) -> io::Result<Cow<'r, str>> {
        if value == "null" {
            return Ok(Cow::Borrowed(""));
        }
        if value.starts_with('"') && memchr(b'\\', value.as_bytes()).is_some() {
            self.writer.get_ref().check_copy(value.len())?;
        }
        match decode(value) {
            Ok(string) => Ok(string),
            Err(StringError::NoMemory) => Err(ErrorKind::OutOfMemory.into()),
            // It is not a string, or has a surrogate without its other half.
            Err(_) => Ok(Cow::Borrowed(value)),
        }
    }

    /// Returns the members without their own column as a JSON object. A record that is not an
    /// object is kept unchanged.
    fn others<'r>(
        &self,
        record: &'r str,
        object: Option<&Object<'r>>,
    ) -> io::Result<Cow<'r, [u8]>> {
        let Some(object) = object else {
            return Ok(Cow::Borrowed(record.as_bytes()));
        };
        let members = || {
            let has_column = |key| self.positions.contains_key(&*decoded_key(key));
            let members = object.raw_members();
            members.filter(move |(key, _)| !has_column(key))
        };
        let lengths = members().map(|(key, value)| key.len() + value.len() + 2);
        let len = match lengths.sum() {
            0 => return Ok(Cow::Borrowed(b"")),
            len => len + 1,
        };
        self.writer.get_ref().check_copy(len)?;
        let mut others = Vec::new();
        let reserved = others.try_reserve_exact(len);
        reserved.map_err(|_| ErrorKind::OutOfMemory)?;
        for (key, value) in members() {
            others.push(if others.is_empty() { b'{' } else { b',' });
            for part in [key, ":", value] {
                others.extend_from_slice(part.as_bytes());
            }
        }
        others.push(b'}');
        Ok(Cow::Owned(others))
    }
}

/// Returns the error of the lines. The writer has no other ones.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::buffer::Buffer;
    use super::*;

    fn csv(columns: &[String], record: &str) -> String {
        let mut buffer = Buffer::default();
        let lines = PageLines::new(&mut buffer, usize::MAX);
        let mut rows = CsvRows::new(lines, columns, false);
        rows.add(record).unwrap();
        rows.finish().unwrap();
        String::from_utf8(buffer.contents()).unwrap()
    }

    #[test]
    fn columns_are_the_members_of_all_records() {
        let records = [r#"{"id":1,"a":2}"#, "7", r#"{"id":2,"other":1,"b":3}"#];
        assert_eq!(columns_of(records.into_iter()), ["id", "a", "b", "other"]);
    }

    #[test]
    fn members_beyond_the_bound_have_no_column() {
        let members: Vec<String> = (0..MAX_COLUMNS + 5)
            .map(|n| format!("\"m{n}\":{n}"))
            .collect();
        let record = format!("{{{}}}", members.join(","));
        let columns = columns_of([&*record].into_iter());
        assert_eq!(columns.len(), MAX_COLUMNS + 1);
        let row = csv(&columns, &record);
        assert!(row.contains(",999,\"{\"\"m1000\"\":1000,"), "{row}");
    }

    #[test]
    fn csv_keeps_every_member_of_a_record() {
        let columns = columns_of([r#"{"id":1,"text":"","links":{}}"#].into_iter());
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
