//! The site: its state, and who may call what.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Form, Router};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::data::Data;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::oauth::{self, Grant, Problem, Signature, Signed, Tokens};
use crate::v1::{self, Call, Caller, Refusal};
use crate::v2::{self, Bearers};
use crate::{control, pages, sso};

/// How the sandbox was started.
pub struct Settings {
    pub records: u64,
    pub latency: Duration,
    /// Calls a minute.
    pub rate_limit: Option<u64>,
    /// Seconds that the site's clock is ahead.
    pub clock_skew: i64,
    pub tls: bool,
    /// Seconds that a bearer token lives.
    pub token_ttl: Option<i64>,
    /// Who is told of changes.
    pub webhook_url: Option<String>,
    /// Nothing about each request on standard error.
    pub quiet: bool,
}

pub struct Site {
    pub settings: Settings,
    world: Mutex<World>,
}

/// All that changes.
pub struct World {
    pub data: Data,
    pub tokens: Tokens,
    pub bearers: Bearers,
    pub journal: Journal,
    pub faults: Faults,
    limit: Window,
}

impl World {
    pub fn new(settings: &Settings) -> World {
        World {
            data: Data::seeded(settings.records),
            tokens: Tokens::default(),
            bearers: Bearers::default(),
            journal: Journal::default(),
            faults: Faults::default(),
            limit: Window::default(),
        }
    }
}

/// The minute that the rate limit counts.
#[derive(Default)]
struct Window {
    ends: i64,
    used: u64,
}

impl Window {
    /// Counts a call: how many are left, `None` past the limit.
    fn count(&mut self, limit: u64, now: i64) -> Option<u64> {
        if now >= self.ends {
            self.ends = now + 60;
            self.used = 0;
        }
        self.used += 1;
        limit.checked_sub(self.used)
    }
}

impl Site {
    pub fn new(settings: Settings) -> Arc<Site> {
        let world = Mutex::new(World::new(&settings));
        Arc::new(Site { settings, world })
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + time::Duration::seconds(self.settings.clock_skew)
    }

    /// The origin that a request was sent to.
    pub fn origin(&self, headers: &HeaderMap) -> String {
        let scheme = if self.settings.tls { "https" } else { "http" };
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        format!("{scheme}://{}", host.unwrap_or("127.0.0.1").to_lowercase())
    }
}

pub fn routes(site: Arc<Site>) -> Router {
    Router::new()
        .route("/api/v1/{*path}", any(api_v1))
        .route("/oauth/request_token", post(request_token))
        .route("/oauth/access_token", post(access_token))
        .route(
            "/oauth/authorize",
            get(pages::authorize).post(pages::decide),
        )
        .route("/api/v2/admin/{*path}", any(api_v2))
        .route("/api/v2/oauth/token", post(bearer_token))
        .route(
            "/api/v2/oauth/auth",
            get(pages::sign_in).post(pages::signed_in),
        )
        .route("/", get(pages::front))
        .route("/_sandbox", get(pages::overview))
        .route("/_sandbox/reset", post(control::reset))
        .route("/_sandbox/expire_tokens", post(control::expire_tokens))
        .route(
            "/_sandbox/requests",
            get(control::requests).delete(control::forget_requests),
        )
        .route(
            "/_sandbox/faults",
            get(control::faults)
                .post(control::add_faults)
                .delete(control::clear_faults),
        )
        .fallback(async || no_route())
        .with_state(site)
}

/// What a request's handler found out about it, for the journal.
#[derive(Clone, Default)]
pub struct Known {
    pub signed: bool,
    pub acting_for: Option<String>,
}

fn no_route() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Page not found</title></head>\
                <body><h1>The page you were looking for does not exist.</h1></body></html>";
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

fn error(status: StatusCode, errors: Value) -> Response {
    (status, axum::Json(json!({ "errors": errors }))).into_response()
}

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

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}

/// Checks the signature of a request; `None` where it has none.
fn signature(
    site: &Site,
    tokens: &mut Tokens,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Result<Signature, Problem>> {
    let authorization = headers.get(header::AUTHORIZATION)?;
    let form = if is_form(headers) { body } else { &[] };
    let request = Signed {
        method: method.as_str(),
        url: &format!("{}{}", site.origin(headers), uri.path()),
        query: uri.query().unwrap_or_default(),
        form: std::str::from_utf8(form).unwrap_or_default(),
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
        let key = key.ok_or_else(|| v1::unauthorized("Client required: sign or give client="))?;
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
                return Err(v1::unauthorized("A request token cannot make calls"));
            }
        },
    };
    Ok(Caller {
        signed: true,
        trusted: signature.trusted,
        key: signature.key,
        user,
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

async fn api_v1(
    State(site): State<Arc<Site>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = site.world();
    limited(&site, &mut world, |world| {
        called(&site, world, &method, &uri, &headers, &body)
    })
}

/// The answer of `call` within the rate limit.
fn limited(site: &Site, world: &mut World, call: impl FnOnce(&mut World) -> Response) -> Response {
    let Some(limit) = site.settings.rate_limit else {
        return call(world);
    };
    let left = world.limit.count(limit, site.now().unix_timestamp());
    let mut limits = limit_headers(limit, left.unwrap_or(0), world.limit.ends);
    if left.is_some() {
        return (limits, call(world)).into_response();
    }
    limits.insert(header::RETRY_AFTER, world.limit.ends.into());
    // Something in front of the application says this, without JSON.
    (StatusCode::TOO_MANY_REQUESTS, limits, "Too Many Requests").into_response()
}

fn limit_headers(limit: u64, left: u64, reset: i64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-rate-limit-limit", HeaderValue::from(limit));
    headers.insert("x-rate-limit-remaining", HeaderValue::from(left));
    headers.insert("x-rate-limit-reset", HeaderValue::from(reset));
    headers
}

fn called(
    site: &Site,
    world: &mut World,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let query: Vec<(String, String)> =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let signature = signature(site, &mut world.tokens, method, uri, headers, body).transpose();
    let signature = match signature {
        Ok(signature) => signature,
        Err(problem) => return refused(problem, site.now().unix_timestamp()),
    };
    let caller = match caller(&world.tokens, signature, &query) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    let known = known(world, &caller);
    let mut answer = match format_of(uri.path(), headers) {
        None => xml(),
        Some(path) => match parsed(headers, body) {
            Err(refusal) => refusal.into_response(),
            Ok(body) => {
                let mut call = Call {
                    data: &mut world.data,
                    tokens: &mut world.tokens,
                    caller: &caller,
                    query,
                    body,
                    site: site.origin(headers),
                    sso_key: sso::KEY,
                    now: site.now(),
                };
                match v1::answer(&mut call, method, &path) {
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
    let path = path.trim_start_matches("/api/v1/");
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

/// The body's value: JSON, or a flat object of a form's fields.
fn parsed(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    if is_form(headers) {
        let fields = form_urlencoded::parse(body).into_owned();
        return Ok(fields
            .map(|(name, value)| (name, Value::String(value)))
            .collect());
    }
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|why| Refusal::Error {
        status: StatusCode::BAD_REQUEST,
        kind: "bad_request",
        message: format!("The body is not JSON: {why}"),
    })
}

/// API v2's errors have no type.
fn message(status: StatusCode, text: &str) -> Response {
    (status, axum::Json(json!({ "message": text }))).into_response()
}

impl IntoResponse for v2::Refusal {
    fn into_response(self) -> Response {
        match self {
            v2::Refusal::Invalid(errors) => error(StatusCode::UNPROCESSABLE_ENTITY, errors),
            v2::Refusal::NotFound => message(StatusCode::NOT_FOUND, "Record not found"),
            v2::Refusal::Forbidden => message(StatusCode::FORBIDDEN, "Admin required"),
        }
    }
}

async fn api_v2(
    State(site): State<Arc<Site>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = site.world();
    limited(&site, &mut world, |world| {
        called_v2(&site, world, &method, &uri, &headers, &body)
    })
}

fn called_v2(
    site: &Site,
    world: &mut World,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let authorization = headers.get(header::AUTHORIZATION);
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
    let body = match parsed(headers, body) {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let known = Known {
        signed: true,
        acting_for: world.data.users.get(user).map(|user| user.email.clone()),
    };
    let mut call = v2::Call {
        data: &mut world.data,
        user,
        query: query.into_owned().collect(),
        body,
        now,
    };
    let path = uri.path().trim_start_matches("/api/v2/admin/");
    let path = path.strip_suffix(".json").unwrap_or(path);
    let mut answer = match v2::answer(&mut call, method, path) {
        Ok((StatusCode::NO_CONTENT, _)) => StatusCode::NO_CONTENT.into_response(),
        Ok((status, json)) => (status, axum::Json(json)).into_response(),
        Err(refusal) => refusal.into_response(),
    };
    answer.extensions_mut().insert(known);
    answer
}

/// OAuth 2's token endpoint (RFC 6749, section 3.2).
async fn bearer_token(State(site): State<Arc<Site>>, Form(fields): Form<v2::Fields>) -> Response {
    let mut world = site.world();
    let World { bearers, data, .. } = &mut *world;
    let now = site.now().unix_timestamp();
    match bearers.grant(data, &fields, site.settings.token_ttl, now) {
        Ok(token) => axum::Json(token).into_response(),
        Err(v2::Refused(error, why)) => {
            let status = match error {
                "invalid_client" => StatusCode::UNAUTHORIZED,
                _ => StatusCode::BAD_REQUEST,
            };
            let answer = json!({ "error": error, "error_description": why });
            (status, axum::Json(answer)).into_response()
        }
    }
}

/// The answers of `/oauth/`: a token and its secret as form text.
async fn request_token(
    State(site): State<Arc<Site>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    token_call(&site, &method, &uri, &headers, &body, |tokens, signed| {
        Ok(v1::request_token(tokens, signed))
    })
}

async fn access_token(
    State(site): State<Arc<Site>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    token_call(&site, &method, &uri, &headers, &body, v1::access_token)
}

fn token_call(
    site: &Site,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
    issue: impl FnOnce(&mut Tokens, &Signature) -> Result<(String, String), Refusal>,
) -> Response {
    let mut world = site.world();
    let signed = match signature(site, &mut world.tokens, method, uri, headers, body) {
        None => return v1::unauthorized("Signed client required").into_response(),
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
