//! Decides what follows an attempt: return, retry after a wait, follow a redirect, sign
//! again or refresh the token. One pure function, [`RetryPolicy::next_step`].

use std::time::Duration;

use crate::encoding::json::Object;
use crate::error::Outcome;
use crate::http::origin::Origin;
use crate::http::{Response, TransportError, TransportErrorKind};
use crate::request::retry_after::{parse_seconds, retry_after};
use crate::request::target;

/// What a call does after an attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NextStep {
    /// Return the response or the error.
    Done,
    Retry {
        after: Duration,
    },
    /// At once, and not counted against `max_retries`: the server had closed the pooled
    /// connection, which is not the caller's problem.
    RetryOnFreshConnection,
    /// Send the request to another path and query of the same origin.
    Redirect {
        target: String,
    },
    /// Sign with the server's clock, in seconds since 1970.
    ResignWithServerClock {
        server_time: i64,
    },
    RefreshToken,
}

impl NextStep {
    /// Returns the wait before the next attempt; `None` if there is none.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self {
            NextStep::Done => None,
            NextStep::Retry { after } => Some(*after),
            _ => Some(Duration::ZERO),
        }
    }
}

/// What one call has done so far.
#[derive(Default)]
pub(crate) struct RetryState {
    pub(crate) attempts: u32,
    retries: u32,
    redirects: u32,
    retried_on_fresh_connection: bool,
    resigned: bool,
    refreshed_token: bool,
    /// The outcome of the last attempt of which something was sent.
    pub(crate) outcome: Outcome,
    /// How the last attempt ended, if the service may have processed it nevertheless.
    last_uncertain: Option<String>,
    /// The same of an attempt before the last.
    pub(crate) earlier_uncertain: Option<String>,
}

impl RetryState {
    /// Counts an attempt, and records its outcome if something was sent.
    pub(crate) fn record_attempt(&mut self, result: &Result<Response, TransportError>) {
        self.attempts += 1;
        if let Some(earlier) = self.last_uncertain.take() {
            self.earlier_uncertain = Some(earlier);
        }
        self.last_uncertain = uncertain(result);
        match result {
            Ok(_) => self.outcome = Outcome::Answered,
            Err(error) if error.sent => self.outcome = error.outcome(),
            Err(_) => {}
        }
    }

    /// Records what follows an attempt. Each kind of step is limited per call.
    pub(crate) fn record_step(&mut self, step: &NextStep) {
        match step {
            NextStep::Done => {}
            NextStep::Retry { .. } => self.retries += 1,
            NextStep::RetryOnFreshConnection => self.retried_on_fresh_connection = true,
            NextStep::Redirect { .. } => self.redirects += 1,
            NextStep::ResignWithServerClock { .. } => self.resigned = true,
            NextStep::RefreshToken => self.refreshed_token = true,
        }
    }
}

/// Returns how an attempt ended if the service may have processed it although it did not
/// succeed.
fn uncertain(result: &Result<Response, TransportError>) -> Option<String> {
    let response = match result {
        Err(error) => return error.sent.then(|| error.message.clone()),
        Ok(response) => response,
    };
    let is_uncertain = match response.status {
        408 | 500 | 502 | 504 => true,
        503 => retry_after(response).is_none(),
        _ => false,
    };
    is_uncertain.then(|| format!("HTTP {}", response.status))
}

/// What may follow the attempts of one call.
pub(crate) struct RetryPolicy<'a> {
    pub(crate) method: &'a str,
    /// Redirects are followed within this origin.
    pub(crate) origin: &'a Origin,
    pub(crate) max_retries: u32,
    pub(crate) max_wait: Duration,
    pub(crate) can_refresh_token: bool,
}

const MAX_REDIRECTS: u32 = 5;
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(8);

impl RetryPolicy<'_> {
    /// Returns what follows an attempt with this `result`. `jitter` is a random number
    /// from 0 to 1, by which the backoff is multiplied ("full jitter").
    pub(crate) fn next_step(
        &self,
        result: &Result<Response, TransportError>,
        state: &RetryState,
        jitter: f64,
    ) -> NextStep {
        match result {
            Ok(response) => self.after_response(response, state, jitter),
            Err(error) => self.after_transport_error(error, state, jitter),
        }
    }

    fn after_response(&self, response: &Response, state: &RetryState, jitter: f64) -> NextStep {
        if state.redirects < MAX_REDIRECTS
            && let Some(target) = self.redirect_target(response)
        {
            return NextStep::Redirect { target };
        }
        let retry_after = retry_after(response);
        let is_retryable = match response.status {
            401 => return self.after_unauthorized(response, state),
            429 => true,
            503 if retry_after.is_some() => true,
            408 | 500 | 502 | 503 | 504 => self.is_idempotent(),
            _ => false,
        };
        match is_retryable {
            true => self.retry(state, retry_after, jitter),
            false => NextStep::Done,
        }
    }

    fn after_unauthorized(&self, response: &Response, state: &RetryState) -> NextStep {
        if let Some(server_time) = refused_timestamp(response) {
            return match state.resigned {
                true => NextStep::Done,
                false => NextStep::ResignWithServerClock { server_time },
            };
        }
        match self.can_refresh_token && !state.refreshed_token {
            true => NextStep::RefreshToken,
            false => NextStep::Done,
        }
    }

    fn after_transport_error(
        &self,
        error: &TransportError,
        state: &RetryState,
        jitter: f64,
    ) -> NextStep {
        use TransportErrorKind as Kind;

        if error.kind == Kind::Connection
            && error.on_stale_connection
            && self.is_idempotent()
            && !state.retried_on_fresh_connection
        {
            return NextStep::RetryOnFreshConnection;
        }
        let is_retryable = match error.kind {
            Kind::Connection | Kind::TimedOut => self.is_idempotent() || !error.sent,
            Kind::Permanent | Kind::Cancelled | Kind::InvalidResponse => false,
        };
        match is_retryable {
            true => self.retry(state, None, jitter),
            false => NextStep::Done,
        }
    }

    fn retry(&self, state: &RetryState, retry_after: Option<Duration>, jitter: f64) -> NextStep {
        let after = retry_after.unwrap_or_else(|| backoff(state.retries).mul_f64(jitter));
        match state.retries < self.max_retries && after <= self.max_wait {
            true => NextStep::Retry { after },
            false => NextStep::Done,
        }
    }

    fn is_idempotent(&self) -> bool {
        matches!(self.method, "GET" | "HEAD" | "PUT" | "DELETE")
    }

    /// Returns where a redirect leads, if it may be followed: GET or HEAD, to the same
    /// origin.
    fn redirect_target(&self, response: &Response) -> Option<String> {
        if !matches!(response.status, 301 | 302 | 303 | 307 | 308)
            || !matches!(self.method, "GET" | "HEAD")
        {
            return None;
        }
        let location = response.header("location")?;
        let location = location.split('#').next().unwrap_or(location);
        target::from_path(self.origin.target_of(location)?).ok()
    }
}

fn backoff(retries: u32) -> Duration {
    FIRST_BACKOFF
        .saturating_mul(2u32.saturating_pow(retries))
        .min(MAX_BACKOFF)
}

/// Returns the service's time, in seconds since 1970, if it refuses the signature's
/// timestamp. A time that cannot be right is ignored, since all later requests would be
/// signed with it.
fn refused_timestamp(response: &Response) -> Option<i64> {
    /// In seconds since 1970.
    const YEAR_10000: i64 = 253_402_300_800;

    let body = std::str::from_utf8(&response.body).ok()?;
    let object = Object::parse(body).ok()?;
    let errors = Object::parse(object.get("errors")?).ok()?;
    if errors.string("oauth_problem")? != "timestamp_refused" {
        return None;
    }
    let server_time = parse_seconds(errors.get("server_time")?.trim_matches('"'))?;
    let server_time = i64::try_from(server_time.as_secs()).ok()?;
    (1..YEAR_10000)
        .contains(&server_time)
        .then_some(server_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDEMPOTENT: [&str; 4] = ["GET", "HEAD", "PUT", "DELETE"];
    const NOT_IDEMPOTENT: [&str; 2] = ["POST", "PATCH"];
    const TIMESTAMP_REFUSED: &str =
        r#"{"errors":{"oauth_problem":"timestamp_refused","server_time":1350000000}}"#;

    fn origin() -> Origin {
        Origin::parse("https://acme.uservoice.com").unwrap()
    }

    /// Calls `next_step` for a policy that `change` may adapt.
    fn step_of(
        method: &str,
        result: &Result<Response, TransportError>,
        state: &RetryState,
        change: impl FnOnce(&mut RetryPolicy<'_>),
    ) -> NextStep {
        let origin = origin();
        let mut policy = RetryPolicy {
            method,
            origin: &origin,
            max_retries: 2,
            max_wait: Duration::from_secs(60),
            can_refresh_token: true,
        };
        change(&mut policy);
        policy.next_step(result, state, 1.0)
    }

    fn step(method: &str, result: &Result<Response, TransportError>) -> NextStep {
        step_of(method, result, &RetryState::default(), |_| ())
    }

    fn failed(kind: TransportErrorKind, sent: bool) -> Result<Response, TransportError> {
        Err(TransportError {
            kind,
            sent,
            on_stale_connection: false,
            head: None,
            message: String::new(),
        })
    }

    fn stale(sent: bool) -> Result<Response, TransportError> {
        failed(TransportErrorKind::Connection, sent).map_err(|error| TransportError {
            on_stale_connection: true,
            ..error
        })
    }

    fn responded(
        status: u16,
        headers: &[(&'static str, &str)],
    ) -> Result<Response, TransportError> {
        let mut response = Response::of(status, "");
        for (name, value) in headers {
            response.headers.insert(*name, value.parse().unwrap());
        }
        Ok(response)
    }

    fn retry(seconds: f64) -> NextStep {
        NextStep::Retry {
            after: Duration::from_secs_f64(seconds),
        }
    }

    #[test]
    fn only_a_retry_waits_and_only_the_end_has_no_wait() {
        assert_eq!(NextStep::Done.wait(), None);
        assert_eq!(retry(3.0).wait(), Some(Duration::from_secs(3)));
        assert_eq!(NextStep::RefreshToken.wait(), Some(Duration::ZERO));
    }

    #[test]
    fn outcome_is_that_of_the_last_attempt_that_was_sent() {
        use TransportErrorKind as Kind;

        let mut state = RetryState::default();
        for (result, outcome) in [
            (failed(Kind::Connection, false), Outcome::NotSent),
            (failed(Kind::Connection, true), Outcome::Unknown),
            (failed(Kind::Connection, false), Outcome::Unknown),
            (responded(503, &[]), Outcome::Answered),
            (failed(Kind::TimedOut, false), Outcome::Answered),
            (failed(Kind::TimedOut, true), Outcome::Unknown),
        ] {
            state.record_attempt(&result);
            assert_eq!(state.outcome, outcome, "attempt {}", state.attempts);
        }
        assert_eq!(state.attempts, 6);
    }

    #[test]
    fn retry_rules() {
        use TransportErrorKind as Kind;

        let (backoff, done) = (retry(0.5), NextStep::Done);
        let wait_3 = [("retry-after", "3")];
        // The result, and what follows for an idempotent method and for another.
        let mut rows = vec![
            (failed(Kind::Connection, false), &backoff, &backoff),
            (failed(Kind::Connection, true), &backoff, &done),
            (failed(Kind::TimedOut, false), &backoff, &backoff),
            (failed(Kind::TimedOut, true), &backoff, &done),
            (failed(Kind::Permanent, false), &done, &done),
            (failed(Kind::Cancelled, false), &done, &done),
            (failed(Kind::Cancelled, true), &done, &done),
            (failed(Kind::InvalidResponse, true), &done, &done),
            (responded(429, &[]), &backoff, &backoff),
            (responded(503, &[]), &backoff, &done),
        ];
        let wait = retry(3.0);
        rows.push((responded(429, &wait_3), &wait, &wait));
        rows.push((responded(503, &wait_3), &wait, &wait));
        // Each response reports the window. It is a reason to wait after a 429 only.
        let reset_3 = [("x-rate-limit-reset", "3")];
        rows.push((responded(429, &reset_3), &wait, &wait));
        rows.push((responded(503, &reset_3), &backoff, &done));
        for status in [408, 500, 502, 504] {
            rows.push((responded(status, &[]), &backoff, &done));
            rows.push((responded(status, &wait_3), &wait, &done));
        }
        for status in [200, 204, 301, 304, 400, 403, 404, 409, 422, 501, 505] {
            rows.push((responded(status, &wait_3), &done, &done));
        }
        for (result, idempotent, not_idempotent) in &rows {
            let description = match result {
                Ok(response) => format!("{} {:?}", response.status, response.headers),
                Err(error) => format!("{error:?}"),
            };
            for method in IDEMPOTENT {
                assert_eq!(step(method, result), **idempotent, "{method} {description}");
            }
            for method in NOT_IDEMPOTENT {
                assert_eq!(
                    step(method, result),
                    **not_idempotent,
                    "{method} {description}"
                );
            }
        }
    }

    #[test]
    fn returns_a_response_whose_wait_is_too_long() {
        for status in [408, 429, 500, 502, 503, 504] {
            let response = responded(status, &[("retry-after", "60")]);
            assert_eq!(step("GET", &response), retry(60.0), "{status}");
            let response = responded(status, &[("retry-after", "61")]);
            assert_eq!(step("GET", &response), NextStep::Done, "{status}");
        }
    }

    /// Each retry of a call waits longer than the one before.
    #[test]
    fn backs_off_longer_with_each_retry() {
        let mut state = RetryState::default();
        for seconds in [0.5, 1.0, 2.0, 4.0, 8.0, 8.0] {
            let unlimited = |policy: &mut RetryPolicy<'_>| policy.max_retries = 100;
            let step = step_of("GET", &responded(500, &[]), &state, unlimited);
            assert_eq!(step, retry(seconds));
            state.record_step(&step);
        }
    }

    #[test]
    fn remembers_an_attempt_that_may_have_been_processed() {
        use TransportErrorKind as Kind;

        let wait_3 = [("retry-after", "3")];
        for (result, expected) in [
            (failed(Kind::Connection, true), Some("")),
            (failed(Kind::TimedOut, true), Some("")),
            (failed(Kind::Connection, false), None),
            (responded(408, &[]), Some("HTTP 408")),
            (responded(502, &wait_3), Some("HTTP 502")),
            (responded(503, &[]), Some("HTTP 503")),
            (responded(503, &wait_3), None),
            (responded(429, &[]), None),
            (responded(401, &[]), None),
        ] {
            let mut state = RetryState::default();
            state.record_attempt(&result);
            assert_eq!(state.earlier_uncertain, None);
            state.record_attempt(&responded(429, &[]));
            state.record_attempt(&responded(404, &[]));
            assert_eq!(state.earlier_uncertain.as_deref(), expected);
        }
    }

    #[test]
    fn retries_at_most_max_retries_times() {
        let mut state = RetryState::default();
        for expected in [retry(3.0), retry(3.0), NextStep::Done] {
            let response = responded(429, &[("retry-after", "3")]);
            let step = step_of("GET", &response, &state, |_| ());
            assert_eq!(step, expected);
            state.record_step(&step);
        }
    }

    #[test]
    fn retries_once_on_a_fresh_connection_for_idempotent_methods() {
        let mut used = RetryState {
            retries: 2,
            ..RetryState::default()
        };
        for sent in [false, true] {
            for method in IDEMPOTENT {
                let step = step_of(method, &stale(sent), &used, |_| ());
                assert_eq!(step, NextStep::RetryOnFreshConnection, "{method}");
            }
        }
        used.record_step(&NextStep::RetryOnFreshConnection);
        used.retries = 0;
        assert_eq!(step_of("GET", &stale(true), &used, |_| ()), retry(0.5));
        assert_eq!(step("POST", &stale(false)), retry(0.5));
        assert_eq!(step("POST", &stale(true)), NextStep::Done);
        let timed_out = stale(true).map_err(|error| TransportError {
            kind: TransportErrorKind::TimedOut,
            ..error
        });
        assert_eq!(step("GET", &timed_out), retry(0.5));
    }

    #[test]
    fn resigns_once_with_the_clock_of_the_server() {
        let refused = |status| Ok(Response::of(status, TIMESTAMP_REFUSED));
        let server_time = 1_350_000_000;
        for method in ["GET", "POST"] {
            // Also if there are no retries left.
            let step = step_of(method, &refused(401), &RetryState::default(), |policy| {
                policy.max_retries = 0;
            });
            assert_eq!(step, NextStep::ResignWithServerClock { server_time });
        }
        let mut state = RetryState::default();
        state.record_step(&NextStep::ResignWithServerClock { server_time });
        let step_again = step_of("GET", &refused(401), &state, |_| ());
        assert_eq!(step_again, NextStep::Done);
        assert_eq!(step("GET", &refused(400)), NextStep::Done);
    }

    #[test]
    fn refreshes_the_token_once() {
        let unauthorized = responded(401, &[]);
        for method in ["GET", "POST"] {
            let state = RetryState::default();
            let step = step_of(method, &unauthorized, &state, |policy| {
                policy.max_retries = 0
            });
            assert_eq!(step, NextStep::RefreshToken);
            let step = step_of(method, &unauthorized, &state, |policy| {
                policy.can_refresh_token = false;
            });
            assert_eq!(step, NextStep::Done);
        }
        let mut state = RetryState::default();
        state.record_step(&NextStep::RefreshToken);
        let step_again = step_of("GET", &unauthorized, &state, |_| ());
        assert_eq!(step_again, NextStep::Done);
        assert_eq!(step("GET", &responded(403, &[])), NextStep::Done);
    }

    #[test]
    fn follows_redirects_of_get_and_head_within_the_origin() {
        let redirect = |location: &str| responded(302, &[("location", location)]);
        let target = "/b?c=d".to_owned();
        for location in ["/b?c=d", "/b?c=d#e", "https://acme.uservoice.com/b?c=d"] {
            for method in ["GET", "HEAD"] {
                let expected = NextStep::Redirect {
                    target: target.clone(),
                };
                assert_eq!(step(method, &redirect(location)), expected, "{location}");
            }
            for method in ["PUT", "DELETE", "POST", "PATCH"] {
                assert_eq!(step(method, &redirect(location)), NextStep::Done);
            }
        }
        for location in [
            "https://evil.example/b",
            "//evil.example/",
            "http://acme.uservoice.com/b",
        ] {
            assert_eq!(
                step("GET", &redirect(location)),
                NextStep::Done,
                "{location}"
            );
        }
        let mut state = RetryState::default();
        for _ in 0..MAX_REDIRECTS {
            let step = step_of("GET", &redirect("/b"), &state, |_| ());
            assert_ne!(step, NextStep::Done);
            state.record_step(&step);
        }
        assert_eq!(
            step_of("GET", &redirect("/b"), &state, |_| ()),
            NextStep::Done
        );
    }

    #[test]
    fn multiplies_the_backoff_but_not_retry_after_by_the_jitter() {
        let origin = origin();
        let policy = RetryPolicy {
            method: "GET",
            origin: &origin,
            max_retries: 1,
            max_wait: MAX_BACKOFF,
            can_refresh_token: false,
        };
        let step = |result: Result<_, _>, jitter| {
            policy.next_step(&result, &RetryState::default(), jitter)
        };
        assert_eq!(step(responded(500, &[]), 0.0), retry(0.0));
        assert_eq!(step(responded(500, &[]), 0.5), retry(0.25));
        assert_eq!(
            step(responded(500, &[("retry-after", "3")]), 0.5),
            retry(3.0)
        );
    }

    #[test]
    fn doubles_the_backoff_up_to_its_maximum() {
        let millis: Vec<_> = [0, 1, 2, 3, 4, 5, 40, u32::MAX]
            .map(|retries| backoff(retries).as_millis())
            .into();
        assert_eq!(millis, [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]);
    }
}
