//! Directories, damaged files, errors, limits, cancel and threads.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use uservoice::{Export, LogLevel, Status};

use crate::server::{Server, response};
use crate::service::{Directory, Service, client, open_error};

const USERS: &str = r#"{"resources":["users"]}"#;

#[test]
fn locks_its_directory() {
    let service = Service::new(5);
    let directory = Directory::new("lock");
    let export = Export::new(&service.client(), None, &directory.0, USERS).unwrap();
    let message = open_error(&service, &directory.0, USERS, Status::FileError);
    assert!(
        message.contains("another export uses this directory"),
        "{message}"
    );
    assert!(
        message.starts_with(directory.0.to_str().unwrap()),
        "{message}"
    );
    drop(export);
    service.export(&directory, USERS);
}

#[test]
fn reports_an_unusable_directory() {
    let service = Service::new(5);
    let directory = Directory::new("refused");
    fs::write(&directory.0, "a file").unwrap();
    let message = open_error(&service, &directory.0, USERS, Status::FileError);
    assert!(message.contains("not a directory"), "{message}");
    fs::remove_file(&directory.0).unwrap();
    let message = open_error(&service, "/proc/export".as_ref(), USERS, Status::FileError);
    assert!(message.starts_with("/proc/export: "), "{message}");

    // A file of another program is not overwritten.
    fs::create_dir(&directory.0).unwrap();
    fs::write(directory.0.join("users.jsonl"), "mine").unwrap();
    let message = open_error(&service, &directory.0, USERS, Status::FileError);
    assert!(message.contains("users.jsonl: exists already"), "{message}");
    assert_eq!(directory.read("users.jsonl"), "mine");
}

#[test]
fn reports_damaged_files_and_keeps_them() {
    let service = Service::new(25);
    let directory = Directory::new("damage");
    service.export(&directory, USERS);
    let state = directory.read("state.json");
    let path = directory.0.join("state.json");
    fs::write(&path, &state[..state.len() / 2]).unwrap();
    let message = open_error(&service, &directory.0, USERS, Status::FileError);
    assert!(
        message.contains("state.json: is damaged; remove it"),
        "{message}"
    );
    fs::write(&path, &state).unwrap();

    let message = open_error(
        &service,
        &directory.0,
        r#"{"resources":["users"],"since":"2015-01-01"}"#,
        Status::InvalidArgument,
    );
    assert!(message.contains("a different \"since\""), "{message}");

    // The output file is shorter than the state says.
    let output = fs::OpenOptions::new()
        .write(true)
        .open(directory.0.join("users.jsonl"));
    output.unwrap().set_len(100).unwrap();
    let export = Export::new(&service.client(), None, &directory.0, USERS).unwrap();
    let error = export.next().unwrap_err();
    assert_eq!(error.status(), Status::FileError);
    assert!(error.message().contains("has 100 bytes but"), "{error}");
    assert_eq!(directory.read("users.jsonl").len(), 100);
}

/// The files are as after a kill between writing a page and writing the state.
#[test]
fn truncates_output_that_the_state_does_not_include() {
    let service = Service::new(25);
    let directory = Directory::new("cut");
    service.export(&directory, USERS);
    let all = service.site.lines(|_| true);
    fs::write(directory.0.join("users.jsonl"), format!("{all}{{\"id\":2")).unwrap();
    fs::write(directory.0.join("state.json.new"), "{\"version\"").unwrap();
    service.export(&directory, USERS);
    assert_eq!(directory.read("users.jsonl"), all);
}

#[test]
fn resources_of_a_directory_may_change_between_runs() {
    let service = Service::new(25);
    let directory = Directory::new("join");
    service.export(&directory, USERS);
    service.export(&directory, r#"{"resources":["suggestions"]}"#);
    service.site.advance_clock(3600);
    service.site.change(3);
    service.site.advance_clock(3600);
    service.export(&directory, r#"{"resources":["forums","users"]}"#);
    let all = service.site.lines(|_| true);
    assert_eq!(directory.read("forums.jsonl"), all);
    assert_eq!(directory.read("users.jsonl").lines().count(), 26);
    assert_eq!(directory.read("suggestions.jsonl").lines().count(), 25);
}

#[test]
fn resources_share_the_rate_limit() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    // Four requests are permitted in this hour.
    let server = Server::with_handler(move |request| {
        let before = counter.fetch_add(1, Ordering::SeqCst);
        let headers = format!(
            "X-Rate-Limit-Remaining: {}\r\nX-Rate-Limit-Reset: 3600\r\n",
            3usize.saturating_sub(before)
        );
        let name = request.split(['/', '?']).nth(4).unwrap();
        response(
            "200 OK",
            &headers,
            &format!(
                "{{\"{name}\":[{{\"id\":{before},\"updated_at\":\"2015-10-21T07:28:00Z\"}}],\"pagination\":{{\"cursor\":\"c{before}\"}}}}"
            ),
        )
    });
    let client = client(&server.base_url, "");
    client
        .request_json(None, "GET", "/api/v2/admin/first", None)
        .unwrap();
    let directory = Directory::new("limit");
    let options = r#"{"resources":["a","b","c","d","e"]}"#;
    let export = Export::new(&client, None, &directory.0, options).unwrap();
    let mut rejected = 0;
    // Rejected requests fail at once, while the first ones may still be in progress.
    let deadline = Instant::now() + Duration::from_secs(30);
    while rejected < 10 || requests.load(Ordering::SeqCst) < 2 && Instant::now() < deadline {
        if let Err(error) = export.next() {
            assert_eq!(error.status(), Status::RateLimited);
            assert!(error.retry_after().is_some());
            rejected += 1;
        }
    }
    drop(export);
    let sent = requests.load(Ordering::SeqCst);
    assert!((2..=4).contains(&sent), "{sent}");
}

#[test]
fn error_of_one_resource_does_not_stop_the_others() {
    let service = Service::new(95);
    let directory = Directory::new("error");
    let failing = Arc::new(AtomicUsize::new(0));
    let site = service.site.clone();
    let failures = failing.clone();
    let base_url = service.base_url.clone();
    let server = Server::with_handler(move |request| {
        // The third page of one list fails twice.
        if request.contains("/users?")
            && request.contains("cursor=20")
            && failures.fetch_add(1, Ordering::SeqCst) < 2
        {
            return response("422 No", "", "{\"errors\":{\"cursor\":\"no\"}}");
        }
        let client = client(&base_url, "");
        let target = request.split(' ').nth(1).unwrap();
        let body = client.request_json(None, "GET", target, None).unwrap();
        response("200 OK", "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\n", &body)
    });
    let client = client(&server.base_url, ",\"max_retries\":0");
    let export = Export::new(
        &client,
        None,
        &directory.0,
        r#"{"resources":["users","suggestions"]}"#,
    )
    .unwrap();
    let mut errors = Vec::new();
    loop {
        match export.next() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => errors.push(error),
        }
        assert!(errors.len() <= 2, "{errors:?}");
    }
    assert_eq!(errors.len(), 2);
    for error in errors {
        assert_eq!(error.status(), Status::ApiError);
        assert!(
            error
                .message()
                .starts_with("GET /api/v2/admin/users: HTTP 422"),
            "{error}"
        );
        assert_eq!(error.http_status(), 422);
    }
    assert_eq!(directory.read("users.jsonl"), site.lines(|_| true));
    assert_eq!(directory.read("suggestions.jsonl"), site.lines(|_| true));
}

#[test]
fn cancel_ends_the_current_and_later_calls() {
    let server = Server::with_handler(|_| {
        thread::sleep(Duration::from_secs(60));
        String::new()
    });
    let client = client(&server.base_url, "");
    let directory = Directory::new("cancel");
    let export = Export::new(&client, None, &directory.0, USERS).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| export.next().unwrap_err());
        server.request();
        client.cancel();
        assert_eq!(waiting.join().unwrap().status(), Status::Cancelled);
    });
    assert_eq!(export.next().unwrap_err().status(), Status::Cancelled);
}

#[test]
fn export_is_dropped_while_workers_load_pages() {
    let service = Service::new(3000);
    let directory = Directory::new("freed");
    for pages in 0..6 {
        let options = r#"{"resources":["a","b","c","d","e","f"]}"#;
        let export = Export::new(&service.client(), None, &directory.0, options).unwrap();
        for _ in 0..pages {
            export.next().unwrap();
        }
    }
}

/// Some language runtimes cannot be called on a foreign thread.
#[test]
fn logs_on_the_callers_threads() {
    let service = Service::new(95);
    let directory = Directory::new("log");
    let client = service.client();
    let threads = Arc::new(Mutex::new(Vec::new()));
    let log = threads.clone();
    client.set_log(LogLevel::Info, move |_, _| {
        log.lock().unwrap().push(thread::current().id());
    });
    let export = Export::new(&client, None, &directory.0, USERS).unwrap();
    while export.next().unwrap().is_some() {}
    drop(export);
    let threads = threads.lock().unwrap();
    assert_eq!(threads.len(), 10);
    assert!(threads.iter().all(|id| *id == thread::current().id()));
}

#[test]
fn threads_share_an_export() {
    let service = Service::new(995);
    let directory = Directory::new("threads");
    let export = Export::new(
        &service.client(),
        None,
        &directory.0,
        r#"{"resources":["users","suggestions"]}"#,
    )
    .unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| while export.next().unwrap().is_some() {});
        }
    });
    for name in ["users.jsonl", "suggestions.jsonl"] {
        assert_eq!(directory.read(name), service.site.lines(|_| true));
    }
}
