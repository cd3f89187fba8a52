//! The site: its state, its places, and what the two APIs have in common.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get, post};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::data::Data;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::log::Log;
use crate::oauth::{self, Tokens};
use crate::request::Request;
use crate::v2::Bearers;
use crate::{control, pages, v1, v2};

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
    pub log: Log,
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
    /// Counts a call of that cost: how many are left, `None` past the limit.
    fn count(&mut self, limit: u64, cost: u64, now: i64) -> Option<u64> {
        if now >= self.ends {
            self.ends = now + 60;
            self.used = 0;
        }
        if self.used >= limit {
            return None;
        }
        self.used += cost;
        Some(limit.saturating_sub(self.used))
    }
}

impl Site {
    pub fn new(settings: Settings) -> Arc<Site> {
        let world = Mutex::new(World::new(&settings));
        Arc::new(Site {
            settings,
            log: Log::new(),
            world,
        })
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + time::Duration::seconds(self.settings.clock_skew)
    }

    /// Who calls, by the request's own word: nothing is checked.
    pub fn claimed(&self, head: &Parts) -> Known {
        let world = self.world();
        let authorization = head.headers.get(header::AUTHORIZATION);
        let authorization = authorization.and_then(|value| value.to_str().ok());
        let Some(authorization) = authorization else {
            let query = head.uri.query().unwrap_or_default().as_bytes();
            let client = form_urlencoded::parse(query).find(|(name, _)| name == "client");
            let key = client.and_then(|(_, key)| oauth::key(&key));
            return Known {
                signed: false,
                acting_for: key.map(|key| key.key.into()),
            };
        };
        let (key, user) = match authorization.strip_prefix("Bearer ") {
            Some(token) => (None, world.bearers.user(token, self.now().unix_timestamp())),
            None => world.tokens.claimed(authorization),
        };
        let user = user.and_then(|user| world.data.users.get(user));
        let email = user.map(|user| user.email.clone());
        let acting_for = email.or(key.map(String::from));
        Known {
            signed: acting_for.is_some(),
            acting_for,
        }
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
        .route("/api/v1/{*path}", any(v1::http::api))
        .route("/oauth/request_token", post(v1::http::request_token))
        .route("/oauth/access_token", post(v1::http::access_token))
        .route(
            "/oauth/authorize",
            get(pages::authorize).post(pages::decide),
        )
        .route("/api/v2/admin/{*path}", any(v2::http::api))
        .route("/api/v2/oauth/token", post(v2::http::bearer_token))
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
        // The whole body is here already, within a limit of the sandbox's own.
        .layer(DefaultBodyLimit::disable())
        .with_state(site)
}

/// When a request's head was here.
#[derive(Clone, Copy)]
pub struct Arrived(pub Instant);

/// What a request's handler found out about it, for the journal.
#[derive(Clone, Default)]
pub struct Known {
    pub signed: bool,
    pub acting_for: Option<String>,
}

pub fn no_route() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Page not found</title></head>\
                <body><h1>The page you were looking for does not exist.</h1></body></html>";
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

pub fn error(status: StatusCode, errors: Value) -> Response {
    (status, axum::Json(json!({ "errors": errors }))).into_response()
}

/// What a call costs: one, and one more for each whole second that it takes.
fn cost(request: &Request) -> u64 {
    let arrived = request.head.extensions.get::<Arrived>();
    1 + arrived.map_or(0, |arrived| arrived.0.elapsed().as_secs())
}

/// The answer of `call` within the rate limit.
pub fn limited(
    site: &Site,
    world: &mut World,
    request: &Request,
    call: impl FnOnce(&mut World) -> Response,
) -> Response {
    let Some(limit) = site.settings.rate_limit else {
        return call(world);
    };
    let now = site.now().unix_timestamp();
    let left = world.limit.count(limit, cost(request), now);
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
