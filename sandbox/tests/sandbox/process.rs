//! The process: options, standard error, and stopping it.

use super::*;
use std::net::TcpListener;
use std::time::Instant;

impl Sandbox {
    /// Sends SIGINT and returns the exit status, which must arrive soon.
    fn interrupt(&mut self) -> std::process::ExitStatus {
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
        panic!("it does not exit on SIGINT");
    }
}

#[cfg(unix)]
#[test]
fn runs_without_a_reader_of_standard_error() {
    let mut sandbox = start_with_stderr(&[], Stdio::piped());
    // More than the capacity of a pipe.
    let path = format!("/{}", "x".repeat(8000));
    for _ in 0..40 {
        assert_eq!(sandbox.get_unsigned(&path).status, 404);
    }
    assert!(sandbox.interrupt().success());

    let mut sandbox = start_with_stderr(&[], Stdio::piped());
    drop(sandbox.process.stderr.take());
    for _ in 0..3 {
        assert_eq!(sandbox.get_unsigned("/none").status, 404);
    }
    assert!(sandbox.interrupt().success());
}

/// Starts a sandbox that is waiting for the response to its webhook.
fn start_with_pending_webhook(receiver: &TcpListener) -> (Sandbox, TcpStream) {
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let sandbox = start_with_stderr(&["--webhook-url", &url], Stdio::piped());
    let user = sandbox.login("user2@sandbox.example");
    let input = json!({ "suggestion": { "title": "Tea" } });
    sandbox.request_as(&user, "POST", "/api/v1/forums/1/suggestions", input);
    (sandbox, receiver.accept().unwrap().0)
}

#[cfg(unix)]
#[test]
fn exits_without_waiting_for_webhook() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut sandbox, _connection) = start_with_pending_webhook(&receiver);
    assert!(sandbox.interrupt().success());
}

#[test]
fn webhook_times_out() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut sandbox, connection) = start_with_pending_webhook(&receiver);
    let lines = BufReader::new(sandbox.process.stderr.take().unwrap()).lines();
    // Without a timeout, the line would report the closed connection.
    let (done, stop) = std::sync::mpsc::channel::<()>();
    let closing = std::thread::spawn(move || {
        let _ = stop.recv_timeout(TIMEOUT);
        drop(connection);
    });
    let line = lines
        .map(Result::unwrap)
        .find(|line| line.contains("webhook new_suggestion"));
    assert!(line.as_ref().unwrap().contains("timeout"), "{line:?}");
    drop(done);
    closing.join().unwrap();
}

#[test]
fn rejects_invalid_options_with_message() {
    let assert_rejected = |options: [&str; 2], message: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_uservoice-sandbox"));
        let command = command
            .args(options)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
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
            output.status.code() == Some(2) && text.contains(message),
            "{options:?}: {text}"
        );
    };
    for url in [
        "nonsense",
        "ftp://127.0.0.1/hook",
        "/hook",
        "http://:80/hook",
    ] {
        assert_rejected(["--webhook-url", url], "not a URL such as http://");
    }
    assert_rejected(["--webhook-url", "https://127.0.0.1/hook"], "without TLS");
    assert_rejected(["--webhook-url", "http://"], "invalid value");
    assert_rejected(["--records", "1000001"], "1000001 is not in");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_it_and_deletes_the_ca_file() {
    let mut sandbox = start(&["--tls"]);
    let file = sandbox.start_up["ca_file"].as_str().unwrap().to_string();
    let pid = sandbox.process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(sandbox.process.wait().unwrap().success());
    assert!(!std::path::Path::new(&file).exists());
}
