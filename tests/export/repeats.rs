//! Services that send records again: each version is written once, or there is an error.

use std::sync::atomic::Ordering;

use uservoice::{Export, Status};

use crate::service::{Directory, Service};
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
