//! Inputs that are known to confuse URL parsers about the host. Each one is rejected, or reaches
//! the site as a single request.

use uservoice::{Client, Status};

use crate::server::{Server, ok, response};

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
    // The same, percent-encoded once or twice, or with similar characters.
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
    // Dot segments.
    "/..//evil.test/",
    "/../../evil.test/",
    "/./@evil.test/",
    "/%2e%2e/%2e%2e//evil.test/",
    "/..;/evil.test/",
    "../evil.test/",
    "..",
    // A second request, or more headers.
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
    // Invalid percent-encodings.
    "/%",
    "/%0",
    "/%g0",
    "/%u2215evil.test",
];

#[test]
fn paths_stay_on_the_site() {
    let server = Server::with_handler(|_| ok("1"));
    let host = server.base_url.split_once("://").unwrap().1;
    let client = server.client("");
    let mut sent = 0;
    for path in PATHS {
        for (method, params) in [("GET", None), ("POST", Some("{}"))] {
            match client.request_json(None, method, path, params) {
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
    server.assert_no_more_requests();
}

#[test]
fn parameters_stay_in_the_query() {
    let server = Server::with_handler(|_| ok("1"));
    let client = server.client("");
    for path in PATHS {
        let params = serde_json::json!({ "q": path, (*path): "v", "list": [path] }).to_string();
        client
            .request_json(None, "GET", "/a", Some(&params))
            .unwrap();
        let request = server.request();
        assert!(request.starts_with("GET /a?"), "{request}");
        assert!(
            !request.contains("evil.test/") && !request.contains("\r\nX-Evil"),
            "{request}"
        );
    }
    server.assert_no_more_requests();
}

#[test]
fn rejects_subdomains_that_are_not_a_label() {
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
        // Similar to a dot, a slash or a letter, or normalized to one.
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
fn rejects_domains_and_base_urls_that_are_not_a_host() {
    for host in [
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
        let base_url = format!("https://{host}");
        for options in [
            serde_json::json!({ "uservoice_domain": host }),
            serde_json::json!({ "base_url": base_url }),
        ] {
            // A slash may end an origin, but not a host.
            if host == "evil.test/" && options.get("base_url").is_some() {
                continue;
            }
            let options = options.to_string();
            let error = Client::new("acme", "key", Some("secret"), Some(&options)).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument, "{options}");
        }
    }
}

#[test]
fn redirects_stay_on_the_site() {
    let other_site = Server::with_handler(|_| ok("\"other site\""));
    let host = other_site.base_url.split_once("://").unwrap().1.to_owned();
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
        let server = Server::with_handler(move |request| {
            if request.starts_with("GET /start ") {
                let (_, rest) = request.split_once("host: ").unwrap();
                let site = rest.lines().next().unwrap();
                let location = location.replace("SITE", site);
                return response("302 Found", &format!("Location: {location}\r\n"), "");
            }
            ok("\"site\"")
        });
        match server.client("").request_json(None, "GET", "/start", None) {
            Ok(body) => assert_eq!(body, "\"site\""),
            Err(error) => assert_eq!(error.http_status(), 302),
        }
    }
    other_site.assert_no_more_requests();
}
