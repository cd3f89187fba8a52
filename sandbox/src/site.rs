//! The emulated UserVoice site: its settings and its state.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use time::OffsetDateTime;

use crate::auth::credentials::find_api_key;
use crate::auth::oauth1::Tokens;
use crate::auth::oauth2::BearerTokens;
use crate::data::{Data, Id};
use crate::faults::Faults;
use crate::journal::{Identity, Journal};
use crate::log::Log;
use crate::rate_limit::{Exceeded, Window};
use crate::request::Request;
use crate::webhooks::Webhooks;

/// More requests per minute than a program sends: the headers are there, the limit is not met.
const DEFAULT_RATE_LIMIT: u64 = 10_000_000;

/// The command-line options that the site depends on.
pub struct Settings {
    pub records: u64,
    pub latency: Duration,
    /// Requests per minute at the start.
    pub rate_limit: Option<u64>,
    /// Seconds that the site's clock is ahead.
    pub clock_skew: i64,
    pub tls: bool,
    pub ca_file: Option<String>,
    /// Lifetime of a bearer token in seconds.
    pub token_ttl: Option<i64>,
    /// Where webhooks are sent from the start.
    pub webhook_url: Option<String>,
    /// Ignore unknown parameters of API v2.
    pub lenient: bool,
    /// Do not log requests to standard error.
    pub quiet: bool,
}

pub struct Site {
    pub settings: Settings,
    pub log: Log,
    state: Mutex<SiteState>,
}

/// The state that requests change.
pub struct SiteState {
    pub data: Data,
    pub tokens: Tokens,
    pub bearer_tokens: BearerTokens,
    pub journal: Journal,
    pub faults: Faults,
    /// Requests per minute.
    rate_limit: Option<u64>,
    /// The users who are signed in to the pages, by the value of their cookie.
    pub sessions: HashMap<String, Id>,
    rate_limit_window: Window,
    pub webhooks: Webhooks,
}

impl SiteState {
    fn new(settings: &Settings) -> SiteState {
        let data = Data::seeded(settings.records);
        SiteState {
            webhooks: Webhooks::new(settings.webhook_url.clone(), &data),
            data,
            tokens: Tokens::default(),
            bearer_tokens: BearerTokens::default(),
            journal: Journal::default(),
            faults: Faults::default(),
            rate_limit: settings.rate_limit,
            sessions: HashMap::new(),
            rate_limit_window: Window::default(),
        }
    }

    pub fn rate_limit(&self) -> Option<u64> {
        self.rate_limit
    }

    /// Changes the rate limit, and begins a new minute.
    pub fn set_rate_limit(&mut self, limit: Option<u64>) {
        self.rate_limit = limit;
        self.rate_limit_window = Window::default();
    }
}

impl Site {
    pub fn new(settings: Settings) -> Arc<Site> {
        let state = Mutex::new(SiteState::new(&settings));
        Arc::new(Site {
            settings,
            log: Log::new(),
            state,
        })
    }

    pub fn lock(&self) -> MutexGuard<'_, SiteState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Restores the initial state.
    pub fn reset(&self) {
        *self.lock() = SiteState::new(&self.settings);
    }

    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + time::Duration::seconds(self.settings.clock_skew)
    }

    /// Returns the sender that the request claims to be from, without verification.
    pub fn claimed_identity(&self, head: &Parts) -> Identity {
        let state = self.lock();
        let authorization = head.headers.get(header::AUTHORIZATION);
        let authorization = authorization.and_then(|value| value.to_str().ok());
        let Some(authorization) = authorization else {
            let query = head.uri.query().unwrap_or_default().as_bytes();
            let client = form_urlencoded::parse(query).find(|(name, _)| name == "client");
            let api_key = client.and_then(|(_, key)| find_api_key(&key));
            return Identity {
                signed: false,
                acting_as: api_key.map(|api_key| api_key.key.into()),
            };
        };
        let (api_key, user) = match authorization.strip_prefix("Bearer ") {
            Some(token) => {
                let now = self.now().unix_timestamp();
                (None, state.bearer_tokens.user(token, now))
            }
            None => state.tokens.unverified(authorization),
        };
        let user = user.and_then(|user| state.data.users.get(user));
        let email = user.map(|user| user.email.clone());
        let acting_as = email.or(api_key.map(String::from));
        Identity {
            signed: acting_as.is_some(),
            acting_as,
        }
    }

    /// Returns the origin that a request was sent to.
    pub fn origin(&self, headers: &HeaderMap) -> String {
        let scheme = if self.settings.tls { "https" } else { "http" };
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        format!("{scheme}://{}", host.unwrap_or("127.0.0.1").to_lowercase())
    }

    /// Calls `handler` unless the rate limit is exceeded, and adds the rate limit's headers
    /// to its response.
    pub fn rate_limited(
        &self,
        state: &mut SiteState,
        request: &Request,
        handler: impl FnOnce(&mut SiteState) -> Response,
    ) -> Response {
        let limit = state.rate_limit.unwrap_or(DEFAULT_RATE_LIMIT);
        // One more for each second that the request takes, as at the service.
        let cost = 1 + request.age_seconds();
        let now = self.now().unix_timestamp();
        match state.rate_limit_window.count(limit, cost, now) {
            Err(Exceeded) => state.rate_limit_window.too_many_requests(limit),
            Ok(()) => {
                let headers = state.rate_limit_window.headers(limit);
                (headers, handler(state)).into_response()
            }
        }
    }
}
