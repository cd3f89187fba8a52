//! Exports that are killed. The test program runs itself as the child that is killed.

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

/// Starts the test `name` in a child process that exports with `options`, with a file size
/// limit of `limit` bytes.
fn spawn(name: &str, service: &Service, directory: &Directory, options: &str, limit: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("kills::{name}"), "--nocapture"])
        .env("EXPORT_DIRECTORY", &directory.0)
        .env("EXPORT_OPTIONS", options)
        .env("EXPORT_BASE_URL", &service.base_url)
        .env("EXPORT_LIMIT", limit.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// In a child, runs the export and returns true.
fn is_child() -> bool {
    let Ok(directory) = env::var("EXPORT_DIRECTORY") else {
        return false;
    };
    limit_files(env::var("EXPORT_LIMIT").unwrap().parse().unwrap());
    let client = client(&env::var("EXPORT_BASE_URL").unwrap(), "");
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

/// Converts JSON lines to the format of `options`.
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

/// Kills children at many points in time until one completes the export. Returns the number of
/// kills.
fn kill_until_done(name: &str, service: &Service, directory: &Directory, options: &str) -> usize {
    for round in 0.. {
        let requests = || service.site.requests.load(Ordering::SeqCst);
        let kill_at = requests() + 1 + round % 5;
        let mut child = spawn(name, service, directory, options, u64::MAX);
        while requests() < kill_at && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_micros(100));
        }
        thread::sleep(Duration::from_micros(round as u64 * 997 % 6000));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.success() {
            println!("export: {round} kills");
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
    // Then the run that appends changes.
    service.site.advance_clock(3600);
    let has_changed = |id| id % 2 == 0;
    (1..=RECORDS + 50)
        .filter(|&id| has_changed(id))
        .for_each(|id| service.site.change(id));
    service.site.advance_clock(3600);
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
fn json_lines_survive_kills_at_any_time() {
    if !is_child() {
        survives_kills("json_lines_survive_kills_at_any_time", JSON_LINES);
    }
}

#[test]
fn csv_survives_kills_at_any_time() {
    if !is_child() {
        survives_kills("csv_survives_kills_at_any_time", CSV);
    }
}

/// SIGXFSZ kills the process while it writes a page, at a known byte: after the write began and
/// before the state includes it.
#[test]
fn kill_while_writing_a_page_loses_nothing() {
    if is_child() {
        return;
    }
    let name = "kill_while_writing_a_page_loses_nothing";
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
            assert!(directory.saved_bytes("suggestions") <= limit);
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

/// A file size limit stands in for a full disk. It is lifted after three errors.
#[test]
fn continues_after_a_full_disk() {
    let Ok(directory) = env::var("EXPORT_DIRECTORY") else {
        let name = "continues_after_a_full_disk";
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
    // SAFETY: the signal is ignored, and no handler runs.
    unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }.unwrap();
    let client = client(&env::var("EXPORT_BASE_URL").unwrap(), "");
    let export = Export::new(&client, None, &directory, JSON_LINES).unwrap();
    let mut failures = 0;
    loop {
        match export.next() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                assert_eq!(error.status(), Status::FileError);
                assert!(error.message().starts_with(&directory), "{error}");
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
