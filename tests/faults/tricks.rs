//! Known tricks to lead a call to another host, or to make two of one: each is
//! refused, or arrives at the site as the one request that it is.

use uservoice::{Client, Status};

use crate::server::{Server, answer, ok};

const PATHS: &[&str] = &[
    // To another host.
    "@evil.test/",
    "/@evil.test/",
    "//evil.test/",
    "///evil.test/",
    "/\\evil.test/",
    "\\\\evil.test/",
    "/\\/evil.test/",
    "http://evil.test/",
    "https:evil.test",
    "http:/evil.test",
    "://evil.test",
    ":80/",
    ":@evil.test/",
    ".evil.test/",
    "#@evil.test/",
    "?@evil.test/",
    "/#@evil.test/",
    "/?@evil.test/",
    ";@evil.test/",
    "/;@evil.test/",
    "evil.test",
    "*",
    "",
    // The same, encoded once or twice, or in other letters.
    "/%2f%2fevil.test/",
    "/%5c%5cevil.test/",
    "/%40evil.test/",
    "%2f/evil.test",
    "%40evil.test/",
    "/%252f%252fevil.test/",
    "/%c0%afevil.test/",
    "\u{2215}evil.test/",
    "\u{ff0f}evil.test/",
    "/\u{ff20}evil.test/",
    "/\u{ff3c}\u{ff3c}evil.test/",
    "/\u{2044}\u{2044}evil.test/",
    // Dots.
    "/..//evil.test/",
    "/../../evil.test/",
    "/./@evil.test/",
    "/%2e%2e/%2e%2e//evil.test/",
    "/..;/evil.test/",
    "../evil.test/",
    "..",
    // Two requests, or another head.
    "/a b",
    "/a HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    "/a\r\nX-Evil: 1",
    "/a\nX-Evil: 1",
    "/a\rX-Evil: 1",
    "/a%0d%0aX-Evil:%201",
    "/a%0aX-Evil:%201",
    "/a\u{85}X-Evil: 1",
    "/a\u{2028}X-Evil:1",
    "/a\u{10a}\u{10d}X-Evil:1",
    "/a\tb",
    "/a\0b",
    "/a%00b",
    "/a\u{7f}",
    "/a\u{b}b",
    "/\u{feff}/evil.test/",
    "/\u{202e}tset.live",
    // Encodings that are none.
    "/%",
    "/%0",
    "/%g0",
    "/%u2215evil.test",
];

#[test]
fn paths() {
    let server = Server::answering(|_| ok("1"));
    let host = server.base_url.split_once("://").unwrap().1;
    let client = server.client("");
    let mut sent = 0;
    for path in PATHS {
        for (method, params) in [("GET", None), ("POST", Some("{}"))] {
            match client.call(None, method, path, params) {
                Ok(_) => sent += 1,
                Err(error) => {
                    assert_eq!(error.status(), Status::InvalidArgument, "{path:?}");
                    continue;
                }
            }
            let request = server.request();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert_eq!(body, params.unwrap_or_default(), "{path:?}");
            let line = head.lines().next().unwrap();
            let target = line
                .strip_prefix(&format!("{method} "))
                .and_then(|rest| rest.strip_suffix(" HTTP/1.1"))
                .unwrap_or_else(|| panic!("{path:?}: {line}"));
            assert!(
                target.starts_with('/') && !target.starts_with("//"),
                "{path:?}: {line}"
            );
            assert!(
                target.bytes().all(|byte| byte.is_ascii_graphic()),
                "{path:?}: {line}"
            );
            let hosts: Vec<_> = head
                .lines()
                .filter(|line| line.starts_with("host:"))
                .collect();
            assert_eq!(hosts, [format!("host: {host}")], "{path:?}");
            assert!(
                !head.lines().any(|line| line.starts_with("X-Evil")),
                "{path:?}"
            );
        }
    }
    assert!(sent > 20, "{sent}");
    server.no_more_requests();
}

#[test]
fn values_of_parameters() {
    let server = Server::answering(|_| ok("1"));
    let client = server.client("");
    for path in PATHS {
        let params = serde_json::json!({ "q": path, (*path): "v", "list": [path] }).to_string();
        client.call(None, "GET", "/a", Some(&params)).unwrap();
        let request = server.request();
        assert!(request.starts_with("GET /a?"), "{request}");
        assert!(
            !request.contains("evil.test/") && !request.contains("\r\nX-Evil"),
            "{request}"
        );
    }
    server.no_more_requests();
}

#[test]
fn subdomains() {
    for subdomain in [
        "",
        ".",
        "..",
        "evil.test/",
        "evil.test#",
        "evil.test?",
        "evil.test\\",
        "evil.test:443/",
        "user@evil.test/",
        "user:password@evil.test/",
        "@",
        "a@b",
        "a.b",
        "a.",
        ".a",
        "a:1",
        "a/b",
        "a\\b",
        "a b",
        " a",
        "a ",
        "a\r\nHost: evil.test",
        "a\n",
        "a\t",
        "a\0",
        "a\u{7f}",
        "a%2eb",
        "a%2fb",
        "%61",
        "a%00",
        "[::1]",
        "127.0.0.1",
        // What looks like a dot, a slash or a letter, or is turned into one.
        "evil\u{3002}test",
        "evil\u{ff0e}test",
        "evil\u{2024}test",
        "evil\u{ff0f}",
        "\u{ff41}cme",
        "\u{430}cme",
        "b\u{fc}cher",
        "ac\u{ad}me",
        "ac\u{200b}me",
        "\u{202e}acme",
        "*",
        "a,b",
        "a;b",
        "a&b",
        "a=b",
        "a'b",
        "a\"b",
        "a<b",
        "$a",
        "a+b",
        "a~b",
    ] {
        let error = Client::new(subdomain, "key", Some("secret"), None).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{subdomain:?}");
        assert!(
            error.message().starts_with("subdomain"),
            "{subdomain:?}: {error}"
        );
    }
}

#[test]
fn domains_and_base_urls() {
    for tail in [
        "evil.test/",
        "@evil.test",
        "user@evil.test",
        "evil.test#.uservoice.com",
        "evil.test?.uservoice.com",
        "evil.test\\.uservoice.com",
        "evil.test/a",
        "evil.test:",
        "evil.test:0",
        "evil.test:65536",
        "evil.test:80:80",
        "evil.test:8 0",
        "evil.test:+80",
        "evil.test\r\nHost: a",
        "evil\u{3002}test",
        "b\u{fc}cher.test",
        "evil..test",
        ".evil.test",
        "evil.test%2f",
        "[::1",
        "[::1]evil.test",
        "[evil.test]",
        "",
    ] {
        let base_url = format!("https://{tail}");
        for options in [
            serde_json::json!({ "uservoice_domain": tail }),
            serde_json::json!({ "base_url": base_url }),
        ] {
            // A slash ends a whole origin well, and a host badly.
            if tail == "evil.test/" && options.get("base_url").is_some() {
                continue;
            }
            let options = options.to_string();
            let error = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument, "{options}");
        }
    }
}

#[test]
fn redirects() {
    let elsewhere = Server::answering(|_| ok("\"elsewhere\""));
    let host = elsewhere.base_url.split_once("://").unwrap().1.to_owned();
    let locations = [
        format!("http://{host}/"),
        format!("http://{host}"),
        format!("HTTP://{host}/"),
        format!("//{host}/"),
        format!("///{host}/"),
        format!("/\\{host}/"),
        format!("\\\\{host}/"),
        format!("http:\\\\{host}/"),
        format!("http:{host}/"),
        format!("https://{host}/"),
        format!("http://SITE@{host}/"),
        format!("http://SITE:80@{host}/"),
        format!("http://SITE#@{host}/"),
        format!("http://SITE\\@{host}/"),
        format!("http://SITE.{host}/"),
        format!("@{host}/"),
        format!(".{host}/"),
        format!("javascript://{host}/"),
        format!("file://{host}/"),
        format!("\t//{host}/"),
        format!("/\t/{host}/"),
    ];
    for location in locations {
        let server = Server::answering(move |request| {
            if request.starts_with("GET /start ") {
                let (_, rest) = request.split_once("host: ").unwrap();
                let site = rest.lines().next().unwrap();
                let location = location.replace("SITE", site);
                return answer("302 Found", &format!("Location: {location}\r\n"), "");
            }
            ok("\"here\"")
        });
        match server.client("").call(None, "GET", "/start", None) {
            Ok(answer) => assert_eq!(answer, "\"here\""),
            Err(error) => assert_eq!(error.http_status(), 302),
        }
    }
    elsewhere.no_more_requests();
}
