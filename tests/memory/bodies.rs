//! Request bodies stay where the caller has them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use uservoice::Client;

use crate::MIB;
use crate::counting::peak_of;

/// Serves one request: reads at least `body_len` bytes, and responds.
fn serve(listener: &TcpListener, body_len: usize) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut piece = vec![0; MIB];
    let mut received = 0;
    while received < body_len {
        received += stream.read(&mut piece).unwrap();
    }
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    stream.write_all(response).unwrap();
    // Until the client closes the connection: it may still send the rest.
    while stream.read(&mut piece).unwrap() > 0 {}
}

/// Calls a client with a request body.
type Call = fn(&Client, &[u8]) -> uservoice::Result<String>;

#[test]
fn a_large_body_is_not_copied() {
    const BODY_LEN: usize = 256 * MIB;

    let body = vec![b'a'; BODY_LEN];
    let calls: [Call; 2] = [
        |client, body| {
            let headers = Some(r#"{"Content-Type":"text/plain"}"#);
            client.send(None, "POST", "/a", headers, body)
        },
        |client, body| client.upload(None, "/a", "a.txt", None, body),
    ];
    for call in calls {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let options = format!(
            "{{\"base_url\":\"http://{}\",\"max_request_bytes\":{},\"timeout_ms\":86400000}}",
            listener.local_addr().unwrap(),
            2 * BODY_LEN
        );
        let client = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap();
        let server = thread::spawn(move || serve(&listener, BODY_LEN));
        let (result, peak) = peak_of(|| call(&client, &body));
        result.unwrap();
        drop(client);
        server.join().unwrap();
        assert!(peak <= MIB, "{peak} bytes");
    }
}
