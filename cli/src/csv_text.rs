//! Records as CSV, as exports write it.

use csv::WriterBuilder;

use crate::error::{Error, Result};
use crate::output::Output;
use crate::record::Record;

/// The column of the members that have no column of their own.
const OTHER: &str = "other";

/// Writes records as lines of CSV.
pub struct CsvLines {
    /// Those of the first record, until they are known.
    columns: Vec<String>,
    has_other: bool,
    is_started: bool,
}

impl CsvLines {
    /// Without columns, they are the members of the first record, and `other`.
    pub fn new(columns: Option<&[String]>) -> Self {
        CsvLines {
            columns: columns.unwrap_or_default().to_vec(),
            has_other: columns.is_none(),
            is_started: false,
        }
    }

    pub fn add(&mut self, record: &Record, out: &mut Output) -> Result<()> {
        if self.has_other && !self.is_started {
            let names = record.names().filter(|&name| name != OTHER);
            self.columns = names.map(str::to_owned).collect();
        }
        self.start(out)?;
        let cells = self.columns.iter().map(|column| record.text(column));
        let other = self.has_other.then(|| record.other(&self.columns));
        write(cells.chain(other), out)
    }

    /// Writes the header line, unless there is one or nothing to write in it.
    pub fn start(&mut self, out: &mut Output) -> Result<()> {
        if self.is_started || self.columns.is_empty() {
            return Ok(());
        }
        self.is_started = true;
        let other = self.has_other.then(|| OTHER.to_owned());
        write(self.columns.iter().cloned().chain(other), out)
    }
}

fn write(cells: impl Iterator<Item = String>, out: &mut Output) -> Result<()> {
    let mut line = Vec::new();
    let mut writer = WriterBuilder::new().from_writer(&mut line);
    let written = writer.write_record(cells.collect::<Vec<_>>());
    written.map_err(|error| Error::Output(error.into()))?;
    writer.flush().map_err(Error::Output)?;
    drop(writer);
    out.write(&line)
}
