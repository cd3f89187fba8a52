//! Records as a table for people.

use anstyle::Style;
use comfy_table::{Cell, ContentArrangement, Row, Table, presets};

use crate::record::Record;

/// How a table is shown.
pub struct Look {
    /// Characters per line, if that is limited.
    pub width: Option<u16>,
    pub is_colored: bool,
}

/// Columns that say most about a record, in this order.
const USEFUL: [&str; 14] = [
    "id",
    "ticket_number",
    "title",
    "subject",
    "name",
    "display_name",
    "email",
    "email_address",
    "state",
    "votes_count",
    "vote_count",
    "created_at",
    "updated_at",
    "body",
];
const MAX_COLUMNS: usize = 5;

/// The least width at which the values of a column can be told apart.
const COLUMN_WIDTH: u16 = 12;

/// Formats records as a table, with the columns that were asked for, or those that are most useful.
pub fn format(records: &[String], columns: Option<&[String]>, look: &Look) -> String {
    let records: Vec<Record> = records.iter().map(|json| Record::parse(json)).collect();
    let columns = match (columns, records.first()) {
        (Some(columns), _) => columns.to_vec(),
        (None, Some(first)) => useful_columns(first, look),
        (None, None) => return String::new(),
    };
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Some(width) = look.width {
        table.set_width(width);
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    let mut header = Row::from(columns.iter().map(|column| column.to_uppercase()));
    header.max_height(1);
    table.set_header(header);
    for record in &records {
        let mut row = Row::new();
        row.max_height(1);
        for column in &columns {
            row.add_cell(Cell::new(one_line(&record.text(column))));
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let text = table.trim_fmt();
    match text.split_once('\n') {
        Some((header, rows)) if look.is_colored => {
            let bold = Style::new().bold();
            format!("{bold}{header}{bold:#}\n{rows}")
        }
        _ => text,
    }
}

/// Returns the columns that say most about a record, as many as fit.
fn useful_columns(record: &Record, look: &Look) -> Vec<String> {
    let fitting = look
        .width
        .map_or(MAX_COLUMNS, |width| usize::from(width / COLUMN_WIDTH));
    let max_columns = fitting.clamp(2, MAX_COLUMNS);
    let has = |name: &&&str| record.names().any(|found| found == **name);
    let useful: Vec<String> = USEFUL
        .iter()
        .filter(has)
        .take(max_columns)
        .map(ToString::to_string)
        .collect();
    match useful.len() {
        0 | 1 => record
            .names()
            .take(max_columns)
            .map(str::to_owned)
            .collect(),
        _ => useful,
    }
}

/// Replaces line breaks, and what a terminal would obey.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look = Look {
        width: None,
        is_colored: false,
    };

    #[test]
    fn shows_the_useful_columns_on_one_line_each() {
        let records = [
            r#"{"links":{},"title":"A\nb\u001b[2J","id":1,"state":"open"}"#,
            r#"{"id":20,"title":null,"state":"closed"}"#,
        ];
        let table = format(&records.map(String::from), None, &PLAIN);
        let rows: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            rows,
            [
                vec!["ID", "TITLE", "STATE"],
                vec!["1", "A", "b", "[2J", "open"],
                vec!["20", "closed"]
            ]
        );
    }

    #[test]
    fn long_values_are_cut_at_the_width_of_the_terminal() {
        let look = Look {
            width: Some(40),
            is_colored: true,
        };
        let record = format!("{{\"id\":1,\"title\":\"{}\"}}", "word ".repeat(20));
        let table = format(&[record], None, &look);
        assert!(table.starts_with("\u{1b}[1mID "), "{table:?}");
        assert_eq!(table.lines().count(), 2);
        assert!(
            table.lines().all(|line| line.chars().count() <= 49),
            "{table}"
        );
    }

    #[test]
    fn narrow_terminals_get_fewer_columns() {
        let look = Look {
            width: Some(20),
            is_colored: false,
        };
        let record = r#"{"id":1501,"title":"Dark mode","state":"open","votes_count":1}"#;
        assert_eq!(
            format(&[record.to_owned()], None, &look),
            "ID    TITLE\n1501  Dark mode"
        );
    }

    #[test]
    fn shows_the_columns_that_were_asked_for() {
        let columns = ["links.forum".to_owned()];
        let table = format(
            &[r#"{"id":1,"links":{"forum":7}}"#.to_owned()],
            Some(&columns),
            &PLAIN,
        );
        assert_eq!(
            table.split_whitespace().collect::<Vec<_>>(),
            ["LINKS.FORUM", "7"]
        );
    }
}
