//! API v1 and its logins over HTTP: who calls, and what a handler's answer becomes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::oauth::{self, Grant, Problem, Signature, Signed, Tokens};
use crate::request::Request;
use crate::site::{Known, Site, World, error, limited, no_route};
use crate::sso;
use crate::v1::{Call, Caller, Refusal, unauthorized};

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::NoRoute => no_route(),
            Refusal::Error {
                status,
                kind,
                message,
            } => error(status, json!({ "type": kind, "message": message })),
        }
    }
}

fn bad_request(message: String) -> Refusal {
    Refusal::Error {
        status: StatusCode::BAD_REQUEST,
        kind: "bad_request",
        message,
    }
}

fn refused(problem: Problem, now: i64) -> Response {
    let mut errors = json!({
        "type": "unauthorized",
        "message": problem.message,
        "oauth_problem": problem.name,
    });
    if problem.name == "timestamp_refused" {
        errors["server_time"] = now.into();
    }
    error(StatusCode::UNAUTHORIZED, errors)
}

/// Checks the signature of a request; `None` where it has none.
fn signature(
    site: &Site,
    tokens: &mut Tokens,
    request: &Request,
) -> Option<Result<Signature, Problem>> {
    let head = &request.head;
    let authorization = head.headers.get(header::AUTHORIZATION)?;
    let request = Signed {
        method: head.method.as_str(),
        url: &format!("{}{}", site.origin(&head.headers), head.uri.path()),
        query: head.uri.query().unwrap_or_default(),
        form: request.form().unwrap_or_default(),
        authorization: authorization.to_str().unwrap_or_default(),
    };
    let now = site.now().unix_timestamp();
    Some(oauth::verify(tokens, &request, now))
}

/// Who calls API v1: by signature, or by `client=` in the query.
fn caller(
    tokens: &Tokens,
    signature: Option<Signature>,
    query: &[(String, String)],
) -> Result<Caller, Refusal> {
    let Some(signature) = signature else {
        let client = query.iter().find(|(name, _)| name == "client");
        let key = client.and_then(|(_, key)| oauth::key(key));
        let key = key.ok_or_else(|| unauthorized("Client required: sign or give client="))?;
        return Ok(Caller {
            key: key.key,
            ..Caller::default()
        });
    };
    let user = match signature.token.and_then(|name| tokens.issued.get(&name)) {
        None => None,
        Some(token) => match token.grant {
            Grant::Access { user } => Some(user),
            Grant::Request { .. } => {
                return Err(unauthorized("A request token cannot make calls"));
            }
        },
    };
    Ok(Caller {
        signed: true,
        trusted: signature.trusted,
        key: signature.key,
        user,
        callback: signature.callback,
    })
}

fn known(world: &World, caller: &Caller) -> Known {
    let user = caller.user.and_then(|user| world.data.users.get(user));
    let name = user.map_or(caller.key, |user| &user.email);
    Known {
        signed: caller.signed,
        acting_for: Some(name.into()),
    }
}

pub async fn api(State(site): State<Arc<Site>>, request: Request) -> Response {
    let mut world = site.world();
    limited(&site, &mut world, &request, |world| {
        called(&site, world, &request)
    })
}

fn called(site: &Site, world: &mut World, request: &Request) -> Response {
    let query = request.query();
    let head = &request.head;
    let signature = signature(site, &mut world.tokens, request).transpose();
    let signature = match signature {
        Ok(signature) => signature,
        Err(problem) => return refused(problem, site.now().unix_timestamp()),
    };
    let caller = match caller(&world.tokens, signature, &query) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    let known = known(world, &caller);
    let mut answer = match format_of(head.uri.path(), &head.headers) {
        None => xml(),
        Some(path) => match request.value() {
            Err(why) => bad_request(why).into_response(),
            Ok(body) => {
                let mut call = Call {
                    data: &mut world.data,
                    tokens: &mut world.tokens,
                    caller: &caller,
                    query,
                    body,
                    site: site.origin(&head.headers),
                    sso_key: sso::KEY,
                    now: site.now(),
                };
                match super::answer(&mut call, &head.method, &path) {
                    Ok((status, json)) => (status, axum::Json(json)).into_response(),
                    Err(refusal) => refusal.into_response(),
                }
            }
        },
    };
    answer.extensions_mut().insert(known);
    answer
}

/// The path within API v1, where JSON is what the caller wants.
fn format_of(path: &str, headers: &HeaderMap) -> Option<String> {
    let path = path.strip_prefix("/api/v1/").unwrap_or(path);
    let path = percent_decode_str(path).decode_utf8_lossy();
    if let Some(path) = path.strip_suffix(".json") {
        return Some(path.into());
    }
    let accept = headers.get(header::ACCEPT)?.to_str().ok()?;
    accept.contains("application/json").then(|| path.into())
}

/// The service answers in XML where nobody asks for JSON; the sandbox says what is
/// missing instead.
fn xml() -> Response {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<errors><message>Ask for JSON: \
                a path that ends in .json, or Accept: application/json</message></errors>\n";
    ([(header::CONTENT_TYPE, "application/xml")], text).into_response()
}

/// The answers of `/oauth/`: a token and its secret as form text.
pub async fn request_token(State(site): State<Arc<Site>>, request: Request) -> Response {
    token_call(&site, &request, super::request_token)
}

pub async fn access_token(State(site): State<Arc<Site>>, request: Request) -> Response {
    token_call(&site, &request, super::access_token)
}

fn token_call(
    site: &Site,
    request: &Request,
    issue: impl FnOnce(&mut Tokens, &Signature) -> Result<(String, String), Refusal>,
) -> Response {
    let mut world = site.world();
    let signed = match signature(site, &mut world.tokens, request) {
        None => return unauthorized("Signed client required").into_response(),
        Some(Err(problem)) => return refused(problem, site.now().unix_timestamp()),
        Some(Ok(signed)) => signed,
    };
    let (token, secret) = match issue(&mut world.tokens, &signed) {
        Ok(issued) => issued,
        Err(refusal) => return refusal.into_response(),
    };
    let text = form_urlencoded::Serializer::new(String::new())
        .append_pair("oauth_token", &token)
        .append_pair("oauth_token_secret", &secret)
        .append_pair("oauth_callback_confirmed", "true")
        .finish();
    let kind = [(header::CONTENT_TYPE, "application/x-www-form-urlencoded")];
    let mut answer = (kind, text).into_response();
    answer.extensions_mut().insert(Known {
        signed: true,
        acting_for: Some(signed.key.into()),
    });
    answer
}
