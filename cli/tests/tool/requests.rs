//! `get`, `post`, `put`, `patch`, `delete`, `upload` and `whoami`.

use std::fs;
use std::process::Stdio;

use crate::{Site, finish, full_disk, interrupt, run, run_without_site, tool_in};

#[test]
fn get_prints_a_response_as_one_line() {
    let site = Site::start();
    let out = site.run(&["get", "suggestions/12"]).ok();
    assert!(out.starts_with("{\"suggestions\":[{") && out.ends_with("}\n"));
    assert_eq!(out.lines().count(), 1);
    assert_eq!(
        out,
        site.run(&["get", "/api/v2/admin/suggestions/12", "--raw"])
            .ok()
    );
    let forums = site.run(&["get", "/api/v1/forums", "per_page:=2"]).json();
    assert_eq!(forums["forums"].as_array().unwrap().len(), 2);
}

#[test]
fn color_is_for_terminals_unless_it_is_asked_for() {
    let site = Site::start();
    let colored = site
        .run(&["get", "suggestions/12", "--color", "always"])
        .ok();
    assert!(colored.contains("\u{1b}[") && colored.contains("\n  "));
    let mut command = site.tool(&["get", "suggestions/12"]);
    let out = run(command.env("NO_COLOR", "1"), "").ok();
    assert!(!out.contains('\u{1b}'));
}

#[test]
fn writes_send_items_as_json() {
    let site = Site::start();
    let arguments = ["post", "suggestions", "title=1", "links[forum]:=1"];
    let created = site.run(&arguments).json();
    let suggestion = &created["suggestions"][0];
    assert_eq!(suggestion["title"], "1");
    let path = format!("suggestions/{}", suggestion["id"]);
    let changed = site
        .run_with_input(&["put", &path, "@-"], "{\"title\": \"2\"}")
        .json();
    assert_eq!(changed["suggestions"][0]["title"], "2");
    site.run(&["delete", &path]).ok();
    site.run(&["get", &path])
        .fails(4, &format!("GET /api/v2/admin/{path}: HTTP 404"));
}

#[test]
fn standard_input_is_sent_as_it_is() {
    let site = Site::start();
    let arguments = ["post", "suggestions", "title=@-", "links[forum]:=1"];
    let created = site.run_with_input(&arguments, "@/etc/hostname").json();
    assert_eq!(created["suggestions"][0]["title"], "@/etc/hostname");
}

#[test]
fn acts_as_a_user_or_the_owner() {
    let site = Site::start();
    let current = "/api/v1/users/current";
    let user = site
        .run(&["get", current, "--as", "user1@sandbox.example"])
        .json();
    assert_eq!(user["user"]["email"], "user1@sandbox.example");
    let owner = site.run(&["get", current, "--owner"]).json();
    assert_eq!(owner["user"]["roles"]["owner"], true);
    let whoami = site.run(&["whoami"]).json();
    assert_eq!(whoami["user"]["email"], "owner@sandbox.example");
    let whoami = site
        .run(&["whoami", "--as", "user1@sandbox.example"])
        .json();
    assert_eq!(whoami["user"]["email"], "user1@sandbox.example");
    site.run(&["get", "users", "--as", "a@b.c"])
        .fails(2, "--as: /api/v2/admin/users is not of API v1");
}

#[test]
fn errors_name_what_the_user_wrote() {
    let site = Site::start();
    site.run(&["whoami", "--as", ""])
        .fails(2, "--as: must not be empty");
    site.run(&["delete", ""]).fails(2, "the path is empty");
    let negative = site.run(&["list", "users", "--limit", "-1"]);
    let message = "invalid value '-1' for '--limit <N>'";
    assert!(negative.err.contains(message), "{}", negative.err);
    let mut insecure = site.tool(&["whoami"]);
    insecure.env("USERVOICE_BASE_URL", "http://example.com");
    let message = "URL of the site: must be https, unless the host is a loopback host\n";
    crate::run(&mut insecure, "").fails(2, message);
    let v1 = site.run(&["get", "/api/v1/forums/99"]).fails(4, "");
    assert!(!v1.err.contains("is short for"), "{}", v1.err);
}

#[test]
fn include_prints_the_head_of_error_responses_too() {
    let site = Site::start();
    let run = site.run(&["get", "/api/v1/forums/99", "--include"]);
    assert!(
        run.out.starts_with("HTTP 404\n") && run.out.contains("\ncontent-type: application/json")
    );
    assert!(run.out.contains("\n\n{\"errors\":"), "{}", run.out);
    run.fails(4, "GET /api/v1/forums/99: HTTP 404\n");
    let page = site.run(&["get", "/forums/1", "--raw"]).ok();
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
}

#[test]
fn upload_prints_the_token() {
    let site = Site::start();
    fs::write(site.path("a.png"), "PNG").unwrap();
    let response = site.run(&["upload", "a.png"]).json();
    let attachment = &response["attachments"][0];
    assert_eq!(
        (&attachment["file_name"], &attachment["content_type"]),
        (&"a.png".into(), &"image/png".into())
    );
    let response = site
        .run_with_input(&["upload", "-", "--name", "b.txt"], "b")
        .json();
    assert_eq!(response["attachments"][0]["file_name"], "b.txt");
    site.run(&["upload", "-"])
        .fails(2, "--name NAME is required");
    site.run(&["upload", "missing.png"])
        .fails(8, "missing.png: ");
}

#[test]
fn exit_status_tells_the_kind_of_error() {
    let site = Site::start();
    let fault = |status, more: &str| {
        let path = "\"path\":\"/api/v2/admin/forums\"";
        site.add_fault(&format!("{{{path},\"status\":{status},\"times\":1{more}}}"));
    };
    let get = || site.run(&["get", "forums"]);
    site.run(&["get", "/api/v1/users/current"])
        .fails(3, "GET /api/v1/users/current: HTTP 401");
    fault(429, ",\"retry_after\":\"7200\"");
    let limited = get().fails(5, "GET /api/v2/admin/forums: HTTP 429");
    assert!(limited.err.contains("Wait 7200 seconds"), "{}", limited.err);
    fault(501, "");
    get().fails(6, "GET /api/v2/admin/forums: HTTP 501");
    site.run(&["post", "suggestions", "title=a"])
        .fails(1, "POST /api/v2/admin/suggestions: HTTP 422");
    site.run(&["get", "https://acme.uservoice.com/api"])
        .fails(2, "https://acme.uservoice.com/api: must be a path");
    site.run(&["get", "forums", "a"])
        .fails(2, "a: must be name=value");
    let mut unreachable = tool_in(site.directory.path());
    unreachable
        .args(["get", "forums"])
        .env("USERVOICE_BASE_URL", "http://127.0.0.1:1");
    let unreachable = run(&mut unreachable, "").fails(7, "POST /api/v2/oauth/token: ");
    assert!(
        unreachable.err.contains("Check the subdomain"),
        "{}",
        unreachable.err
    );
    let nobody = run_without_site(&["get", "forums"]).fails(3, "no site is known");
    assert!(
        nobody.err.contains("Run `uservoice login`"),
        "{}",
        nobody.err
    );
}

#[test]
fn exit_status_is_known_if_standard_error_is_full() {
    let site = Site::start();
    for (arguments, status) in [
        (&["get", "suggestions/99999"][..], 4),
        (&["list", "suggestions", "-f", "table", "--verbose"], 0),
    ] {
        let mut command = site.tool(arguments);
        let streams = command.stdout(Stdio::piped()).stderr(full_disk());
        let child = streams.spawn().unwrap();
        assert_eq!(finish(child).status, status, "{arguments:?}");
    }
}

#[test]
fn an_empty_profile_is_none() {
    let site = Site::start();
    let mut command = site.tool(&["whoami"]);
    let whoami = run(command.env("USERVOICE_PROFILE", ""), "").json();
    assert_eq!(whoami["source"], "environment");
    assert_eq!(site.run(&["whoami", "--profile", ""]).status, 2);
    let mut command = site.tool(&["whoami"]);
    run(command.env("USERVOICE_PROFILE", "mine"), "").fails(3, "there is no profile \"mine\"");
}

#[test]
fn environment_is_complete_or_an_error() {
    let site = Site::start();
    let mut command = site.tool(&["whoami"]);
    run(command.env("USERVOICE_SUBDOMAIN", "acme"), "").fails(
        3,
        "USERVOICE_SUBDOMAIN is set, but USERVOICE_API_KEY is not",
    );
    command.env("USERVOICE_API_KEY", "sandbox-trusted-key");
    run(&mut command, "").fails(3, "the API secret is not known");
    command.env("USERVOICE_API_SECRET", "sandbox-trusted-secret");
    assert_eq!(run(&mut command, "").json()["subdomain"], "acme");
}

#[test]
fn verbose_logs_requests_without_secrets() {
    let site = Site::start();
    let run = site.run(&["get", "forums", "--verbose"]);
    assert_eq!(run.status, 0);
    assert!(run.err.contains("/api/v2/admin/forums"), "{}", run.err);
    assert!(!run.err.contains("sandbox-trusted-secret"), "{}", run.err);
}

#[test]
fn ctrl_c_ends_a_login_without_a_warning() {
    let site = Site::start();
    site.add_fault(r#"{"path":"/api/v2/oauth/token","times":1,"delay_ms":600000}"#);
    let child = site.spawn(&["list", "users"]);
    site.wait_for_faults();
    let run = interrupt(child).fails(130, "POST /api/v2/oauth/token: interrupted\n");
    assert!(!run.err.contains("may have processed"), "{}", run.err);
}

#[test]
fn ctrl_c_ends_a_request_and_says_what_may_have_happened() {
    let site = Site::start();
    site.add_fault(r#"{"path":"/api/v1/forums","times":1,"delay_ms":600000}"#);
    let child = site.spawn(&["post", "/api/v1/forums", "a=b"]);
    site.wait_for_faults();
    let run = interrupt(child).fails(130, "POST /api/v1/forums: interrupted\n");
    assert!(
        run.err.contains("may have processed the request"),
        "{}",
        run.err
    );
}

#[test]
fn ctrl_c_ends_a_get_request_that_may_be_sent_again() {
    let site = Site::start();
    site.add_fault(r#"{"path":"/api/v1/forums","times":1,"delay_ms":600000}"#);
    let child = site.spawn(&["get", "/api/v1/forums"]);
    site.wait_for_faults();
    let run = interrupt(child);
    assert_eq!(
        (run.status, run.err.as_str()),
        (130, "uservoice: GET /api/v1/forums: interrupted\n")
    );
}
