//! A name lookup that never ends. A separate test program, because it replaces the C library's
//! `getaddrinfo`.
#![cfg(unix)]
#![allow(clippy::disallowed_types)] // This program does not fork.

use std::ffi::{c_char, c_int, c_void};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use uservoice::{Client, Outcome, Status};

type LookupStarted = (Sender<()>, Mutex<Receiver<()>>);

/// Receives a message for each lookup.
static LOOKUP_STARTED: LazyLock<LookupStarted> = LazyLock::new(|| {
    let (sender, receiver) = channel();
    (sender, Mutex::new(receiver))
});

/// Replaces the C library's function in this program.
#[unsafe(no_mangle)]
extern "C" fn getaddrinfo(
    _node: *const c_char,
    _service: *const c_char,
    _hints: *const c_void,
    _results: *mut *mut c_void,
) -> c_int {
    LOOKUP_STARTED.0.send(()).unwrap();
    loop {
        thread::park();
    }
}

fn wait_for_lookup() {
    LOOKUP_STARTED.1.lock().unwrap().recv().unwrap();
}

fn client(options: &str) -> Client {
    let options = format!("{{\"proxy\":\"\",\"max_retries\":0{options}}}");
    Client::new("acme", "key", Some("secret"), Some(&options)).unwrap()
}

#[test]
fn name_lookup_ends_with_timeout_and_cancel() {
    let no_timeout = ",\"timeout_ms\":86400000,\"connect_timeout_ms\":86400000";
    for limit in ["connect_timeout_ms", "timeout_ms"] {
        let client = client(&format!("{no_timeout},\"{limit}\":100"));
        let error = client.request_json(None, "POST", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Timeout);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.message().contains("no connection within 100 ms"));
        wait_for_lookup();
    }
    // The same for the name of a proxy.
    for proxy in ["", "http://proxy.test:8080"] {
        let options = format!("{{\"proxy\":\"{proxy}\"}}");
        let client = client(no_timeout).with_options(Some(&options)).unwrap();
        thread::scope(|scope| {
            let call = scope.spawn(|| client.request_json(None, "POST", "/a", None));
            wait_for_lookup();
            client.cancel();
            let error = call.join().unwrap().unwrap_err();
            assert_eq!(error.status(), Status::Cancelled);
            assert_eq!(error.outcome(), Outcome::NotSent);
        });
    }
    let client = client(no_timeout);
    client.set_interrupt(Some(Arc::new(|| true)));
    let error = client.request_json(None, "POST", "/a", None).unwrap_err();
    assert_eq!(error.status(), Status::Cancelled);
    assert!(error.message().contains("interrupted"), "{error}");
}
