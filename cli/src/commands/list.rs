//! `list`: the records of a list.

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;
use uservoice::Collection;

use crate::args::Global;
use crate::csv_text::CsvLines;
use crate::error::{Error, Result};
use crate::items;
use crate::output::{Output, note};
use crate::record::{MissingColumns, Record};
use crate::session::{Acting, Session, full_path};
use crate::table;

/// Print the records of a list, of any length
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Path, such as suggestions (short for /api/v2/admin/suggestions) or /api/v1/suggestions
    path: String,
    /// Parameters of the query, as those of `uservoice get`
    #[arg(value_name = "ITEM")]
    items: Vec<String>,
    /// Print at most N records [default: all; 30 in a table]
    #[arg(long, short = 'n', value_name = "N", allow_negative_numbers = true)]
    limit: Option<usize>,
    /// How to print records [default: table on a terminal, otherwise jsonl]
    #[arg(
        long,
        short,
        value_enum,
        hide_possible_values = true,
        value_name = "FORMAT"
    )]
    format: Option<Format>,
    /// Columns of a table or CSV, such as id,title,links.forum
    #[arg(
        long,
        short,
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = NonEmptyStringValueParser::new()
    )]
    columns: Option<Vec<String>>,
    #[command(flatten)]
    acting: Acting,
}

const AFTER_HELP: &str = "\
Formats:
  jsonl   One record per line, as it arrived
  json    An array
  csv     Without --columns: the members of the first record, and all others in `other`
  table   For people

Examples:
  uservoice list suggestions sort=-votes_count --limit 5
  uservoice list suggestions --limit 5 --format table --columns votes_count,title
  uservoice list users --format csv >users.csv";

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Jsonl,
    Json,
    Csv,
    Table,
}

/// The number of records in a table without --limit.
const TABLE_LIMIT: usize = 30;

pub fn run(global: &Global, args: &Args) -> Result<()> {
    let path = full_path(&args.path)?;
    let params = items::to_json(&args.items)?;
    let mut out = Output::open();
    let format = args.format.unwrap_or(match out.is_terminal {
        true => Format::Table,
        false => Format::Jsonl,
    });
    if args.columns.is_some() && !matches!(format, Format::Csv | Format::Table) {
        return Err(Error::usage(
            "--columns: needs --format csv or --format table; in a pipe, the format is jsonl",
        ));
    }
    let limit = match format {
        // One more tells whether there are more.
        Format::Table => Some(args.limit.unwrap_or(TABLE_LIMIT + 1)),
        _ => args.limit,
    };
    let session = Session::open(global)?;
    let token = session.token(&path, &args.acting)?;
    let records = Collection::new(
        &session.client,
        token.as_ref(),
        &path,
        params.as_deref(),
        limit,
    )?;
    let result = match format {
        Format::Jsonl => json_lines(&records, &mut out),
        Format::Json => json(&records, &mut out),
        Format::Csv => csv(&records, args, &mut out),
        Format::Table => table(&records, args, &mut out),
    };
    // What was read before an error is complete lines.
    out.flush()?;
    result
}

fn json_lines(records: &Collection, out: &mut Output) -> Result<()> {
    while let Some(record) = records.next()? {
        out.json_line(&record)?;
    }
    Ok(())
}

fn json(records: &Collection, out: &mut Output) -> Result<()> {
    let mut separator = "[\n";
    while let Some(record) = records.next()? {
        out.write(separator.as_bytes())?;
        out.write(record.as_bytes())?;
        separator = ",\n";
    }
    out.line(if separator == "[\n" { "[]" } else { "\n]" })
}

fn csv(records: &Collection, args: &Args, out: &mut Output) -> Result<()> {
    let mut lines = CsvLines::new(args.columns.as_deref());
    let mut missing = MissingColumns::new(args.columns.as_deref());
    while let Some(json) = records.next()? {
        let record = Record::parse(&json);
        lines.add(&record, out)?;
        missing.add(&record);
    }
    lines.start(out)?;
    warn_of(&missing, out)
}

fn table(records: &Collection, args: &Args, out: &mut Output) -> Result<()> {
    let mut rows = Vec::new();
    while let Some(record) = records.next()? {
        rows.push(record);
    }
    let has_more = args.limit.is_none() && rows.len() > TABLE_LIMIT;
    if has_more {
        rows.truncate(TABLE_LIMIT);
    }
    let table = table::format(&rows, args.columns.as_deref(), &out.look());
    if !table.is_empty() {
        out.line(&table)?;
    }
    let mut missing = MissingColumns::new(args.columns.as_deref());
    for row in &rows {
        missing.add(&Record::parse(row));
    }
    warn_of(&missing, out)?;
    if has_more {
        note(&format!(
            "Showing the first {TABLE_LIMIT} records; --limit N shows more, --format csv shows all."
        ));
    }
    Ok(())
}

/// Writes what is buffered, and then, below it, which columns are empty.
fn warn_of(missing: &MissingColumns, out: &mut Output) -> Result<()> {
    out.flush()?;
    if let Some(warning) = missing.warning() {
        note(&format!("uservoice: warning: {warning}"));
    }
    Ok(())
}
