//! The rate limit: a fixed number of requests per minute.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The current minute, and how much of the limit it has used.
#[derive(Default)]
pub struct Window {
    resets_at: i64,
    used: u64,
}

/// The limit is used up.
pub struct Exceeded;

impl Window {
    /// Counts a request of this cost.
    pub fn count(&mut self, limit: u64, cost: u64, now: i64) -> Result<(), Exceeded> {
        if now >= self.resets_at {
            self.resets_at = now + 60;
            self.used = 0;
        }
        if self.used >= limit {
            return Err(Exceeded);
        }
        self.used += cost;
        Ok(())
    }

    /// Returns the headers that describe the window.
    pub fn headers(&self, limit: u64) -> HeaderMap {
        let remaining = limit.saturating_sub(self.used);
        let mut headers = HeaderMap::new();
        headers.insert("x-rate-limit-limit", HeaderValue::from(limit));
        headers.insert("x-rate-limit-remaining", HeaderValue::from(remaining));
        headers.insert("x-rate-limit-reset", HeaderValue::from(self.resets_at));
        headers
    }

    /// Returns the response to a request that exceeds the limit. It is not JSON: at the
    /// service it comes from a proxy in front of the application. `Retry-After` is the Unix
    /// timestamp of the next window, as at the service, and not a number of seconds.
    pub fn too_many_requests(&self, limit: u64) -> Response {
        let mut headers = self.headers(limit);
        headers.insert(header::RETRY_AFTER, self.resets_at.into());
        (StatusCode::TOO_MANY_REQUESTS, headers, "Too Many Requests").into_response()
    }
}
