//! Standard input and output that are closed or full.

use std::process::Stdio;
use std::{fs, io};

use crate::{Site, finish, run, run_on_full_disk};

/// Commands that print something, besides `webhook listen`.
const PRINTING: [&[&str]; 19] = [
    &["whoami"],
    &["get", "suggestions/12"],
    &["get", "suggestions/12", "--include"],
    &["post", "suggestions", "title=a", "links[forum]:=1"],
    &["put", "suggestions/12", "title=a"],
    &["delete", "suggestions/13"],
    &["upload", "file"],
    &["list", "suggestions"],
    &["list", "forums", "-f", "json"],
    &["list", "forums", "-f", "csv", "-c", "id"],
    &["list", "forums", "-f", "table"],
    &["export", "backup", "forums"],
    &["sso", "token", "guid=1", "email=a@b.c"],
    &["sso", "url", "guid=1", "email=a@b.c"],
    &["webhook", "sign", "file"],
    &["completion", "bash"],
    &["--help"],
    &["--version"],
    &["list", "--help"],
];

fn site() -> Site {
    let site = Site::start();
    fs::write(site.path("file"), "{}").unwrap();
    site
}

#[test]
fn output_to_a_full_disk_is_an_error() {
    let site = site();
    for arguments in PRINTING {
        run_on_full_disk(&mut site.tool(arguments))
            .fails(8, "standard output: No space left on device");
    }
}

#[test]
fn output_to_a_closed_stream_is_an_error() {
    let site = site();
    for arguments in PRINTING {
        run(&mut site.shell(r#"exec "$0" "$@" >&-"#, arguments), "")
            .fails(8, "standard output: Bad file descriptor");
    }
}

#[test]
fn a_closed_output_that_is_not_used_is_no_error() {
    let site = site();
    fs::create_dir(site.path("man")).unwrap();
    for arguments in [
        &["list", "suggestions", "--limit", "0"][..],
        &["man", "man"],
    ] {
        run(&mut site.shell(r#"exec "$0" "$@" >&-"#, arguments), "").ok();
    }
}

#[test]
fn dev_null_counts_as_open() {
    let site = site();
    for redirection in [">/dev/null", "1<>/dev/null"] {
        let script = format!(r#"exec "$0" "$@" {redirection}"#);
        run(&mut site.shell(&script, &["get", "forums"]), "").ok();
    }
}

#[test]
fn a_pipe_without_a_reader_is_no_error() {
    let site = site();
    for arguments in PRINTING {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = site.tool(arguments);
        let streams = command.stdin(Stdio::null()).stdout(writer);
        finish(streams.stderr(Stdio::piped()).spawn().unwrap()).ok();
    }
}

#[test]
fn input_from_a_closed_stream_is_an_error() {
    let site = site();
    for arguments in [
        &["post", "suggestions", "@-"][..],
        &["post", "suggestions", "title=@-"],
        &["upload", "-", "--name", "a.txt"],
        &["sso", "decode"],
        &["webhook", "sign"],
        &["webhook", "verify"],
    ] {
        run(&mut site.shell(r#"exec "$0" "$@" <&-"#, arguments), "")
            .fails(8, "standard input: Bad file descriptor");
    }
}
