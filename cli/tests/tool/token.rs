//! The saved site and its token, where they can be read but not replaced.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use nix::unistd::geteuid;
use serde_json::Value;

use crate::{Run, Site, post, run, run_on_full_disk};

/// Commands that use the saved token.
const REQUESTS: [&[&str]; 6] = [
    &["whoami"],
    &["get", "suggestions/12"],
    &["get", "suggestions/12", "--raw"],
    &["list", "forums"],
    &["upload", "file"],
    &["post", "suggestions", "title=a", "links[forum]:=1"],
];

/// The script of `Site::shell` that runs the tool as a user whom permissions concern.
fn without_privileges() -> &'static str {
    match geteuid().is_root() {
        true => r#"exec setpriv --bounding-set=-dac_override,-dac_read_search "$0" "$@""#,
        false => r#"exec "$0" "$@""#,
    }
}

/// Saves a site whose access token has expired. Its refresh token is accepted once.
fn site_with_expired_token() -> Site {
    let site = Site::start();
    fs::write(site.path("file"), "{}").unwrap();
    save(&site);
    let form = "grant_type=client_credentials&client_id=sandbox-trusted-key\
        &client_secret=sandbox-trusted-secret";
    const TYPE: &str = "application/x-www-form-urlencoded";
    let response = post(&site.url, "/api/v2/oauth/token", TYPE, form);
    let token: Value = serde_json::from_str(response.lines().last().unwrap()).unwrap();
    let access_token = token["access_token"].as_str().unwrap();
    let body = format!(r#"{{"access_token":"{access_token}","refresh_token":"second"}}"#);
    let fault = serde_json::json!({
        "path": "/api/v2/oauth/token", "times": 1, "status": 200, "body": body,
    });
    site.add_fault(&fault.to_string());
    site
}

/// Saves the site.
fn save(site: &Site) {
    let config = format!(
        r#"[profiles.default]
subdomain = "sandbox"
api_key = "sandbox-trusted-key"
api_secret = "sandbox-trusted-secret"
sso_key = "sandbox-sso-key"
base_url = "{}"
token = '{{"type":"oauth2","grant":"authorization_code","token":"old","refresh_token":"first"}}'
"#,
        site.url
    );
    fs::create_dir_all(site.config().parent().unwrap()).unwrap();
    fs::write(site.config(), config).unwrap();
    fs::set_permissions(site.config(), Permissions::from_mode(0o600)).unwrap();
}

fn config(site: &Site) -> String {
    fs::read_to_string(site.config()).unwrap()
}

/// Runs the tool while the configuration directory has a mode.
fn run_with_mode(site: &Site, mode: u32, arguments: &[&str]) -> Run {
    let directory = site.path("config/uservoice");
    fs::set_permissions(&directory, Permissions::from_mode(mode)).unwrap();
    let mut command = site.shell_of_profile(without_privileges(), arguments);
    let done = run(&mut command, "");
    // So that it can be removed.
    fs::set_permissions(&directory, Permissions::from_mode(0o700)).unwrap();
    done
}

#[test]
fn a_refreshed_token_is_saved() {
    let site = site_with_expired_token();
    run(&mut site.tool_of_profile(&["list", "forums"]), "").ok();
    assert!(config(&site).contains("second"), "{}", config(&site));
}

#[test]
fn a_refreshed_token_is_saved_if_the_output_fails() {
    let site = site_with_expired_token();
    run_on_full_disk(&mut site.tool_of_profile(&["list", "suggestions"])).fails(8, "standard");
    assert!(config(&site).contains("second"), "{}", config(&site));
}

/// Checks that a command prints its result, and warns that the token is not saved.
#[track_caller]
fn check_warning(site: &Site, done: &Run) {
    let warning = format!(
        "uservoice: warning: the refreshed token is not saved: {}: ",
        site.config().display()
    );
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(done.out.starts_with('{'), "{}", done.out);
    assert!(done.err.starts_with(&warning), "{}", done.err);
    assert!(
        done.err.contains("`uservoice login --code`"),
        "{}",
        done.err
    );
    assert!(!done.err.contains("second"), "{}", done.err);
    assert!(config(site).contains("first"), "{}", config(site));
}

#[test]
fn a_refreshed_token_in_a_read_only_directory_is_a_warning() {
    for arguments in [&REQUESTS[..], &[&["export", "backup", "forums"]]].concat() {
        let site = site_with_expired_token();
        check_warning(&site, &run_with_mode(&site, 0o500, arguments));
    }
}

#[test]
fn a_refreshed_token_on_a_full_disk_is_a_warning() {
    for arguments in REQUESTS {
        let site = site_with_expired_token();
        let script = r#"ulimit -f 0; exec "$0" "$@""#;
        let done = run(&mut site.shell_of_profile(script, arguments), "");
        check_warning(&site, &done);
    }
}

#[test]
fn a_site_that_cannot_be_read_is_an_error() {
    let site = Site::start();
    fs::write(site.path("file"), "{}").unwrap();
    save(&site);
    let others: [&[&str]; 4] = [
        &["export", "backup"],
        &["sso", "token", "guid=1"],
        &["webhook", "sign", "file"],
        &["login"],
    ];
    let message = format!("{}: Permission denied", site.config().display());
    for arguments in [&REQUESTS[..], &others].concat() {
        run_with_mode(&site, 0, arguments).fails(8, &message);
    }
}

#[test]
fn login_fails_before_it_asks_if_the_site_cannot_be_saved() {
    let site = Site::start();
    save(&site);
    let failed = run_with_mode(&site, 0o500, &["login"]);
    let failed = failed.fails(8, &format!("{}: ", site.config().display()));
    assert!(failed.err.contains("Permission denied"), "{}", failed.err);
    assert!(!failed.err.contains("USERVOICE_"), "{}", failed.err);
}
