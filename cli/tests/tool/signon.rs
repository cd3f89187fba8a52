//! `sso`.

use crate::{Site, run, run_without_site, tool_in};

/// Runs the tool with an SSO key, and no site.
fn with_key(arguments: &[&str], input: &str) -> crate::Run {
    let directory = tempfile::TempDir::new().unwrap();
    let mut command = tool_in(directory.path());
    command.env("USERVOICE_SSO_KEY", "982c88f2df7257859e8e23423eg87ed");
    run(command.args(arguments), input)
}

#[test]
fn tokens_are_made_and_read_with_a_key_alone() {
    let token = with_key(
        &[
            "sso",
            "token",
            "guid=1001",
            "email=jo@example.com",
            "--valid-for",
            "60",
        ],
        "",
    )
    .ok();
    assert_eq!(token.matches('.').count(), 2);
    let user = with_key(&["sso", "decode"], &token).json();
    assert_eq!(
        (&user["guid"], &user["email"]),
        (&"1001".into(), &"jo@example.com".into())
    );
    let user = with_key(&["sso", "decode", token.trim()], "").json();
    assert_eq!(user["guid"], "1001");
}

#[test]
fn encrypted_tokens_need_the_subdomain() {
    let site = Site::start();
    let token = site.run(&["sso", "token", "--aes", "guid=1", "n=é"]).ok();
    assert!(!token.contains('.'));
    assert_eq!(
        site.run_with_input(&["sso", "decode"], &token).json()["n"],
        "é"
    );
    with_key(&["sso", "token", "--aes", "guid=1"], "").fails(3, "no site is known");
}

#[test]
fn url_logs_the_user_in() {
    let site = Site::start();
    let url = |page| {
        let arguments = [
            "sso",
            "url",
            "guid=9",
            "email=jo@example.com",
            "--page",
            page,
        ];
        site.run(&arguments).ok()
    };
    let open = |url: String| crate::get(&site.url, url.trim().strip_prefix(&site.url).unwrap());
    let front = open(url("/"));
    assert!(front.contains("jo@example.com"), "{front}");
    let forum = open(url("/forums/1")).to_lowercase();
    assert!(
        forum.contains("location: /forums/1\r\n") && forum.contains("set-cookie: "),
        "{forum}"
    );
    site.run(&["sso", "url", "guid=9", "email=a@b.c", "--page", "x"])
        .fails(2, "--page: must begin with one '/'");
}

#[test]
fn wrong_tokens_have_status_9() {
    with_key(&["sso", "decode", "a.b.c"], "").fails(9, "");
    let site = Site::start();
    let token = site.run(&["sso", "token", "guid=1", "email=a@b.c"]).ok();
    with_key(&["sso", "decode"], &token).fails(9, "");
    with_key(&["sso", "decode"], "").fails(2, "the token is empty");
    for seconds in ["-1", "0"] {
        let run = with_key(&["sso", "token", "guid=1", "--valid-for", seconds], "");
        let message = format!("invalid value '{seconds}' for '--valid-for <SECONDS>'");
        assert!(run.err.contains(&message), "{}", run.err);
        assert_eq!(run.status, 2);
    }
    run_without_site(&["sso", "token", "guid=1"]).fails(3, "no site is known");
}
