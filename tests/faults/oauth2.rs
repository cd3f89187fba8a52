//! Bearer tokens: how they are got, sent and renewed.

use std::sync::Mutex;
use std::thread;

use uservoice::{Client, Collection, Outcome, Status, Token};

use crate::server::{Server, answer, ok};

const GRANTED: &str = r#"{"access_token":"new"}"#;

fn refused() -> String {
    answer("401 Unauthorized", "", r#"{"message":"expired"}"#)
}

fn token(grant: &str, more: &str) -> Token {
    let json = format!(r#"{{"type":"oauth2","grant":"{grant}","token":"old"{more}}}"#);
    Token::from_json(&json).unwrap()
}

fn bears(request: &str, token: &str) -> bool {
    request
        .to_lowercase()
        .contains(&format!("authorization: bearer {token}\r\n"))
}

fn body(request: &str) -> &str {
    request.split("\r\n\r\n").nth(1).unwrap()
}

#[test]
fn a_login_is_a_form_and_neither_signed_nor_shown() {
    let server = Server::start(vec![ok(GRANTED), ok(GRANTED), ok(GRANTED), ok("[]")]);
    let client = server.client("");
    client.login_with_client_credentials().unwrap();
    let request = server.request();
    assert!(
        request.starts_with("POST /api/v2/oauth/token HTTP/1.1\r\n"),
        "{request}"
    );
    let headers = request.to_lowercase();
    assert!(headers.contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(!headers.contains("authorization"));
    assert_eq!(headers.matches("content-type").count(), 1);
    assert_eq!(
        body(&request),
        "grant_type=client_credentials&client_id=key&client_secret=secret"
    );
    client.login_with_password("jo+x@a.b", "p&w").unwrap();
    assert_eq!(
        body(&server.request()),
        "grant_type=password&client_id=key&username=jo%2Bx%40a.b&password=p%26w"
    );
    // The server has one connection at a time.
    drop(client);
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let public = Client::new("acme", "key", None, Some(&options)).unwrap();
    let token = public
        .login_with_code("c", Some("v"), "https://a.example/")
        .unwrap();
    let request = server.request();
    assert_eq!(
        body(&request),
        "grant_type=authorization_code&client_id=key&code=c\
         &redirect_uri=https%3A%2F%2Fa.example%2F&code_verifier=v"
    );
    assert!(!request.contains("client="), "{request}");
    // A key without a secret is enough to use it.
    public
        .call(Some(&token), "GET", "/api/v2/admin/users", None)
        .unwrap();
    let request = server.request();
    assert!(request.starts_with("GET /api/v2/admin/users HTTP") && bears(&request, "new"));
}

#[test]
fn what_a_login_may_be_answered() {
    for (text, status) in [
        (
            answer("400 Bad Request", "", r#"{"error":"invalid_grant"}"#),
            Status::Unauthorized,
        ),
        (
            answer("401 Unauthorized", "", r#"{"error":"invalid_client"}"#),
            Status::Unauthorized,
        ),
        (ok("{}"), Status::BadResponse),
        (ok("access_token=a"), Status::BadResponse),
        (answer("404 Not Found", "", "<html>"), Status::NotFound),
    ] {
        let server = Server::start(vec![text.clone()]);
        let error = server
            .client("")
            .login_with_client_credentials()
            .unwrap_err();
        assert_eq!(error.status(), status, "{text}");
        assert!(!error.message().contains("secret"));
        let http_status = text.split(' ').nth(1).unwrap();
        assert_eq!(error.http_status().to_string(), http_status);
    }
}

#[test]
fn a_token_of_the_key_is_renewed_once_for_any_call() {
    for method in ["GET", "POST"] {
        let server = Server::start(vec![
            refused(),
            ok(GRANTED),
            ok("{}"),
            refused(),
            ok(GRANTED),
            refused(),
        ]);
        let client = server.client(",\"max_retries\":0");
        let token = token("client_credentials", "");
        client.call(Some(&token), method, "/x", None).unwrap();
        assert!(bears(&server.request(), "old"));
        assert!(server.request().starts_with("POST /api/v2/oauth/token "));
        assert!(bears(&server.request(), "new"));
        assert_eq!(token.value(), "old");
        assert!(token.to_json().contains("\"new\""));
        // A service that refuses the new one, too, is not asked for ever.
        let error = client.call(Some(&token), method, "/x", None).unwrap_err();
        assert_eq!(error.status(), Status::Unauthorized);
        for _ in 0..3 {
            server.request();
        }
        server.no_more_requests();
    }
}

#[test]
fn a_renewal_that_is_refused_is_the_error() {
    let server = Server::start(vec![
        refused(),
        answer("400 Bad Request", "", r#"{"error":"invalid_client"}"#),
    ]);
    let token = token("client_credentials", "");
    let error = server
        .client("")
        .call(Some(&token), "GET", "/x", None)
        .unwrap_err();
    assert_eq!(
        (error.status(), error.http_status()),
        (Status::Unauthorized, 400)
    );
}

/// Where it fails, the call was answered, and not sent where it came first.
#[test]
fn a_renewal_says_nothing_of_what_came_of_the_call() {
    let broken = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}".to_owned();
    for (answers, more, outcome) in [
        (vec![refused(), broken.clone()], "", Outcome::Answered),
        (vec![broken], ",\"expires_at\":1", Outcome::NotSent),
    ] {
        let server = Server::start(answers);
        let client = server.client(",\"max_retries\":0");
        let token = token("client_credentials", more);
        let error = client.call(Some(&token), "POST", "/x", None).unwrap_err();
        assert_eq!(error.status(), Status::Transport, "{error}");
        assert_eq!(error.outcome(), outcome, "{error}");
    }
}

/// Without its secret a key renews nothing: the service's own words are the error.
#[test]
fn a_client_without_a_secret_does_not_try_to_renew() {
    let server = Server::start(vec![refused()]);
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let client = Client::new("acme", "key", None, Some(&options)).unwrap();
    let token = token("client_credentials", "");
    let error = client.call(Some(&token), "POST", "/x", None).unwrap_err();
    assert_eq!(error.status(), Status::Unauthorized);
    assert!(error.message().contains("expired"), "{error}");
}

/// Another site or another key would renew it to a token of its own, which would then
/// be sent to the first.
#[test]
fn a_token_is_renewed_for_the_site_and_the_key_that_it_came_from() {
    let first = Server::start(vec![ok(GRANTED), ok("{}")]);
    let token = first.client("").login_with_client_credentials().unwrap();
    let other = Server::start(vec![refused(), ok("{}")]);
    let call = |client: &Client| client.call(Some(&token), "GET", "/x", None);
    let error = call(&other.client("")).unwrap_err();
    assert_eq!(error.status(), Status::Unauthorized);
    other.request();
    other.no_more_requests();
    call(&first.client("")).unwrap();

    let server = Server::start(vec![ok("{}"), refused(), ok(GRANTED), ok("{}"), refused()]);
    let token = self::token("client_credentials", "");
    let call = |client: &Client| client.call(Some(&token), "GET", "/x", None);
    let client = server.client("");
    call(&client).unwrap();
    call(&client.with_options(Some("{\"timeout_ms\":5000}")).unwrap()).unwrap();
    drop(client);
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let of_other_key = Client::new("acme", "other", Some("secret"), Some(&options)).unwrap();
    assert_eq!(
        call(&of_other_key).unwrap_err().status(),
        Status::Unauthorized
    );
}

#[test]
fn a_bearer_token_is_no_request_token() {
    let server = Server::start(vec![ok("{}")]);
    let (client, token) = (server.client(""), token("password", ""));
    for error in [
        client.authorize_url(&token).unwrap_err(),
        client.login_with_verifier(&token, "v").unwrap_err(),
    ] {
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(error.message().starts_with("request_token:"), "{error}");
    }
    server.no_more_requests();
}

#[test]
fn tokens_of_persons_are_not_renewed_unless_the_service_gave_the_means() {
    for grant in ["password", "authorization_code"] {
        let server = Server::start(vec![refused()]);
        let error = server
            .client("")
            .call(Some(&token(grant, "")), "GET", "/x", None)
            .unwrap_err();
        assert_eq!(error.status(), Status::Unauthorized);
    }
    let granted = r#"{"access_token":"new","expires_in":3600}"#;
    let server = Server::start(vec![refused(), ok(granted), ok("{}")]);
    let token = token("password", ",\"refresh_token\":\"r/1\"");
    server
        .client("")
        .call(Some(&token), "GET", "/x", None)
        .unwrap();
    server.request();
    assert_eq!(
        body(&server.request()),
        "grant_type=refresh_token&client_id=key&refresh_token=r%2F1&client_secret=secret"
    );
    // Neither the old refresh token nor the new end is lost.
    let json = token.to_json();
    assert!(
        json.contains("\"r/1\"") && json.contains("\"expires_at\":"),
        "{}",
        *json
    );
}

#[test]
fn a_token_whose_end_is_known_is_renewed_before_it_is_sent() {
    let server = Server::start(vec![ok(GRANTED), ok("{}")]);
    let token = token("client_credentials", ",\"expires_at\":1000000000");
    server
        .client("")
        .call(Some(&token), "GET", "/x", None)
        .unwrap();
    assert!(server.request().starts_with("POST /api/v2/oauth/token "));
    assert!(bears(&server.request(), "new"));
    // A refresh token that has ended, too: the key is enough.
    let server = Server::start(vec![
        answer("400 Bad Request", "", r#"{"error":"invalid_grant"}"#),
        ok(GRANTED),
        ok("{}"),
    ]);
    let token = self::token(
        "client_credentials",
        ",\"expires_at\":1,\"refresh_token\":\"r\"",
    );
    server
        .client("")
        .call(Some(&token), "GET", "/x", None)
        .unwrap();
}

#[test]
fn one_thread_renews_for_all() {
    let renewals = Mutex::new(0);
    let server = Server::answering(move |request| {
        if request.starts_with("POST /api/v2/oauth/token ") {
            *renewals.lock().unwrap() += 1;
            return ok(&format!(
                "{{\"access_token\":\"new{}\"}}",
                renewals.lock().unwrap()
            ));
        }
        if bears(request, "new1") {
            ok("{}")
        } else {
            refused()
        }
    });
    let (client, token) = (
        server.client(",\"max_retries\":0"),
        token("client_credentials", ""),
    );
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..5 {
                    client.call(Some(&token), "GET", "/x", None).unwrap();
                }
            });
        }
    });
    assert!(token.to_json().contains("\"new1\""));
}

#[test]
fn a_list_by_cursor_goes_on_when_its_token_ends() {
    let page = |ids: &str, cursor: &str| {
        ok(&format!(
            "{{\"users\":[{ids}],\"pagination\":{{\"total_records\":5,\"cursor\":{cursor}}}}}"
        ))
    };
    let server = Server::start(vec![
        page("1,2", "\"a/=\""),
        refused(),
        ok(GRANTED),
        page("3", "17"),
        page("4,5", "null"),
    ]);
    let client = server.client(",\"prefetch_pages\":0");
    let token = token("client_credentials", "");
    let list = Collection::new(&client, Some(&token), "/api/v2/admin/users", None, None).unwrap();
    let records: Vec<String> = std::iter::from_fn(|| list.next().unwrap()).collect();
    assert_eq!(records, ["1", "2", "3", "4", "5"]);
    let targets: Vec<String> = (0..5)
        .map(|_| server.request().split(' ').nth(1).unwrap().to_owned())
        .collect();
    const PATH: &str = "/api/v2/admin/users?per_page=100";
    assert_eq!(
        targets,
        [
            PATH,
            &format!("{PATH}&cursor=a%2F%3D"),
            "/api/v2/oauth/token",
            &format!("{PATH}&cursor=a%2F%3D"),
            &format!("{PATH}&cursor=17"),
        ]
    );
}

#[test]
fn a_list_without_cursors_is_read_by_page_numbers() {
    let page = |ids: &str, number: usize| {
        ok(&format!(
            "{{\"users\":[{ids}],\"pagination\":{{\"page\":{number},\"per_page\":2,\"total_pages\":2,\"total_records\":3}}}}"
        ))
    };
    let server = Server::start(vec![page("1,2", 1), page("3", 2)]);
    let client = server.client("");
    let list = Collection::new(&client, None, "/api/v2/admin/users", None, None).unwrap();
    assert_eq!(list.next_page().unwrap().unwrap(), "[1,2]");
    assert_eq!(list.next_page().unwrap().unwrap(), "[3]");
    assert_eq!(list.next_page().unwrap(), None);
    server.request();
    assert!(
        server
            .request()
            .starts_with("GET /api/v2/admin/users?per_page=100&page=2 ")
    );
}

#[test]
fn a_list_can_begin_at_a_cursor_and_need_not_say_its_length() {
    let server = Server::start(vec![
        ok(r#"{"users":[4,5],"pagination":{"cursor":"c"}}"#),
        ok(r#"{"users":[],"pagination":{"cursor":"d"}}"#),
    ]);
    let client = server.client(",\"prefetch_pages\":0");
    let path = "/api/v2/admin/users?cursor=b%2F&per_page=2";
    let list = Collection::new(&client, None, path, None, None).unwrap();
    assert_eq!(list.len().unwrap_err().status(), Status::BadResponse);
    let records: Vec<String> = std::iter::from_fn(|| list.next().unwrap()).collect();
    assert_eq!(records, ["4", "5"]);
    assert!(
        server
            .request()
            .starts_with("GET /api/v2/admin/users?per_page=2&cursor=b%2F ")
    );
    assert!(
        server
            .request()
            .starts_with("GET /api/v2/admin/users?per_page=2&cursor=c ")
    );
}

#[test]
fn the_length_of_a_list_from_a_cursor_is_what_is_left() {
    let page =
        r#"{"users":[5,6],"pagination":{"page":3,"per_page":2,"total_records":7,"cursor":"c"}}"#;
    let server = Server::start(vec![ok(page)]);
    let path = "/api/v2/admin/users?cursor=b";
    let list = Collection::new(&server.client(""), None, path, None, None).unwrap();
    assert_eq!(list.len().unwrap(), 3);
}
