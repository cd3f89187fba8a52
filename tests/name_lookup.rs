//! A name lookup that does not end: in a process of its own, which has another
//! `getaddrinfo` than the C library's.
#![cfg(unix)]
#![allow(clippy::disallowed_types)] // It does not fork.

use std::ffi::{c_char, c_int, c_void};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex};
use std::thread;

use uservoice::{Client, Outcome, Status};

type Begun = (Sender<()>, Mutex<Receiver<()>>);

/// Told of each lookup.
static BEGUN: LazyLock<Begun> = LazyLock::new(|| {
    let (sender, receiver) = channel();
    (sender, Mutex::new(receiver))
});

/// Stands in for the C library's, wherever this program is linked with it.
#[unsafe(no_mangle)]
extern "C" fn getaddrinfo(
    _node: *const c_char,
    _service: *const c_char,
    _hints: *const c_void,
    _results: *mut *mut c_void,
) -> c_int {
    BEGUN.0.send(()).unwrap();
    loop {
        thread::park();
    }
}

fn wait_for_lookup() {
    BEGUN.1.lock().unwrap().recv().unwrap();
}

fn client(options: &str) -> Client {
    let options = format!("{{\"proxy\":\"\",\"max_retries\":0{options}}}");
    Client::new("acme", "key", Some("secret"), Some(&options)).unwrap()
}

#[test]
fn it_ends_with_the_time_limit_and_with_cancel() {
    let never = ",\"timeout_ms\":86400000,\"connect_timeout_ms\":86400000";
    for limit in ["connect_timeout_ms", "timeout_ms"] {
        let client = client(&format!("{never},\"{limit}\":100"));
        let error = client.call(None, "POST", "/a", None).unwrap_err();
        assert_eq!(error.status(), Status::Timeout);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.message().contains("no connection within 100 ms"));
        wait_for_lookup();
    }
    // The proxy's name, too.
    for proxy in ["", "http://proxy.test:8080"] {
        let options = format!("{{\"proxy\":\"{proxy}\"}}");
        let client = client(never).with_options(Some(&options)).unwrap();
        thread::scope(|scope| {
            let call = scope.spawn(|| client.call(None, "POST", "/a", None));
            wait_for_lookup();
            client.cancel();
            let error = call.join().unwrap().unwrap_err();
            assert_eq!(error.status(), Status::Cancelled);
            assert_eq!(error.outcome(), Outcome::NotSent);
        });
    }
}
