//! `export`.

use std::fs;

use serde_json::Value;

use crate::{Site, interrupt};

/// Returns the number of records in a file of an export.
fn records(site: &Site, file: &str) -> usize {
    let text = fs::read_to_string(site.path(file)).unwrap();
    text.lines().filter(|line| line.starts_with("{\"")).count()
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
fn export_fails_with_the_status_of_the_error() {
    let site = Site::start();
    let unknown = site
        .run(&["export", "a", "nothing"])
        .fails(4, "GET /api/v2/admin/nothing: HTTP 404");
    assert!(!unknown.err.contains("again to resume"), "{}", unknown.err);
    fs::write(site.path("file"), "").unwrap();
    site.run(&["export", "file", "users"]).fails(8, "");
    site.run(&["export", "b", "users", "--since", "x"])
        .fails(2, "options.since: ");
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
