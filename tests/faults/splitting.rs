//! One request stays one request, with the head that we gave it, whatever text goes
//! into it: the caller's, and what the service gave for the next call.

use serde_json::json;
use uservoice::{Client, Collection, Result, Status, Token};

use crate::server::{Server, answer, ok};

const TRICKS: &[&str] = &[
    "a\r\nX-Evil: 1",
    "a\nX-Evil: 1",
    "a\rX-Evil: 1",
    "a\r\n X-Evil: 1",
    "a\r\n\r\nGET /evil HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    "a HTTP/1.1\r\nX-Evil: 1\r\n\r\n",
    "a&b=c HTTP/1.1\nX-Evil: 1\n\n",
    "a%0d%0aX-Evil:%201",
    "a%250d%250aX-Evil:%201",
    // What ends as CR and LF where only the low byte is kept, or is a line end elsewhere.
    "a\u{10d}\u{10a}X-Evil: 1",
    "a\u{85}X-Evil: 1",
    "a\u{2028}X-Evil: 1",
    "a\0b",
    "a\tb",
    "a\u{7f}b",
    " a ",
    "a\", oauth_token=\"evil",
    "a&client_secret=evil",
    "a\",\"evil\":\"b",
];

/// The names of headers that we send.
const OURS: [&str; 9] = [
    "accept",
    "accept-encoding",
    "api-client",
    "authorization",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "x-mine",
];

/// Checks the requests so far, and gives how many there were. A second one made out of
/// another would have a target that no call of these tests has.
fn check_requests(server: &Server, what: &str) -> usize {
    let requests = server.take_requests();
    for request in &requests {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let (line, headers) = head.split_once("\r\n").unwrap();
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!(words.len(), 3, "{what}: {line:?}");
        assert!(!words[1].starts_with("/evil"), "{what}: {line:?}");
        assert!(
            line.bytes()
                .all(|byte| byte.is_ascii_graphic() || byte == b' ')
        );
        for header in headers.split("\r\n") {
            let (name, value) = header.split_once(": ").unwrap();
            assert!(OURS.contains(&name), "{what}: {header:?}");
            let is_bad = |byte: u8| byte.is_ascii_control() && byte != b'\t';
            assert!(!value.bytes().any(is_bad), "{what}: {header:?}");
            // As a part of one parameter, not as one more.
            let is_signature = value.starts_with("OAuth ");
            let is_one_more = is_signature && value.contains("oauth_token=\"evil");
            assert!(!is_one_more, "{what}: {header:?}");
        }
        assert!(!body.contains(['\r', '\n']), "{what}: {body:?}");
        let is_json = body.starts_with('{') && !body.contains("\",\"evil\":");
        let is_form = !body.contains("&client_secret=evil") && !body.contains('"');
        assert!(is_json || is_form, "{what}: {body:?}");
    }
    requests.len()
}

/// What a site answers that means well.
fn site(request: &str) -> String {
    match request.split(' ').nth(1).unwrap() {
        "/api/v2/oauth/token" => ok("{\"access_token\":\"t\"}"),
        target if target.starts_with("/oauth/") || target.contains("login_as") => {
            ok("oauth_token=t&oauth_token_secret=s")
        }
        _ => ok("1"),
    }
}

#[test]
fn what_callers_give() {
    let server = Server::answering(site);
    let new = |key: &str, secret: &str, more: serde_json::Value| {
        let mut options = json!({ "base_url": server.base_url, "max_retries": 0 });
        let options = options.as_object_mut().unwrap();
        options.extend(more.as_object().unwrap().clone());
        let options = serde_json::to_string(options).unwrap();
        Client::new("acme", key, Some(secret), Some(&options))
    };
    let plain = || new("key", "secret", json!({}));
    let get = |client: Client| client.call(None, "GET", "/a", None);
    type Give<'a> = &'a dyn Fn(&str) -> Result<()>;
    let places: [(&str, Give<'_>); 17] = [
        ("api_key", &|it| {
            get(new(it, "secret", json!({}))?).map(drop)
        }),
        ("api_secret", &|it| {
            get(new("key", it, json!({}))?).map(drop)
        }),
        ("api_key of a login", &|it| {
            let client = new(it, "secret", json!({}))?;
            client.login_with_client_credentials().map(drop)
        }),
        ("user_agent", &|it| {
            get(new("key", "secret", json!({ "user_agent": it }))?).map(drop)
        }),
        ("callback", &|it| {
            let client = new("key", "secret", json!({ "callback": it }))?;
            client.request_token().map(drop)
        }),
        ("verifier", &|it| {
            let token = Token::new("t", "s")?;
            plain()?.login_with_verifier(&token, it).map(drop)
        }),
        ("email", &|it| plain()?.login_as(None, it).map(drop)),
        ("email of a password", &|it| {
            plain()?.login_with_password(it, "p").map(drop)
        }),
        ("password", &|it| {
            plain()?.login_with_password("e", it).map(drop)
        }),
        ("code", &|it| {
            plain()?.login_with_code(it, Some("v"), "r").map(drop)
        }),
        ("code_verifier", &|it| {
            plain()?.login_with_code("c", Some(it), "r").map(drop)
        }),
        ("redirect_uri", &|it| {
            plain()?.login_with_code("c", Some("v"), it).map(drop)
        }),
        ("token", &|it| {
            let token = Token::new(it, it)?;
            plain()?.call(Some(&token), "GET", "/a", None).map(drop)
        }),
        ("token's JSON", &|it| {
            let json = json!({ "token": it, "secret": it }).to_string();
            let token = Token::from_json(&json)?;
            plain()?.call(Some(&token), "GET", "/a", None).map(drop)
        }),
        ("bearer token's JSON", &|it| {
            let json = json!({
                "type": "oauth2", "grant": "client_credentials", "expires_at": 1,
                "token": it, "refresh_token": it,
            });
            let token = Token::from_json(&json.to_string())?;
            plain()?.call(Some(&token), "GET", "/a", None)?;
            let json = json!({ "type": "oauth2", "grant": "password", "token": it });
            let token = Token::from_json(&json.to_string())?;
            plain()?.call(Some(&token), "GET", "/a", None).map(drop)
        }),
        ("method", &|it| {
            let method = format!("GET {it}");
            plain()?.call(None, &method, "/a", None).map(drop)
        }),
        ("header", &|it| {
            let client = plain()?;
            for headers in [json!({ "X-Mine": it }), json!({ it: "1" })] {
                let headers = headers.to_string();
                client.request(None, "GET", "/a", None, Some(&headers))?;
            }
            Ok(())
        }),
    ];
    for (place, give) in places {
        for trick in TRICKS {
            let what = format!("{place}: {trick:?}");
            let given = give(trick);
            let requests = check_requests(&server, &what);
            match given {
                Ok(()) => assert!(requests > 0, "{what}"),
                Err(error) => assert_eq!(error.status(), Status::InvalidArgument, "{what}"),
            }
        }
    }
    server.no_more_requests();
}

/// Either way is right, but nothing else.
fn used_or_refused<T>(result: Result<T>, what: &str) {
    if let Err(error) = result {
        assert_eq!(error.status(), Status::BadResponse, "{what}");
    }
}

#[test]
fn what_the_service_gives() {
    for trick in TRICKS {
        let what = format!("{trick:?}");
        let form: String = trick.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let form = ok(&format!("oauth_token={form}&oauth_token_secret={form}"));
        let json = json!({ "oauth_token": trick, "oauth_token_secret": trick }).to_string();
        for given in [form, ok(&json)] {
            let server = Server::answering(move |_| given.clone());
            let client = server.client("");
            // The request token goes into the second call, the other into the third.
            used_or_refused(client.login_as(None, "e"), &what);
            used_or_refused(
                client
                    .request_token()
                    .and_then(|token| client.login_with_verifier(&token, "v"))
                    .and_then(|token| client.call(Some(&token), "GET", "/a", None)),
                &what,
            );
            assert!(check_requests(&server, &what) > 1);
        }

        let json = json!({ "access_token": trick, "refresh_token": trick, "expires_in": 1 });
        let given = ok(&json.to_string());
        let server = Server::answering(move |_| given.clone());
        let client = server.client("");
        used_or_refused(
            client
                .login_with_password("e", "p")
                .and_then(|token| client.call(Some(&token), "GET", "/a", None)),
            &what,
        );
        assert!(check_requests(&server, &what) > 0);
    }
}

#[test]
fn where_the_service_says_that_a_list_goes_on() {
    for trick in TRICKS {
        for key in ["cursor", "next_cursor"] {
            let page = json!({ "users": [1], "pagination": { key: trick, "page": trick, "per_page": trick } });
            let page = ok(&page.to_string());
            let server = Server::answering(move |_| page.clone());
            let client = server.client("");
            let list = Collection::new(&client, None, "/api/v2/admin/users", None, Some(3));
            let list = list.unwrap();
            while list.next().unwrap().is_some() {}
            drop(list);
            let what = format!("{key}: {trick:?}");
            assert!(check_requests(&server, &what) > 2, "{what}");
        }
    }
}

#[test]
fn where_the_service_says_that_it_is() {
    // A line's end would be the service's own: what follows is another header.
    for trick in TRICKS.iter().filter(|trick| !trick.contains('\n')) {
        let redirect = answer("302 Found", &format!("Location: /b?{trick}\r\n"), "");
        let server = Server::answering(move |request| match request.starts_with("GET /start ") {
            true => redirect.clone(),
            false => ok("1"),
        });
        let client = server.client(",\"max_retries\":0");
        let what = format!("Location: {trick:?}");
        match client.call(None, "GET", "/start", None) {
            Ok(_) => {}
            Err(error) if error.status() == Status::BadResponse => {}
            Err(error) => assert_eq!(error.http_status(), 302, "{what}: {error}"),
        }
        check_requests(&server, &what);
    }
}
