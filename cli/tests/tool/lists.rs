//! `list`.

use std::io::{BufRead, BufReader};

use serde_json::Value;

use crate::{Site, finish, run_without_site};

#[test]
fn a_pipe_gets_one_record_per_line() {
    let site = Site::start();
    let out = site.run(&["list", "suggestions"]).ok();
    let ids: Vec<u64> = out
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["id"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(ids, (1..=1501).rev().collect::<Vec<_>>());
    let first = site
        .run(&["list", "/api/v1/suggestions", "-n", "2", "sort=oldest"])
        .ok();
    assert_eq!(first.lines().count(), 2);
}

#[test]
fn json_is_an_array() {
    let site = Site::start();
    let list = site.run(&["list", "forums", "--format", "json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 3);
    let none = site
        .run(&["list", "forums", "--format", "json", "-n", "0"])
        .ok();
    assert_eq!(none, "[]\n");
}

#[test]
fn csv_has_the_columns_that_were_asked_for() {
    let site = Site::start();
    let arguments = [
        "list",
        "suggestions",
        "-n",
        "2",
        "-f",
        "csv",
        "-c",
        "id,links.forum,closed_at",
    ];
    assert_eq!(
        site.run(&arguments).ok(),
        "id,links.forum,closed_at\n1501,1,\n1500,2,\n"
    );
    let out = site.run(&["list", "forums", "-f", "csv"]).ok();
    let header = out.lines().next().unwrap();
    assert!(
        header.contains("name,") && header.ends_with(",other"),
        "{header}"
    );
    assert_eq!(out.lines().count(), 4);
}

#[test]
fn table_shows_30_records_and_says_so() {
    let site = Site::start();
    let run = site.run(&["list", "suggestions", "-f", "table"]);
    assert_eq!(run.out.lines().count(), 31);
    assert!(run.out.starts_with("ID "), "{}", run.out);
    assert!(
        run.err.starts_with("Showing the first 30 records"),
        "{}",
        run.err
    );
    let table = site
        .run(&[
            "list",
            "users",
            "-n",
            "1",
            "-f",
            "table",
            "-c",
            "email_address",
        ])
        .ok();
    assert_eq!(
        table.lines().map(str::trim).collect::<Vec<_>>(),
        ["EMAIL_ADDRESS", "user249@sandbox.example"]
    );
}

#[test]
fn table_of_30_records_is_complete() {
    let site = Site::start();
    let since = "updated_after=2013-07-11T00:00:00Z";
    let run = site.run(&["list", "suggestions", since, "-f", "table"]);
    assert_eq!(run.out.lines().count(), 31, "{}", run.out);
    run.ok();
}

#[test]
fn columns_need_a_format_that_has_them() {
    run_without_site(&["list", "users", "--columns", "id"]).fails(2, "--columns: needs --format");
    run_without_site(&["list", "users", "-c", "id", "-f", "json"])
        .fails(2, "--columns: needs --format");
}

#[test]
fn columns_that_no_record_has_are_named() {
    let site = Site::start();
    for format in ["csv", "table"] {
        let run = |limit, columns| {
            site.run(&["list", "forums", "-f", format, "-n", limit, "-c", columns])
        };
        let list = run("2", "id,titel");
        assert_eq!((list.status, list.out.lines().count()), (0, 3));
        let warning =
            "uservoice: warning: no record has the column \"titel\". The first record has: ";
        assert!(list.err.starts_with(warning), "{}", list.err);
        assert!(list.err.contains(", name, "), "{}", list.err);
        let list = run("2", "id,titel,links.x");
        let warning = "uservoice: warning: no record has the columns [\"titel\", \"links.x\"]. ";
        assert!(list.err.starts_with(warning), "{}", list.err);
        run("2", "id,name").ok();
        // Nothing is known of the columns of no record.
        run("0", "id,titel").ok();
        let empty = run("2", "id,,name");
        assert_eq!(empty.status, 2);
        assert!(empty.err.contains("--columns"), "{}", empty.err);
    }
}

#[test]
fn records_before_an_error_are_printed() {
    let site = Site::start();
    site.add_fault(r#"{"path":"/api/v2/admin/suggestions","after":2,"times":100,"status":404}"#);
    let run = site.run(&["list", "suggestions"]);
    assert_eq!(run.out.lines().count(), 200);
    assert!(run.out.ends_with("}\n"));
    run.fails(4, "GET /api/v2/admin/suggestions: HTTP 404");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let site = Site::start();
    let mut child = site.spawn(&["list", "suggestions"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let run = finish(child);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
}
