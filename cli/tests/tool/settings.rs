//! Environment variables, arguments and file names that are not UTF-8.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use crate::{Site, run, tool_in};

/// A string that is not UTF-8.
fn invalid(prefix: &str) -> &OsStr {
    OsStr::from_bytes(Box::leak(
        [prefix.as_bytes(), b"\xe9"].concat().into_boxed_slice(),
    ))
}

/// Returns a command with a complete environment.
fn tool(site: &Site, arguments: &[&str]) -> Command {
    let mut command = site.tool(arguments);
    for (name, value) in [
        ("USERVOICE_SUBDOMAIN", "sandbox"),
        ("USERVOICE_API_KEY", "sandbox-trusted-key"),
        ("USERVOICE_API_SECRET", "sandbox-trusted-secret"),
        ("USERVOICE_SSO_KEY", "sandbox-sso-key"),
    ] {
        command.env(name, value);
    }
    command
}

#[test]
fn variables_that_are_not_utf_8_are_errors() {
    let site = Site::start();
    for name in [
        "USERVOICE_SUBDOMAIN",
        "USERVOICE_API_KEY",
        "USERVOICE_API_SECRET",
        "USERVOICE_BASE_URL",
        "USERVOICE_SSO_KEY",
        "USERVOICE_CA_FILE",
        "USERVOICE_PROFILE",
    ] {
        for arguments in [&["whoami"][..], &["login"]] {
            let mut command = tool(&site, arguments);
            command.env(name, invalid("S3CRET"));
            let failed = run(&mut command, "").fails(2, &format!("{name}: must be UTF-8\n"));
            assert!(!failed.err.contains("S3CRET"), "{}", failed.err);
        }
    }
    let mut alone = tool_in(site.directory.path());
    alone
        .arg("whoami")
        .env("USERVOICE_BASE_URL", invalid(&site.url));
    run(&mut alone, "").fails(2, "USERVOICE_BASE_URL: must be UTF-8");
    let mut sso = tool_in(site.directory.path());
    sso.args(["sso", "decode"])
        .env("USERVOICE_SSO_KEY", invalid(""));
    run(&mut sso, "token").fails(2, "USERVOICE_SSO_KEY: must be UTF-8");
    assert_eq!(
        crate::get(&site.url, "/_sandbox/requests").lines().last(),
        Some("[]")
    );
}

#[test]
fn arguments_that_are_not_utf_8_are_errors_that_show_them() {
    let site = Site::start();
    for arguments in [
        &["get"][..],
        &["get", "forums"],
        &["list", "forums", "--columns"],
        &["export", "backup"],
        &["--profile"],
    ] {
        let mut command = site.tool(arguments);
        run(command.arg(invalid("caf")), "").fails(2, "argument \"caf\\xE9\": must be UTF-8\n");
    }
}

#[test]
fn files_may_have_names_that_are_not_utf_8() {
    let site = Site::start();
    let file = invalid("caf");
    fs::write(site.directory.path().join(file), "{}").unwrap();
    let mut export = site.tool(&["export"]);
    run(export.arg(invalid("backup")).arg("forums"), "").ok();
    assert!(
        site.directory
            .path()
            .join(invalid("backup"))
            .join("forums.jsonl")
            .exists()
    );
    let mut upload = site.tool(&["upload", "--name", "a.png"]);
    run(upload.arg(file), "").ok();
    let mut upload = site.tool(&["upload"]);
    run(upload.arg(file), "").fails(2, "--name NAME is required");
    let mut sign = site.tool(&["webhook", "sign"]);
    run(sign.arg(file), "").ok();
}
