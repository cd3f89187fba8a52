//! The Admin API and its token endpoint over HTTP.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::data::Id;
use crate::request::Request;
use crate::site::{Known, Site, World, error, limited};
use crate::v2::{Call, Fields, Refusal, Refused};

/// API v2's errors have no type.
fn message(status: StatusCode, text: &str) -> Response {
    (status, axum::Json(json!({ "message": text }))).into_response()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::Invalid(errors) => error(StatusCode::UNPROCESSABLE_ENTITY, errors),
            Refusal::NotFound => message(StatusCode::NOT_FOUND, "Record not found"),
            Refusal::Forbidden => message(StatusCode::FORBIDDEN, "Admin required"),
        }
    }
}

pub async fn api(State(site): State<Arc<Site>>, request: Request) -> Response {
    let mut world = site.world();
    limited(&site, &mut world, &request, |world| {
        called(&site, world, &request)
    })
}

fn called(site: &Site, world: &mut World, request: &Request) -> Response {
    let authorization = request.head.headers.get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
    let now = site.now();
    let user = token.and_then(|token| world.bearers.user(token, now.unix_timestamp()));
    let Some(user) = user else {
        return message(
            StatusCode::UNAUTHORIZED,
            "The token is unknown or has expired",
        );
    };
    let known = Known {
        signed: true,
        acting_for: world.data.users.get(user).map(|user| user.email.clone()),
    };
    let mut answer = match request.value() {
        Ok(body) => answered(world, request, user, body, now),
        Err(why) => message(StatusCode::BAD_REQUEST, &why),
    };
    answer.extensions_mut().insert(known);
    answer
}

fn answered(
    world: &mut World,
    request: &Request,
    user: Id,
    body: Value,
    now: OffsetDateTime,
) -> Response {
    let mut call = Call {
        data: &mut world.data,
        user,
        query: request.query(),
        body,
        now,
    };
    let path = request.head.uri.path();
    let path = path.strip_prefix("/api/v2/admin/").unwrap_or(path);
    let path = path.strip_suffix(".json").unwrap_or(path);
    match super::answer(&mut call, &request.head.method, path) {
        Ok((StatusCode::NO_CONTENT, _)) => StatusCode::NO_CONTENT.into_response(),
        Ok((status, json)) => (status, axum::Json(json)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// OAuth 2's token endpoint (RFC 6749, section 3.2).
pub async fn bearer_token(State(site): State<Arc<Site>>, Form(fields): Form<Fields>) -> Response {
    let mut world = site.world();
    let World { bearers, data, .. } = &mut *world;
    let now = site.now().unix_timestamp();
    match bearers.grant(data, &fields, site.settings.token_ttl, now) {
        Ok(token) => axum::Json(token).into_response(),
        Err(Refused(error, why)) => {
            let status = match error {
                "invalid_client" => StatusCode::UNAUTHORIZED,
                _ => StatusCode::BAD_REQUEST,
            };
            let answer = json!({ "error": error, "error_description": why });
            (status, axum::Json(answer)).into_response()
        }
    }
}
