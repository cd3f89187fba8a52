//! Tests of the tool: runs it against the sandbox.

mod exports;
mod help;
mod lists;
mod login;
mod login_code;
mod requests;
mod settings;
mod signon;
mod streams;
mod terminal;
mod token;
mod webhooks;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

const TOOL: &str = env!("CARGO_BIN_EXE_uservoice");

/// A sandbox, and a directory for the files of a test.
struct Site {
    sandbox: Child,
    url: String,
    directory: TempDir,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.sandbox.kill();
        let _ = self.sandbox.wait();
    }
}

/// What a run of the tool printed.
struct Run {
    status: i32,
    out: String,
    err: String,
}

/// Returns a command with an empty environment besides the directories of a test.
fn tool_in(directory: &Path) -> Command {
    program_in(TOOL, directory)
}

fn program_in(program: &str, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", directory)
        .env("XDG_CONFIG_HOME", directory.join("config"))
        .current_dir(directory);
    command
}

/// Runs the tool where no site is configured.
fn run_without_site(arguments: &[&str]) -> Run {
    let directory = TempDir::new().unwrap();
    run(tool_in(directory.path()).args(arguments), "")
}

/// Runs a command with `input` as standard input.
fn run(command: &mut Command, input: &str) -> Run {
    let mut child = start(command.stdin(Stdio::piped()));
    // A command that does not read may have ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    finish(child)
}

/// Starts a command whose output is read.
fn start(command: &mut Command) -> Child {
    let streams = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    streams.spawn().unwrap()
}

/// Returns a file on a disk that is full.
fn full_disk() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// Runs a command whose standard output is on a full disk.
fn run_on_full_disk(command: &mut Command) -> Run {
    let streams = command.stdin(Stdio::null()).stdout(full_disk());
    finish(streams.stderr(Stdio::piped()).spawn().unwrap())
}

/// Sends Ctrl-C to a command that runs.
fn interrupt(child: Child) -> Run {
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    finish(child)
}

fn finish(child: Child) -> Run {
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    Run {
        status: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

impl Run {
    /// Returns the output of a run that succeeded.
    fn ok(self) -> String {
        assert_eq!((self.status, self.err.as_str()), (0, ""));
        self.out
    }

    fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// Checks the exit status and the beginning of the message of a run that failed.
    #[track_caller]
    fn fails(self, status: i32, message: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.err);
        assert!(
            self.err.starts_with(&format!("uservoice: {message}")),
            "{}",
            self.err
        );
        self
    }
}

impl Site {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(options: &[&str]) -> Self {
        let mut sandbox = Command::new(sandbox_program())
            .args(["--quiet", "--json"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = sandbox.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let start_up: Value = serde_json::from_str(&line).unwrap();
        Site {
            sandbox,
            url: start_up["url"].as_str().unwrap().to_owned(),
            directory: TempDir::new().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Returns a command that uses the sandbox.
    fn tool(&self, arguments: &[&str]) -> Command {
        let mut command = tool_in(self.directory.path());
        command.env("USERVOICE_BASE_URL", &self.url).args(arguments);
        command
    }

    /// Returns a shell command that uses the sandbox. `script` runs the tool as `"$0" "$@"`.
    fn shell(&self, script: &str, arguments: &[&str]) -> Command {
        let mut command = self.shell_of_profile(script, arguments);
        command.env("USERVOICE_BASE_URL", &self.url);
        command
    }

    /// As `shell`, but uses what `login` saved.
    fn shell_of_profile(&self, script: &str, arguments: &[&str]) -> Command {
        let mut command = program_in("sh", self.directory.path());
        command.args(["-c", script, TOOL]).args(arguments);
        command
    }

    /// Starts the tool with the sandbox.
    fn spawn(&self, arguments: &[&str]) -> Child {
        start(&mut self.tool(arguments))
    }

    fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.tool(arguments), "")
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        run(&mut self.tool(arguments), input)
    }

    /// Returns a command that uses what `login` saved.
    fn tool_of_profile(&self, arguments: &[&str]) -> Command {
        let mut command = tool_in(self.directory.path());
        command.args(arguments);
        command
    }

    fn add_fault(&self, fault: &str) {
        let response = post(&self.url, "/_sandbox/faults", "application/json", fault);
        assert!(response.starts_with("HTTP/1.1 2"), "{response}");
    }

    /// Waits until all faults have affected a request.
    fn wait_for_faults(&self) {
        while get(&self.url, "/_sandbox/faults").contains("\"path\"") {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn config(&self) -> PathBuf {
        self.path("config/uservoice/config.toml")
    }
}

/// Returns the sandbox, which is built beside the tool.
fn sandbox_program() -> PathBuf {
    let program = Path::new(TOOL).with_file_name("uservoice-sandbox");
    assert!(
        program.exists(),
        "run first: cargo build -p uservoice-sandbox"
    );
    program
}

fn post(url: &str, path: &str, content_type: &str, body: &str) -> String {
    let headers = format!(
        "Content-Type: {content_type}\r\nContent-Length: {}\r\n",
        body.len()
    );
    send(url, &format!("POST {path} HTTP/1.1\r\n{headers}"), body)
}

fn get(url: &str, path: &str) -> String {
    send(url, &format!("GET {path} HTTP/1.1\r\n"), "")
}

/// Sends a request, and returns the whole response.
fn send(url: &str, head: &str, body: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{head}Host: {address}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}
