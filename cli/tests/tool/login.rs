//! `login`, without a terminal.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::{Site, run};

/// Returns a login with the credentials in the environment.
pub fn login(site: &Site, arguments: &[&str]) -> Command {
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
fn whoami_prints_the_site_that_rejects_the_key() {
    let site = Site::start();
    let mut whoami = site.tool(&["whoami"]);
    whoami
        .env("USERVOICE_SUBDOMAIN", "sandbox")
        .env("USERVOICE_API_KEY", "sandbox-trusted-key")
        .env("USERVOICE_API_SECRET", "wrong");
    let run = run(&mut whoami, "").fails(3, "POST /api/v2/oauth/token: HTTP 401");
    assert!(
        run.out.contains("\"api_key\":\"sandbox-trusted-key\"")
            && run.out.ends_with("\"user\":null}\n"),
        "{}",
        run.out
    );
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
