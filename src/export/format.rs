//! The output formats: one JSON record per line, or CSV.

use std::io::{self, Write};

use memchr::memchr2_iter;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    JsonLines,
    Csv,
}

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

/// Writes a record as a line. Line breaks become spaces: in JSON they occur only between
/// tokens.
pub(super) fn add_json_line(mut lines: impl Write, record: &str) -> io::Result<()> {
    let mut start = 0;
    for at in memchr2_iter(b'\n', b'\r', record.as_bytes()) {
        lines.write_all(&record.as_bytes()[start..at])?;
        lines.write_all(b" ")?;
        start = at + 1;
    }
    lines.write_all(&record.as_bytes()[start..])?;
    lines.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_records_are_one_line_each() {
        let mut lines = Vec::new();
        for record in ["{\r\n \"a\": \"x\\n\",\n\"b\":1.10}", "7"] {
            add_json_line(&mut lines, record).unwrap();
        }
        assert_eq!(lines, b"{   \"a\": \"x\\n\", \"b\":1.10}\n7\n");
    }
}
