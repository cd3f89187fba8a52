//! Services that send records again: each version is written once, or there is an error.

use std::sync::atomic::Ordering;

use uservoice::{Export, Status};

use crate::server::{Server, response};
use crate::service::{Directory, Service, client};
use crate::windows::check_versions;

const USERS: &str = r#"{"resources":["users"]}"#;
const WHOLE: &str = r#"{"resources":[{"name":"users","incremental":false}]}"#;

#[test]
fn service_that_ignores_updated_after_repeats_no_version() {
    let service = Service::new(25);
    service.site.ignores_window.store(true, Ordering::SeqCst);
    let directory = Directory::new("ignored");
    for id in 1..6 {
        service.export(&directory, USERS);
        service.site.advance_clock(3600);
        service.site.change(id);
        service.site.change(100 + id);
    }
    service.export(&directory, USERS);
    check_versions(&service, &directory);
    // The versions of the last minute before a run are in the state, and no others.
    service.site.advance_clock(3600);
    service.export(&directory, USERS);
    service.export(&directory, USERS);
    let mut files = std::fs::read_dir(&directory.0).unwrap();
    assert!(files.all(|file| {
        !file
            .unwrap()
            .path()
            .to_string_lossy()
            .contains("state.users")
    }));
}

#[test]
fn records_without_updated_at_are_an_error_of_an_incremental_list() {
    let service = Service::new(25);
    service.site.undated.store(true, Ordering::SeqCst);
    let directory = Directory::new("undated");
    let export = Export::new(&service.client(), None, &directory.0, USERS).unwrap();
    for _ in 0..2 {
        let error = export.next().unwrap_err();
        assert_eq!(error.status(), Status::BadResponse);
        for part in [
            "the record 1 ",
            "\"updated_at\"",
            "\"incremental\": false",
            "\"users\"",
        ] {
            assert!(error.message().contains(part), "{error}");
        }
    }
    drop(export);
    // What the message says, in the same directory.
    for _ in 0..2 {
        service.export(&directory, WHOLE);
        assert_eq!(directory.read("users.jsonl").lines().count(), 25);
    }
}

/// Each call after an error, and each later process, resumes the export.
fn calls_after_the_error_write_nothing_more(
    name: &str,
    page: impl Fn(&str) -> String + Send + Sync + 'static,
) {
    let record = r#"{"id":1,"updated_at":"2015-10-21T07:28:00Z"}"#;
    let server = Server::with_handler(move |request| {
        let page = page(request).replace("RECORD", record);
        response("200 OK", "", &format!("{{\"users\":{page}}}"))
    });
    let client = client(&server.base_url, "");
    let directory = Directory::new(name);
    let open = || Export::new(&client, None, &directory.0, USERS).unwrap();
    let export = open();
    let error = (0..20).find_map(|_| export.next().err()).unwrap();
    assert_eq!(error.status(), Status::BadResponse);
    drop(export);
    let errors = |export: &Export| (0..10).filter(|_| export.next().is_err()).count();
    errors(&open());
    let written = directory.read("users.jsonl");
    assert!(written.lines().count() < 20, "{written}");
    for _ in 0..3 {
        assert_eq!(errors(&open()), 10);
    }
    assert_eq!(directory.read("users.jsonl"), written);
}

#[test]
fn repeated_cursors_are_an_error() {
    let circle = |cursors: &'static [&str]| {
        move |request: &str| {
            let after = |cursor: &&str| request.contains(&format!("cursor={cursor} "));
            let next = cursors.iter().position(after).map_or(0, |at| at + 1);
            let next = cursors[next % cursors.len()];
            let record = format!(r#"{{"id":"{next}","updated_at":"2015-10-21T07:28:00Z"}}"#);
            format!("[{record}],\"pagination\":{{\"cursor\":\"{next}\"}}")
        }
    };
    calls_after_the_error_write_nothing_more("circle-1", circle(&["same"]));
    calls_after_the_error_write_nothing_more("circle-2", circle(&["A", "B"]));
    calls_after_the_error_write_nothing_more("circle-3", circle(&["A", "B", "C"]));
}

#[test]
fn service_that_ignores_the_page_number_is_an_error() {
    let page = |_: &str| r#"[RECORD],"pagination":{"per_page":1,"total_records":50}"#.to_owned();
    calls_after_the_error_write_nothing_more("same-page", page);
}

/// Exports a list whose service reports neither total, page size nor cursors. Returns the file.
fn export_unsized(name: &str, pages: &'static [&'static str]) -> String {
    let server = Server::with_handler(move |request| {
        let number = request.split("&page=").nth(1);
        let number = number.map_or(1, |rest| rest.split(' ').next().unwrap().parse().unwrap());
        let page = pages.get(number - 1).unwrap_or(&"[]");
        response("200 OK", "", &format!("{{\"users\":{page}}}"))
    });
    let client = client(&server.base_url, "");
    let directory = Directory::new(name);
    let export = Export::new(&client, None, &directory.0, WHOLE).unwrap();
    while export.next().unwrap().is_some() {}
    directory.read("users.jsonl")
}

#[test]
fn pages_that_begin_and_end_alike_are_written() {
    let written = export_unsized("alike", &["[1,2,1]", "[1,3,1]", "[4]"]);
    assert_eq!(written, "1\n2\n1\n1\n3\n1\n4\n");
}

/// The service returns the whole list for every page.
#[test]
fn a_list_without_pages_is_written_once_if_a_record_changes_meanwhile() {
    const PAGES: [&str; 2] = [
        r#"[{"id":1},{"id":2,"v":1},{"id":3}]"#,
        r#"[{"id":1},{"id":2,"v":2},{"id":3}]"#,
    ];
    let written = export_unsized("changed", &PAGES);
    assert_eq!(written, "{\"id\":1}\n{\"id\":2,\"v\":1}\n{\"id\":3}\n");
}

/// Versions of the last minute are remembered while the page is read.
#[test]
fn record_that_a_page_repeats_is_written_once() {
    let body = r#"{"users":[RECORD,{"id":2,"updated_at":"2015-10-21T07:28:00Z"},RECORD]}"#;
    let body = body.replace("RECORD", r#"{"id":1,"updated_at":"2015-10-21T07:28:00Z"}"#);
    let date = "Date: Wed, 21 Oct 2015 07:28:10 GMT\r\n";
    let server = Server::with_handler(move |_| response("200 OK", date, &body));
    let client = client(&server.base_url, "");
    let directory = Directory::new("twice-in-a-page");
    let export = Export::new(&client, None, &directory.0, USERS).unwrap();
    while export.next().unwrap().is_some() {}
    assert_eq!(directory.read("users.jsonl").lines().count(), 2);
    assert_eq!(directory.read("state.users.0").lines().count(), 2);
}
