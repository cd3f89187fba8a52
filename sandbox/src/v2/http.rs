//! The HTTP handlers of API v2 and of its token endpoint.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::dispatch::{Authenticated, dispatch};
use super::input::Body;
use crate::auth::oauth2::Fields;
use crate::data::Id;
use crate::journal::Identity;
use crate::request::Request;
use crate::site::{Site, SiteState};

/// `/api/v2/admin/…`
pub async fn api(State(site): State<Arc<Site>>, request: Request) -> Response {
    let mut state = site.lock();
    site.rate_limited(&mut state, &request, |state| handle(&site, state, &request))
}

/// Returns the user of the bearer token, or `None` if the request has no valid token.
fn authenticate(state: &SiteState, request: &Request, now: OffsetDateTime) -> Option<Id> {
    let authorization = request.head.headers.get(header::AUTHORIZATION)?;
    let token = authorization.to_str().ok()?.strip_prefix("Bearer ")?;
    state.bearer_tokens.user(token, now.unix_timestamp())
}

fn handle(site: &Site, state: &mut SiteState, request: &Request) -> Response {
    let now = site.now();
    let Some(user) = authenticate(state, request, now) else {
        let reason = match request.head.headers.contains_key(header::AUTHORIZATION) {
            true => "The token is unknown or has expired",
            false => "A bearer token is required",
        };
        return message(StatusCode::UNAUTHORIZED, reason);
    };
    let identity = Identity {
        signed: true,
        acting_as: state.data.users.get(user).map(|user| user.email.clone()),
    };
    let origin = site.origin(&request.head.headers);
    let mut response = match request.value() {
        Ok(Value::Null) if !request.body.is_empty() => {
            message(StatusCode::BAD_REQUEST, "The body is not an object")
        }
        Ok(body) => {
            let request = Authenticated {
                user,
                method: &request.head.method,
                path: request.head.uri.path(),
                query: request.query(),
                body: match request.is_form() {
                    true => Body::Form(with_nested_fields(body)),
                    false => Body::Json(with_nested_fields(body)),
                },
                now,
                origin: &origin,
                lenient: site.settings.lenient,
            };
            dispatch(&mut state.data, request)
        }
        Err(error) => message(StatusCode::BAD_REQUEST, &error),
    };
    response.extensions_mut().insert(identity);
    response
}

/// Returns an error response as API v2 sends it: without `errors`, unlike API v1.
fn message(status: StatusCode, text: &str) -> Response {
    (status, axum::Json(json!({ "message": text }))).into_response()
}

/// Moves the fields of a body that have a dot in their names into objects: a form has
/// `links.forum=1` where JSON has `{"links":{"forum":1}}`.
fn with_nested_fields(mut body: Value) -> Value {
    let Some(fields) = body.as_object_mut() else {
        return body;
    };
    let dotted: Vec<String> = fields
        .keys()
        .filter(|name| name.contains('.'))
        .cloned()
        .collect();
    for name in dotted {
        let value = fields.remove(&name).unwrap_or_default();
        let (object, field) = name.split_once('.').unwrap_or((&name, ""));
        let object = fields.entry(object).or_insert_with(|| json!({}));
        if let Some(object) = object.as_object_mut() {
            object.insert(field.into(), value);
        }
    }
    body
}

/// `/api/v2/oauth/token`, the token endpoint (RFC 6749, section 3.2). The service also takes its
/// parameters in the query, and old pages of its documentation separate them by semicolons.
pub async fn token(State(site): State<Arc<Site>>, request: Request) -> Response {
    let form = request.form().unwrap_or_default();
    let form = form.split(|byte| *byte == b';');
    let form = form.flat_map(|pairs| form_urlencoded::parse(pairs).into_owned());
    let fields: Fields = request.query().into_iter().chain(form).collect();
    let mut state = site.lock();
    let SiteState {
        bearer_tokens,
        data,
        ..
    } = &mut *state;
    let now = site.now().unix_timestamp();
    match bearer_tokens.grant(data, &fields, site.settings.token_ttl, now) {
        Ok(token) => axum::Json(token).into_response(),
        Err(error) => {
            let status = match error.error {
                "invalid_client" => StatusCode::UNAUTHORIZED,
                _ => StatusCode::BAD_REQUEST,
            };
            let body = json!({ "error": error.error, "error_description": error.description });
            (status, axum::Json(body)).into_response()
        }
    }
}
