//! The HTTP handlers of API v2 and of its token endpoint.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::context::{Context, message};
use super::routes;
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
        return message(
            StatusCode::UNAUTHORIZED,
            "The token is unknown or has expired",
        );
    };
    let identity = Identity {
        signed: true,
        acting_as: state.data.users.get(user).map(|user| user.email.clone()),
    };
    let mut response = match request.value() {
        Ok(body) => {
            let mut ctx = Context {
                data: &mut state.data,
                user,
                query: request.query(),
                body: with_nested_fields(body),
                now,
                origin: site.origin(&request.head.headers),
            };
            dispatch(&mut ctx, request)
        }
        Err(error) => message(StatusCode::BAD_REQUEST, &error),
    };
    response.extensions_mut().insert(identity);
    response
}

/// Calls the handler of an authenticated request.
fn dispatch(ctx: &mut Context, request: &Request) -> Response {
    let path = request.head.uri.path();
    let path = path.strip_prefix("/api/v2/admin/").unwrap_or(path);
    let path = path.strip_suffix(".json").unwrap_or(path);
    match routes::dispatch(ctx, &request.head.method, path) {
        Ok((StatusCode::NO_CONTENT, _)) => StatusCode::NO_CONTENT.into_response(),
        Ok((status, json)) => (status, axum::Json(json)).into_response(),
        Err(error) => error.into_response(),
    }
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
/// parameters in the query.
pub async fn token(State(site): State<Arc<Site>>, request: Request) -> Response {
    let form = request.form().unwrap_or_default();
    let form = form_urlencoded::parse(form).into_owned();
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
