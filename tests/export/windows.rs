//! What has changed since the last run, and while one runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use crate::service::{Directory, PER_PAGE, START, Service};

const USERS: &str = r#"{"resources":["users"]}"#;

/// The id and the version of each line, in their order.
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

/// No version twice, and of each record the last one at last.
fn check_versions(service: &Service, directory: &Directory) {
    let written = versions(&directory.read("users.jsonl"));
    let distinct: BTreeSet<_> = written.iter().collect();
    assert_eq!(distinct.len(), written.len(), "a version twice");
    let last: BTreeMap<_, _> = written.into_iter().collect();
    let there: BTreeMap<_, _> = versions(&service.site.lines(|_| true))
        .into_iter()
        .collect();
    assert_eq!(last, there);
}

#[test]
fn a_record_that_changes_while_the_list_is_read_is_not_lost() {
    let service = Service::new(100);
    let directory = Directory::new("changes");
    for run in 0..3 {
        // Before each page: one that was read, one that was not, a hot one, a new one.
        let mut page = 0;
        service.site.meanwhile(move |site| {
            site.pass(1);
            for id in [page * 10 + 1, 100 - page, 55, 200 + run * 100 + page] {
                site.change(id.max(1));
            }
            page += 1;
            // More than once in a second.
            site.change(55);
        });
        service.export(&directory, USERS);
        service.site.meanwhile(|_| ());
        service.site.pass(if run == 0 { 0 } else { 30 });
    }
    service.export(&directory, USERS);
    check_versions(&service, &directory);
    // What the state remembers is of the last minute and not more.
    service.site.pass(7200);
    service.export(&directory, USERS);
    service.export(&directory, USERS);
    check_versions(&service, &directory);
    let names = std::fs::read_dir(&directory.0).unwrap();
    let mut names: Vec<_> = names.map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["state.json", "state.lock", "users.jsonl"]);
}

/// By the clock of a machine that is up to a minute off the one that dates
/// records, and whatever our own clock says.
#[test]
fn clocks_need_not_agree() {
    for offset in [-3600, -59, 0, 59] {
        let service = Service::new(30);
        let directory = Directory::new("clocks");
        service.site.date_offset.store(offset, Ordering::SeqCst);
        service.site.meanwhile(|site| site.pass(7));
        for id in 1..20 {
            service.export(&directory, USERS);
            service.site.change(id);
        }
        service.export(&directory, USERS);
        check_versions(&service, &directory);
    }
}

#[test]
fn borders_are_exact_whatever_the_service_means() {
    for inclusive in [false, true] {
        let service = Service::new(0);
        service.site.inclusive.store(inclusive, Ordering::SeqCst);
        for id in 1..=9 {
            service.site.change(id);
            service.site.pass(1);
        }
        let directory = Directory::new("borders");
        let options = r#"{"resources":["users"],"since":"2015-10-21T07:28:02Z",
            "until":"2015-10-21T09:28:06+02:00"}"#;
        service.export(&directory, options);
        let written = versions(&directory.read("users.jsonl"));
        assert_eq!(written, [(3, 1), (4, 1), (5, 1), (6, 1)]);
        // Nothing that comes later belongs to it.
        service.site.pass(120);
        service.site.change(4);
        service.export(&directory, options);
        let requests = service.site.requests.load(Ordering::SeqCst);
        service.export(&directory, options);
        assert_eq!(service.site.requests.load(Ordering::SeqCst), requests);
        assert_eq!(versions(&directory.read("users.jsonl")), written);
    }
}

#[test]
fn a_run_asks_for_what_has_changed_and_nothing_else() {
    let service = Service::new(1000);
    let directory = Directory::new("asks");
    service.export(&directory, USERS);
    let requests = || service.site.requests.swap(0, Ordering::SeqCst);
    assert_eq!(requests(), 1000 / PER_PAGE);
    service.site.pass(100);
    (1..=15).for_each(|id| service.site.change(id));
    service.export(&directory, USERS);
    assert_eq!(requests(), 2);
    assert_eq!(service.site.now.load(Ordering::SeqCst), START + 100);
    check_versions(&service, &directory);
}

/// A list of API v1 has no windows: each run gives it whole, in one step.
#[test]
fn a_list_without_windows_is_written_anew() {
    let service = Service::new(25);
    let directory = Directory::new("whole");
    let options = r#"{"resources":[{"name":"users","path":"/api/v1/users"}]}"#;
    service.export(&directory, options);
    let first = service.site.lines(|_| true);
    assert_eq!(directory.read("users.jsonl"), first);
    (20..40).for_each(|id| service.site.change(id));

    // One that is interrupted leaves the last one there, and is gone on with.
    let client = service.client();
    let export = uservoice::Export::new(&client, None, &directory.0, options).unwrap();
    export.next().unwrap();
    drop(export);
    assert_eq!(directory.read("users.jsonl"), first);
    let second = service.site.lines(|_| true);
    // It has been read, so that the change is not in this run.
    service.site.change(1);
    service.export(&directory, options);
    assert_eq!(directory.read("users.jsonl"), second);
    service.export(&directory, options);
    assert_eq!(directory.read("users.jsonl"), service.site.lines(|_| true));
    assert!(!directory.0.join("users.jsonl.part").exists());
}
