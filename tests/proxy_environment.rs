//! The proxy that the environment names: in a process of its own, whose
//! environment the test may set.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use uservoice::{Client, Status};

/// Whatever is asked, the answer says who answers; gives the port.
fn answering(text: &'static str) -> u16 {
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
            stream.write_all(text.as_bytes()).unwrap();
        }
    });
    port
}

#[test]
fn it_is_used_but_for_its_exceptions() {
    let site = answering("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    let proxy = answering("HTTP/1.1 403 Forbidden\r\n\r\n");
    let set = |name: &str, value: &str| {
        // SAFETY: no other thread of this process touches the environment.
        unsafe { std::env::set_var(name, value) };
    };
    // This host, by an address that is not a loopback one.
    let options = format!(
        "{{\"base_url\":\"http://0.0.0.0:{site}\",\"allow_insecure\":true,\"max_retries\":0}}"
    );
    let call = || {
        let client = Client::new("acme", "key", Some("secret"), Some(&options))?;
        client.call(None, "GET", "/a", None)
    };
    set("no_proxy", "");
    set("NO_PROXY", "");
    set("http_proxy", &format!("http://127.0.0.1:{proxy}"));
    let error = call().unwrap_err();
    assert!(
        error.message().contains("no tunnel through the proxy"),
        "{error}"
    );

    set("NO_PROXY", "uservoice.com, 0.0.0.0");
    assert_eq!(call().unwrap(), "1");

    set("NO_PROXY", "");
    for bad in ["socks5://127.0.0.1:1", "http://", "::"] {
        set("http_proxy", bad);
        let error = call().unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{bad}");
    }
}
