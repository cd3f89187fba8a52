//! Proxies from environment variables. A separate test program, because the test changes its
//! environment.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use uservoice::{Client, Status};

/// Starts a server that sends `response` to each request. Returns its port.
fn start_server(response: &'static str) -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            stream.write_all(response.as_bytes()).unwrap();
        }
    });
    port
}

#[test]
fn uses_http_proxy_except_for_no_proxy() {
    let site = start_server("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    let proxy = start_server("HTTP/1.1 403 Forbidden\r\n\r\n");
    let set = |name: &str, value: &str| {
        // SAFETY: no other thread of this process uses the environment.
        unsafe { std::env::set_var(name, value) };
    };
    // This machine, by an address outside of the loopback range.
    let options = format!(
        "{{\"base_url\":\"http://0.0.0.0:{site}\",\"allow_insecure\":true,\"max_retries\":0}}"
    );
    let send = || {
        let client = Client::new("acme", "key", Some("secret"), Some(&options))?;
        client.request_json(None, "GET", "/a", None)
    };
    set("no_proxy", "");
    set("NO_PROXY", "");
    set("http_proxy", &format!("http://127.0.0.1:{proxy}"));
    let error = send().unwrap_err();
    assert!(
        error.message().contains("no tunnel through the proxy"),
        "{error}"
    );

    set("NO_PROXY", "uservoice.com, 0.0.0.0");
    assert_eq!(send().unwrap(), "1");

    set("NO_PROXY", "");
    for proxy_url in ["socks5://127.0.0.1:1", "http://", "::"] {
        set("http_proxy", proxy_url);
        let error = send().unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{proxy_url}");
    }
}
