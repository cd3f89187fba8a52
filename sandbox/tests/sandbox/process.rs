//! The process: what it is started with, its standard error, and its end.

use super::*;
use std::net::TcpListener;
use std::time::Instant;

impl Sandbox {
    /// How it ends after Ctrl-C, which has to be soon.
    fn interrupted(&mut self) -> std::process::ExitStatus {
        let pid = self.process.id().to_string();
        let mut kill = Command::new("kill");
        assert!(kill.args(["-INT", &pid]).status().unwrap().success());
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(8) {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("Ctrl-C does not end it");
    }
}

#[cfg(unix)]
#[test]
fn nobody_has_to_read_standard_error() {
    let mut site = started(&[], Stdio::piped());
    // More than a pipe holds.
    let path = format!("/{}", "x".repeat(8000));
    for _ in 0..40 {
        assert_eq!(site.plain(&path).status, 404);
    }
    assert!(site.interrupted().success());

    let mut site = started(&[], Stdio::piped());
    drop(site.process.stderr.take());
    for _ in 0..3 {
        assert_eq!(site.plain("/none").status, 404);
    }
    assert!(site.interrupted().success());
}

/// A sandbox whose web hook has just come to the receiver, which does not answer.
fn with_an_unanswered_hook(receiver: &TcpListener) -> (Sandbox, TcpStream) {
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let site = started(&["--webhook-url", &url], Stdio::piped());
    let user = site.user("user2@sandbox.example");
    let wish = json!({ "suggestion": { "title": "Tea" } });
    site.acting(&user, "POST", "/api/v1/forums/1/suggestions", wish);
    (site, receiver.accept().unwrap().0)
}

#[cfg(unix)]
#[test]
fn the_end_does_not_wait_for_a_web_hook() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut site, _unanswered) = with_an_unanswered_hook(&receiver);
    assert!(site.interrupted().success());
}

#[test]
fn a_web_hook_does_not_wait_for_ever() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut site, unanswered) = with_an_unanswered_hook(&receiver);
    let lines = BufReader::new(site.process.stderr.take().unwrap()).lines();
    // Without a limit, the end of the connection would be what the line tells.
    let (done, late) = std::sync::mpsc::channel::<()>();
    let closing = std::thread::spawn(move || {
        let _ = late.recv_timeout(PATIENCE);
        drop(unanswered);
    });
    let told = lines
        .map(Result::unwrap)
        .find(|line| line.contains("web hook new_suggestion"));
    assert!(told.as_ref().unwrap().contains("timeout"), "{told:?}");
    drop(done);
    closing.join().unwrap();
}

#[test]
fn options_that_cannot_be_used_are_refused_with_a_sentence() {
    let refused = |options: [&str; 2], sentence: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_uservoice-sandbox"));
        let told = command
            .args(options)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = told.spawn().unwrap();
        let started = Instant::now();
        while process.try_wait().unwrap().is_none() {
            if started.elapsed() > Duration::from_secs(20) {
                process.kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = process.wait_with_output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.code() == Some(2) && text.contains(sentence),
            "{options:?}: {text}"
        );
    };
    for url in [
        "nonsense",
        "ftp://127.0.0.1/hook",
        "/hook",
        "http://:80/hook",
    ] {
        refused(["--webhook-url", url], "not a URL such as http://");
    }
    refused(["--webhook-url", "https://127.0.0.1/hook"], "without TLS");
    refused(["--webhook-url", "http://"], "invalid value");
    refused(["--records", "1000001"], "1000001 is not in");
}
