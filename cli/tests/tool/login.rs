//! `login`, without a terminal.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use crate::{Site, finish, get, run, start};

/// Returns a login with the credentials in the environment.
fn login(site: &Site, arguments: &[&str]) -> Command {
    let mut command = site.tool_of_profile(&["login"]);
    command
        .args(arguments)
        .env("USERVOICE_SUBDOMAIN", "sandbox")
        .env("USERVOICE_API_KEY", "sandbox-trusted-key")
        .env("USERVOICE_API_SECRET", "sandbox-trusted-secret")
        .env("USERVOICE_BASE_URL", &site.url);
    command
}

#[test]
fn login_saves_a_site_for_the_user_only() {
    let site = Site::start();
    let saved = run(&mut login(&site, &[]), "");
    assert_eq!((saved.status, saved.out.as_str()), (0, ""), "{}", saved.err);
    assert!(
        saved.err.contains("Logged in to sandbox as Olivia Owner"),
        "{}",
        saved.err
    );
    assert!(!saved.err.contains("secret"), "{}", saved.err);
    let note =
        "USERVOICE_SUBDOMAIN is set: commands without --profile use the site of the environment.";
    assert!(saved.err.contains(note), "{}", saved.err);
    let mode = fs::metadata(site.config()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let whoami = run(&mut site.tool_of_profile(&["whoami"]), "").json();
    assert_eq!(whoami["source"], "profile default");
    let other = run(&mut login(&site, &["--profile", "other"]), "");
    assert_eq!(other.status, 0);
    let whoami = run(
        &mut site.tool_of_profile(&["whoami", "--profile", "other"]),
        "",
    )
    .json();
    assert_eq!(whoami["source"], "profile other");
    run(
        &mut site.tool_of_profile(&["whoami", "--profile", "none"]),
        "",
    )
    .fails(3, "there is no profile \"none\" in ");
}

#[test]
fn login_names_a_url_that_only_the_environment_has() {
    let site = Site::start();
    let mut command = login(&site, &["--subdomain", "sandbox"]);
    let saved = run(command.env_remove("USERVOICE_SUBDOMAIN"), "");
    let note = format!(
        "Logging in at {}, because USERVOICE_BASE_URL is set.\n",
        site.url
    );
    assert!(saved.err.starts_with(&note), "{}", saved.err);
}

#[test]
fn login_keeps_the_old_file_if_the_site_rejects_the_key() {
    let site = Site::start();
    let mut wrong = login(&site, &[]);
    run(wrong.env("USERVOICE_API_SECRET", "wrong"), "")
        .fails(3, "POST /api/v2/oauth/token: HTTP 401");
    assert!(!site.config().exists());
    let mut missing = login(&site, &[]);
    run(missing.env_remove("USERVOICE_API_SECRET"), "")
        .fails(2, "USERVOICE_API_SECRET must be set");
}

#[test]
fn config_file_must_be_private_and_valid() {
    let site = Site::start();
    assert_eq!(run(&mut login(&site, &[]), "").status, 0);
    fs::set_permissions(site.config(), Permissions::from_mode(0o644)).unwrap();
    let whoami = || run(&mut site.tool_of_profile(&["whoami"]), "");
    assert!(
        whoami()
            .fails(8, "")
            .err
            .contains("other users may read this file")
    );
    fs::set_permissions(site.config(), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(whoami().status, 0);
    fs::write(
        site.config(),
        "[profiles.default]\napi_secret = \"S3CRET\nx",
    )
    .unwrap();
    let invalid = whoami().fails(8, "");
    assert!(
        invalid.err.contains("line ") && !invalid.err.contains("S3CRET"),
        "{}",
        invalid.err
    );
}

#[test]
fn config_file_may_be_a_link() {
    let site = Site::start();
    let target = site.path("dotfile");
    fs::write(&target, "").unwrap();
    fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
    fs::create_dir_all(site.config().parent().unwrap()).unwrap();
    symlink(&target, site.config()).unwrap();
    assert_eq!(run(&mut login(&site, &[]), "").status, 0);
    assert!(fs::symlink_metadata(site.config()).unwrap().is_symlink());
    assert!(
        fs::read_to_string(target)
            .unwrap()
            .contains("sandbox-trusted-key")
    );
    fs::remove_file(site.path("dotfile")).unwrap();
    run(&mut login(&site, &[]), "");
    assert!(fs::symlink_metadata(site.config()).unwrap().is_symlink());
}

#[test]
fn keys_of_a_profile_are_not_sent_to_a_site_of_the_environment() {
    let site = Site::start();
    assert_eq!(run(&mut login(&site, &["--profile", "mine"]), "").status, 0);
    let other = Site::start();
    let mut command = site.tool_of_profile(&["whoami", "--profile", "mine"]);
    let whoami = run(command.env("USERVOICE_BASE_URL", &other.url), "").json();
    assert_eq!(whoami["base_url"], *site.url);
}

/// Starts a login with a browser, which a script plays that stores the URL.
fn login_with_code(site: &Site) -> (std::process::Child, String, String) {
    let script = "#!/bin/sh\nprintf %s \"$1\" >url.new\nmv url.new url\n";
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
        .env_remove("USERVOICE_API_SECRET")
        .env("USERVOICE_API_KEY", "sandbox-untrusted-key");
    let child = start(command.env("PATH", path).stdin(Stdio::null()));
    while !site.path("url").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let url = fs::read_to_string(site.path("url")).unwrap();
    let parameter = |name: &str| {
        let query = url.split_once('?').unwrap().1.as_bytes();
        let mut pairs = form_urlencoded::parse(query);
        pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    let callback = parameter("redirect_uri")
        .strip_suffix("/callback")
        .unwrap()
        .to_owned();
    (child, url.clone(), callback)
}

/// Allows a login with a browser as a user would, and lets the tool end.
fn allow(site: &Site, login: (std::process::Child, String, String)) -> crate::Run {
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
fn code_login_reports_that_access_was_denied() {
    let site = Site::start();
    let (child, url, callback) = login_with_code(&site);
    let query = url.split_once('?').unwrap().1;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let state = pairs
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned();
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
