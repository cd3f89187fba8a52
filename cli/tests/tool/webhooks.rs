//! `webhook`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};
use std::time::Duration;

use crate::{Site, finish, full_disk, interrupt, post};

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn signed_bodies_verify() {
    let site = Site::start();
    let data = "{\"a\":\"é&=\"}";
    let body = site
        .run_with_input(&["webhook", "sign", "--event", "test"], data)
        .ok();
    let content = site.run_with_input(&["webhook", "verify"], &body).ok();
    assert_eq!(content, "{\"event\":\"test\",\"data\":{\"a\":\"é&=\"}}\n");
    let signature = site.run_with_input(&["webhook", "sign"], data).ok();
    fs::write(site.path("data"), data).unwrap();
    let arguments = ["webhook", "verify", "data", "--signature", signature.trim()];
    assert_eq!(site.run(&arguments).ok(), data);
    fs::write(site.path("data"), "{}").unwrap();
    site.run(&arguments)
        .fails(9, "the signature does not match");
    site.run_with_input(&["webhook", "sign", "--event", "test"], "{")
        .fails(2, "-: must be valid JSON");
    site.run_with_input(&["webhook", "verify"], &body.replace("event", "Event"))
        .fails(9, "the webhook body ");
}

#[test]
fn listen_prints_what_the_sandbox_sends_and_rejects_the_rest() {
    let site = Site::start();
    let (child, mut err, url) = listen(&site, &["--count", "1"], Stdio::piped());
    let rejected = post(&url, "/", FORM, "event=test&data={}&signature=00");
    assert!(rejected.starts_with("HTTP/1.1 401"), "{rejected}");
    assert!(crate::get(&url, "/").starts_with("HTTP/1.1 405"));
    post(
        &site.url,
        "/_sandbox/webhooks/receiver",
        FORM,
        &format!("url={url}/"),
    );
    let sent = post(
        &site.url,
        "/_sandbox/webhooks",
        "application/json",
        r#"{"event":"new_comment"}"#,
    );
    assert!(sent.starts_with("HTTP/1.1 2"), "{sent}");
    let run = finish(child);
    assert_eq!(run.status, 0);
    assert!(
        run.out.starts_with("{\"event\":\"new_comment\",\"data\":{"),
        "{}",
        run.out
    );
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    assert!(line.contains("rejected a request: the signature"), "{line}");
}

#[test]
fn ctrl_c_ends_listening() {
    let site = Site::start();
    let (child, _err, _) = listen(&site, &[], Stdio::piped());
    assert_eq!(interrupt(child).status, 130);
}

#[test]
fn listen_survives_huge_and_slow_requests() {
    let site = Site::start();
    let (child, _err, url) = listen(&site, &["--count", "1"], Stdio::piped());
    let begin = |length: &str, body: &[u8]| {
        let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
        )
        .unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(120)))
            .unwrap();
        // It may be rejected before all of it is sent.
        let _ = stream.write_all(body);
        stream
    };
    let _slow = begin("5000", b"event=");
    let mut huge = begin("1000000000000", &[b'a'; (16 << 20) + 1]);
    let mut status = [0; 12];
    huge.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
    let body = site
        .run_with_input(&["webhook", "sign", "--event", "test"], "{}")
        .ok();
    let response = post(&url, "/", FORM, body.trim());
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert_eq!(finish(child).out, "{\"event\":\"test\",\"data\":{}}\n");
}

#[test]
fn listen_confirms_only_what_is_printed() {
    let site = Site::start();
    let (child, _err, url) = listen(&site, &[], full_disk());
    let body = site
        .run_with_input(&["webhook", "sign", "--event", "test"], "{}")
        .ok();
    let response = post(&url, "/", FORM, body.trim());
    assert!(response.starts_with("HTTP/1.1 503"), "{response}");
    assert_eq!(finish(child).status, 8);
}

/// Starts a receiver on a free port. Returns it, the rest of its standard error, and its URL.
fn listen(
    site: &Site,
    options: &[&str],
    out: impl Into<Stdio>,
) -> (Child, BufReader<ChildStderr>, String) {
    let mut command = site.tool(&["webhook", "listen", "--port", "0"]);
    let streams = command.args(options).stdout(out).stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http"));
    let url = url.unwrap().trim_end_matches(';').to_owned();
    (child, err, url)
}
