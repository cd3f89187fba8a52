//! Webhooks.

use super::*;

#[test]
fn sends_signed_webhook_for_a_change() {
    let receiver = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let sandbox = start(&["--webhook-url", &url]);
    let user = sandbox.login("user2@sandbox.example");
    let input = json!({ "suggestion": { "title": "Tea & \"more\"" } });
    sandbox.request_as(&user, "POST", "/api/v1/forums/1/suggestions", input);

    let (mut stream, _) = receiver.accept().unwrap();
    let mut text = String::new();
    let mut bytes = [0; 4096];
    while !text.contains("signature=") {
        let length = stream.read(&mut bytes).unwrap();
        text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .unwrap();
    let body = text.split("\r\n\r\n").nth(1).unwrap();
    assert!(
        body.starts_with("event=new_suggestion&data=%7B%22suggestion%22"),
        "{body}"
    );
    assert_eq!(body.split("signature=").nth(1).unwrap().len(), 64);
}
