//! Clocks that are wrong: the service's, ours, or both.

use std::fs;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uservoice::{Export, Status};

use crate::service::{Directory, START, Service};
use crate::windows::check_versions;

const USERS: &str = r#"{"resources":["users"]}"#;

/// Creates a service whose clock is right today.
fn service_of_today() -> Service {
    let service = Service::new(25);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    service.site.now.store(now, Ordering::SeqCst);
    service
}

fn next_error(service: &Service, directory: &Directory) -> String {
    let export = Export::new(&service.client(), None, &directory.0, USERS).unwrap();
    let error = export.next().unwrap_err();
    assert_eq!(error.status(), Status::FileError, "{error}");
    error.message().to_owned()
}

#[test]
fn dates_near_1970_are_read_back() {
    for date in [0, 30, 59, 60, 90] {
        let service = Service::new(25);
        let directory = Directory::new("epoch");
        service
            .site
            .date_offset
            .store(date - START, Ordering::SeqCst);
        for id in 1..4 {
            service.export(&directory, USERS);
            service.site.change(id);
        }
        // Then the clock is set.
        service.site.date_offset.store(0, Ordering::SeqCst);
        service.site.advance_clock(3600);
        service.export(&directory, USERS);
        service.site.change(5);
        service.export(&directory, USERS);
        check_versions(&service, &directory);
    }
}

/// The records are those of when the page was requested, which was before its `Date`.
#[test]
fn a_window_begins_before_its_first_response() {
    let service = Service::new(5);
    let directory = Directory::new("begin");
    service.export(&directory, USERS);
    let state = directory.state();
    let begun = state["resources"]["users"]["window"]["begun"].as_str();
    let begun = OffsetDateTime::parse(begun.unwrap(), &Rfc3339).unwrap();
    assert!(begun.unix_timestamp() < START, "{begun}");
}

#[test]
fn since_1970_is_read_back() {
    let service = Service::new(25);
    let directory = Directory::new("since-epoch");
    let options = r#"{"resources":["users"],"since":"1970-01-01"}"#;
    for id in 1..4 {
        service.export(&directory, options);
        service.site.change(id);
    }
    service.export(&directory, options);
    check_versions(&service, &directory);
}

#[test]
fn since_with_a_fraction_is_read_back() {
    let service = Service::new(25);
    let directory = Directory::new("fraction");
    let options = r#"{"resources":["users"],"since":"2015-01-01T00:00:00.25Z"}"#;
    service.export(&directory, options);
    service.export(&directory, options);
    check_versions(&service, &directory);
}

/// One response comes from a machine whose clock is wrong.
#[test]
fn date_in_the_future_hides_no_later_changes() {
    let service = service_of_today();
    let directory = Directory::new("future");
    service
        .site
        .date_offset
        .store(70 * 365 * 86400, Ordering::SeqCst);
    service.export(&directory, USERS);
    service.site.date_offset.store(0, Ordering::SeqCst);
    for id in 1..4 {
        service.site.change(id);
        service.export(&directory, USERS);
        check_versions(&service, &directory);
    }
}

/// The versions that were written before the last run are not remembered.
#[test]
fn date_in_the_past_repeats_no_version() {
    let service = Service::new(25);
    let directory = Directory::new("past");
    service.export(&directory, USERS);
    service.site.advance_clock(7200);
    service.export(&directory, USERS);
    service
        .site
        .date_offset
        .store(-86400 * 365, Ordering::SeqCst);
    for id in 1..4 {
        service.export(&directory, USERS);
        service.site.change(id);
    }
    service.site.date_offset.store(0, Ordering::SeqCst);
    service.export(&directory, USERS);
    check_versions(&service, &directory);
}

/// All clocks were wrong in the run before: nobody knows when that was.
#[test]
fn last_run_in_the_future_is_an_error() {
    let service = service_of_today();
    let directory = Directory::new("wrong-run");
    service.export(&directory, USERS);
    let state = directory.read("state.json");
    let begun = state.find("\"begun\":\"").unwrap() + "\"begun\":\"".len();
    let wrong = format!("{}2099{}", &state[..begun], &state[begun + 4..]);
    fs::write(directory.0.join("state.json"), &wrong).unwrap();
    for _ in 0..2 {
        let message = next_error(&service, &directory);
        assert!(
            message.contains("the last run of \"users\" was at 2099-"),
            "{message}"
        );
        assert!(message.contains("in the future"), "{message}");
    }
    check_versions(&service, &directory);
}

#[test]
fn since_in_the_future_is_not_an_error() {
    let service = service_of_today();
    let directory = Directory::new("since-future");
    let options = r#"{"resources":["users"],"since":"2999-01-01"}"#;
    service.export(&directory, options);
    service.export(&directory, options);
    assert_eq!(directory.read("users.jsonl"), "");
}
