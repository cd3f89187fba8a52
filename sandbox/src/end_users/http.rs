//! The HTTP handler: authenticates requests and maps their paths to functions.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::ideas;
use crate::data::{Data, Id};
use crate::journal::Identity;
use crate::request::Request;
use crate::response::errors;
use crate::site::{Site, SiteState};

/// The result of a request: a status code and the JSON of the body.
pub type ApiResult = Result<(StatusCode, Value), ApiError>;

pub enum ApiError {
    NotFound,
    /// The request needs the bearer token of a user.
    Unauthorized,
    /// From field names to what is wrong with them.
    Invalid(Value),
    /// The name of a parameter that no call has.
    Unknown(String),
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let message = |status, text: &str| (status, axum::Json(json!({ "message": text })));
        match self {
            ApiError::NotFound => {
                message(StatusCode::NOT_FOUND, "Record not found").into_response()
            }
            ApiError::Unauthorized => {
                message(StatusCode::UNAUTHORIZED, "User required").into_response()
            }
            ApiError::Invalid(fields) => errors(StatusCode::UNPROCESSABLE_ENTITY, fields),
            ApiError::Unknown(name) => {
                let known = "the Idea Collection API accepts client, page, per_page, and title and text of suggestion";
                let body = json!({
                    "message": format!("unknown parameter {name:?}: {known}"),
                    "errors": { name: "unknown" },
                });
                (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(body)).into_response()
            }
        }
    }
}

pub struct Context<'a> {
    pub data: &'a mut Data,
    /// The user of the bearer token: reading needs none.
    pub user: Option<Id>,
    pub query: Vec<(String, String)>,
    pub body: Value,
    pub now: OffsetDateTime,
}

/// `/api/end_users/…`
pub async fn api(State(site): State<Arc<Site>>, request: Request) -> Response {
    let mut state = site.lock();
    site.rate_limited(&mut state, &request, |state| handle(&site, state, &request))
}

fn handle(site: &Site, state: &mut SiteState, request: &Request) -> Response {
    let now = site.now();
    let user = match bearer_token(request) {
        None => None,
        Some(token) => match state.bearer_tokens.user(token, now.unix_timestamp()) {
            Some(user) => Some(user),
            None => return ApiError::Unauthorized.into_response(),
        },
    };
    let acting_as = user.and_then(|user| state.data.users.get(user));
    let identity = Identity {
        signed: user.is_some(),
        acting_as: acting_as.map(|user| user.email.clone()),
    };
    let body = match request.value() {
        Ok(body) => body,
        Err(error) => return errors(StatusCode::BAD_REQUEST, json!({ "message": error })),
    };
    let mut ctx = Context {
        data: &mut state.data,
        user,
        query: request.query(),
        body,
        now,
    };
    let unknown = unknown_parameter(&ctx).filter(|_| !site.settings.lenient);
    let result = match unknown {
        Some(name) => Err(ApiError::Unknown(name)),
        None => dispatch(&mut ctx, request),
    };
    let mut response = match result {
        Ok((status, json)) => (status, axum::Json(json)).into_response(),
        Err(error) => error.into_response(),
    };
    response.extensions_mut().insert(identity);
    response
}

/// Returns the bearer token of a request. Another kind of authentication counts as none.
fn bearer_token(request: &Request) -> Option<&str> {
    let authorization = request.head.headers.get(header::AUTHORIZATION)?;
    authorization.to_str().ok()?.strip_prefix("Bearer ")
}

/// Returns the name of a parameter that no call has: a program that sends one would seem right if
/// it were ignored.
fn unknown_parameter(ctx: &Context) -> Option<String> {
    let keys = |value: &Value| -> Vec<String> {
        let fields = value.as_object().into_iter();
        fields.flat_map(|fields| fields.keys().cloned()).collect()
    };
    let among = |names: Vec<String>, known: &[&str]| {
        let mut names = names.into_iter();
        names.find(|name| !known.contains(&name.as_str()))
    };
    let query = ctx.query.iter().map(|(name, _)| name.clone()).collect();
    // Programs without an API secret add `client`, as in API v1.
    among(query, &["client", "page", "per_page"])
        .or_else(|| among(keys(&ctx.body), &["suggestion"]))
        .or_else(|| among(keys(&ctx.body["suggestion"]), &["title", "text"]))
}

fn dispatch(ctx: &mut Context, request: &Request) -> ApiResult {
    let path = request.head.uri.path();
    let path = path.strip_prefix("/api/end_users/").unwrap_or(path);
    let path = path.strip_suffix(".json").unwrap_or(path);
    let parts: Vec<&str> = path.split('/').collect();
    let id = |text: &str| text.parse::<Id>().map_err(|_| ApiError::NotFound);
    // The server omits the body of a response to HEAD.
    let method = match request.head.method {
        Method::HEAD => "GET",
        ref method => method.as_str(),
    };
    match (method, parts.as_slice()) {
        ("GET", ["forums"]) => ideas::forums(ctx),
        ("GET", ["forums", forum, "ideas"]) => ideas::list(ctx, id(forum)?),
        ("POST", ["forums", forum, "ideas"]) => ideas::create(ctx, id(forum)?),
        ("GET", ["ideas", idea]) => ideas::read(ctx, id(idea)?),
        ("POST", ["forums", forum, "ideas", idea, "vote"]) => {
            ideas::set_vote(ctx, id(forum)?, id(idea)?, true)
        }
        ("DELETE", ["forums", forum, "ideas", idea, "vote"]) => {
            ideas::set_vote(ctx, id(forum)?, id(idea)?, false)
        }
        _ => Err(ApiError::NotFound),
    }
}
