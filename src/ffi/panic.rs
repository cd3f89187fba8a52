//! Turns panics into errors without printing them.

use std::any::Any;
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// The message of a panic on this thread: outer `None` outside of [`guard`],
/// inner `None` before a panic.
type PanicMessage = ManuallyDrop<Option<Option<String>>>;

thread_local! {
    /// Has no destructor, so that it can be used as long as the thread runs: a
    /// host may call or free in the destructors of its own thread-locals.
    static PANIC: RefCell<PanicMessage> = const { RefCell::new(ManuallyDrop::new(None)) };
}

/// Runs `body` and returns a panic as an error. Cancelling the thread would unwind by force,
/// which aborts the process at `catch_unwind`: it is disabled meanwhile.
pub(super) fn guard<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    #[cfg(unix)]
    let _disabled = crate::process::system::DisabledCancellation::disable();
    install_panic_hook();
    // Saved, because a log callback may call the library again.
    let outer = PANIC.replace(ManuallyDrop::new(Some(None)));
    let result = catch_unwind(AssertUnwindSafe(body));
    let message = ManuallyDrop::into_inner(PANIC.replace(outer)).flatten();
    result.unwrap_or_else(|payload| {
        let message = message.unwrap_or_else(|| static_message(&*payload).to_owned());
        Err(Error::internal(format!("a bug in libuservoice: {message}")))
    })
}

/// Replaces the panic hook, which prints, by one that records panics within
/// [`guard`], is silent about those of the library's threads, and passes all
/// others to the previous hook.
fn install_panic_hook() {
    // Not `Once`: a fork while another thread is inside of it would block the child.
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::Relaxed) {
        return;
    }
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let is_recorded = PANIC.with_borrow_mut(|message| {
            let Some(message) = message.as_mut() else {
                return false;
            };
            let text = static_message(info.payload());
            *message = Some(match info.location() {
                Some(location) => format!("{text} ({}:{})", location.file(), location.line()),
                None => text.to_owned(),
            });
            true
        });
        let is_ours = |name: &str| name.starts_with("uservoice-");
        if !is_recorded && !std::thread::current().name().is_some_and(is_ours) {
            previous(info);
        }
    }));
}

/// Returns the message of a panic if it is a literal of the source. Formatted
/// messages contain values, any of which may be a secret.
fn static_message(payload: &(dyn Any + Send)) -> &'static str {
    let message = payload.downcast_ref::<&'static str>();
    message.unwrap_or(&"panic with a formatted message, which is not shown")
}

/// Runs the body of a function that reports no errors. Only a panic could be
/// lost: NULL is allowed where this is used.
pub(super) fn run_infallible(body: impl FnOnce()) {
    let _ = guard(|| {
        body();
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use std::ffi::{CStr, c_char};
    use std::process::Command;
    use std::ptr;

    use crate::ffi::call::run;
    use crate::ffi::error::{uservoice_error_free, uservoice_error_message};

    fn panic_message(panics: impl FnOnce()) -> String {
        let mut out: *mut c_char = ptr::dangling_mut();
        let mut error = ptr::null_mut();
        let status = run("out", &mut out, &mut error, || {
            panics();
            Ok(ptr::null_mut())
        });
        assert_eq!(status, 99);
        assert!(out.is_null());
        // SAFETY: the error was just created, and is freed once.
        unsafe {
            let message = CStr::from_ptr(uservoice_error_message(error));
            let message = message.to_str().unwrap().to_owned();
            uservoice_error_free(error);
            message
        }
    }

    #[test]
    fn panic_becomes_an_error_with_its_place() {
        let message = panic_message(|| panic!("broken"));
        assert!(message.contains("broken (src/ffi/panic.rs:"), "{message}");
    }

    /// Neither in the error nor on the terminal. For the latter the test runs
    /// itself in another process.
    #[test]
    fn panic_does_not_show_values() {
        const INNER: &str = "USERVOICE_TEST_PANICS";
        let Ok(secret) = std::env::var(INNER) else {
            let mut inner = Command::new(std::env::current_exe().unwrap());
            inner.args([
                "--exact",
                "ffi::panic::tests::panic_does_not_show_values",
                "--nocapture",
            ]);
            let output = inner.env(INNER, "hidden\u{e9}").output().unwrap();
            let output = [output.stdout, output.stderr].concat();
            let output = String::from_utf8(output).unwrap();
            assert!(output.contains("1 passed"), "{output}");
            let shows = output.contains("hidden") || output.contains("panicked");
            assert!(!shows, "{output}");
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
            let message = panic_message(panics);
            assert!(!message.contains("hidden"), "{message}");
            assert!(message.contains("src/ffi/panic.rs:"), "{message}");
        }
        let thread = crate::process::threads::spawn("uservoice-test", move || panic!("{secret}"));
        assert!(thread.unwrap().join().is_err());
    }
}
