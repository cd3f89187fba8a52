//! `login --code`.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};

use crate::login::login;
use crate::{Run, Site, finish, get, interrupt, run, start};

/// Starts a login with a browser, which a script plays that stores the URL.
fn login_with_code(site: &Site) -> (Child, String, String) {
    let script = "#!/bin/sh\nenv >environment\nprintf %s \"$*\" >url.new\nmv url.new url\n";
    fs::create_dir_all(site.path("bin")).unwrap();
    let browser = site.path("bin/xdg-open");
    fs::write(&browser, script).unwrap();
    fs::set_permissions(&browser, Permissions::from_mode(0o700)).unwrap();
    let path = format!(
        "{}:{}",
        site.path("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = login(site, &["--code"]);
    command
        .env("USERVOICE_SSO_KEY", "sandbox-sso-key")
        .env("USERVOICE_API_KEY", "sandbox-untrusted-key");
    let child = start(command.env("PATH", path).stdin(Stdio::null()));
    while !site.path("url").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let url = fs::read_to_string(site.path("url")).unwrap();
    let callback = parameter(&url, "redirect_uri");
    let callback = callback.strip_suffix("/callback").unwrap().to_owned();
    (child, url, callback)
}

/// Returns a parameter of the query of a URL.
fn parameter(url: &str, name: &str) -> String {
    let query = url.split_once('?').unwrap().1.as_bytes();
    let mut pairs = form_urlencoded::parse(query);
    pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
}

/// Allows a login with a browser as a user would, and lets the tool end.
fn allow(site: &Site, login: (Child, String, String)) -> Run {
    let (child, url, callback) = login;
    let query = url.split_once('?').unwrap().1;
    let form =
        format!("{query}&decision=allow&email=user1%40sandbox.example&password=sandbox-password");
    let response = crate::post(
        &site.url,
        "/api/v2/oauth/auth",
        "application/x-www-form-urlencoded",
        &form,
    );
    let location = response
        .lines()
        .find_map(|line| line.strip_prefix("Location: "))
        .unwrap();
    let target = location.trim().strip_prefix(&callback).unwrap();
    assert!(get(&callback, target).contains("You are logged in"));
    finish(child)
}

#[test]
fn logins_at_the_same_time_are_both_saved() {
    let site = Site::start();
    let with_code = login_with_code(&site);
    assert_eq!(
        run(&mut login(&site, &["--profile", "other"]), "").status,
        0
    );
    assert_eq!(allow(&site, with_code).status, 0);
    for profile in ["default", "other"] {
        let mut whoami = site.tool_of_profile(&["whoami", "--profile", profile]);
        run(&mut whoami, "").ok();
    }
}

#[test]
fn code_login_opens_a_browser_and_waits_for_its_callback() {
    let site = Site::start();
    let (child, url, callback) = login_with_code(&site);
    assert!(get(&callback, "/callback?code=x&state=wrong").starts_with("HTTP/1.1 400"));
    assert!(get(&callback, "/favicon.ico").starts_with("HTTP/1.1 404"));
    let login = allow(&site, (child, url.clone(), callback));
    assert_eq!(login.status, 0, "{}", login.err);
    assert!(
        BufReader::new(login.err.as_bytes())
            .lines()
            .any(|line| line.unwrap().contains(&url))
    );
    let whoami = run(&mut site.tool_of_profile(&["whoami"]), "").json();
    assert_eq!(whoami["user"]["email"], "user1@sandbox.example");
}

#[test]
fn browsers_get_no_secrets() {
    let site = Site::start();
    let (child, url, _) = login_with_code(&site);
    let arguments = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert_eq!(interrupt(child).status, 130);
    let expected = [crate::TOOL.as_bytes(), b"login", b"--code", b""];
    assert_eq!(arguments, expected.join(&0));
    let environment = fs::read_to_string(site.path("environment")).unwrap();
    assert!(environment.contains("HOME="), "{environment}");
    for part in ["USERVOICE_", "sandbox-trusted-secret", "sandbox-sso-key"] {
        assert!(!environment.contains(part), "{environment}");
        assert!(!url.contains(part), "{url}");
    }
    assert!(!url.contains("code_verifier"), "{url}");
}

#[test]
fn code_login_says_that_no_browser_can_be_opened() {
    let site = Site::start();
    let mut command = login(&site, &["--code"]);
    let mut child = start(
        command
            .env("PATH", site.directory.path())
            .stdin(Stdio::null()),
    );
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("It cannot be opened here")));
    assert_eq!(interrupt(child).status, 130);
}

#[test]
fn a_second_callback_changes_nothing() {
    let site = Site::start();
    let (child, url, callback) = login_with_code(&site);
    // Arrives when the login that it repeats is over.
    let mut second = TcpStream::connect(callback.strip_prefix("http://").unwrap()).unwrap();
    let state = parameter(&url, "state");
    write!(
        second,
        "GET /callback?code=x&state={state} HTTP/1.1\r\nHost: a\r\n"
    )
    .unwrap();
    let login = allow(&site, (child, url, callback));
    assert_eq!(login.status, 0, "{}", login.err);
    let mut response = String::new();
    // The connection may be closed already.
    let _ = second.write_all(b"\r\n");
    let _ = second.read_to_string(&mut response);
    assert!(!response.starts_with("HTTP/1.1 200"), "{response}");
    let whoami = run(&mut site.tool_of_profile(&["whoami"]), "").json();
    assert_eq!(whoami["user"]["email"], "user1@sandbox.example");
}

#[test]
fn code_login_reports_that_access_was_denied() {
    let site = Site::start();
    let (child, url, callback) = login_with_code(&site);
    let state = parameter(&url, "state");
    let page = get(
        &callback,
        &format!("/callback?error=access_denied&state={state}"),
    );
    assert!(page.contains("You are not logged in"), "{page}");
    let login = finish(child);
    assert_eq!(login.status, 3);
    assert!(
        login.err.contains("did not allow the login: access_denied"),
        "{}",
        login.err
    );
    assert!(!site.config().exists());
}
