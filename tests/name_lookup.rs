//! Name lookups that never end. A separate test program, because it replaces the C library's
//! `getaddrinfo`.
#![cfg(unix)]
#![allow(clippy::disallowed_types)] // This program does not fork.

use std::ffi::{c_char, c_int, c_void};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use uservoice::{Client, Error, Outcome, Status};

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

/// Returns how many lookups were started since the last one that was waited for.
fn lookups_started() -> usize {
    LOOKUP_STARTED.1.lock().unwrap().try_iter().count()
}

fn client(subdomain: &str, options: &str) -> Client {
    let options = format!("{{\"proxy\":\"\",\"max_retries\":0{options}}}");
    Client::new(subdomain, "key", Some("secret"), Some(&options)).unwrap()
}

fn post(client: &Client) -> Result<String, Error> {
    client.request_json(None, "POST", "/a", None)
}

const NO_TIMEOUT: &str = ",\"timeout_ms\":86400000,\"connect_timeout_ms\":86400000";

/// One test, since all share the threads of the process.
#[test]
fn lookups_that_never_end() {
    timeout_and_cancel_and_interrupt_end_a_call();
    threads_are_bounded();
    localhost_is_never_looked_up();
}

fn timeout_and_cancel_and_interrupt_end_a_call() {
    for limit in ["connect_timeout_ms", "timeout_ms"] {
        let client = client("acme", &format!("{NO_TIMEOUT},\"{limit}\":100"));
        let error = post(&client).unwrap_err();
        assert_eq!(error.status(), Status::Timeout);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.message().contains("no connection within 100 ms"));
    }
    wait_for_lookup();
    assert_eq!(lookups_started(), 0);
    // The same for the name of a proxy.
    for proxy in ["", "http://proxy.test:8080"] {
        let options = format!("{{\"proxy\":\"{proxy}\"}}");
        let client = client("acme", NO_TIMEOUT)
            .with_options(Some(&options))
            .unwrap();
        thread::scope(|scope| {
            let call = scope.spawn(|| post(&client));
            if !proxy.is_empty() {
                wait_for_lookup();
            }
            client.cancel();
            let error = call.join().unwrap().unwrap_err();
            assert_eq!(error.status(), Status::Cancelled);
            assert_eq!(error.outcome(), Outcome::NotSent);
        });
    }
    let client = client("acme", NO_TIMEOUT);
    client.set_interrupt(Some(Arc::new(|| true)));
    let error = post(&client).unwrap_err();
    assert_eq!(error.status(), Status::Cancelled);
    assert!(error.message().contains("interrupted"), "{error}");
}

/// Two lookups are running already.
fn threads_are_bounded() {
    thread::scope(|scope| {
        for call in 0..40 {
            scope.spawn(move || {
                let site = format!("site-{}", call / 2);
                let client = client(&site, ",\"connect_timeout_ms\":200");
                assert_eq!(post(&client).unwrap_err().status(), Status::Timeout);
            });
        }
    });
    assert_eq!(lookups_started(), 6);
}

/// DNS must not decide where the API secret goes (RFC 6761, section 6.3).
fn localhost_is_never_looked_up() {
    for (address, host) in [
        ("127.0.0.1:0", "localhost"),
        ("127.0.0.1:0", "feedback.acme.localhost"),
        ("127.0.0.1:0", "LocalHost"),
        ("127.0.0.1:0", "Acme.LOCALHOST"),
        ("[::1]:0", "localhost"),
    ] {
        let listener = TcpListener::bind(address).unwrap();
        let port = listener.local_addr().unwrap().port();
        for options in [
            format!("{{\"base_url\":\"http://{host}:{port}\",\"connect_timeout_ms\":60000}}"),
            format!("{{\"proxy\":\"http://{host}:{port}\",\"connect_timeout_ms\":60000}}"),
        ] {
            thread::scope(|scope| {
                // Closes the connection.
                scope.spawn(|| drop(listener.accept().unwrap()));
                let client = client("acme", "").with_options(Some(&options));
                let error = post(&client.unwrap()).unwrap_err();
                assert_eq!(error.status(), Status::Transport, "{error}");
            });
        }
    }
    assert_eq!(lookups_started(), 0);
}
