//! Logins, and the bearer tokens of OAuth 2 with their refresh.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use uservoice::{Client, Collection, Export, LogLevel, Outcome, Status, Token};

use crate::server::{NO_TIMEOUT, Server, ok, response};

const GRANTED: &str = r#"{"access_token":"new"}"#;

fn unauthorized() -> String {
    response("401 Unauthorized", "", r#"{"message":"expired"}"#)
}

fn token(grant: &str, more: &str) -> Token {
    let json = format!(r#"{{"type":"oauth2","grant":"{grant}","token":"old"{more}}}"#);
    Token::from_json(&json).unwrap()
}

fn has_bearer_token(request: &str, token: &str) -> bool {
    request
        .to_lowercase()
        .contains(&format!("authorization: bearer {token}\r\n"))
}

fn body(request: &str) -> &str {
    request.split("\r\n\r\n").nth(1).unwrap()
}

#[test]
fn logins_post_an_unsigned_form() {
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
    // The server serves one connection at a time.
    drop(client);
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let public = Client::new("acme", "key", None, Some(&options)).unwrap();
    let verifier = "v".repeat(43);
    let token = public
        .login_with_code(" c\n", Some(&verifier), "https://a.example/")
        .unwrap();
    let request = server.request();
    assert_eq!(
        body(&request),
        format!(
            "grant_type=authorization_code&client_id=key&code=c\
             &redirect_uri=https%3A%2F%2Fa.example%2F&code_verifier={verifier}"
        )
    );
    assert!(!request.contains("client="), "{request}");
    // A client without an API secret can use the token.
    public
        .request_json(Some(&token), "GET", "/api/v2/admin/users", None)
        .unwrap();
    let request = server.request();
    assert!(
        request.starts_with("GET /api/v2/admin/users HTTP") && has_bearer_token(&request, "new")
    );
}

#[test]
fn maps_token_endpoint_errors_to_statuses() {
    for (text, status) in [
        (
            response("400 Bad Request", "", r#"{"error":"invalid_grant"}"#),
            Status::Unauthorized,
        ),
        (
            response("401 Unauthorized", "", r#"{"error":"invalid_client"}"#),
            Status::Unauthorized,
        ),
        (
            response("400 Bad Request", "", r#"{"error":"invalid_scope"}"#),
            Status::ApiError,
        ),
        (
            response("400 Bad Request", "", "<html>"),
            Status::Unauthorized,
        ),
        (ok("{}"), Status::BadResponse),
        (
            ok(r#"{"access_token":"a","token_type":"mac"}"#),
            Status::BadResponse,
        ),
        (ok("access_token=a"), Status::BadResponse),
        (response("404 Not Found", "", "<html>"), Status::NotFound),
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

/// RFC 6749, section 5.2.
#[test]
fn token_endpoint_error_has_its_code_and_description() {
    let body = r#"{"error":"invalid_grant","error_description":"The code has expired"}"#;
    let server = Server::start(vec![response("400 Bad Request", "", body)]);
    let login = server
        .client("")
        .login_with_code("c", None, "https://a.example/");
    let error = login.unwrap_err();
    assert_eq!(error.error_type(), Some("invalid_grant"));
    assert_eq!(
        error.message(),
        "POST /api/v2/oauth/token: HTTP 400: invalid_grant: The code has expired"
    );
}

/// Neither another grant nor another error is a reason for them.
#[test]
fn client_credentials_replace_only_their_own_rejected_refresh_token() {
    for (grant, status_line, status) in [
        ("password", "400 Bad Request", Status::Unauthorized),
        ("client_credentials", "500 Error", Status::ApplicationError),
    ] {
        let server = Server::start(vec![response(status_line, "", ""), ok(GRANTED), ok("{}")]);
        let token = token(grant, ",\"expires_at\":1,\"refresh_token\":\"r\"");
        let client = server.client(",\"max_retries\":0");
        let error = client
            .request_json(Some(&token), "GET", "/x", None)
            .unwrap_err();
        assert_eq!(error.status(), status, "{grant}");
        server.request();
        server.assert_no_more_requests();
    }
}

/// RFC 6749, section 6.
#[test]
fn a_new_refresh_token_replaces_the_old_one() {
    let granted = r#"{"access_token":"new","refresh_token":"second"}"#;
    let server = Server::start(vec![
        unauthorized(),
        ok(granted),
        unauthorized(),
        unauthorized(),
        ok(GRANTED),
        ok("{}"),
    ]);
    let client = server.client("");
    let token = token("password", ",\"refresh_token\":\"first\"");
    let call = || client.request_json(Some(&token), "GET", "/x", None);
    assert_eq!(call().unwrap_err().status(), Status::Unauthorized);
    call().unwrap();
    let requests = server.take_requests();
    assert!(body(&requests[1]).contains("refresh_token=first&"));
    assert!(body(&requests[4]).contains("refresh_token=second&"));
}

#[test]
fn a_request_token_is_requested_with_the_callback() {
    let form = "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true";
    let server = Server::start(vec![ok(form)]);
    let client = server.client(",\"callback\":\"https://a.example/?b=c\"");
    client.request_token().unwrap();
    let callback = "oauth_callback=\"https%3A%2F%2Fa.example%2F%3Fb%3Dc\"";
    assert!(server.request().contains(callback));
}

#[test]
fn trims_a_verifier_that_a_person_pasted() {
    let server = Server::start(vec![ok("oauth_token=t&oauth_token_secret=s")]);
    let client = server.client("");
    let request_token = Token::new("r", "s").unwrap();
    client
        .login_with_verifier(&request_token, " \tabc 1\r\n")
        .unwrap();
    let request = server.request();
    assert!(request.contains("oauth_verifier=\"abc%201\""), "{request}");
    for blank in ["", " ", "\r\n"] {
        let error = client
            .login_with_verifier(&request_token, blank)
            .unwrap_err();
        assert_eq!(error.argument(), Some("verifier"));
        let error = client
            .login_with_code(blank, None, "https://a.example/")
            .unwrap_err();
        assert_eq!(error.argument(), Some("code"));
    }
}

#[test]
fn refreshes_a_client_credentials_token_once_after_401() {
    for method in ["GET", "POST"] {
        let server = Server::start(vec![
            unauthorized(),
            ok(GRANTED),
            ok("{}"),
            unauthorized(),
            ok(GRANTED),
            unauthorized(),
        ]);
        let client = server.client(",\"max_retries\":0");
        let token = token("client_credentials", "");
        client
            .request_json(Some(&token), method, "/x", None)
            .unwrap();
        assert!(has_bearer_token(&server.request(), "old"));
        assert!(server.request().starts_with("POST /api/v2/oauth/token "));
        assert!(has_bearer_token(&server.request(), "new"));
        assert_eq!(token.value(), "old");
        assert!(token.to_json().contains("\"new\""));
        // If the new token is refused as well, the error is returned.
        let error = client
            .request_json(Some(&token), method, "/x", None)
            .unwrap_err();
        assert_eq!(error.status(), Status::Unauthorized);
        for _ in 0..3 {
            server.request();
        }
        server.assert_no_more_requests();
    }
}

#[test]
fn returns_the_error_of_a_failed_refresh() {
    let server = Server::start(vec![
        unauthorized(),
        response("400 Bad Request", "", r#"{"error":"invalid_client"}"#),
    ]);
    let token = token("client_credentials", "");
    let error = server
        .client("")
        .request_json(Some(&token), "GET", "/x", None)
        .unwrap_err();
    assert_eq!(
        (error.status(), error.http_status()),
        (Status::Unauthorized, 400)
    );
}

/// If the refresh fails after a 401, the request was answered. If the refresh comes first, the
/// request was not sent.
#[test]
fn failed_refresh_keeps_the_outcome_of_the_request() {
    let broken = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}".to_owned();
    for (responses, more, outcome) in [
        (vec![unauthorized(), broken.clone()], "", Outcome::Answered),
        (vec![broken], ",\"expires_at\":1", Outcome::NotSent),
    ] {
        let server = Server::start(responses);
        let client = server.client(",\"max_retries\":0");
        let token = token("client_credentials", more);
        let error = client
            .request_json(Some(&token), "POST", "/x", None)
            .unwrap_err();
        assert_eq!(error.status(), Status::Transport, "{error}");
        assert_eq!(error.outcome(), outcome, "{error}");
    }
}

/// The error is then the service's.
#[test]
fn client_without_secret_does_not_refresh() {
    let server = Server::start(vec![unauthorized()]);
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let client = Client::new("acme", "key", None, Some(&options)).unwrap();
    let token = token("client_credentials", "");
    let error = client
        .request_json(Some(&token), "POST", "/x", None)
        .unwrap_err();
    assert_eq!(error.status(), Status::Unauthorized);
    assert!(error.message().contains("expired"), "{error}");
}

/// Otherwise a token of one site or key would be replaced by a token of another one, and sent
/// to the first.
#[test]
fn refreshes_a_token_only_for_the_site_and_key_that_issued_it() {
    let first = Server::start(vec![ok(GRANTED), ok("{}")]);
    let token = first.client("").login_with_client_credentials().unwrap();
    let other = Server::start(vec![unauthorized(), ok("{}")]);
    let call = |client: &Client| client.request_json(Some(&token), "GET", "/x", None);
    let error = call(&other.client("")).unwrap_err();
    assert_eq!(error.status(), Status::Unauthorized);
    other.request();
    other.assert_no_more_requests();
    call(&first.client("")).unwrap();

    let server = Server::start(vec![
        ok("{}"),
        unauthorized(),
        ok(GRANTED),
        ok("{}"),
        unauthorized(),
    ]);
    let token = self::token("client_credentials", "");
    let call = |client: &Client| client.request_json(Some(&token), "GET", "/x", None);
    let client = server.client("");
    call(&client).unwrap();
    call(&client.with_options(Some("{\"timeout_ms\":5000}")).unwrap()).unwrap();
    drop(client);
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let other_key = Client::new("acme", "other", Some("secret"), Some(&options)).unwrap();
    assert_eq!(call(&other_key).unwrap_err().status(), Status::Unauthorized);
}

/// Also if the first request succeeds, which refreshes nothing.
#[test]
fn the_first_client_that_uses_a_restored_token_counts_as_its_issuer() {
    let server = Server::start(vec![ok("{}"), unauthorized(), ok(GRANTED), ok("{}")]);
    let token = token("client_credentials", "");
    let call = |client: &Client| client.request_json(Some(&token), "GET", "/x", None);
    call(&server.client("")).unwrap();
    let options = format!("{{\"base_url\":\"{}\"}}", server.base_url);
    let other_key = Client::new("acme", "other", Some("secret"), Some(&options)).unwrap();
    assert_eq!(call(&other_key).unwrap_err().status(), Status::Unauthorized);
    (0..2).for_each(|_| drop(server.request()));
    server.assert_no_more_requests();
}

#[test]
fn rejects_a_bearer_token_as_request_token() {
    let server = Server::start(vec![ok("{}")]);
    let (client, token) = (server.client(""), token("password", ""));
    for error in [
        client.authorize_url(&token).unwrap_err(),
        client.login_with_verifier(&token, "v").unwrap_err(),
    ] {
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(error.message().starts_with("request_token:"), "{error}");
    }
    server.assert_no_more_requests();
}

#[test]
fn refreshes_user_tokens_only_with_a_refresh_token() {
    for grant in ["password", "authorization_code"] {
        let server = Server::start(vec![unauthorized()]);
        let error = server
            .client("")
            .request_json(Some(&token(grant, "")), "GET", "/x", None)
            .unwrap_err();
        assert_eq!(error.status(), Status::Unauthorized);
    }
    let granted = r#"{"access_token":"new","expires_in":3600}"#;
    let server = Server::start(vec![unauthorized(), ok(granted), ok("{}")]);
    let token = token("password", ",\"refresh_token\":\"r/1\"");
    server
        .client("")
        .request_json(Some(&token), "GET", "/x", None)
        .unwrap();
    server.request();
    assert_eq!(
        body(&server.request()),
        "grant_type=refresh_token&client_id=key&refresh_token=r%2F1&client_secret=secret"
    );
    // The token keeps the old refresh token and has the new expiry time.
    let json = token.to_json();
    assert!(
        json.contains("\"r/1\"") && json.contains("\"expires_at\":"),
        "{}",
        *json
    );
}

#[test]
fn refreshes_an_expired_token_before_sending_it() {
    let server = Server::start(vec![ok(GRANTED), ok("{}")]);
    let token = token("client_credentials", ",\"expires_at\":1000000000");
    server
        .client("")
        .request_json(Some(&token), "GET", "/x", None)
        .unwrap();
    assert!(server.request().starts_with("POST /api/v2/oauth/token "));
    assert!(has_bearer_token(&server.request(), "new"));
    // If the refresh token has expired as well, the client credentials are used.
    let server = Server::start(vec![
        response("400 Bad Request", "", r#"{"error":"invalid_grant"}"#),
        ok(GRANTED),
        ok("{}"),
    ]);
    let token = self::token(
        "client_credentials",
        ",\"expires_at\":1,\"refresh_token\":\"r\"",
    );
    server
        .client("")
        .request_json(Some(&token), "GET", "/x", None)
        .unwrap();
}

/// The callback runs on the thread that refreshes the token, which would wait for itself: a
/// request, the worker of a collection, and those of an export.
#[test]
fn rejects_use_by_the_log_callback_while_refreshing() {
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let expired = Arc::new(AtomicBool::new(false));
    let is_expired = expired.clone();
    let server = Server::with_handler(move |request| {
        if request.starts_with("POST /api/v2/oauth/token ") {
            return ok(GRANTED);
        }
        let Some((_, page)) = request.split_once("&page=") else {
            return match is_expired.load(Ordering::SeqCst) && has_bearer_token(request, "old") {
                true => unauthorized(),
                false => ok("{}"),
            };
        };
        let page = page.split(' ').next().unwrap();
        if page == "3" {
            released.lock().unwrap().recv().unwrap();
        }
        ok(&format!(
            r#"{{"response_data":{{"per_page":1,"total_records":3}},"users":[{page}]}}"#
        ))
    });
    let token = token("client_credentials", "");
    let (client, other) = (server.client(NO_TIMEOUT), server.client(NO_TIMEOUT));
    let path = "/users?per_page=1";
    let collection = Collection::new(&other, Some(&token), path, None, None).unwrap();
    (0..2).for_each(|_| drop(collection.next().unwrap().unwrap()));
    while !server.request().contains("page=3 ") {}
    let directory = std::env::temp_dir().join(format!("uservoice-{}-refresh", std::process::id()));
    let resources = "{\"resources\":[\"users\"]}";
    let export = Export::new(&other, Some(&token), &directory, resources).unwrap();
    let collection = Arc::new(collection);

    let (log_token, log_collection) = (token.clone(), collection.clone());
    let (sender, errors) = channel();
    client.set_log(LogLevel::Info, move |_, line| {
        if line.contains("/oauth/token") {
            let request = || other.request_json(Some(&log_token), "GET", "/y", None);
            sender.send(request().unwrap_err()).unwrap();
            sender.send(log_collection.next().unwrap_err()).unwrap();
            sender.send(export.next().unwrap_err()).unwrap();
        }
    });
    expired.store(true, Ordering::SeqCst);
    client
        .request_json(Some(&token), "GET", "/x", None)
        .unwrap();
    for _ in 0..3 {
        let error = errors.recv().unwrap();
        assert_eq!(error.status(), Status::InvalidArgument, "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert_eq!(error.argument(), Some("token"));
    }
    assert!(errors.try_recv().is_err());
    let requests = server.take_requests();
    assert!(!requests.iter().any(|request| request.contains("/y")));
    release.send(()).unwrap();
    assert_eq!(collection.next().unwrap().as_deref(), Some("3"));
    client.remove_log();
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn concurrent_requests_share_one_refresh() {
    let refreshes = Mutex::new(0);
    let server = Server::with_handler(move |request| {
        if request.starts_with("POST /api/v2/oauth/token ") {
            *refreshes.lock().unwrap() += 1;
            return ok(&format!(
                "{{\"access_token\":\"new{}\"}}",
                refreshes.lock().unwrap()
            ));
        }
        if has_bearer_token(request, "new1") {
            ok("{}")
        } else {
            unauthorized()
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
                    client
                        .request_json(Some(&token), "GET", "/x", None)
                        .unwrap();
                }
            });
        }
    });
    assert!(token.to_json().contains("\"new1\""));
}

#[test]
fn collection_continues_at_its_cursor_after_a_refresh() {
    let page = |ids: &str, cursor: &str| {
        ok(&format!(
            "{{\"users\":[{ids}],\"pagination\":{{\"total_records\":5,\"cursor\":{cursor}}}}}"
        ))
    };
    let server = Server::start(vec![
        page("1,2", "\"a/=\""),
        unauthorized(),
        ok(GRANTED),
        page("3", "17"),
        page("4,5", "null"),
    ]);
    let client = server.client(",\"prefetch_pages\":0");
    let token = token("client_credentials", "");
    let collection =
        Collection::new(&client, Some(&token), "/api/v2/admin/users", None, None).unwrap();
    let records: Vec<String> = std::iter::from_fn(|| collection.next().unwrap()).collect();
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
