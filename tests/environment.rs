//! Reads of the environment, which may crash a program that changes it in another thread. A separate
//! test program, because it replaces the C library's `getenv`.
#![cfg(unix)]

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::io::Write;
use std::net::TcpListener;
use std::ptr;
use std::thread;

use uservoice::{Client, Status};

thread_local! {
    static READS: Cell<usize> = const { Cell::new(0) };
    static HAS_PROXY: Cell<bool> = const { Cell::new(false) };
}

/// Replaces the C library's function in this program.
#[unsafe(no_mangle)]
extern "C" fn getenv(name: *const c_char) -> *mut c_char {
    READS.set(READS.get() + 1);
    // SAFETY: the caller passes a string.
    let name = unsafe { CStr::from_ptr(name) };
    match HAS_PROXY.get() && name == c"https_proxy" {
        true => c"socks5://127.0.0.1".as_ptr().cast_mut(),
        false => ptr::null_mut(),
    }
}

/// Returns how often this thread read the environment in `work`.
fn reads(work: impl FnOnce()) -> usize {
    let before = READS.get();
    work();
    READS.get() - before
}

fn new(options: &str) -> uservoice::Result<Client> {
    Client::new("acme", "key", Some("secret"), Some(options))
}

#[test]
fn reads_the_environment_only_where_an_option_asks_for_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1";
        stream.write_all(response).unwrap();
        thread::park();
    });
    let options = format!("{{\"proxy\":\"\",\"base_url\":\"{base_url}\"}}");
    // ureq reads it for the first client, see docs/reliability.md.
    assert!(reads(|| drop(new(&options).unwrap())) > 0);
    let without_proxy = reads(|| {
        let client = new(&options).unwrap();
        assert_eq!(client.request_json(None, "GET", "/a", None).unwrap(), "1");
        client.with_options(Some("{\"timeout_ms\":5}")).unwrap();
        let other = "{\"base_url\":\"https://a.test\"}";
        client.with_options(Some(other)).unwrap();
    });
    assert_eq!(without_proxy, 0);

    HAS_PROXY.set(true);
    let error = new("{}").unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert_eq!(error.argument(), Some("options.proxy"));
}
