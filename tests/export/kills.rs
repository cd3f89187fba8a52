//! Processes that are killed while they export: this one, run again as a child.

use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigHandler, Signal, signal};
use uservoice::{Export, Status};

use crate::service::{Directory, Service, client};

const JSON_LINES: &str = r#"{"resources":["suggestions","users"]}"#;
const CSV: &str = r#"{"resources":["suggestions","users"],"format":"csv"}"#;
const RECORDS: u64 = 120;

/// Runs the test `name` in a child that exports with `options`, and takes
/// `limit` bytes as the most that a file may have.
fn spawn(name: &str, service: &Service, into: &Directory, options: &str, limit: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("kills::{name}"), "--nocapture"])
        .env("EXPORT_INTO", &into.0)
        .env("EXPORT_OPTIONS", options)
        .env("EXPORT_FROM", &service.base_url)
        .env("EXPORT_LIMIT", limit.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// In a child, what it was told to do.
fn is_child() -> bool {
    let Ok(directory) = env::var("EXPORT_INTO") else {
        return false;
    };
    limit_files(env::var("EXPORT_LIMIT").unwrap().parse().unwrap());
    let client = client(&env::var("EXPORT_FROM").unwrap(), "");
    let options = env::var("EXPORT_OPTIONS").unwrap();
    let export = Export::new(&client, None, directory, &options).unwrap();
    while export.next().unwrap().is_some() {}
    true
}

fn limit_files(bytes: u64) {
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    setrlimit(Resource::RLIMIT_FSIZE, bytes.min(hard), hard).unwrap();
    setrlimit(Resource::RLIMIT_CORE, 0, 0).unwrap();
}

/// Lines as the export with `options` writes them.
fn expected(lines: &str, options: &str) -> String {
    if options != CSV {
        return lines.to_owned();
    }
    let row = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let updated_at = record["updated_at"].as_str().unwrap();
        format!("{},{},{updated_at},\n", record["id"], record["version"])
    };
    lines.lines().map(row).collect()
}

/// Kills children at many moments until one comes to its end. Gives how many.
fn kill_until_done(name: &str, service: &Service, into: &Directory, options: &str) -> usize {
    for round in 0.. {
        let requests = || service.site.requests.load(Ordering::SeqCst);
        let enough = requests() + 1 + round % 5;
        let mut child = spawn(name, service, into, options, u64::MAX);
        while requests() < enough && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_micros(100));
        }
        thread::sleep(Duration::from_micros(round as u64 * 997 % 6000));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.success() {
            return round;
        }
        assert_eq!(status.signal(), Some(Signal::SIGKILL as i32), "{status}");
    }
    unreachable!()
}

fn survives_kills(name: &str, options: &str) {
    let service = Service::new(RECORDS);
    let directory = Directory::new(name);
    let extension = if options == CSV { "csv" } else { "jsonl" };
    let header = if options == CSV {
        "id,version,updated_at,other\n"
    } else {
        ""
    };
    let kills = kill_until_done(name, &service, &directory, options);
    assert!(kills > 5, "{kills}");
    let all = expected(&service.site.lines(|_| true), options);
    for resource in ["suggestions", "users"] {
        let text = directory.read(&format!("{resource}.{extension}"));
        assert!(text == format!("{header}{all}"), "{resource}: {text}");
    }
    // And what has changed since.
    service.site.pass(3600);
    let has_changed = |id| id % 2 == 0;
    (1..=RECORDS + 50)
        .filter(|&id| has_changed(id))
        .for_each(|id| service.site.change(id));
    service.site.pass(3600);
    kill_until_done(name, &service, &directory, options);
    let changed = expected(&service.site.lines(has_changed), options);
    for resource in ["suggestions", "users"] {
        let text = directory.read(&format!("{resource}.{extension}"));
        assert!(
            text == format!("{header}{all}{changed}"),
            "{resource}: {text}"
        );
    }
}

#[test]
fn json_lines_survive_kills_at_many_moments() {
    if !is_child() {
        survives_kills("json_lines_survive_kills_at_many_moments", JSON_LINES);
    }
}

#[test]
fn csv_survives_kills_at_many_moments() {
    if !is_child() {
        survives_kills("csv_survives_kills_at_many_moments", CSV);
    }
}

/// SIGXFSZ kills a process in the middle of writing a page, at a byte that is
/// known: after the write has begun, and before the state says so.
#[test]
fn a_kill_between_a_page_and_its_state_loses_nothing() {
    if is_child() {
        return;
    }
    let name = "a_kill_between_a_page_and_its_state_loses_nothing";
    let service = Service::new(300);
    for options in [JSON_LINES, CSV] {
        let extension = if options == CSV { "csv" } else { "jsonl" };
        let directory = Directory::new(name);
        let options = options.replace(",\"users\"", "");
        for limit in (2000..7000).step_by(431) {
            let status = spawn(name, &service, &directory, &options, limit).wait();
            assert_eq!(status.unwrap().signal(), Some(Signal::SIGXFSZ as i32));
            let file = directory.0.join(format!("suggestions.{extension}"));
            assert_eq!(fs::metadata(file).unwrap().len(), limit);
            assert!(directory.noted("suggestions") <= limit);
        }
        let last = spawn(name, &service, &directory, &options, u64::MAX).wait();
        assert!(last.unwrap().success());
        let text = directory.read(&format!("suggestions.{extension}"));
        let text = text
            .strip_prefix("id,version,updated_at,other\n")
            .unwrap_or(&text);
        let kind = if extension == "csv" { CSV } else { JSON_LINES };
        assert!(text == expected(&service.site.lines(|_| true), kind));
    }
}

/// A disk that is full, and has room again.
#[test]
fn an_export_goes_on_after_a_full_disk() {
    let Ok(into) = env::var("EXPORT_INTO") else {
        let name = "an_export_goes_on_after_a_full_disk";
        let service = Service::new(RECORDS);
        let directory = Directory::new(name);
        let child = spawn(name, &service, &directory, JSON_LINES, 5000).wait();
        assert!(child.unwrap().success());
        let all = service.site.lines(|_| true);
        assert!(directory.read("suggestions.jsonl") == all);
        assert!(directory.read("users.jsonl") == all);
        return;
    };
    limit_files(5000);
    // SAFETY: nothing is run on the signal.
    unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }.unwrap();
    let client = client(&env::var("EXPORT_FROM").unwrap(), "");
    let export = Export::new(&client, None, &into, JSON_LINES).unwrap();
    let mut failures = 0;
    loop {
        match export.next() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                assert_eq!(error.status(), Status::FileError);
                assert!(error.message().starts_with(&into), "{error}");
                assert!(
                    error.message().contains(".jsonl: File too large"),
                    "{error}"
                );
                failures += 1;
                assert!(failures <= 3);
                if failures == 3 {
                    limit_files(u64::MAX);
                }
            }
        }
    }
    assert_eq!(failures, 3);
}
