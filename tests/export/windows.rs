//! Incremental exports: records that change between runs and during one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use crate::service::{Directory, PER_PAGE, START, Service};

const USERS: &str = r#"{"resources":["users"]}"#;

/// Returns id and version of each line, in order.
fn versions(text: &str) -> Vec<(u64, u64)> {
    let version = |line| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        (
            record["id"].as_u64().unwrap(),
            record["version"].as_u64().unwrap(),
        )
    };
    text.lines().map(version).collect()
}

/// Checks that no version was written twice, and that the last version of each record comes last.
pub fn check_versions(service: &Service, directory: &Directory) {
    let written = versions(&directory.read("users.jsonl"));
    let distinct: BTreeSet<_> = written.iter().collect();
    assert_eq!(distinct.len(), written.len(), "duplicate version");
    let last: BTreeMap<_, _> = written.into_iter().collect();
    let expected: BTreeMap<_, _> = versions(&service.site.lines(|_| true))
        .into_iter()
        .collect();
    assert_eq!(last, expected);
}

#[test]
fn records_that_change_during_a_run_are_not_lost() {
    let service = Service::new(100);
    let directory = Directory::new("changes");
    for run in 0..3 {
        // Before each page changes a record that was read, one that was not, one that changes
        // often, and a new one.
        let mut page = 0;
        service.site.before_response(move |site| {
            site.advance_clock(1);
            for id in [page * 10 + 1, 100 - page, 55, 200 + run * 100 + page] {
                site.change(id.max(1));
            }
            page += 1;
            // A second change within the same second.
            site.change(55);
        });
        service.export(&directory, USERS);
        service.site.before_response(|_| ());
        service.site.advance_clock(if run == 0 { 0 } else { 30 });
    }
    service.export(&directory, USERS);
    check_versions(&service, &directory);
    // The state remembers the versions of the last minute only.
    service.site.advance_clock(7200);
    service.export(&directory, USERS);
    service.export(&directory, USERS);
    check_versions(&service, &directory);
    let names = std::fs::read_dir(&directory.0).unwrap();
    let mut names: Vec<_> = names.map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["state.json", "state.lock", "users.jsonl"]);
}

/// The clock of the `Date` header differs by up to a minute from the clock of `updated_at`, and
/// by years from the client's.
#[test]
fn clocks_may_differ_by_a_minute() {
    for offset in [-3600, -59, 0, 59] {
        let service = Service::new(30);
        let directory = Directory::new("clocks");
        service.site.date_offset.store(offset, Ordering::SeqCst);
        service.site.before_response(|site| site.advance_clock(7));
        for id in 1..20 {
            service.export(&directory, USERS);
            service.site.change(id);
        }
        service.export(&directory, USERS);
        check_versions(&service, &directory);
    }
}

#[test]
fn since_is_inclusive_and_until_exclusive() {
    for inclusive in [false, true] {
        let service = Service::new(0);
        service.site.inclusive.store(inclusive, Ordering::SeqCst);
        for id in 1..=9 {
            service.site.change(id);
            service.site.advance_clock(1);
        }
        let directory = Directory::new("borders");
        let options = r#"{"resources":["users"],"since":"2015-10-21T07:28:02Z",
            "until":"2015-10-21T09:28:06+02:00"}"#;
        service.export(&directory, options);
        let written = versions(&directory.read("users.jsonl"));
        assert_eq!(written, [(3, 1), (4, 1), (5, 1), (6, 1)]);
        // Later changes do not belong to the export.
        service.site.advance_clock(120);
        service.site.change(4);
        service.export(&directory, options);
        let requests = service.site.requests.load(Ordering::SeqCst);
        service.export(&directory, options);
        assert_eq!(service.site.requests.load(Ordering::SeqCst), requests);
        assert_eq!(versions(&directory.read("users.jsonl")), written);
    }
}

#[test]
fn run_requests_only_changed_records() {
    let service = Service::new(1000);
    let directory = Directory::new("asks");
    service.export(&directory, USERS);
    let requests = || service.site.requests.swap(0, Ordering::SeqCst);
    assert_eq!(requests(), 1000 / PER_PAGE);
    service.site.advance_clock(100);
    (1..=15).for_each(|id| service.site.change(id));
    service.export(&directory, USERS);
    assert_eq!(requests(), 2);
    assert_eq!(service.site.now.load(Ordering::SeqCst), START + 100);
    check_versions(&service, &directory);
}

/// A list of API v1 is not incremental: each run replaces the file at its end.
#[test]
fn list_of_api_v1_is_replaced_in_each_run() {
    let service = Service::new(25);
    let directory = Directory::new("whole");
    let options = r#"{"resources":[{"name":"users","path":"/api/v1/users"}]}"#;
    service.export(&directory, options);
    let first = service.site.lines(|_| true);
    assert_eq!(directory.read("users.jsonl"), first);
    (20..40).for_each(|id| service.site.change(id));

    // An interrupted run leaves the file as it was, and is resumed.
    let client = service.client();
    let export = uservoice::Export::new(&client, None, &directory.0, options).unwrap();
    export.next().unwrap();
    drop(export);
    assert_eq!(directory.read("users.jsonl"), first);
    let second = service.site.lines(|_| true);
    // This page is already written, so the run does not include the change.
    service.site.change(1);
    service.export(&directory, options);
    assert_eq!(directory.read("users.jsonl"), second);
    service.export(&directory, options);
    assert_eq!(directory.read("users.jsonl"), service.site.lines(|_| true));
    assert!(!directory.0.join("users.jsonl.part").exists());
}
