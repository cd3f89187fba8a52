//! Each call of the C library that changes a file or directory fails once during an export. The
//! export reports it, and another run completes the files.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};

use nix::libc;
use uservoice::{Export, Status};

use crate::durability::{Event, path_from, path_of, record};
use crate::service::{Directory, Service};
use crate::step;

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Failure {
    Error(c_int),
    /// A write that writes half of its bytes; the next one fails.
    HalfWritten,
}

thread_local! {
    /// Counts down to the call of this thread that fails; 0 afterwards.
    static COUNTDOWN: Cell<usize> = const { Cell::new(0) };
    static FAILURE: Cell<Failure> = const { Cell::new(Failure::HalfWritten) };
}

/// Returns how this call is to fail, if it is.
fn failure() -> Option<Failure> {
    let count = COUNTDOWN.get();
    COUNTDOWN.set(count.saturating_sub(1));
    (count == 1).then(|| FAILURE.get())
}

/// Fails, or makes a system call other than a write.
fn call(system_call: impl FnOnce() -> libc::c_long) -> libc::c_long {
    if FAILURE.get() == Failure::HalfWritten {
        return system_call();
    }
    match failure() {
        Some(Failure::Error(number)) => fail(number),
        _ => system_call(),
    }
}

fn fail(number: c_int) -> libc::c_long {
    // SAFETY: points to this thread's variable.
    unsafe { *libc::__errno_location() = number };
    -1
}

/// Returns whether `fd` is a file or directory, not a socket or terminal.
fn is_file(fd: c_int) -> bool {
    // SAFETY: zeros are a valid value, which is overwritten.
    let mut status: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `status` lives longer than the call.
    let known = unsafe { libc::fstat(fd, &mut status) } == 0;
    known && [libc::S_IFREG, libc::S_IFDIR].contains(&(status.st_mode & libc::S_IFMT))
}

// These replace the functions of the C library in this program.

#[unsafe(no_mangle)]
unsafe extern "C" fn write(fd: c_int, bytes: *const c_void, count: usize) -> isize {
    let some = |count: usize| {
        // SAFETY: by the contract of this function.
        unsafe { libc::syscall(libc::SYS_write, fd, bytes, count) }
    };
    if !is_file(fd) {
        return some(count) as isize;
    }
    if COUNTDOWN.get() == 0 {
        let written = some(count) as isize;
        record(written, || Event::Written(path_of(fd)));
        return written;
    }
    match failure() {
        None => some(count) as isize,
        Some(Failure::Error(number)) => fail(number) as isize,
        Some(Failure::HalfWritten) => {
            COUNTDOWN.set(1);
            FAILURE.set(Failure::Error(libc::ENOSPC));
            some(count.div_ceil(2)) as isize
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    // SAFETY: takes no pointer, here and below unless said otherwise.
    let result = call(|| unsafe { libc::syscall(libc::SYS_fsync, fd) });
    record(result as isize, || Event::Synced(path_of(fd)));
    result as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    // SAFETY: see `fsync`.
    let result = call(|| unsafe { libc::syscall(libc::SYS_fdatasync, fd) });
    record(result as isize, || Event::Synced(path_of(fd)));
    result as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ftruncate64(fd: c_int, length: i64) -> c_int {
    // SAFETY: see `fsync`.
    call(|| unsafe { libc::syscall(libc::SYS_ftruncate, fd, length) }) as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let at = libc::AT_FDCWD;
    // SAFETY: by the contract of this function.
    let result = call(|| unsafe { libc::syscall(libc::SYS_renameat2, at, from, at, to, 0) });
    // SAFETY: by the contract of this function.
    record(result as isize, || Event::Named(unsafe { path_from(to) }));
    result as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: by the contract of this function.
    call(|| unsafe { libc::syscall(libc::SYS_unlinkat, libc::AT_FDCWD, path, 0) }) as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn mkdir(path: *const c_char, mode: libc::mode_t) -> c_int {
    // SAFETY: by the contract of this function.
    call(|| unsafe { libc::syscall(libc::SYS_mkdirat, libc::AT_FDCWD, path, mode) }) as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    // SAFETY: by the contract of this function.
    let is_export = unsafe { CStr::from_ptr(path) }.to_bytes();
    let is_export = is_export.windows(9).any(|part| part == b"-torture-");
    let open = || {
        // SAFETY: by the contract of this function.
        unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) }
    };
    if !is_export {
        return open() as c_int;
    }
    // SAFETY: by the contract of this function.
    let path = unsafe { path_from(path) };
    let is_new = flags & libc::O_CREAT != 0 && !path.exists();
    let result = call(open);
    if is_new {
        record(result as isize, || Event::Named(path));
    }
    result as c_int
}

const RECORDS: u64 = 25;

/// Runs an export to its end.
fn export(service: &Service, directory: &Directory, options: &str) -> uservoice::Result<()> {
    let export = Export::new(&service.client(), None, &directory.0, options)?;
    while export.next()?.is_some() {}
    Ok(())
}

pub fn run() -> String {
    let failures = [
        Failure::Error(libc::EIO),
        Failure::Error(libc::ENOSPC),
        Failure::HalfWritten,
    ];
    let service = Service::new(RECORDS);
    let expected = service.site.lines(|_| true);
    let (mut injected, mut unreported) = (0, 0);
    for format in ["jsonl", "csv"] {
        let options = format!(r#"{{"resources":["suggestions","users"],"format":"{format}"}}"#);
        for failure in failures {
            for count in (1..).step_by(step(9)) {
                let directory = Directory::new(&format!("torture-{format}"));
                FAILURE.set(failure);
                COUNTDOWN.set(count);
                let result = export(&service, &directory, &options);
                let failed = COUNTDOWN.replace(0) == 0;
                match &result {
                    Ok(()) if failed => unreported += 1,
                    Ok(()) => {}
                    Err(error) => {
                        let name = format!("{format}, {failure:?} of call {count}");
                        assert!(failed, "{name}: {error}");
                        assert_eq!(error.status(), Status::FileError, "{name}: {error}");
                        let path = env!("CARGO_TARGET_TMPDIR");
                        assert!(error.message().contains(path), "{name}: {error}");
                    }
                }
                // A run without failures loses nothing, and writes nothing twice.
                export(&service, &directory, &options).unwrap();
                check(&directory, format, &expected);
                if !failed {
                    break;
                }
                injected += 1;
            }
        }
    }
    assert!(injected > unreported + 10, "{injected}, {unreported}");
    format!(
        "{injected} failed, {unreported} of them without effect; no record was lost or written twice"
    )
}

fn check(directory: &Directory, format: &str, expected: &str) {
    for resource in ["suggestions", "users"] {
        let text = directory.read(&format!("{resource}.{format}"));
        match format {
            "jsonl" => assert_eq!(text, expected, "{resource}"),
            _ => {
                let ids: Vec<_> = text.lines().map(|line| line.split(',').next()).collect();
                let numbers = (1..=RECORDS).map(|id| id.to_string());
                let expected: Vec<_> = std::iter::once("id".to_owned()).chain(numbers).collect();
                assert_eq!(
                    ids,
                    expected.iter().map(|id| Some(&**id)).collect::<Vec<_>>()
                );
            }
        }
    }
}
