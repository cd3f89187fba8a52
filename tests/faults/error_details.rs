//! An error names its request and keeps the headers of its response.

use uservoice::{Client, Collection, Outcome, Status};

use crate::server::{Server, ok, response};

const ID: &str = "X-Request-Id: 7f3\r\n";

#[test]
fn error_response_names_its_request_and_keeps_its_headers() {
    let server = Server::start(vec![response("404 Not Found", ID, "{}")]);
    let client = server.client("");
    let error = client
        .request_json(
            None,
            "GET",
            "/api/v1/forums/9?a=b",
            Some(r#"{"c":"hidden"}"#),
        )
        .unwrap_err();
    assert_eq!(error.status(), Status::NotFound);
    assert_eq!(error.request(), Some("GET /api/v1/forums/9"));
    assert_eq!(error.message(), "GET /api/v1/forums/9: HTTP 404");
    assert_eq!(error.argument(), None);
    assert_eq!(error.header("x-request-id").as_deref(), Some("7f3"));
    assert_eq!(error.header("X-Missing"), None);
}

#[test]
fn malformed_response_names_its_request_and_keeps_its_headers() {
    let server = Server::start(vec![
        response("200 OK", ID, "<html>"),
        response("200 OK", ID, "{}"),
    ]);
    let client = server.client("");
    let error = client.request_json(None, "PUT", "/a", None).unwrap_err();
    assert_eq!(error.request(), Some("PUT /a"));
    assert_eq!(error.header("X-Request-ID").as_deref(), Some("7f3"));
    let users = Collection::new(&client, None, "/users", None, None).unwrap();
    let error = users.next().unwrap_err();
    assert_eq!(error.status(), Status::BadResponse);
    assert_eq!(error.request(), Some("GET /users"));
    assert_eq!(error.header("X-Request-ID").as_deref(), Some("7f3"));
}

#[test]
fn transport_error_names_its_request() {
    let options = r#"{"base_url":"http://127.0.0.1:1","max_retries":0}"#;
    let client = Client::new("acme", "key", Some("secret"), Some(options)).unwrap();
    let error = client.request_json(None, "POST", "/a?b", None).unwrap_err();
    assert_eq!(error.status(), Status::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.message().starts_with("POST /a: http"), "{error}");
    assert_eq!(error.header("Date"), None);
    client.cancel();
    let error = client.request_json(None, "GET", "/a", None).unwrap_err();
    assert_eq!(error.message(), "GET /a: the call was cancelled");
}

#[test]
fn redirected_request_is_named_after_its_redirect() {
    let server = Server::start(vec![
        response("302 Found", "Location: /b?c=d\r\n", ""),
        response("404 Not Found", "", ""),
    ]);
    let error = server
        .client("")
        .request_json(None, "GET", "/a", None)
        .unwrap_err();
    assert_eq!(error.message(), "GET /b: HTTP 404");
}

#[test]
fn failed_login_names_the_token_request() {
    let server = Server::start(vec![response("401 Unauthorized", ID, "")]);
    let error = server.client("").request_token().unwrap_err();
    assert_eq!(error.request(), Some("POST /oauth/request_token"));
    assert_eq!(error.header("X-Request-Id").as_deref(), Some("7f3"));
}

#[test]
fn code_without_pkce_is_exchanged_without_a_verifier() {
    let server = Server::start(vec![ok(r#"{"access_token":"t"}"#)]);
    let client = server.client("");
    client
        .login_with_code("c", None, "https://a.example/")
        .unwrap();
    assert!(!server.request().contains("code_verifier"));
    let empty = client.login_with_code("c", Some(""), "https://a.example/");
    assert_eq!(empty.unwrap_err().argument(), Some("code_verifier"));
}
