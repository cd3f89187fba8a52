//! The C ABI: turns pointers into values and results into out-parameters. All
//! `unsafe` lives here.
//!
//! The rules: every out-parameter is defined on entry; nothing unwinds and
//! nothing is printed, a panic becomes an error; any pointer may be NULL and
//! any text may be invalid UTF-8.
#![allow(unsafe_code)]
#![allow(non_camel_case_types)]

mod client;
mod collection;
mod error;
mod export;
mod json;
mod log;
mod login;
mod request;
mod sso;
mod token;
mod webhook;

use std::any::Any;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroize as _;

use crate::error::{Error, Result};
use error::{USERVOICE_OK, uservoice_error, uservoice_status};

type Note = ManuallyDrop<Option<Option<String>>>;

thread_local! {
    /// Where a panic on this thread is noted while an entry point runs. It has
    /// nothing to drop, and so is there as long as the thread: a host may call
    /// or free in what it has run when a thread ends.
    static PANIC: RefCell<Note> = const { RefCell::new(ManuallyDrop::new(None)) };
}

/// Runs the body of an entry point: gives its result to `out`, which the caller knows
/// as `name`, or its error to `error`.
fn run<T: OutValue>(
    name: &str,
    out: *mut T,
    error: *mut *mut uservoice_error,
    body: impl FnOnce() -> Result<T>,
) -> uservoice_status {
    // SAFETY: the caller gives NULL or a place to write to.
    unsafe {
        if !out.is_null() {
            out.write(T::NONE);
        }
        if !error.is_null() {
            error.write(ptr::null_mut());
        }
    }
    let result = if out.is_null() {
        Err(Error::invalid(name, "must not be NULL"))
    } else {
        guard(body)
    };
    match result {
        Ok(value) => {
            // SAFETY: not NULL, see above.
            unsafe { out.write(value) };
            USERVOICE_OK
        }
        Err(failure) => {
            let status = failure.status as uservoice_status;
            if !error.is_null() {
                // SAFETY: not NULL.
                unsafe { error.write(uservoice_error::boxed(failure)) };
            }
            status
        }
    }
}

/// Runs `body`; a panic becomes an error and is not printed.
fn guard<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    note_panics();
    // A log callback may call us again.
    let outer = PANIC.replace(ManuallyDrop::new(Some(None)));
    let result = catch_unwind(AssertUnwindSafe(body));
    let noted = ManuallyDrop::into_inner(PANIC.replace(outer)).flatten();
    result.unwrap_or_else(|payload| {
        let text = noted.unwrap_or_else(|| text_of(&*payload).to_owned());
        Err(Error::internal(format!("a bug in libuservoice: {text}")))
    })
}

/// The default hook prints. Ours keeps quiet about panics of our entry points
/// and leaves all others to the hook that was there.
fn note_panics() {
    // No `Once`: a fork while another thread runs it would block the child.
    static NOTED: AtomicBool = AtomicBool::new(false);
    if NOTED.swap(true, Ordering::Relaxed) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let ours = PANIC.with_borrow_mut(|note| {
            let Some(note) = note.as_mut() else {
                return false;
            };
            let text = text_of(info.payload());
            *note = Some(match info.location() {
                Some(place) => format!("{text} ({}:{})", place.file(), place.line()),
                None => text.to_owned(),
            });
            true
        });
        let ours = ours
            || std::thread::current()
                .name()
                .is_some_and(|name| name.starts_with("uservoice-"));
        if !ours {
            before(info);
        }
    }));
}

/// The words that stand in the source. Others were made from values, any of which may be
/// a secret: std's own quote the text that could not be cut, or the error unwrapped.
fn text_of(payload: &(dyn Any + Send)) -> &'static str {
    let words = payload.downcast_ref::<&'static str>();
    words.unwrap_or(&"panic, with values that are not told")
}

/// What can be given through an out-parameter.
trait OutValue {
    /// What stands there until there is something to give.
    const NONE: Self;
}

impl<T> OutValue for *mut T {
    const NONE: Self = ptr::null_mut();
}

impl OutValue for usize {
    const NONE: Self = 0;
}

/// A handle on the heap, which the caller owns from here on.
fn handle<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

/// Takes back what `handle` gave.
///
/// # Safety
/// `pointer` is NULL or came from `handle` and was not freed.
unsafe fn free<T>(pointer: *mut T) {
    if pointer.is_null() {
        return;
    }
    // SAFETY: by this function's contract.
    let value = unsafe { Box::from_raw(pointer) };
    // A panic while dropping has nowhere to be told.
    let _ = guard(|| {
        drop(value);
        Ok(())
    });
}

/// A handle that must be there.
///
/// # Safety
/// `pointer` is NULL or a live handle.
unsafe fn borrow<'a, T>(pointer: *const T, name: &str) -> Result<&'a T> {
    // SAFETY: by this function's contract.
    unsafe { pointer.as_ref() }.ok_or_else(|| Error::invalid(name, "must not be NULL"))
}

/// A text that must be there.
///
/// # Safety
/// `text` is NULL or ends with NUL and outlives the call.
unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str> {
    // SAFETY: by this function's contract.
    unsafe { optional_text(text, name) }?.ok_or_else(|| Error::invalid(name, "must not be NULL"))
}

/// A text that may be NULL.
///
/// # Safety
/// As `text`.
unsafe fn optional_text<'a>(text: *const c_char, name: &str) -> Result<Option<&'a str>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the rest by this function's contract.
    let text = unsafe { CStr::from_ptr(text) }.to_str();
    text.map(Some)
        .map_err(|_| Error::invalid(name, "is not valid UTF-8"))
}

/// Bytes that must be there.
///
/// # Safety
/// `start` is NULL or has `length` bytes that outlive the call.
unsafe fn bytes<'a>(start: *const c_char, length: usize, name: &str) -> Result<&'a [u8]> {
    if start.is_null() {
        return Err(Error::invalid(name, "must not be NULL"));
    }
    if isize::try_from(length).is_err() {
        return Err(Error::invalid(name, "is too long"));
    }
    // SAFETY: not NULL, and no longer than memory can be; the rest by this
    // function's contract.
    Ok(unsafe { std::slice::from_raw_parts(start.cast(), length) })
}

/// A text for the caller, to be given back through `uservoice_string_free`.
fn string(text: impl Into<Vec<u8>>) -> Result<*mut c_char> {
    let text = text.into();
    if memchr::memchr(0, &text).is_some() {
        return Err(Error::bad_response("the text holds a NUL"));
    }
    // SAFETY: it holds no NUL.
    let text = unsafe { CString::from_vec_unchecked(text) };
    Ok(text.into_raw())
}

/// A secret for the caller, to be given back through `uservoice_string_free`:
/// copied in its whole length at once, so that no other copies stay behind.
fn secret_string(text: &str) -> Result<*mut c_char> {
    let text = CString::new(text).map_err(|_| Error::internal("a secret holds a NUL"))?;
    Ok(text.into_raw())
}

/// A text that is borrowed from its handle; what follows a NUL is cut off.
fn c_text(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

/// Gives back a text that a function of this library returned as `char *`.
///
/// @param string  The text; NULL is allowed and does nothing.
///
/// Its memory is overwritten first, since it may hold a secret. Never blocks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_string_free(string: *mut c_char) {
    if string.is_null() {
        return;
    }
    // SAFETY: by contract the text came from `string`, which made it from a
    // CString, and was not freed.
    let mut text = unsafe { CString::from_raw(string) }.into_bytes();
    // SAFETY: any bytes are a word. Text is wiped by words where it can be, which takes
    // an eighth of the time.
    let (before, words, after) = unsafe { text.align_to_mut::<u64>() };
    before.zeroize();
    words.zeroize();
    after.zeroize();
}

/// The library's version, such as "0.1.0". Compare it with
/// USERVOICE_VERSION_MAJOR and the like to see whether the library that was
/// loaded fits the header that was compiled. Not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn uservoice_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => panic!("a version has no NUL"),
        };
    VERSION.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn message_of_panic(panics: impl FnOnce()) -> String {
        let mut out: *mut c_char = ptr::dangling_mut();
        let mut error = ptr::null_mut();
        let status = run("out", &mut out, &mut error, || {
            panics();
            Ok(ptr::null_mut())
        });
        assert_eq!(status, 99);
        assert!(out.is_null());
        // SAFETY: the error was just made, and is freed once.
        unsafe {
            let message = CStr::from_ptr(error::uservoice_error_message(error));
            let message = message.to_str().unwrap().to_owned();
            error::uservoice_error_free(error);
            message
        }
    }

    #[test]
    fn a_panic_becomes_an_error() {
        let message = message_of_panic(|| panic!("broken"));
        assert!(message.contains("broken (src/ffi/mod.rs:"), "{message}");
    }

    /// Neither in the error nor on the terminal, for which the test runs itself once more.
    #[test]
    fn a_panic_tells_no_values() {
        const INNER: &str = "USERVOICE_TEST_PANICS";
        let Ok(secret) = std::env::var(INNER) else {
            let mut inner = Command::new(std::env::current_exe().unwrap());
            inner.args([
                "--exact",
                "ffi::tests::a_panic_tells_no_values",
                "--nocapture",
            ]);
            let told = inner.env(INNER, "hidden\u{e9}").output().unwrap();
            let told = [told.stdout, told.stderr].concat();
            let told = String::from_utf8(told).unwrap();
            assert!(told.contains("1 passed"), "{told}");
            assert!(
                !told.contains("hidden") && !told.contains("panicked"),
                "{told}"
            );
            return;
        };
        let panics: [&dyn Fn(); 5] = [
            &|| panic!("{secret}"),
            &|| drop(secret[..secret.len() - 1].to_owned()),
            &|| {
                secret
                    .parse::<u32>()
                    .map_err(|_| &secret)
                    .map(drop)
                    .unwrap()
            },
            &|| assert_eq!(secret, ""),
            &|| std::panic::panic_any(secret.clone()),
        ];
        for panics in panics {
            let message = message_of_panic(panics);
            assert!(!message.contains("hidden"), "{message}");
            assert!(message.contains("src/ffi/mod.rs:"), "{message}");
        }
        let threads = crate::process::threads::spawn("uservoice-test", move || panic!("{secret}"));
        assert!(threads.unwrap().join().is_err());
    }
}
