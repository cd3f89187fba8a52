//! Counts the allocations of a request. A separate test program, because it replaces the
//! allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use uservoice::{Client, Token};

/// Counts what the threads that ask for it allocate.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<Option<(u32, usize)>> = const { Cell::new(None) };
}

fn record(size: usize) {
    let counted = ALLOCATIONS.get();
    ALLOCATIONS.set(counted.map(|(number, bytes)| (number + 1, bytes + size)));
}

// SAFETY: it passes every call on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        record(layout.size());
        // SAFETY: as the caller promises, here and below.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        record(size);
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Starts a server that responds to each request with 2 KB of JSON.
fn start_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(2040));
        let response = format!(
            "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 28 Nov 2026 12:00:00 GMT\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: keep-alive\r\n\
             ETag: \"1-2\"\r\n\r\n{body}",
            body.len()
        );
        // Each request arrives in one piece.
        while stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
            stream.write_all(response.as_bytes()).unwrap();
        }
    });
    base_url
}

/// docs/performance.md has the figures.
#[test]
fn a_get_makes_at_most_38_allocations() {
    let options = format!("{{\"base_url\":\"{}\"}}", start_server());
    let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
    let token = Token::new("token", "token secret").unwrap();
    let get = || client.request_json(Some(&token), "GET", "/api/v1/users/1.json", None);
    for _ in 0..3 {
        get().unwrap();
    }
    ALLOCATIONS.set(Some((0, 0)));
    let body = get();
    let (number, bytes) = ALLOCATIONS.take().unwrap();
    body.unwrap();
    assert!(number <= 38, "{number} allocations");
    assert!(bytes <= 10 << 10, "{bytes} bytes");
}
