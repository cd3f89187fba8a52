//! Each allocation whose size a response or a caller decides fails once. A process that aborts
//! fails the test.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

use uservoice::{Client, Collection, Error, Export, Status, sso, webhook};

use crate::server::{Server, response};
use crate::service::Directory;
use crate::step;

/// Smaller allocations abort, as in any Rust program: the buffers of a connection are
/// the largest.
const LARGE: usize = 192 * 1024;

/// The size of what the tests pass in and receive: all of its copies are large.
const SIZE: usize = 256 * 1024;

struct Failing;

#[global_allocator]
static ALLOCATOR: Failing = Failing;

thread_local! {
    /// Counts down to the large allocation of this thread that fails; 0 afterwards.
    static COUNTDOWN: Cell<usize> = const { Cell::new(0) };
}

/// Returns whether an allocation of `size` bytes is to fail.
fn fails(size: usize) -> bool {
    let is_last = COUNTDOWN.try_with(|countdown| match countdown.get() {
        0 => false,
        count if size >= LARGE => {
            countdown.set(count - 1);
            count == 1
        }
        _ => false,
    });
    is_last.unwrap_or(false)
}

// SAFETY: passes everything on to the system's allocator, or returns NULL.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match fails(layout.size()) {
            true => ptr::null_mut(),
            // SAFETY: by the contract of this function, here and below.
            false => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    /// A block that shrinks stays where it is, as with the C library's `realloc`.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        match new_size > layout.size() && fails(new_size) {
            true => ptr::null_mut(),
            // SAFETY: as above.
            false => unsafe { System.realloc(block, layout, new_size) },
        }
    }
}

/// Calls `call` again and again; first its first large allocation fails, then its second, until
/// it has no more. Returns the number of failures.
fn fail_each<T>(name: &str, call: impl Fn() -> Result<T, Error>) -> usize {
    for count in 1.. {
        COUNTDOWN.set(count);
        let result = call().map(drop);
        let failed = COUNTDOWN.replace(0) == 0;
        match (&result, failed) {
            (Ok(()), false) => return count - 1,
            (Err(error), false) => panic!("{name}: {error}"),
            // The message or the body of an error may be missing.
            (Ok(()), true) => panic!("{name}: allocation {count} failed, and nothing was reported"),
            (Err(error), true) => {
                let expected = [
                    Status::BadResponse,
                    Status::InvalidArgument,
                    Status::NotVerified,
                ];
                assert!(expected.contains(&error.status()), "{name}: {error}");
                assert!(!error.message().is_empty());
            }
        }
    }
    unreachable!()
}

pub fn run() -> String {
    let failures = of_responses() + of_arguments() + of_exports();
    assert!(failures > 20, "{failures}");
    format!("{failures} failed, each was reported as an error")
}

fn of_responses() -> usize {
    let long = "x".repeat(SIZE);
    let escaped = "\\u0001".repeat(SIZE);
    let record = format!("{{\"a\":\"{long}\"}}");
    let records = vec!["0"; SIZE / 8].join(",");
    let paging = "\"response_data\":{\"page\":1,\"per_page\":100000,\"total_records\":100000}";
    let page = |records: &str| format!("{{\"suggestions\":[{records}],{paging}}}");
    let mut failures = 0;
    for body in [
        record.clone(),
        format!("[\"{escaped}\"]"),
        page(&record),
        page(&records),
        format!("{{\"suggestions\":[1],{paging},\"a\":\"{long}\"}}"),
    ] {
        let server = Server::with_handler(move |_| response("200 OK", "", &body));
        let options = format!(
            "{{\"base_url\":\"{}\",\"prefetch_pages\":0}}",
            server.base_url
        );
        let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
        let list = || Collection::new(&client, None, "/api/v1/suggestions", None, None);
        failures += fail_each("get", || client.request_json(None, "GET", "/a", None));
        failures += fail_each("request", || client.request(None, "GET", "/a", None, None));
        // A page that is not a list fails always.
        if list().unwrap().next().is_err() {
            continue;
        }
        failures += fail_each("next", || list()?.next());
        failures += fail_each("next_page", || list()?.next_page());
        failures += fail_each("collection_get", || list()?.get(0));
        failures += fail_each("info", || list()?.info());
    }
    failures
}

fn of_arguments() -> usize {
    const KEY: &str = "key";
    let text = "x".repeat(SIZE);
    let data = format!("{{\"a\":\"{text}\"}}");
    let signature = webhook::sign(KEY, data.as_bytes()).unwrap();
    let body = format!("event=a&data={data}&signature={signature}");
    // Others are bounded instead: what is made of them is small enough to abort.
    let too_long = "x".repeat(2 << 20);
    let client = Client::new("acme", KEY, None, None).unwrap();
    let options = r#"{"resources":["users"]}"#;
    for (error, argument) in [
        (sso::token("acme", KEY, &too_long, 0).unwrap_err(), "user"),
        (sso::jwt(KEY, &too_long, 0).unwrap_err(), "user"),
        (
            Export::new(&client, None, &too_long, options).unwrap_err(),
            "directory",
        ),
    ] {
        assert_eq!(error.argument(), Some(argument));
    }
    fail_each("webhook_read", || webhook::read(KEY, body.as_bytes()))
}

/// Pages whose lines, versions and strings are large.
fn of_exports() -> usize {
    const PAGES: usize = 3;
    const RECORDS: usize = SIZE / 32;
    let ids = |page: usize| page * RECORDS..(page + 1) * RECORDS;
    let text = "\\u0041".repeat(SIZE / 6);
    let bodies: [String; PAGES] = std::array::from_fn(|page| {
        let dated = |id| format!("{{\"id\":{id},\"updated_at\":\"9998-01-01\"}}");
        let records: Vec<_> = ids(page).map(dated).collect();
        // The text has a column if it is in the first page, and is one of the other members.
        let records = records
            .join(",")
            .replacen('}', &format!(",\"text{page}\":\"{text}\"}}"), 1);
        let next = if page + 1 < PAGES {
            (page + 1).to_string()
        } else {
            "null".to_owned()
        };
        format!("{{\"users\":[{records}],\"pagination\":{{\"cursor\":{next}}}}}")
    });
    let server = Server::with_handler(move |request| {
        let cursor = request.split("cursor=").nth(1);
        let page = cursor.map_or(0, |cursor| {
            cursor.split(' ').next().unwrap().parse().unwrap()
        });
        response("200 OK", "", &bodies[page])
    });
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    let mut failures = 0;
    for format in ["jsonl", "csv"] {
        let options = format!("{{\"resources\":[\"users\"],\"format\":\"{format}\"}}");
        for count in (1..).step_by(step(5)) {
            let directory = Directory::new("torture-memory");
            let export = Export::new(&client, None, &directory.0, &options).unwrap();
            COUNTDOWN.set(count);
            let errors = errors_of(&export);
            let failed = COUNTDOWN.replace(0) == 0;
            assert_eq!(errors, usize::from(failed), "{format}, allocation {count}");
            let lines = directory.read(&format!("users.{format}"));
            let id = |line: &str| {
                let mut numbers = line.split(|c: char| !c.is_ascii_digit());
                numbers.find_map(|number| number.parse().ok())
            };
            let records = lines.lines().skip(usize::from(format == "csv"));
            let written: Vec<usize> = records.filter_map(id).collect();
            let all: Vec<_> = (0..PAGES * RECORDS).collect();
            assert!(written == all, "{format}, allocation {count}");
            if !failed {
                break;
            }
            failures += 1;
        }
    }
    failures
}

/// Runs an export to its end. Returns how often it fails.
fn errors_of(export: &Export) -> usize {
    let mut errors = 0;
    loop {
        match export.next() {
            Ok(Some(_)) => {}
            Ok(None) => return errors,
            Err(error) => {
                assert_eq!(error.status(), Status::BadResponse, "{error}");
                errors += 1;
            }
        }
    }
}
