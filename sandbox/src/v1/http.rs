//! The HTTP handlers of API v1 and of its OAuth token endpoints: authenticates requests and
//! converts the results of the API's handlers to responses.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::context::{Caller, Context};
use super::response::{ApiError, bad_request, unauthorized};
use super::{login, routes};
use crate::auth::credentials::find_api_key;
use crate::auth::oauth1::{self, Grant, Problem, Signature, SignedRequest, Tokens};
use crate::journal::Identity;
use crate::request::Request;
use crate::response::errors;
use crate::site::{Site, SiteState};

/// Returns the response to a request whose signature is rejected.
fn signature_error(problem: Problem, now: i64) -> Response {
    let mut body = json!({
        "type": "unauthorized",
        "message": problem.message,
        "oauth_problem": problem.name,
    });
    if problem.name == "timestamp_refused" {
        body["server_time"] = now.into();
    }
    errors(StatusCode::UNAUTHORIZED, body)
}

/// Verifies the signature of a request. Returns `None` if it has no Authorization header.
fn verify_signature(
    site: &Site,
    tokens: &mut Tokens,
    request: &Request,
) -> Option<Result<Signature, Problem>> {
    let head = &request.head;
    let authorization = head.headers.get(header::AUTHORIZATION)?;
    let request = SignedRequest {
        method: head.method.as_str(),
        url: &format!("{}{}", site.origin(&head.headers), head.uri.path()),
        query: head.uri.query().unwrap_or_default(),
        form: request.form().unwrap_or_default(),
        authorization: authorization.to_str().unwrap_or_default(),
    };
    let now = site.now().unix_timestamp();
    Some(oauth1::verify(tokens, &request, now))
}

/// Identifies the caller by the signature, or by `client=` in the query.
fn authenticate(
    tokens: &Tokens,
    signature: Option<Signature>,
    query: &[(String, String)],
) -> Result<Caller, ApiError> {
    let Some(signature) = signature else {
        let client = query.iter().find(|(name, _)| name == "client");
        let (_, key) = client.ok_or_else(|| {
            unauthorized("Client required: sign the request or add client=API_KEY")
        })?;
        let unknown = || unauthorized("Client required: the API key in client is unknown");
        let api_key = find_api_key(key).ok_or_else(unknown)?;
        return Ok(Caller {
            api_key: api_key.key,
            ..Caller::default()
        });
    };
    let user = match signature.token.and_then(|token| tokens.issued.get(&token)) {
        None => None,
        Some(token) => match token.grant {
            Grant::Access { user } => Some(user),
            Grant::Request { .. } => {
                return Err(unauthorized(
                    "A request token cannot be used to call the API",
                ));
            }
        },
    };
    Ok(Caller {
        signed: true,
        trusted: signature.trusted,
        api_key: signature.api_key,
        user,
        callback: signature.callback,
    })
}

fn identity(state: &SiteState, caller: &Caller) -> Identity {
    let user = caller.user.and_then(|user| state.data.users.get(user));
    let name = user.map_or(caller.api_key, |user| &user.email);
    Identity {
        signed: caller.signed,
        acting_as: Some(name.into()),
    }
}

/// `/api/v1/…`
pub async fn api(State(site): State<Arc<Site>>, request: Request) -> Response {
    let mut state = site.lock();
    site.rate_limited(&mut state, &request, |state| handle(&site, state, &request))
}

fn handle(site: &Site, state: &mut SiteState, request: &Request) -> Response {
    let query = request.query();
    let head = &request.head;
    let signature = verify_signature(site, &mut state.tokens, request).transpose();
    let signature = match signature {
        Ok(signature) => signature,
        Err(problem) => return signature_error(problem, site.now().unix_timestamp()),
    };
    let path = json_path(head.uri.path(), &head.headers);
    let caller = match authenticate(&state.tokens, signature, &query) {
        Ok(caller) => caller,
        // Asked for by programs that have no key.
        Err(_) if path.as_deref() == Some("clients/default") => Caller::default(),
        Err(error) => return error.into_response(),
    };
    let identity = identity(state, &caller);
    let mut response = match path {
        None => xml_response(),
        Some(path) => match request.value() {
            Err(message) => bad_request(message).into_response(),
            Ok(body) => {
                let mut ctx = Context {
                    data: &mut state.data,
                    tokens: &mut state.tokens,
                    caller: &caller,
                    query,
                    body,
                    origin: site.origin(&head.headers),
                    now: site.now(),
                };
                match routes::dispatch(&mut ctx, &head.method, &path) {
                    Ok((status, json)) => (status, axum::Json(json)).into_response(),
                    Err(error) => error.into_response(),
                }
            }
        },
    };
    response.extensions_mut().insert(identity);
    response
}

/// Returns the path below `/api/v1/` without `.json`, or `None` if the request does not ask
/// for JSON by its path or its Accept header.
fn json_path(path: &str, headers: &HeaderMap) -> Option<String> {
    let path = path.strip_prefix("/api/v1/").unwrap_or(path);
    let path = percent_decode_str(path).decode_utf8_lossy();
    if let Some(path) = path.strip_suffix(".json") {
        return Some(path.into());
    }
    let accept = headers.get(header::ACCEPT)?.to_str().ok()?;
    accept.contains("application/json").then(|| path.into())
}

/// Returns an XML document: the service responds in XML unless the request asks for JSON.
fn xml_response() -> Response {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<errors><message>Ask for JSON: \
                a path that ends in .json, or Accept: application/json</message></errors>\n";
    ([(header::CONTENT_TYPE, "application/xml")], text).into_response()
}

/// `/oauth/request_token`
pub async fn request_token(State(site): State<Arc<Site>>, request: Request) -> Response {
    token_response(&site, &request, login::request_token)
}

/// `/oauth/access_token`
pub async fn access_token(State(site): State<Arc<Site>>, request: Request) -> Response {
    token_response(&site, &request, login::access_token)
}

/// Returns the token and secret that `issue` returns, form-encoded.
fn token_response(
    site: &Site,
    request: &Request,
    issue: impl FnOnce(&mut Tokens, &Signature) -> Result<(String, String), ApiError>,
) -> Response {
    let mut state = site.lock();
    let signature = match verify_signature(site, &mut state.tokens, request) {
        None => return unauthorized("Signed client required").into_response(),
        Some(Err(problem)) => return signature_error(problem, site.now().unix_timestamp()),
        Some(Ok(signature)) => signature,
    };
    let (token, secret) = match issue(&mut state.tokens, &signature) {
        Ok(issued) => issued,
        Err(error) => return error.into_response(),
    };
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("oauth_token", &token)
        .append_pair("oauth_token_secret", &secret)
        .append_pair("oauth_callback_confirmed", "true")
        .finish();
    let headers = [(header::CONTENT_TYPE, "application/x-www-form-urlencoded")];
    let mut response = (headers, form).into_response();
    response.extensions_mut().insert(Identity {
        signed: true,
        acting_as: Some(signature.api_key.into()),
    });
    response
}
