//! What comes from outside, for fuzzers: there is none of this in the library that
//! users get. Each function panics where a promise is not kept.
#![allow(missing_docs)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::IgnoredAny;
use ureq::http::{HeaderMap, HeaderValue, Uri};

use crate::auth::bearer::TokenSet;
use crate::auth::oauth1::{NonceAndTimestamp, Signer};
use crate::client::options::Options;
use crate::collection::page::{Page, Paging};
use crate::encoding::json::Object;
use crate::http::Response;
use crate::request::Request;
use crate::request::rate_limit::RateLimit;
use crate::request::response;
use crate::request::retry::{
    RetryPolicy, RetryState, parse_retry_after, retry_after as retry_after_of,
};
use crate::request::target;
use crate::{Token, sso, webhook};

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The parts of an input before and after its first line end.
fn split(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// A status, headers and a body, as they follow one another in an response.
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
    let make = || {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(names[usize::from(*header) % names.len()], value.clone());
            headers.insert("date", value);
        }
        Response {
            status: statuses[usize::from(*status) % statuses.len()],
            headers,
            body: body.to_vec(),
        }
    };
    assert!(is_json(&response::whole(&make())));
    retry_after_of(&make());
    RateLimit::default().update(&make());
    for method in ["GET", "POST"] {
        let origin = Options::default().endpoint.origin.of_site("acme").unwrap();
        let policy = RetryPolicy {
            method,
            origin: &origin,
            max_retries: 1,
            max_wait: Duration::from_secs(60),
            can_refresh_token: true,
        };
        policy.next_step(&Ok(make()), &RetryState::default(), 1.0);
    }
    match response::json_text(make()) {
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

/// A list's path and its response.
pub fn page(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (target, text) = split(text);
    let Ok(page) = Page::read(Response::of(200, text), target) else {
        return;
    };
    assert_eq!(page.text(), text);
    for index in 0..page.len() {
        assert!(page.record(index).is_some_and(is_json));
    }
    if page.len() > 0 {
        assert!(is_json(&page.array(0..page.len())));
    }
    assert!(page.info().is_none_or(is_json));
    assert!(page.cursor().is_none_or(|cursor| !cursor.is_empty()));
    assert_ne!(page.per_page(), Some(0));
    page.total();
}

/// A token as it was kept.
pub fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(token) = Token::from_json(text) else {
        return;
    };
    assert!(!token.value().is_empty());
    let kept = token.to_json();
    assert!(is_json(&kept));
    let restored = Token::from_json(&kept).expect("a token is restored from what it gave");
    assert_eq!(restored.value(), token.value());
    assert_eq!(restored.secret(), token.secret());
}

/// What a service says to a login.
pub fn token_answer(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(token) = Token::from_response(text) {
        assert!(!token.value().is_empty());
        assert!(Token::from_json(&token.to_json()).is_ok());
    }
    if let Ok(access) = TokenSet::from_response(text, 1_700_000_000) {
        assert!(!access.access_token.chars().any(char::is_control));
    }
}

/// `options_json`.
pub fn options(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // Files are not the fuzzer's to read.
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
    let uri: Uri = text.parse().expect("an origin is a URL");
    let authority = uri.authority().expect("an origin has a host").as_str();
    assert!(!authority.contains(['@', '/', '\\', '?', '#', ' ', '%']));
    assert!(text.ends_with(authority));
    assert_eq!(origin.target_of(&format!("{text}/a?b")), Some("/a?b"));
    assert_eq!(origin.target_of("https://evil.example/a"), None);
}

/// A single sign-on token of either kind, and a user to make one of.
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
        let user = sso::decrypt("acme", KEY, &token).expect("what we made is read");
        let kept = text.trim().strip_suffix('}').unwrap_or(text);
        assert!(user.starts_with(kept));
    }
    if let Ok(token) = sso::jwt(KEY, text, 60) {
        sso::jwt_verify("another key", &token, 60).expect_err("it was signed with another key");
    }
}

/// A web hook's body, and a signature.
pub fn web_hook(data: &[u8]) {
    if let Ok(event) = webhook::read("key", data) {
        assert!(is_json(&event));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let (signature, data) = split(text);
        // Nobody guesses one.
        assert!(webhook::verify("key", data.as_bytes(), signature).is_err());
    }
}

/// `Retry-After` and the like.
pub fn retry_after(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    if let Some(wait) = parse_retry_after(text, now) {
        assert!(SystemTime::now().checked_add(wait).is_some() || wait.as_secs() > 1 << 40);
    }
}

/// A path, and parameters for it.
pub fn request(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (path, params) = split(text);
    let params = Some(params).filter(|params| !params.is_empty());
    let _ = Request::new("POST", path, params);
    let Ok(call) = Request::new("GET", path, params) else {
        return;
    };
    let origin = "https://acme.uservoice.com";
    let sent = &call.target;
    assert!(sent.starts_with('/') && !sent.starts_with("//"));
    assert!(sent.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(!sent.contains(['\\', '#']));
    // Sent as it is, or encoded to the same.
    assert_eq!(target::from_path(sent).ok().as_ref(), Some(sent));
    if let Ok(uri) = format!("{origin}{sent}").parse::<Uri>() {
        let authority = uri.authority().map(|authority| authority.as_str());
        assert_eq!(authority, Some("acme.uservoice.com"));
    }
    let token = Token::new("token", "secret").expect("a token");
    let once = NonceAndTimestamp {
        nonce: "nonce",
        timestamp: 1_700_000_000,
    };
    let extra = [("oauth_verifier", path)];
    let signer = Signer::new(origin, "key", "secret");
    let header = signer.authorization(token.signing_token().as_ref(), "GET", sent, &extra, &once);
    assert!(HeaderValue::from_str(&header).is_ok());
    if let Ok(paging) = Paging::of(sent) {
        assert!(paging.target.starts_with('/') && paging.first_page > 0);
    }
}
