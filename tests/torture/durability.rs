//! What a power failure leaves of an export: whenever state.json is replaced, all that it
//! refers to is on the disk.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::{CStr, c_char, c_int};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use uservoice::Export;

use crate::service::{Directory, Service};

/// A call that changes what has to be synced.
pub enum Event {
    Written(PathBuf),
    /// A name is new in its directory.
    Named(PathBuf),
    Synced(PathBuf),
}

thread_local! {
    /// The events of this thread, while it records them.
    static EVENTS: RefCell<Option<Vec<Event>>> = const { RefCell::new(None) };
}

/// Records the event of a call that succeeded.
pub fn record(result: isize, event: impl FnOnce() -> Event) {
    EVENTS.with_borrow_mut(|events| {
        if let Some(events) = events.as_mut().filter(|_| result >= 0) {
            events.push(event());
        }
    });
}

pub fn path_of(fd: c_int) -> PathBuf {
    fs::read_link(format!("/proc/self/fd/{fd}")).unwrap()
}

/// # Safety
/// `path` is a string of C.
pub unsafe fn path_from(path: *const c_char) -> PathBuf {
    // SAFETY: by the contract of this function.
    let path = unsafe { CStr::from_ptr(path) }.to_bytes();
    Path::new(std::ffi::OsStr::from_bytes(path)).to_owned()
}

pub fn run() -> String {
    let service = Service::new(25);
    let mut replaced = 0;
    for format in ["jsonl", "csv"] {
        let directory = Directory::new(&format!("torture-durability-{format}"));
        let options = format!(r#"{{"resources":["suggestions","users"],"format":"{format}"}}"#);
        // The second run appends to the files of the first one.
        for _ in 0..2 {
            service.site.advance_clock(3600);
            service.site.change(7);
            EVENTS.set(Some(Vec::new()));
            let export = Export::new(&service.client(), None, &directory.0, &options).unwrap();
            while export.next().unwrap().is_some() {}
            drop(export);
            replaced += check(EVENTS.take().unwrap());
        }
    }
    assert!(replaced > 4, "{replaced}");
    format!("state.json was replaced {replaced} times, each time after what it refers to")
}

/// Fails if something is not synced when state.json is replaced, or at the end. Returns how
/// often it was replaced.
fn check(events: Vec<Event>) -> usize {
    let mut unsynced = BTreeSet::new();
    let mut replaced = 0;
    for event in events {
        match event {
            // Nothing refers to it.
            Event::Written(path) | Event::Named(path) if is(&path, "state.lock") => {}
            Event::Named(path) if is(&path, "state.json.new") => {}
            Event::Written(path) => drop(unsynced.insert(path)),
            Event::Synced(path) => drop(unsynced.remove(&path)),
            Event::Named(path) => {
                if is(&path, "state.json") {
                    assert!(unsynced.is_empty(), "{unsynced:?}");
                    replaced += 1;
                }
                unsynced.insert(path.parent().unwrap().to_owned());
            }
        }
    }
    assert!(unsynced.is_empty(), "{unsynced:?}");
    replaced
}

fn is(path: &Path, name: &str) -> bool {
    path.file_name() == Some(name.as_ref())
}
