//! `export`.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{Site, interrupt, run};

/// Returns the number of records in a file of an export.
fn records(site: &Site, file: &str) -> usize {
    let text = fs::read_to_string(site.path(file)).unwrap();
    text.lines().filter(|line| line.starts_with("{\"")).count()
}

/// As `records`, also if there is no file.
fn records_if_any(site: &Site, file: &str) -> usize {
    match site.path(file).exists() {
        true => records(site, file),
        false => 0,
    }
}

/// Returns the ids of the exported suggestions, in their order.
fn ids(site: &Site) -> Vec<u64> {
    let text = fs::read_to_string(site.path("backup/suggestions.jsonl")).unwrap();
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_u64();
    let mut ids: Vec<u64> = text.lines().filter_map(id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn export_writes_lists_and_says_how_much() {
    let site = Site::start();
    let out = site.run(&["export", "backup", "suggestions", "users"]).ok();
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["list"], "suggestions");
    assert_eq!(lines[0]["written"], 1501);
    assert_eq!(lines[0]["file"], "backup/suggestions.jsonl");
    assert_eq!(lines[1]["written"], 250);
    assert_eq!(records(&site, "backup/suggestions.jsonl"), 1501);
    site.run(&["post", "suggestions", "title=a", "links[forum]:=1"])
        .ok();
    let out = site.run(&["export", "backup", "suggestions", "users"]).ok();
    assert!(
        out.starts_with("{\"list\":\"suggestions\",\"written\":1,"),
        "{out}"
    );
    assert_eq!(records(&site, "backup/suggestions.jsonl"), 1502);
}

#[test]
fn export_takes_the_usual_lists_and_paths_of_api_v1() {
    let site = Site::start();
    site.run(&["export", "all", "--format", "csv", "--since", "2013-01-01"])
        .ok();
    for list in ["suggestions", "users", "forums", "comments"] {
        assert!(site.path(&format!("all/{list}.csv")).exists(), "{list}");
    }
    site.run(&["export", "old", "/api/v1/suggestions.json?sort=oldest"])
        .ok();
    assert_eq!(records(&site, "old/suggestions.jsonl"), 1501);
    site.run(&["export", "new", "users?per_page=50", "forums"])
        .ok();
    assert_eq!(records(&site, "new/users.jsonl"), 250);
    site.run(&["export", "two", "users", "teams/1/users"])
        .fails(2, "teams/1/users: another list has the same file name");
    site.run(&["export", "both", "/api/v1/users", "users"])
        .fails(2, "lists of API v1 and v2 need different logins");
    site.run(&["export", "all", "users", "--format", "jsonl"])
        .fails(2, "options");
}

#[test]
fn ctrl_c_leaves_an_export_that_the_same_command_resumes() {
    let site = Site::start();
    site.add_fault(r#"{"path":"/api/v2/admin/suggestions","after":3,"times":1,"delay_ms":600000}"#);
    let child = site.spawn(&["export", "backup", "suggestions"]);
    site.wait_for_faults();
    let interrupted = interrupt(child);
    assert_eq!((interrupted.status, interrupted.out.as_str()), (130, ""));
    assert!(
        interrupted.err.contains("interrupted"),
        "{}",
        interrupted.err
    );
    assert!(
        interrupted.err.contains("Run the same command again"),
        "{}",
        interrupted.err
    );
    site.run(&["export", "backup", "suggestions"]).ok();
    assert_eq!(records(&site, "backup/suggestions.jsonl"), 1501);
}

#[test]
fn an_export_that_is_killed_is_resumed() {
    let site = Site::start();
    site.add_fault(r#"{"path":"/api/v2/admin/suggestions","after":8,"times":1,"delay_ms":600000}"#);
    let mut child = site.spawn(&["export", "backup", "suggestions"]);
    let is_started = || records_if_any(&site, "backup/suggestions.jsonl") > 0;
    while !is_started() {
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::SIGKILL as i32));
    site.run(&["export", "backup", "suggestions"]).ok();
    assert_eq!(ids(&site), (1..=1501).collect::<Vec<_>>());
}

#[test]
fn an_export_on_a_full_disk_is_resumed() {
    let site = Site::start();
    let arguments = ["export", "backup", "suggestions"];
    let mut limited = site.shell(r#"ulimit -f 1000; exec "$0" "$@""#, &arguments);
    let full = run(&mut limited, "").fails(8, "");
    assert!(
        full.err
            .contains("backup/suggestions.jsonl: File too large"),
        "{}",
        full.err
    );
    assert!(
        full.err.contains("Run the same command again"),
        "{}",
        full.err
    );
    assert!(records_if_any(&site, "backup/suggestions.jsonl") < 1501);
    site.run(&arguments).ok();
    assert_eq!(ids(&site), (1..=1501).collect::<Vec<_>>());
}

#[test]
fn csv_keeps_what_spreadsheets_take_for_formulas() {
    let site = Site::start();
    for title in ["=1+1", "+1", "-1", "@a"] {
        let title = format!("title:={}", Value::from(title));
        site.run(&["post", "suggestions", &title, "links[forum]:=1"])
            .ok();
    }
    let arguments = ["list", "suggestions", "-n", "4", "-f", "csv", "-c", "title"];
    assert_eq!(site.run(&arguments).ok(), "title\n@a\n-1\n+1\n=1+1\n");
    site.run(&["export", "backup", "suggestions", "-f", "csv"])
        .ok();
    let text = fs::read_to_string(site.path("backup/suggestions.csv")).unwrap();
    assert!(text.contains(",=1+1,") && text.contains(",@a,"), "{text}");
}

#[test]
fn export_fails_with_the_status_of_the_error() {
    let site = Site::start();
    let unknown = site
        .run(&["export", "a", "nothing"])
        .fails(4, "GET /api/v2/admin/nothing: HTTP 404");
    assert!(!unknown.err.contains("again to resume"), "{}", unknown.err);
    fs::write(site.path("file"), "").unwrap();
    let file = site.run(&["export", "file", "users"]).fails(8, "");
    assert!(
        file.err.ends_with("/file: not a directory\n"),
        "{}",
        file.err
    );
    site.run(&["export", "b", "users", "--since", "x"])
        .fails(2, "--since: must be");
    site.run(&["export", "b", ""]).fails(2, "the path is empty");
}

#[test]
fn export_says_how_long_to_wait_for_the_rate_limit() {
    let site = Site::start();
    let limit = "\"status\":429,\"retry_after\":\"7200\"";
    site.add_fault(&format!(
        "{{\"path\":\"/api/v2/admin/users\",\"times\":1,{limit}}}"
    ));
    let run = site
        .run(&["export", "backup", "users"])
        .fails(5, "GET /api/v2/admin/users: HTTP 429");
    assert!(run.err.contains("Wait 7200 seconds"), "{}", run.err);
}
