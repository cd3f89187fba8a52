//! One call: a request with its retries, redirects and token refreshes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::auth::Auth;
use crate::auth::bearer::{Bearer, TokenSet};
use crate::auth::token::Token;
use crate::client::Client;
use crate::error::{Error, Outcome, Result};
use crate::http::cancel::WaitResult;
use crate::http::exchange::ExchangeOptions;
use crate::http::{Response, TransportError};
use crate::process::random;
use crate::request::endpoint::RetryBudget;
use crate::request::log::Attempt;
use crate::request::retry::{NextStep, RetryPolicy, RetryState};
use crate::request::{Request, target};

impl Client {
    /// Sends a request, with the retries of [`RetryPolicy`], and returns what `read` makes
    /// of the response, which may have an error status. An error names the request; after
    /// a redirect, the one that was redirected to.
    pub(crate) fn call<T>(
        &self,
        token: Option<&Token>,
        mut request: Request<'_>,
        read: impl FnOnce(Response) -> Result<T>,
    ) -> Result<T> {
        let mut state = RetryState::default();
        let result = self.send_with_retries(token, &mut request, &mut state);
        let result = result.map_err(|mut error| {
            // The last attempt was not sent, but perhaps an earlier one was.
            if error.outcome == Outcome::NotSent {
                error.outcome = state.outcome;
            }
            error
        });
        let result = result.and_then(read);
        result.map_err(|error| {
            let error = error.of_request(request.method, &request.target);
            match state.earlier_uncertain {
                Some(end) if !request.is_read() => error.with_remark(format_args!(
                    "an earlier attempt may have been processed: {end}"
                )),
                _ => error,
            }
        })
    }

    fn send_with_retries(
        &self,
        token: Option<&Token>,
        request: &mut Request<'_>,
        state: &mut RetryState,
    ) -> Result<Response> {
        let bearer = token.and_then(Token::bearer);
        match bearer {
            Some(_) => {
                self.check_confidential()?;
                self.check_not_refreshing(token)?;
            }
            None => self.add_client_id(token, request)?,
        }
        let mut ticket = None;
        loop {
            self.check_not_stopped()?;
            // In each attempt: the log callback may fork, and the child continue the call.
            let process_state = self.endpoint.process_state();
            let token_set = bearer.map(|bearer| self.unexpired_token_set(bearer));
            let token_set = token_set.transpose()?;
            let auth = match &token_set {
                Some(token_set) => Auth::Bearer(token_set),
                None => Auth::OAuth1(token),
            };
            let max_wait = self.options.max_retry_wait;
            let rate_limit = &process_state.rate_limit;
            let permit = rate_limit.acquire(&mut ticket, &self.cancellation, max_wait)?;
            let rate_limit_wait = permit.waited;
            let http_request = match self.http_request(process_state, &auth, request) {
                Ok(http_request) => http_request,
                Err(mut error) => {
                    permit.release();
                    error.outcome = Outcome::NotSent;
                    return Err(error);
                }
            };
            let started = Instant::now();
            let result = process_state
                .connections
                .send(http_request, &self.exchange_options());
            let duration = started.elapsed();
            state.record_attempt(&result);
            let waits_in_queue = process_state.record(&result, permit, started);
            let policy = self.retry_policy(request, bearer);
            let step = next_step(&policy, &result, state, &process_state.retry_budget)?;
            self.log.record(&Attempt {
                method: request.method,
                target: &request.target,
                result: &result,
                number: state.attempts,
                rate_limit_wait,
                duration,
                retry_in: step.wait(),
            });
            state.record_step(&step);
            match step {
                NextStep::Done => return result.map_err(|error| self.endpoint.error(error)),
                NextStep::Retry { .. } if waits_in_queue => {}
                NextStep::Retry { after } => {
                    drop(result);
                    self.sleep(after)?;
                }
                NextStep::RetryOnFreshConnection => {}
                NextStep::Redirect { target } => {
                    request.target = target;
                    if bearer.is_none() {
                        self.add_client_id(token, request)?;
                    }
                }
                NextStep::ResignWithServerClock { server_time } => {
                    self.endpoint.set_server_time(server_time);
                }
                NextStep::RefreshToken => {
                    // Two responses are not in memory at once.
                    drop(result);
                    if let (Some(bearer), Some(token_set)) = (bearer, &token_set) {
                        self.refresh(bearer, token_set)?;
                    }
                }
            }
        }
    }

    fn retry_policy<'a>(
        &'a self,
        request: &'a Request<'_>,
        bearer: Option<&Bearer>,
    ) -> RetryPolicy<'a> {
        RetryPolicy {
            method: request.method,
            target: &request.target,
            origin: &self.endpoint.origin,
            max_retries: self.options.max_retries,
            max_wait: self.options.max_retry_wait,
            can_refresh_token: bearer.is_some_and(|bearer| self.can_refresh(bearer)),
        }
    }

    pub(super) fn exchange_options(&self) -> ExchangeOptions<'_> {
        ExchangeOptions {
            timeout: self.options.timeout,
            connect_timeout: self.options.connect_timeout,
            max_response_bytes: self.options.max_response_bytes,
            cancellation: &self.cancellation,
        }
    }

    /// Adds `client=API_KEY` to the query if the client has no secret to sign with.
    fn add_client_id(&self, token: Option<&Token>, request: &mut Request<'_>) -> Result<()> {
        if self.endpoint.consumer_secret.is_some() || request.credentials_in_body {
            return Ok(());
        }
        if token.is_some() || !request.oauth_parameters.is_empty() {
            return Err(Error::invalid(
                "client",
                "must have an API secret to sign this request",
            ));
        }
        if !target::has_key(&request.target, "client") {
            target::add_pair(&mut request.target, "client", &self.endpoint.consumer_key);
        }
        Ok(())
    }

    /// Returns the current token set, refreshed first if it is known to have expired.
    fn unexpired_token_set(&self, bearer: &Bearer) -> Result<Arc<TokenSet>> {
        let token_set = bearer.current();
        if !token_set.has_expired(self.endpoint.now()) || !self.can_refresh(bearer) {
            return Ok(token_set);
        }
        self.refresh(bearer, &token_set)?;
        Ok(bearer.current())
    }

    /// Returns whether this client can refresh the token without a person. Only the issuer
    /// may: another site or API key would return a token for something else. Called for each
    /// attempt, since the first use of a token can decide who its issuer is.
    fn can_refresh(&self, bearer: &Bearer) -> bool {
        let has_secret = self.endpoint.consumer_secret.is_some();
        bearer.can_refresh(has_secret)
            && bearer.is_issued_by(&self.endpoint.origin, &self.endpoint.consumer_key)
    }

    /// Fails in a callback of the call that refreshes the token: that would wait for itself,
    /// also through a worker that needs the new token.
    pub(crate) fn check_not_refreshing(&self, token: Option<&Token>) -> Result<()> {
        let bearer = token.and_then(Token::bearer);
        let is_refreshing = bearer
            .is_some_and(|bearer| bearer.is_refreshed_by_this_thread() && self.can_refresh(bearer));
        match is_refreshing {
            false => Ok(()),
            true => Err(Error::invalid(
                "token",
                "must not be used by a callback while it is refreshed",
            )),
        }
    }

    fn refresh(&self, bearer: &Bearer, stale: &Arc<TokenSet>) -> Result<()> {
        let request = || self.request_refreshed_token(bearer, stale);
        let result = bearer.refresh(stale, self.options.timeout, &self.cancellation, request);
        result.map_err(|mut error| {
            // The outcome of the refresh says nothing about the call.
            error.outcome = Outcome::NotSent;
            error
        })
    }

    fn sleep(&self, duration: Duration) -> Result<()> {
        let until = Instant::now() + duration;
        match self.cancellation.wait_until(until, || None::<()>) {
            WaitResult::Stopped(stop) => Err(stop.into()),
            _ => Ok(()),
        }
    }
}

/// Returns what follows an attempt, as [`RetryPolicy`] decides and the budget permits. A 429
/// costs no budget: it is the rate limit of a service that works.
fn next_step(
    policy: &RetryPolicy<'_>,
    result: &std::result::Result<Response, TransportError>,
    state: &RetryState,
    budget: &RetryBudget,
) -> Result<NextStep> {
    let status = result.as_ref().map_or(0, |response| response.status);
    if (200..300).contains(&status) {
        return Ok(NextStep::Done);
    }
    match policy.next_step(result, state, random::jitter()?) {
        NextStep::Retry { .. } if status != 429 && !budget.spend() => Ok(NextStep::Done),
        step => Ok(step),
    }
}
