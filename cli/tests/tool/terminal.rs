//! The tool on a terminal: prompts, tables, colors and progress.

use std::fs;
use std::process::Command;

use nix::sys::wait::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::Site;

/// Fails a test that hangs.
const TIMEOUT_MS: u64 = 120_000;

fn on_terminal(mut command: Command) -> PtySession {
    command.env("TERM", "xterm-256color").env("COLUMNS", "120");
    spawn_command(command, Some(TIMEOUT_MS)).unwrap()
}

/// Makes the terminal show what is typed, as terminals do. rexpect switches that off.
fn switch_echo_on(session: &PtySession) {
    let terminal = session.process().get_file_handle().unwrap();
    let mut settings = tcgetattr(&terminal).unwrap();
    settings.local_modes |= LocalModes::ECHO;
    tcsetattr(&terminal, OptionalActions::Now, &settings).unwrap();
}

/// Returns the rest of the output and the exit status.
fn end(mut session: PtySession) -> (String, i32) {
    let rest = session.exp_eof().unwrap();
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, status) => (rest, status),
        other => panic!("{other:?}"),
    }
}

#[test]
fn login_asks_and_does_not_show_secrets() {
    let site = Site::start();
    let mut session = on_terminal(site.tool_of_profile(&["login", "--base-url", &site.url]));
    session
        .exp_string("Subdomain (acme for acme.uservoice.com): ")
        .unwrap();
    switch_echo_on(&session);
    session.send_line("sandbox").unwrap();
    session.exp_string("API key: ").unwrap();
    session.send_line("sandbox-trusted-key").unwrap();
    let visible = session.exp_string("API secret (not shown): ").unwrap();
    assert!(visible.contains("sandbox-trusted-key"), "{visible}");
    session.send_line("sandbox-trusted-secret").unwrap();
    let shown = session.exp_string("(Enter for none): ").unwrap();
    session.send_line("sandbox-sso-key").unwrap();
    let (rest, status) = end(session);
    assert_eq!(status, 0, "{rest}");
    assert!(
        rest.contains("Logged in to sandbox as Olivia Owner."),
        "{rest}"
    );
    for secret in ["sandbox-trusted-secret", "sandbox-sso-key"] {
        assert!(
            !shown.contains(secret) && !rest.contains(secret),
            "{shown}{rest}"
        );
        assert!(fs::read_to_string(site.config()).unwrap().contains(secret));
    }
}

#[test]
fn ctrl_c_at_a_prompt_ends_at_once() {
    let site = Site::start();
    let mut command = site.tool_of_profile(&["login"]);
    command.args(["--subdomain", "sandbox", "--api-key", "sandbox-trusted-key"]);
    let mut session = on_terminal(command);
    session.exp_string("API secret (not shown): ").unwrap();
    session.send_control('c').unwrap();
    assert_eq!(end(session).1, 130);
}

#[test]
fn list_is_a_colored_table_and_get_is_indented() {
    let site = Site::start();
    let (table, status) = end(on_terminal(site.tool(&["list", "suggestions"])));
    assert_eq!(status, 0);
    assert!(
        table.contains("\u{1b}[1m")
            && table.contains("TITLE")
            && table.contains("Dark mode (1501)")
    );
    assert!(table.contains("Showing the first 30 records"), "{table}");
    let mut command = site.tool(&["get", "suggestions/12"]);
    command.env("NO_COLOR", "1");
    let (json, _) = end(on_terminal(command));
    assert!(
        json.contains("\r\n    {\r\n      \"admin_url\": \"http"),
        "{json}"
    );
    assert!(!json.contains('\u{1b}'), "{json}");
}

#[test]
fn export_shows_its_progress() {
    let site = Site::start();
    let (shown, status) = end(on_terminal(site.tool(&[
        "export",
        "backup",
        "suggestions",
        "-f",
        "csv",
    ])));
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("1,501/1,501"), "{shown}");
    assert!(
        shown.contains("1501 suggestions to backup/suggestions.csv"),
        "{shown}"
    );
}

#[test]
fn whoami_is_a_list_for_people() {
    let site = Site::start();
    let (shown, _) = end(on_terminal(site.tool(&["whoami"])));
    assert!(
        shown.contains("User     Olivia Owner <owner@sandbox.example>"),
        "{shown}"
    );
}
