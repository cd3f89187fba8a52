//! Help, completions and manual pages.

use std::{env, fs};

use crate::{Site, run_without_site};

/// Compares a text with a file of `tests/help`, or writes that with UPDATE_HELP=1.
fn check(name: &str, text: &str) {
    let path = format!("{}/tests/help/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if env::var_os("UPDATE_HELP").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text, expected,
        "UPDATE_HELP=1 cargo test -p uservoice-cli help"
    );
}

#[test]
fn help_of_every_command_is_as_recorded() {
    check("uservoice", &run_without_site(&["--help"]).ok());
    for command in [
        "login",
        "get",
        "list",
        "export",
        "upload",
        "sso",
        "webhook",
        "completion",
    ] {
        check(command, &run_without_site(&[command, "--help"]).ok());
    }
}

#[test]
fn help_is_a_command_too() {
    for command in [&[][..], &["list"], &["sso", "url"]] {
        let help = run_without_site(&[&["help"][..], command].concat()).ok();
        let option = run_without_site(&[command, &["--help"]].concat()).ok();
        assert_eq!(help, option);
    }
}

#[test]
fn usage_errors_have_status_2() {
    for arguments in [
        &["lists"][..],
        &["list"],
        &["list", "a", "--limit", "x"],
        &[],
    ] {
        let run = run_without_site(arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        assert!(run.err.contains("--help"), "{}", run.err);
    }
    let version = run_without_site(&["--version"]).ok();
    assert_eq!(
        version,
        format!("uservoice {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn completion_knows_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run_without_site(&["completion", shell]).ok();
        assert!(
            script.contains("webhook") && !script.contains(" man "),
            "{shell}"
        );
    }
}

#[test]
fn manual_has_a_page_for_each_command() {
    let site = Site::start();
    let directory = site.directory.path().to_str().unwrap();
    site.run(&["man", directory]).ok();
    let page = fs::read_to_string(site.path("uservoice.1")).unwrap();
    for part in [
        ".TH uservoice 1",
        "Exit status",
        "USERVOICE_BASE_URL",
        "uservoice\\-list(1)",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for page in ["uservoice-list.1", "uservoice-sso-token.1"] {
        assert!(site.path(page).exists(), "{page}");
    }
    assert!(!site.path("uservoice-man.1").exists());
}

/// Returns the examples of a help.
fn examples(help: &str) -> impl Iterator<Item = &str> {
    let examples = help.split_once("Examples:\n").unwrap().1;
    examples.lines().take_while(|line| !line.is_empty())
}

#[test]
fn examples_of_the_help_work() {
    let site = Site::start();
    let body = site.run_with_input(&["webhook", "sign", "--event", "test"], "{}");
    for (file, content) in [
        ("screen.png", "PNG"),
        ("log.txt", "log"),
        ("body.txt", &body.ok()),
    ] {
        fs::write(site.path(file), content).unwrap();
    }
    let directory = std::path::Path::new(crate::TOOL).parent().unwrap();
    let path = format!("{}:{}", directory.display(), env::var("PATH").unwrap());
    let mut helps = vec![run_without_site(&["--help"]).ok()];
    for command in ["list", "export", "get", "upload", "sso", "webhook"] {
        helps.push(run_without_site(&[command, "--help"]).ok());
    }
    // The tests of `login` and `webhook` run these.
    let is_tested = |example: &&str| {
        ["login", "listen", "curl"]
            .iter()
            .any(|word| example.contains(word))
    };
    let examples = helps.iter().flat_map(|help| examples(help));
    let examples: Vec<&str> = examples.filter(|example| !is_tested(example)).collect();
    assert!(examples.len() > 15, "{examples:?}");
    for example in examples {
        let mut shell = crate::program_in("sh", site.directory.path());
        shell.args(["-c", example]).env("PATH", &path);
        let run = crate::run(shell.env("USERVOICE_BASE_URL", &site.url), "");
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{example}");
    }
}
