//! What cannot be: directories, states, limits, errors on the way.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use uservoice::{Export, LogLevel, Status};

use crate::server::{Server, response};
use crate::service::{Directory, Service, client, refused};

const USERS: &str = r#"{"resources":["users"]}"#;

#[test]
fn only_one_export_uses_a_directory() {
    let service = Service::new(5);
    let directory = Directory::new("lock");
    let export = Export::new(&service.client(), None, &directory.0, USERS).unwrap();
    let message = refused(&service, &directory.0, USERS, Status::FileError);
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
fn a_directory_that_cannot_be_used_is_told() {
    let service = Service::new(5);
    let directory = Directory::new("refused");
    fs::write(&directory.0, "a file").unwrap();
    let message = refused(&service, &directory.0, USERS, Status::FileError);
    assert!(message.contains("File exists"), "{message}");
    fs::remove_file(&directory.0).unwrap();
    let message = refused(&service, "/proc/export".as_ref(), USERS, Status::FileError);
    assert!(message.starts_with("/proc/export: "), "{message}");

    // Somebody else's file is not written over.
    fs::create_dir(&directory.0).unwrap();
    fs::write(directory.0.join("users.jsonl"), "mine").unwrap();
    let message = refused(&service, &directory.0, USERS, Status::FileError);
    assert!(message.contains("users.jsonl: exists already"), "{message}");
    assert_eq!(directory.read("users.jsonl"), "mine");
}

#[test]
fn damage_is_told_and_nothing_is_changed() {
    let service = Service::new(25);
    let directory = Directory::new("damage");
    service.export(&directory, USERS);
    let state = directory.read("state.json");
    let path = directory.0.join("state.json");
    fs::write(&path, &state[..state.len() / 2]).unwrap();
    let message = refused(&service, &directory.0, USERS, Status::FileError);
    assert!(
        message.contains("state.json: is damaged; remove it"),
        "{message}"
    );
    fs::write(&path, &state).unwrap();

    let message = refused(
        &service,
        &directory.0,
        r#"{"resources":["users"],"since":"2015-01-01"}"#,
        Status::InvalidArgument,
    );
    assert!(message.contains("a different \"since\""), "{message}");

    // Bytes that the state counts are gone.
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

/// As a kill leaves it that came after a page was written, and before the state.
#[test]
fn what_is_not_noted_is_cut_off() {
    let service = Service::new(25);
    let directory = Directory::new("cut");
    service.export(&directory, USERS);
    let all = service.site.lines(|_| true);
    fs::write(directory.0.join("users.jsonl"), format!("{all}{{\"id\":2")).unwrap();
    fs::write(directory.0.join("state.json.new"), "{\"version\"").unwrap();
    service.export(&directory, USERS);
    assert_eq!(directory.read("users.jsonl"), all);
}

/// The same export in the same directory with one more list.
#[test]
fn lists_may_join_and_stay_away() {
    let service = Service::new(25);
    let directory = Directory::new("join");
    service.export(&directory, USERS);
    service.export(&directory, r#"{"resources":["suggestions"]}"#);
    service.site.pass(3600);
    service.site.change(3);
    service.site.pass(3600);
    service.export(&directory, r#"{"resources":["forums","users"]}"#);
    let all = service.site.lines(|_| true);
    assert_eq!(directory.read("forums.jsonl"), all);
    assert_eq!(directory.read("users.jsonl").lines().count(), 26);
    assert_eq!(directory.read("suggestions.jsonl").lines().count(), 25);
}

#[test]
fn a_rate_limit_holds_for_all_lists_together() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = requests.clone();
    // Four calls in this hour.
    let server = Server::with_handler(move |request| {
        let before = counted.fetch_add(1, Ordering::SeqCst);
        let headers = format!(
            "X-Rate-Limit-Remaining: {}\r\nX-Rate-Limit-Reset: 3600\r\n",
            3usize.saturating_sub(before)
        );
        let name = request.split(['/', '?']).nth(4).unwrap();
        response(
            "200 OK",
            &headers,
            &format!("{{\"{name}\":[1],\"pagination\":{{\"cursor\":\"c{before}\"}}}}"),
        )
    });
    let client = client(&server.base_url, "");
    client
        .call(None, "GET", "/api/v2/admin/first", None)
        .unwrap();
    let directory = Directory::new("limit");
    let options = r#"{"resources":["a","b","c","d","e"]}"#;
    let export = Export::new(&client, None, &directory.0, options).unwrap();
    let mut limited = 0;
    // What is refused is told at once, while the first calls may still be on their way.
    let patience = Instant::now() + Duration::from_secs(30);
    while limited < 10 || requests.load(Ordering::SeqCst) < 2 && Instant::now() < patience {
        if let Err(error) = export.next() {
            assert_eq!(error.status(), Status::RateLimited);
            assert!(error.retry_after().is_some());
            limited += 1;
        }
    }
    drop(export);
    let sent = requests.load(Ordering::SeqCst);
    assert!((2..=4).contains(&sent), "{sent}");
}

#[test]
fn an_error_of_one_list_is_told_once_and_the_others_go_on() {
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
        let body = client.call(None, "GET", target, None).unwrap();
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
fn cancelling_ends_a_wait_and_all_that_comes_after() {
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
fn an_export_is_freed_while_its_pages_come() {
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

/// Not every language can be called from a thread that it does not know.
#[test]
fn the_log_is_told_on_the_threads_that_call() {
    let service = Service::new(95);
    let directory = Directory::new("log");
    let client = service.client();
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = told.clone();
    client
        .set_log(LogLevel::Info, move |_, _| {
            log.lock().unwrap().push(thread::current().id());
        })
        .unwrap();
    let export = Export::new(&client, None, &directory.0, USERS).unwrap();
    while export.next().unwrap().is_some() {}
    drop(export);
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 10);
    assert!(told.iter().all(|id| *id == thread::current().id()));
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
