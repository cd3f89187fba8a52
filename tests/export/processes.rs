//! Several processes and one directory, and processes that cannot start threads. The test
//! program runs itself as the others.

use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write, stdin, stdout};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{ForkResult, fork};
use uservoice::{Client, Export, Outcome, Status};

use crate::service::{Directory, Service, client, open_error};

const USERS: &str = r#"{"resources":["users"]}"#;

/// Starts the test `name` in another process.
fn spawn(name: &str, service: &Service, directory: &Directory) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("processes::{name}"), "--nocapture"])
        .env("PROCESS_DIRECTORY", &directory.0)
        .env("PROCESS_BASE_URL", &service.base_url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Returns the client and the directory of a process that `spawn` started.
fn spawned() -> Option<(Client, String)> {
    let directory = env::var("PROCESS_DIRECTORY").ok()?;
    Some((
        client(&env::var("PROCESS_BASE_URL").unwrap(), ""),
        directory,
    ))
}

/// Lets the process that started this one continue.
fn ready() {
    println!("\nready");
    stdout().flush().unwrap();
}

fn wait_until_ready(child: &mut Child) {
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "ready"));
}

#[test]
fn lock_ends_with_the_process_that_took_it() {
    if let Some((client, directory)) = spawned() {
        let export = Export::new(&client, None, directory, USERS).unwrap();
        export.next().unwrap();
        // SAFETY: the child only reads until the test ends, and then exits.
        if let ForkResult::Child = unsafe { fork() }.unwrap() {
            let _ = stdin().read(&mut [0]);
            std::process::abort();
        }
        ready();
        thread::sleep(Duration::from_secs(600));
    }
    let service = Service::new(25);
    let directory = Directory::new("killed-owner");
    let mut owner = spawn(
        "lock_ends_with_the_process_that_took_it",
        &service,
        &directory,
    );
    let pipe = owner.stdin.take();
    wait_until_ready(&mut owner);
    let message = open_error(&service, &directory.0, USERS, Status::FileError);
    assert!(
        message.contains("another export uses this directory"),
        "{message}"
    );
    owner.kill().unwrap();
    owner.wait().unwrap();
    // The forked child still lives.
    service.export(&directory, USERS);
    assert_eq!(directory.read("users.jsonl"), service.site.lines(|_| true));
    drop(pipe);
}

#[test]
fn reported_progress_survives_a_kill() {
    const NAME: &str = "reported_progress_survives_a_kill";
    if let Some((client, directory)) = spawned() {
        let export = Export::new(&client, None, directory, USERS).unwrap();
        while let Some(progress) = export.next().unwrap() {
            println!("\n{progress}");
        }
        return;
    }
    let service = Service::new(PAGES * 10);
    for kill_after in 1..5 {
        let directory = Directory::new(NAME);
        let mut child = spawn(NAME, &service, &directory);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let written = lines.map(|line| serde_json::from_str(&line.unwrap()));
        let mut written = written.filter_map(|progress: Result<serde_json::Value, _>| {
            progress.ok()?["written"].as_u64()
        });
        let before = written.nth(kill_after - 1).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        // It may have continued before it was killed.
        let last = written.last().unwrap_or(before);
        let saved = directory.state()["resources"]["users"]["window"]["written"].clone();
        assert!(saved.as_u64() >= Some(last), "{saved} {last}");
        service.export(&directory, USERS);
        assert_eq!(directory.read("users.jsonl"), service.site.lines(|_| true));
    }
}

/// Another process completes the export while this one has lost its lock.
#[test]
fn lost_lock_is_noticed() {
    const NAME: &str = "lost_lock_is_noticed";
    if let Some((client, directory)) = spawned() {
        match Export::new(&client, None, directory, USERS) {
            Ok(export) => while export.next().unwrap().is_some() {},
            Err(error) => assert_eq!(error.status(), Status::FileError),
        }
        return;
    }
    let service = Service::new(PAGES * 10);
    for calls_between in [0, 1] {
        let directory = Directory::new(NAME);
        let export = Export::new(&service.client(), None, &directory.0, USERS).unwrap();
        export.next().unwrap();
        // As a program does that copies the directory. It unlocks the file.
        drop(File::open(directory.0.join("state.lock")).unwrap());
        for _ in 0..calls_between {
            export.next().unwrap();
        }
        assert!(spawn(NAME, &service, &directory).wait().unwrap().success());
        if calls_between == 0 {
            let error = export.next().unwrap_err();
            assert_eq!(error.status(), Status::FileError);
            assert!(
                error.message().contains("changed by another program"),
                "{error}"
            );
        } else {
            while export.next().unwrap().is_some() {}
        }
        assert_eq!(directory.read("users.jsonl"), service.site.lines(|_| true));
    }
}

/// More than one call writes.
const PAGES: u64 = 100;

#[test]
fn pages_are_loaded_without_other_threads() {
    const NAME: &str = "pages_are_loaded_without_other_threads";
    if let Some((client, directory)) = spawned() {
        // A connection takes a thread, and is kept.
        client
            .request_json(None, "GET", "/api/v2/admin/users?sort=id", None)
            .unwrap();
        start_threads_until_none_can_be_started();
        let resources = r#"{"resources":["users","suggestions","forums","comments","notes"]}"#;
        let export = Export::new(&client, None, directory, resources).unwrap();
        while export.next().unwrap().is_some() {}
        return;
    }
    let service = Service::new(95);
    let directory = Directory::new("threadless");
    assert!(spawn(NAME, &service, &directory).wait().unwrap().success());
    for name in ["users", "suggestions", "forums", "comments", "notes"] {
        let written = directory.read(&format!("{name}.jsonl"));
        assert_eq!(written, service.site.lines(|_| true));
    }
}

#[test]
fn connecting_without_threads_is_a_transport_error() {
    const NAME: &str = "connecting_without_threads_is_a_transport_error";
    if let Some((client, directory)) = spawned() {
        // An address that only the C library can parse needs a thread for the lookup.
        let url = env::var("PROCESS_BASE_URL").unwrap();
        let url = url.replace("127.0.0.1", "127.1");
        let options = format!("{{\"base_url\":\"{url}\",\"allow_insecure\":true}}");
        let client = client.with_options(Some(&options)).unwrap();
        start_threads_until_none_can_be_started();
        let export = Export::new(&client, None, directory, USERS).unwrap();
        let error = export.next().unwrap_err();
        assert_eq!(error.status(), Status::Transport, "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        return;
    }
    let service = Service::new(5);
    let directory = Directory::new("unconnected");
    assert!(spawn(NAME, &service, &directory).wait().unwrap().success());
}

/// Uses up the addresses that stacks of threads need.
fn start_threads_until_none_can_be_started() {
    const STACKS: u64 = 32 << 20;
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
    let limit = pages * 4096 + STACKS;
    setrlimit(Resource::RLIMIT_AS, limit, limit).unwrap();
    let barrier = Arc::new(Barrier::new(usize::MAX));
    loop {
        let barrier = barrier.clone();
        let sleeper = thread::Builder::new().spawn(move || barrier.wait());
        if sleeper.is_err() {
            return;
        }
    }
}
