//! Exports of pages whose lines and records take more memory than their text.

use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use uservoice::{Client, Export, Status};

use crate::counting::process_peak_of;
use crate::exhausted::limit_address_space;
use crate::{MIB, bound, service};

const JSON_LINES: &str = r#"{"resources":[{"name":"users","incremental":false}]}"#;
const INCREMENTAL: &str = r#"{"resources":["users"]}"#;
const CSV: &str = r#"{"format":"csv","resources":[{"name":"users","incremental":false}]}"#;

/// Pages that are larger in memory, or in the file, than in the response.
struct Attack {
    name: &'static str,
    options: &'static str,
    /// Returns the first record of each page, for the maximum size of a response.
    first: fn(usize) -> String,
    /// Returns the others, by number.
    record: fn(usize) -> String,
    /// How much of the maximum size they fill.
    percent: usize,
    /// Whether the pages are too large.
    fails: bool,
}

const fn attack(
    name: &'static str,
    options: &'static str,
    record: fn(usize) -> String,
    fails: bool,
) -> Attack {
    Attack {
        name,
        options,
        first: |_| r#"{"id":1,"text":"","updated_at":"2015-10-21"}"#.to_owned(),
        record,
        percent: 100,
        fails,
    }
}

static ATTACKS: [Attack; 14] = [
    attack("records", JSON_LINES, text, false),
    attack("digits", JSON_LINES, |_| "0".to_owned(), true),
    attack("dated records", INCREMENTAL, dated, true),
    Attack {
        percent: 10,
        ..attack("some dated records", INCREMENTAL, dated, false)
    },
    Attack {
        first: |max| format!(r#"{{"updated_at":"{}"}}"#, "x".repeat(max * 9 / 10)),
        percent: 0,
        ..attack("a long timestamp", INCREMENTAL, dated, true)
    },
    attack("rows", CSV, text, false),
    attack("quotes", CSV, quotes, true),
    Attack {
        percent: 40,
        ..attack("some quotes", CSV, quotes, false)
    },
    Attack {
        first: |_| members(1000),
        percent: 1,
        ..attack("columns", CSV, |_| "{}".to_owned(), true)
    },
    Attack {
        first: |_| members(300),
        percent: 1,
        ..attack("some columns", CSV, |_| "{}".to_owned(), false)
    },
    Attack {
        first: |max| members(max / 12),
        percent: 0,
        ..attack("members", CSV, text, true)
    },
    Attack {
        first: |max| members(max / 40),
        percent: 0,
        ..attack("some members", CSV, text, false)
    },
    Attack {
        first: |max| format!(r#"{{"id":"{}"}}"#, "\\u0041".repeat(max / 8)),
        percent: 0,
        ..attack("a string of escapes", CSV, text, true)
    },
    Attack {
        first: |max| format!(r#"{{"id":"{}"}}"#, "\\u0041".repeat(max / 24)),
        percent: 0,
        ..attack("a shorter string of escapes", CSV, text, false)
    },
];

fn text(number: usize) -> String {
    format!(r#"{{"id":{number},"text":"a string with an \u00e9 and a \" quote"}}"#)
}

fn quotes(_: usize) -> String {
    format!("[{}0]", "\"\",".repeat(100))
}

fn dated(number: usize) -> String {
    format!(r#"{{"id":{number},"updated_at":"9998-01-01"}}"#)
}

fn members(count: usize) -> String {
    let members: Vec<_> = (0..count).map(|n| format!("\"{n}\":0")).collect();
    format!("{{{}}}", members.join(","))
}

impl Attack {
    /// Returns the bodies of `count` pages, which have different records and cursors.
    fn pages(&self, count: usize, max: usize) -> Vec<Vec<u8>> {
        let mut number = 0;
        let mut page = |page: usize| {
            let mut body = format!(r#"{{"users":[{}"#, (self.first)(max));
            let cursor = (page + 1 < count).then(|| page + 1);
            let cursor = cursor.map_or("null".to_owned(), |cursor| cursor.to_string());
            let last = format!(
                r#",{{"id":{page},"updated_at":"2015-10-21"}}],"pagination":{{"cursor":{cursor}}}}}"#
            );
            loop {
                let record = (self.record)(number);
                if body.len() + 1 + record.len() + last.len() > max * self.percent / 100 {
                    break;
                }
                body = body + "," + &record;
                number += 1;
            }
            body += &last;
            assert!(body.len() <= max, "{}", self.name);
            body.into_bytes()
        };
        (0..count).map(&mut page).collect()
    }

    /// Exports the pages, or calls the export until it has failed often. Returns whether it has.
    fn export(&self, address: &str, max: usize, directory: &Path) -> bool {
        let options = format!(
            r#"{{"base_url":"http://{address}","max_retries":0,"max_response_bytes":{max},"prefetch_pages":0}}"#
        );
        let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
        let export = Export::new(&client, None, directory, self.options).unwrap();
        let mut failures = 0;
        while failures < 2 {
            match export.next() {
                Ok(None) => return false,
                Ok(Some(_)) => {}
                Err(error) => {
                    assert_eq!(error.status(), Status::BadResponse, "{error}");
                    assert!(error.message().len() < 1000, "{error}");
                    println!("{error}");
                    failures += 1;
                }
            }
        }
        true
    }
}

/// Runs a test again for each attack, in a process of its own. There, calls `test`.
fn for_each(
    attacks: impl Iterator<Item = (usize, &'static Attack)>,
    name: &str,
    test: fn(&Attack, &Path),
) {
    const ATTACK: &str = "USERVOICE_TEST_ATTACK";
    if let Ok(index) = env::var(ATTACK) {
        let index: usize = index.parse().unwrap();
        let directory = format!("memory-{name}-{index}-{}", std::process::id());
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(directory);
        test(&ATTACKS[index], &directory);
        return fs::remove_dir_all(directory).unwrap();
    }
    for (index, attack) in attacks {
        let mut inner = Command::new(env::current_exe().unwrap());
        inner.args(["--exact", &format!("exports::{name}"), "--nocapture"]);
        let output = inner.env(ATTACK, index.to_string()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        println!("{text}");
        assert_eq!(output.status.signal(), None, "{}: {text}", attack.name);
        assert!(output.status.success(), "{}: {text}", attack.name);
        assert!(text.contains("1 passed"), "{}: {text}", attack.name);
    }
}

/// One page is loaded, and others wait or are written.
#[test]
fn an_export_takes_a_bounded_number_of_responses() {
    const MAX: usize = 2 * MIB;
    let name = "an_export_takes_a_bounded_number_of_responses";
    for_each(ATTACKS.iter().enumerate(), name, |attack, directory| {
        // As many as a collection keeps for other readers, unless the first one fails.
        let count = if attack.fails { 2 } else { 8 };
        let address = service::start_pages(&attack.pages(count, MAX));
        let (failed, peak) = process_peak_of(|| attack.export(&address, MAX, directory));
        println!("{}: {peak} bytes", attack.name);
        assert_eq!(failed, attack.fails);
        assert!(peak <= bound(MAX) + 3 * MAX + 4 * MIB);
    });
}

/// There is memory for one page, but not for its lines.
#[test]
fn an_export_without_memory_for_a_page_reports_an_error() {
    const MAX: usize = 8 * MIB;
    let name = "an_export_without_memory_for_a_page_reports_an_error";
    let attacks = ATTACKS.iter().enumerate();
    let large = attacks.filter(|(_, attack)| attack.percent == 100);
    for_each(large, name, |attack, directory| {
        let address = service::start_pages(&attack.pages(1, MAX));
        limit_address_space(2 * MAX);
        attack.export(&address, MAX, directory);
    });
}
