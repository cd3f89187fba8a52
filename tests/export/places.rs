//! Something else in the place of a file: an error that names it, and nothing else is touched.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use uservoice::{Export, Status};

use crate::service::{Directory, Service};

const USERS: &str = r#"{"resources":["users"]}"#;
const WHOLE: &str = r#"{"resources":[{"name":"users","incremental":false}]}"#;
const KINDS: [&str; 4] = ["symbolic link", "FIFO", "directory", "socket"];

fn put(kind: &str, path: &Path, target: &Path) {
    let _ = fs::remove_file(path); // If there is one.
    match kind {
        "symbolic link" => symlink(target, path).unwrap(),
        "FIFO" => mkfifo(path, Mode::S_IRWXU).unwrap(),
        "directory" => fs::create_dir(path).unwrap(),
        _ => drop(UnixListener::bind(path).unwrap()),
    }
}

fn remove(kind: &str, path: &Path) {
    match kind {
        "directory" => fs::remove_dir(path).unwrap(),
        _ => fs::remove_file(path).unwrap(),
    }
}

/// Returns the error of an export.
fn error(service: &Service, directory: &Directory, options: &str) -> String {
    let export = Export::new(&service.client(), None, &directory.0, options);
    let end = export.and_then(|export| {
        while export.next()?.is_some() {}
        Ok(())
    });
    let error = end.unwrap_err();
    assert_eq!(error.status(), Status::FileError, "{error}");
    error.message().to_owned()
}

/// Puts each kind in the place of `name` after a run. The export resumes once it is removed.
fn rejects_each_kind(name: &str, options: &str) {
    let service = Service::new(25);
    for kind in KINDS {
        let directory = Directory::new(&format!("place-{name}"));
        service.export(&directory, options);
        let target = directory.0.join("target");
        fs::write(&target, "mine").unwrap();
        let path = directory.0.join(name);
        let before = fs::read(&path).ok();
        put(kind, &path, &target);
        let message = error(&service, &directory, options);
        assert!(message.starts_with(path.to_str().unwrap()), "{message}");
        assert!(message.contains(kind), "{message}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
        remove(kind, &path);
        before
            .map_or(Ok(()), |data| fs::write(&path, data))
            .unwrap();
        service.export(&directory, options);
    }
}

#[test]
fn state_file_must_be_a_file() {
    rejects_each_kind("state.json", USERS);
}

#[test]
fn lock_file_must_be_a_file() {
    rejects_each_kind("state.lock", USERS);
}

#[test]
fn output_must_be_a_file() {
    rejects_each_kind("users.jsonl", USERS);
    rejects_each_kind("users.jsonl.part", WHOLE);
    rejects_each_kind("users.jsonl", WHOLE);
}

#[test]
fn new_state_replaces_all_but_a_directory() {
    let service = Service::new(25);
    for kind in KINDS {
        let directory = Directory::new("new-state");
        service.export(&directory, USERS);
        let target = directory.0.join("target");
        fs::write(&target, "mine").unwrap();
        let path = directory.0.join("state.json.new");
        put(kind, &path, &target);
        if kind == "directory" {
            let message = error(&service, &directory, USERS);
            assert!(message.contains("state.json.new: "), "{message}");
            remove(kind, &path);
        }
        service.export(&directory, USERS);
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
        assert!(!path.exists());
    }
}

/// The versions of records that may be received again.
#[test]
fn versions_must_be_a_file() {
    let service = Service::new(25);
    for kind in KINDS {
        let directory = Directory::new("versions");
        service.export(&directory, USERS);
        service.site.change(1);
        let target = directory.0.join("target");
        fs::write(&target, "mine").unwrap();
        let path = directory.0.join("state.users.1");
        put(kind, &path, &target);
        let message = error(&service, &directory, USERS);
        assert!(message.contains("state.users.1: is a"), "{message}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
        remove(kind, &path);
        service.export(&directory, USERS);
        assert_eq!(directory.read("users.jsonl").lines().count(), 26);
    }
}

/// A link that leads nowhere exists, too.
#[test]
fn new_resource_does_not_replace_a_link() {
    let service = Service::new(25);
    let directory = Directory::new("dangling");
    fs::create_dir(&directory.0).unwrap();
    symlink("elsewhere", directory.0.join("users.jsonl")).unwrap();
    let message = error(&service, &directory, USERS);
    assert!(message.contains("users.jsonl: exists already"), "{message}");
    assert!(!directory.0.join("elsewhere").exists());
}
