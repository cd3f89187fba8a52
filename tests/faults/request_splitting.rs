//! Request splitting and header injection: no string of the caller or of an earlier response can
//! add a request, a header or a parameter.

use serde_json::json;
use uservoice::{Client, Collection, Result, Status, Token};

use crate::server::{Server, ok, response};

const INPUTS: &[&str] = &[
    "a\r\nX-Evil: 1",
    "a\nX-Evil: 1",
    "a\rX-Evil: 1",
    "a\r\n X-Evil: 1",
    "a\r\n\r\nGET /evil HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    "a HTTP/1.1\r\nX-Evil: 1\r\n\r\n",
    "a&b=c HTTP/1.1\nX-Evil: 1\n\n",
    "a%0d%0aX-Evil:%201",
    "a%250d%250aX-Evil:%201",
    // CR and LF if only the low byte is kept, and line ends of Unicode.
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

/// The headers that the client sends.
const KNOWN_HEADERS: [&str; 9] = [
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

/// Checks the requests since the last call and returns their number. A request that an input
/// smuggled in has the target "/evil".
fn check_requests(server: &Server, context: &str) -> usize {
    let requests = server.take_requests();
    for request in &requests {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let (line, headers) = head.split_once("\r\n").unwrap();
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!(words.len(), 3, "{context}: {line:?}");
        assert!(!words[1].starts_with("/evil"), "{context}: {line:?}");
        assert!(
            line.bytes()
                .all(|byte| byte.is_ascii_graphic() || byte == b' ')
        );
        for header in headers.split("\r\n") {
            let (name, value) = header.split_once(": ").unwrap();
            assert!(KNOWN_HEADERS.contains(&name), "{context}: {header:?}");
            let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\t';
            assert!(!value.bytes().any(is_control), "{context}: {header:?}");
            // The input may be part of a parameter, but not add one.
            let is_signature = value.starts_with("OAuth ");
            let is_separate = is_signature && value.contains("oauth_token=\"evil");
            assert!(!is_separate, "{context}: {header:?}");
        }
        assert!(!body.contains(['\r', '\n']), "{context}: {body:?}");
        let is_json = body.starts_with('{') && !body.contains("\",\"evil\":");
        let is_form = !body.contains("&client_secret=evil") && !body.contains('"');
        assert!(is_json || is_form, "{context}: {body:?}");
    }
    requests.len()
}

/// Responds as a well-behaved site does.
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
fn arguments_cannot_add_to_a_request() {
    let server = Server::with_handler(site);
    let new = |key: &str, secret: &str, more: serde_json::Value| {
        let mut options = json!({ "base_url": server.base_url, "max_retries": 0 });
        let options = options.as_object_mut().unwrap();
        options.extend(more.as_object().unwrap().clone());
        let options = serde_json::to_string(options).unwrap();
        Client::new("acme", key, Some(secret), Some(&options))
    };
    let plain = || new("key", "secret", json!({}));
    let get = |client: Client| client.request_json(None, "GET", "/a", None);
    type Send<'a> = &'a dyn Fn(&str) -> Result<()>;
    let arguments: [(&str, Send<'_>); 17] = [
        ("api_key", &|value| {
            get(new(value, "secret", json!({}))?).map(drop)
        }),
        ("api_secret", &|value| {
            get(new("key", value, json!({}))?).map(drop)
        }),
        ("api_key of a login", &|value| {
            let client = new(value, "secret", json!({}))?;
            client.login_with_client_credentials().map(drop)
        }),
        ("user_agent", &|value| {
            get(new("key", "secret", json!({ "user_agent": value }))?).map(drop)
        }),
        ("callback", &|value| {
            let client = new("key", "secret", json!({ "callback": value }))?;
            client.request_token().map(drop)
        }),
        ("verifier", &|value| {
            let token = Token::new("t", "s")?;
            plain()?.login_with_verifier(&token, value).map(drop)
        }),
        ("email", &|value| plain()?.login_as(None, value).map(drop)),
        ("email of a password", &|value| {
            plain()?.login_with_password(value, "p").map(drop)
        }),
        ("password", &|value| {
            plain()?.login_with_password("e", value).map(drop)
        }),
        ("code", &|value| {
            plain()?
                .login_with_code(value, None, "https://a.test/")
                .map(drop)
        }),
        ("code_verifier", &|value| {
            plain()?
                .login_with_code("c", Some(value), "https://a.test/")
                .map(drop)
        }),
        ("redirect_uri", &|value| {
            plain()?.login_with_code("c", None, value).map(drop)
        }),
        ("token", &|value| {
            let token = Token::new(value, value)?;
            plain()?
                .request_json(Some(&token), "GET", "/a", None)
                .map(drop)
        }),
        ("token's JSON", &|value| {
            let json = json!({ "token": value, "secret": value }).to_string();
            let token = Token::from_json(&json)?;
            plain()?
                .request_json(Some(&token), "GET", "/a", None)
                .map(drop)
        }),
        ("bearer token's JSON", &|value| {
            let json = json!({
                "type": "oauth2", "grant": "client_credentials", "expires_at": 1,
                "token": value, "refresh_token": value,
            });
            let token = Token::from_json(&json.to_string())?;
            plain()?.request_json(Some(&token), "GET", "/a", None)?;
            let json = json!({ "type": "oauth2", "grant": "password", "token": value });
            let token = Token::from_json(&json.to_string())?;
            plain()?
                .request_json(Some(&token), "GET", "/a", None)
                .map(drop)
        }),
        ("method", &|value| {
            let method = format!("GET {value}");
            plain()?.request_json(None, &method, "/a", None).map(drop)
        }),
        ("header", &|value| {
            let client = plain()?;
            for headers in [json!({ "X-Mine": value }), json!({ value: "1" })] {
                let headers = headers.to_string();
                client.request(None, "GET", "/a", None, Some(&headers))?;
            }
            Ok(())
        }),
    ];
    for (argument, send) in arguments {
        for input in INPUTS {
            let context = format!("{argument}: {input:?}");
            let result = send(input);
            let requests = check_requests(&server, &context);
            match result {
                Ok(()) => assert!(requests > 0, "{context}"),
                Err(error) => assert_eq!(error.status(), Status::InvalidArgument, "{context}"),
            }
        }
    }
    server.assert_no_more_requests();
}

/// Checks that the input was used or rejected.
fn assert_ok_or_bad_response<T>(result: Result<T>, context: &str) {
    if let Err(error) = result {
        assert_eq!(error.status(), Status::BadResponse, "{context}");
    }
}

#[test]
fn tokens_of_a_response_cannot_add_to_a_request() {
    for input in INPUTS {
        let context = format!("{input:?}");
        let form: String = input.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let form = ok(&format!("oauth_token={form}&oauth_token_secret={form}"));
        let json = json!({ "oauth_token": input, "oauth_token_secret": input }).to_string();
        for token_response in [form, ok(&json)] {
            let server = Server::with_handler(move |_| token_response.clone());
            let client = server.client("");
            // The request token is part of the second request, the access token of the third.
            assert_ok_or_bad_response(client.login_as(None, "e"), &context);
            assert_ok_or_bad_response(
                client
                    .request_token()
                    .and_then(|token| client.login_with_verifier(&token, "v"))
                    .and_then(|token| client.request_json(Some(&token), "GET", "/a", None)),
                &context,
            );
            assert!(check_requests(&server, &context) > 1);
        }

        let json = json!({ "access_token": input, "refresh_token": input, "expires_in": 1 });
        let token_response = ok(&json.to_string());
        let server = Server::with_handler(move |_| token_response.clone());
        let client = server.client("");
        assert_ok_or_bad_response(
            client
                .login_with_password("e", "p")
                .and_then(|token| client.request_json(Some(&token), "GET", "/a", None)),
            &context,
        );
        assert!(check_requests(&server, &context) > 0);
    }
}

#[test]
fn cursors_of_a_response_cannot_add_to_a_request() {
    for input in INPUTS {
        for key in ["cursor", "next_cursor"] {
            let page = json!({ "users": [1], "pagination": { key: input, "page": input, "per_page": input } });
            let page = ok(&page.to_string());
            let server = Server::with_handler(move |_| page.clone());
            let client = server.client("");
            let collection = Collection::new(&client, None, "/api/v2/admin/users", None, Some(3));
            let collection = collection.unwrap();
            while collection.next().unwrap().is_some() {}
            drop(collection);
            let context = format!("{key}: {input:?}");
            assert!(check_requests(&server, &context) > 2, "{context}");
        }
    }
}

#[test]
fn redirects_cannot_add_to_a_request() {
    // A line feed would end the header of the response itself.
    for input in INPUTS.iter().filter(|input| !input.contains('\n')) {
        let redirect = response("302 Found", &format!("Location: /b?{input}\r\n"), "");
        let server =
            Server::with_handler(move |request| match request.starts_with("GET /start ") {
                true => redirect.clone(),
                false => ok("1"),
            });
        let client = server.client(",\"max_retries\":0");
        let context = format!("Location: {input:?}");
        match client.request_json(None, "GET", "/start", None) {
            Ok(_) => {}
            Err(error) if error.status() == Status::BadResponse => {}
            Err(error) => assert_eq!(error.http_status(), 302, "{context}: {error}"),
        }
        check_requests(&server, &context);
    }
}
