//! Entry points for the fuzz targets, one for each kind of untrusted input. Compiled only
//! with `--cfg fuzzing`. Each function panics if the code breaks one of its guarantees.
#![allow(missing_docs)]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::de::IgnoredAny;
use ureq::http::{HeaderMap, HeaderValue, Uri};

use crate::auth::bearer::TokenSet;
use crate::auth::oauth1::{NonceAndTimestamp, Signer};
use crate::client::options::Options;
use crate::collection::page::Page;
use crate::collection::paging::PagingParams;
use crate::encoding::json::Object;
use crate::http::Response;
use crate::request::Request;
use crate::request::rate_limit::RateLimit;
use crate::request::response;
use crate::request::retry::{RetryPolicy, RetryState};
use crate::request::retry_after::{parse_retry_after, retry_after as retry_after_of};
use crate::request::target;
use crate::{Token, sso, webhook};

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Splits an input at its first line feed.
fn split_line(input: &str) -> (&str, &str) {
    input.split_once('\n').unwrap_or((input, ""))
}

/// Fuzzes a response. The first byte chooses its status and the second one a header. The
/// value of the header, a line feed and the body follow.
pub fn response(data: &[u8]) {
    let [status, header, rest @ ..] = data else {
        return;
    };
    let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(0);
    let (value, body) = rest.split_at(end);
    let names = [
        "retry-after",
        "x-rate-limit-reset",
        "x-rate-limit-remaining",
    ];
    let statuses = [200, 201, 302, 401, 404, 422, 429, 500, 503];
    let build = || {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(names[usize::from(*header) % names.len()], value.clone());
            headers.insert("date", value);
        }
        Response {
            status: statuses[usize::from(*status) % statuses.len()],
            headers,
            body: body.to_vec(),
            max_bytes: 64 << 20,
            body_error: None,
        }
    };
    assert!(is_json(&response::to_json(build()).unwrap()));
    retry_after_of(&build());
    let rate_limit = RateLimit::default();
    if let Ok(permit) = rate_limit.acquire(&mut None, &Arc::default(), Duration::ZERO) {
        permit.record(&build(), Instant::now());
    }
    for method in ["GET", "POST"] {
        let origin = Options::default().endpoint.origin.of_site("acme").unwrap();
        let policy = RetryPolicy {
            method,
            target: "/api/v1/users",
            origin: &origin,
            max_retries: 1,
            max_wait: Duration::from_secs(60),
            can_refresh_token: true,
        };
        policy.next_step(&Ok(build()), &RetryState::default(), 1.0);
    }
    match response::json_text(build()) {
        Ok(text) => {
            assert!(is_json(&text));
            assert!(text == "null" || text.as_bytes() == body);
        }
        Err(error) => {
            assert!(!error.message().is_empty());
            assert!(!error.message().chars().any(char::is_control));
        }
    }
}

/// Fuzzes a page: the path of a list, a line feed, and the response body.
pub fn page(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (target, body) = split_line(text);
    let Ok(page) = Page::parse(Response::of(200, body), target) else {
        return;
    };
    assert_eq!(page.body(), body);
    for index in 0..page.len() {
        assert!(page.record(index).is_some_and(is_json));
    }
    if page.len() > 0 {
        assert!(is_json(&page.array(0..page.len()).unwrap()));
    }
    assert!(page.info().is_none_or(is_json));
    assert!(page.cursor().is_none_or(|cursor| !cursor.is_empty()));
    assert_ne!(page.per_page(), Some(0));
    page.total();
}

/// Fuzzes the JSON of a token that a program stored.
pub fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(token) = Token::from_json(text) else {
        return;
    };
    assert!(!token.value().is_empty());
    let json = token.to_json();
    assert!(is_json(&json));
    let restored = Token::from_json(&json).expect("a token can be restored from its JSON");
    assert_eq!(restored.value(), token.value());
    assert_eq!(restored.secret(), token.secret());
}

/// Fuzzes the responses of both kinds of logins.
pub fn token_response(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(token) = Token::from_response(text) {
        assert!(!token.value().is_empty());
        assert!(Token::from_json(&token.to_json()).is_ok());
    }
    if let Ok(tokens) = TokenSet::from_response(text, 1_700_000_000) {
        assert!(!tokens.access_token.chars().any(char::is_control));
    }
}

/// Fuzzes the options of a client.
pub fn options(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // Keep the fuzzer from reading files.
    if text.contains("ca_") || text.contains('\\') {
        return;
    }
    let Ok(options) = Options::default().with(Some(text)) else {
        return;
    };
    let Ok(origin) = options.endpoint.origin.of_site("acme") else {
        return;
    };
    assert!(origin.is_https() || origin.is_loopback() || text.contains("allow_insecure"));
    let text = origin.to_string();
    let uri: Uri = text.parse().expect("an origin is a valid URL");
    let authority = uri.authority().expect("an origin has a host").as_str();
    assert!(!authority.contains(['@', '/', '\\', '?', '#', ' ', '%']));
    assert!(text.ends_with(authority));
    let resolved = origin.resolve("/", &format!("{text}/a?b"));
    assert_eq!(resolved.as_deref(), Some("/a?b"));
    assert_eq!(origin.resolve("/", "https://evil.example/a"), None);
}

/// Fuzzes single sign-on: a token of either kind, and the JSON of a user.
pub fn single_sign_on(data: &[u8]) {
    const KEY: &str = "982c88f2df7257859e8e23423eg87ed";
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(user) = sso::decrypt("acme", KEY, text) {
        assert!(Object::parse(&user).is_ok());
    }
    if let Ok(claims) = sso::jwt_verify(KEY, text, 60) {
        assert!(is_json(&claims));
    }
    if let Ok(token) = sso::token("acme", KEY, text, 60) {
        let user = sso::decrypt("acme", KEY, &token).expect("a new token can be decrypted");
        let members = text.trim().strip_suffix('}').unwrap_or(text);
        assert!(user.starts_with(members));
    }
    if let Ok(token) = sso::jwt(KEY, text, 60) {
        sso::jwt_verify("another key", &token, 60).expect_err("the key is wrong");
    }
}

/// Fuzzes webhooks: a request body; and a signature, a line feed, and signed data.
pub fn webhook(data: &[u8]) {
    if let Ok(event) = webhook::read("key", data) {
        assert!(is_json(&event));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let (signature, data) = split_line(text);
        // The fuzzer cannot find a valid signature.
        assert!(webhook::verify("key", data.as_bytes(), signature).is_err());
    }
}

/// Fuzzes the value of `Retry-After` or `X-Rate-Limit-Reset`.
pub fn retry_after(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    if let Some(wait) = parse_retry_after(text, now) {
        assert!(SystemTime::now().checked_add(wait).is_some() || wait.as_secs() > 1 << 40);
    }
}

/// Fuzzes a request: a path, a line feed, and parameters.
pub fn request(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (path, params) = split_line(text);
    let params = Some(params).filter(|params| !params.is_empty());
    let _ = Request::new("POST", path, params);
    let Ok(request) = Request::new("GET", path, params) else {
        return;
    };
    let origin = "https://acme.uservoice.com";
    let sent = &request.target;
    assert!(sent.starts_with('/') && !sent.starts_with("//"));
    assert!(sent.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(!sent.contains(['\\', '#']));
    // Validating the target again must not change it.
    assert_eq!(target::from_path(sent).ok().as_ref(), Some(sent));
    if let Ok(uri) = format!("{origin}{sent}").parse::<Uri>() {
        let authority = uri.authority().map(|authority| authority.as_str());
        assert_eq!(authority, Some("acme.uservoice.com"));
    }
    let token = Token::new("token", "secret").expect("a valid token");
    let nonce_and_timestamp = NonceAndTimestamp {
        nonce: "nonce",
        timestamp: 1_700_000_000,
    };
    let extra = [("oauth_verifier", path)];
    let signer = Signer::new(origin, "key", "secret");
    let header = signer.authorization(
        token.signing_token().as_ref(),
        "POST",
        sent,
        params,
        &extra,
        &nonce_and_timestamp,
    );
    assert!(HeaderValue::from_str(&header).is_ok());
    if let Ok(paging) = PagingParams::split_from(sent) {
        assert!(paging.target.starts_with('/') && paging.first_page > 0);
    }
}
