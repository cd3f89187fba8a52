//! A site and a key: the calls.

pub(crate) mod options;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use once_cell::race::OnceBox;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use crate::auth::bearer::{Bearer, TokenSet};
use crate::auth::oauth1::Once;
use crate::auth::token::Token;
use crate::client::options::{Options, check_subdomain};
use crate::error::{Error, Outcome, Result, Status};
use crate::http::cancel::{Cancellation, Waited};
use crate::http::{Cause, Limits, Request, Response, TransportError};
use crate::process::random;
use crate::request::endpoint::{Endpoint, ProcessState};
use crate::request::log::{self, Log, LogLevel};
use crate::request::rate_limit::RateLimit;
use crate::request::response;
use crate::request::retry::{Allowance, Attempted, is_free, wait_before_retry};
use crate::request::target;
use crate::request::{Call, caller_headers};

/// A site and an API key. Clones made by [`Client::with_options`] share
/// connections, the clock's offset and the limits; each can be cancelled alone.
pub struct Client {
    pub(crate) site: Arc<Endpoint>,
    pub(crate) options: Options,
    interrupt: Arc<Cancellation>,
    user_agent: HeaderValue,
    log: OnceBox<Log>,
    /// That of the handle which this one was made from.
    inherited_log: Option<Log>,
}

/// Redirects within the site that one call follows.
const MAX_REDIRECTS: u32 = 5;

/// How an attempt shows who calls.
pub(crate) enum Auth<'a> {
    /// By a bearer token.
    Bearer(&'a TokenSet),
    /// By OAuth 1.0a, for a token or the API key alone.
    Signed(Option<&'a Token>),
}

/// What follows an attempt.
enum Step {
    Done,
    Again(Duration),
    /// At once, since a connection that was kept had ended.
    Anew,
    /// A redirect to this path and query.
    Elsewhere(String),
    /// Once more by the service's clock, in seconds since 1970.
    ByClock(i64),
    /// Once more with a token that is renewed first.
    WithNewToken,
}

/// What a call has used up, and what came of it so far.
#[derive(Default)]
struct Used {
    attempts: u32,
    retries: u32,
    redirects: u32,
    kept_one_was_gone: bool,
    clock_was_set: bool,
    token_was_renewed: bool,
    /// What came of the last attempt that was sent.
    outcome: Outcome,
}

impl Client {
    /// A client of the site `subdomain`. Without an API secret its calls are
    /// not signed and see what is public. Sends nothing yet.
    ///
    /// # Errors
    /// `InvalidArgument`, with the name of the argument or of the option.
    pub fn new(
        subdomain: &str,
        api_key: &str,
        api_secret: Option<&str>,
        options_json: Option<&str>,
    ) -> Result<Self> {
        check_subdomain(subdomain)?;
        for (name, value) in [("api_key", Some(api_key)), ("api_secret", api_secret)] {
            let good = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
            if !value.is_none_or(good) {
                return Err(Error::invalid(
                    name,
                    "must not be empty or contain control characters",
                ));
            }
        }
        let options = Options::default().with(options_json)?;
        let secret = api_secret.map(|secret| Zeroizing::new(secret.to_owned()));
        let site = Endpoint::new(subdomain, api_key, secret, &options.site)?;
        Ok(Client::on(Arc::new(site), options, Arc::default(), None))
    }

    /// Another handle of the same site, with the options of `options_json` put
    /// over this one's. Costs microseconds and shares connections unless an
    /// option says where or how to connect.
    ///
    /// # Errors
    /// `InvalidArgument`, with the name of the option.
    pub fn with_options(&self, options_json: Option<&str>) -> Result<Self> {
        let options = self.options.with(options_json)?;
        let site = if options.site == self.site.options {
            self.site.clone()
        } else {
            Arc::new(self.site.with_options(&options.site)?)
        };
        let log = self.log().cloned();
        Ok(Client::on(site, options, Arc::default(), log))
    }

    /// A handle that ends with this one's cancel, and can be ended alone.
    pub(crate) fn child(&self, log: Option<Log>) -> Self {
        let interrupt = self.interrupt.child();
        Client::on(self.site.clone(), self.options.clone(), interrupt, log)
    }

    fn on(
        site: Arc<Endpoint>,
        options: Options,
        interrupt: Arc<Cancellation>,
        inherited_log: Option<Log>,
    ) -> Self {
        const OURS: &str = concat!("uservoice-rust/", env!("CARGO_PKG_VERSION"));
        // The options were checked: what cannot stand in a header was refused.
        let theirs = options.user_agent.as_ref();
        let user_agent = theirs
            .and_then(|theirs| HeaderValue::try_from(format!("{theirs} {OURS}")).ok())
            .unwrap_or(HeaderValue::from_static(OURS));
        Client {
            site,
            options,
            interrupt,
            user_agent,
            log: OnceBox::new(),
            inherited_log,
        }
    }

    /// Has `sink` told of each attempt that this handle makes, and the handles
    /// and collections made from it from here on: one line each, without
    /// secrets, on the thread that calls. What threads of ours did for a
    /// collection is told to the next caller that uses it.
    ///
    /// # Errors
    /// `InvalidArgument` when it was called on this handle before.
    pub fn set_log(
        &self,
        level: LogLevel,
        sink: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> Result<()> {
        let set = self.log.set(Box::new(Log::new(level, sink)));
        set.map_err(|_| {
            Error::invalid(
                "client",
                "has a log callback already; set another one on a clone",
            )
        })
    }

    pub(crate) fn log(&self) -> Option<&Log> {
        self.log.get().or(self.inherited_log.as_ref())
    }

    /// Ends this handle's calls, those of its collections too, and all that it
    /// would make later. Clones go on.
    pub fn cancel(&self) {
        self.interrupt.cancel();
    }

    /// What is loaded already is not given any more, either: a caller must not take a
    /// part of a list for the whole.
    pub(crate) fn check_not_cancelled(&self) -> Result<()> {
        match self.interrupt.is_cancelled() {
            true => Err(Error::cancelled(Outcome::NotSent)),
            false => Ok(()),
        }
    }

    /// The URL that logs a person in: the page at `return_path`, or the front
    /// page, with a token of [`crate::signon::sso`].
    ///
    /// # Errors
    /// `InvalidArgument`, with the name of the argument.
    pub fn sso_url(&self, token: &str, return_path: Option<&str>) -> Result<String> {
        let in_url = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
        if token.is_empty() || !token.bytes().all(in_url) {
            return Err(Error::invalid(
                "token",
                "must be a percent-encoded single sign-on token",
            ));
        }
        let path = return_path.unwrap_or("/");
        let target = target::from_path(path)
            .map_err(|error| Error::invalid("return_path", error.explanation()))?;
        let separator = if target.contains('?') { '&' } else { '?' };
        Ok(self.url(&format!("{target}{separator}sso={token}")))
    }

    pub(crate) fn url(&self, target: &str) -> String {
        format!("{}{target}", self.site.origin)
    }

    /// A call whose response is JSON: `params_json` is the query for GET, HEAD
    /// and DELETE, and the body for POST, PUT and PATCH.
    ///
    /// # Errors
    /// Any [`Status`]; nothing was sent with `InvalidArgument`.
    pub fn call(
        &self,
        token: Option<&Token>,
        method: &str,
        path: &str,
        params_json: Option<&str>,
    ) -> Result<String> {
        let call = Call::new(method, path, params_json)?;
        self.perform(token, call, response::json_text)
    }

    /// A call with its whole response as JSON: status, headers and body. An error
    /// status is an response here.
    ///
    /// # Errors
    /// Any [`Status`] but those of error answers.
    pub fn request(
        &self,
        token: Option<&Token>,
        method: &str,
        path: &str,
        params_json: Option<&str>,
        headers_json: Option<&str>,
    ) -> Result<String> {
        let mut call = Call::new(method, path, params_json)?;
        call.headers = caller_headers(headers_json)?;
        self.perform(token, call, |response| Ok(response::whole(&response)))
    }

    /// Performs `call`, with all the retries that the rules allow, and reads its
    /// response with `read`. An error of either names the request; after a
    /// redirect it is the one that was redirected to.
    pub(crate) fn perform<T>(
        &self,
        token: Option<&Token>,
        mut call: Call<'_>,
        read: impl FnOnce(Response) -> Result<T>,
    ) -> Result<T> {
        let mut used = Used::default();
        let result = self.perform_within(&mut used, token, &mut call);
        let result = result.map_err(|mut error| {
            // The last attempt was not sent, but perhaps one before it.
            if error.outcome == Outcome::NotSent {
                error.outcome = used.outcome;
            }
            error
        });
        let result = result.and_then(read);
        result.map_err(|error| error.of_request(call.method, &call.target))
    }

    fn perform_within(
        &self,
        used: &mut Used,
        token: Option<&Token>,
        call: &mut Call<'_>,
    ) -> Result<Response> {
        let bearer = token.and_then(Token::bearer);
        match bearer {
            None => self.add_key_of_unsigned(token, call)?,
            Some(_) => self.check_confidential()?,
        }
        let shared = self.site.shared();
        loop {
            self.check_not_cancelled()?;
            let access = self.access_of(bearer)?;
            let held = self.wait_for_limit(&shared.rate_limit)?;
            let begun = Instant::now();
            let who = match &access {
                Some(access) => Auth::Bearer(access),
                None => Auth::Signed(token),
            };
            let result = self.attempt(shared, &who, call);
            let took = begun.elapsed();
            used.attempts += 1;
            shared.learn(&result);
            used.note(&result);
            let renewable = bearer.is_some_and(|bearer| self.can_renew(bearer));
            let step = self.step_after(call, &result, used, renewable, shared)?;
            if let Some(log) = self.log() {
                log.tell(&log::Attempt {
                    method: call.method,
                    target: &call.target,
                    result: &result,
                    number: used.attempts,
                    held,
                    took,
                    wait: step.wait(),
                });
            }
            match step {
                Step::Done => return result.map_err(|failure| self.error_of(failure)),
                Step::Again(wait) => {
                    self.sleep(wait)?;
                    used.retries += 1;
                }
                Step::Anew => used.kept_one_was_gone = true,
                Step::Elsewhere(target) => {
                    call.target = target;
                    if bearer.is_none() {
                        self.add_key_of_unsigned(token, call)?;
                    }
                    used.redirects += 1;
                }
                Step::ByClock(server_time) => {
                    self.site.set_clock(server_time);
                    used.clock_was_set = true;
                }
                Step::WithNewToken => {
                    if let (Some(bearer), Some(access)) = (bearer, &access) {
                        self.renew(bearer, access)?;
                    }
                    used.token_was_renewed = true;
                }
            }
        }
    }

    /// The bearer token to send, renewed before it ends where that is known.
    fn access_of(&self, bearer: Option<&Bearer>) -> Result<Option<Arc<TokenSet>>> {
        let Some(bearer) = bearer else {
            return Ok(None);
        };
        let access = bearer.access();
        if bearer.has_expired(self.site.now()) && self.can_renew(bearer) {
            self.renew(bearer, &access)?;
        }
        Ok(Some(bearer.access()))
    }

    /// Whether the token can be renewed without a person, by this client: another site
    /// or key would make another's token of it.
    fn can_renew(&self, bearer: &Bearer) -> bool {
        let by_key = self.site.consumer_secret.is_some();
        bearer.is_renewable(by_key) && bearer.is_of(&self.site.origin, &self.site.consumer_key)
    }

    fn renew(&self, bearer: &Bearer, stale: &Arc<TokenSet>) -> Result<()> {
        let is_cancelled = || self.interrupt.is_cancelled();
        let timeout = self.options.timeout;
        let renewed = bearer.renew(stale, timeout, is_cancelled, || self.renewed(bearer, stale));
        renewed.map_err(|mut error| {
            // What came of the renewal says nothing about the call.
            error.outcome = Outcome::NotSent;
            error
        })
    }

    /// What is sent as it is goes over https, or stays on this machine.
    pub(crate) fn check_confidential(&self) -> Result<()> {
        if self.site.origin.is_https() || self.site.origin.is_loopback() {
            return Ok(());
        }
        Err(Error::invalid(
            "client",
            "must use https or a loopback host: OAuth 2 sends its secrets in requests",
        ))
    }

    fn step_after(
        &self,
        call: &Call<'_>,
        result: &std::result::Result<Response, TransportError>,
        used: &Used,
        renewable: bool,
        shared: &ProcessState,
    ) -> Result<Step> {
        if let Ok(response) = result {
            if used.redirects < MAX_REDIRECTS
                && let Some(target) = self.redirect(call, response)
            {
                return Ok(Step::Elsewhere(target));
            }
            if response.status < 400 {
                return Ok(Step::Done);
            }
        }
        let server_time = result.as_ref().ok().and_then(response::refused_clock);
        let attempted = match result {
            Ok(response) => Attempted::Answered {
                status: response.status,
                retry_after: response::retry_after(response),
                clock_refused: server_time.is_some(),
                token_renewable: renewable,
            },
            Err(failure) => Attempted::Failed(failure),
        };
        let allowance = Allowance {
            retries_left: self.options.max_retries.saturating_sub(used.retries),
            retries: used.retries,
            kept_one_was_gone: used.kept_one_was_gone,
            clock_was_set: used.clock_was_set,
            token_was_renewed: used.token_was_renewed,
            max_wait: self.options.max_retry_wait,
        };
        if is_free(call.method, attempted, allowance) {
            return Ok(Step::Anew);
        }
        let wait = wait_before_retry(call.method, attempted, allowance, random::jitter()?);
        Ok(match (wait, server_time) {
            (Some(_), Some(server_time)) => Step::ByClock(server_time),
            (Some(_), None) if renewable && attempted.status() == Some(401) => Step::WithNewToken,
            (Some(wait), None) if shared.pay_for_retry() => Step::Again(wait),
            _ => Step::Done,
        })
    }

    fn attempt(
        &self,
        shared: &ProcessState,
        who: &Auth<'_>,
        call: &Call<'_>,
    ) -> std::result::Result<Response, TransportError> {
        let headers = self.headers(shared, who, call)?;
        check_head(call, &headers)?;
        let request = Request {
            method: call.method,
            uri: self.site.uri(&call.target).map_err(not_http)?,
            headers,
            body: call.body,
        };
        let limits = Limits {
            timeout: self.options.timeout,
            connect_timeout: self.options.connect_timeout,
            max_response_bytes: self.options.max_response_bytes,
            interrupt: &self.interrupt,
        };
        shared.connections.exchange(request, &limits)
    }

    fn headers(
        &self,
        shared: &ProcessState,
        who: &Auth<'_>,
        call: &Call<'_>,
    ) -> std::result::Result<HeaderMap, TransportError> {
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        const API_CLIENT: HeaderName = HeaderName::from_static("api-client");
        const OURS: HeaderValue =
            HeaderValue::from_static(concat!("uservoice-rust-", env!("CARGO_PKG_VERSION")));

        let mut headers = HeaderMap::with_capacity(8 + call.headers.len());
        headers.insert(header::ACCEPT, JSON);
        headers.insert(header::CONTENT_TYPE, JSON);
        headers.insert(API_CLIENT, OURS);
        headers.insert(header::USER_AGENT, self.user_agent.clone());
        for (name, value) in &call.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(not_http)?;
            headers.insert(name, HeaderValue::from_str(value).map_err(not_http)?);
        }
        if let Some(authorization) = self.authorization(shared, who, call)? {
            // Not copied, and wiped when ureq is done with it.
            let secret = Bytes::from_owner(authorization);
            let mut value = HeaderValue::from_maybe_shared(secret).map_err(not_http)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(headers)
    }

    pub(crate) fn authorization(
        &self,
        shared: &ProcessState,
        who: &Auth<'_>,
        call: &Call<'_>,
    ) -> std::result::Result<Option<Zeroizing<String>>, TransportError> {
        let token = match who {
            Auth::Bearer(access) => {
                let header = ["Bearer ", &access.value].concat();
                return Ok(Some(Zeroizing::new(header)));
            }
            Auth::Signed(token) => token.and_then(Token::signing),
        };
        let Some(signer) = self
            .site
            .signer
            .as_ref()
            .filter(|_| !call.credentials_in_body)
        else {
            return Ok(None);
        };
        let nonce = shared.nonces.next();
        let once = Once {
            nonce: &nonce
                .map_err(|error| TransportError::of_request(error.message().to_owned()))?,
            timestamp: self.site.now(),
        };
        let extra = &call.oauth;
        let header = signer.authorization(token.as_ref(), call.method, &call.target, extra, &once);
        Ok(Some(Zeroizing::new(header)))
    }

    fn add_key_of_unsigned(&self, token: Option<&Token>, call: &mut Call<'_>) -> Result<()> {
        if self.site.consumer_secret.is_some() || call.credentials_in_body {
            return Ok(());
        }
        if token.is_some() || !call.oauth.is_empty() {
            return Err(Error::invalid(
                "client",
                "must have an API secret to use a token",
            ));
        }
        if !target::has_key(&call.target, "client") {
            target::add_pair(&mut call.target, "client", &self.site.consumer_key);
        }
        Ok(())
    }

    /// Where a redirect leads, when it may be followed: a reading call, within
    /// the same origin.
    fn redirect(&self, call: &Call<'_>, response: &Response) -> Option<String> {
        if !matches!(response.status, 301 | 302 | 303 | 307 | 308)
            || !matches!(call.method, "GET" | "HEAD")
        {
            return None;
        }
        let location = response.header("location")?;
        let location = location.split('#').next().unwrap_or(location);
        target::from_path(self.site.origin.target_of(location)?).ok()
    }

    /// Waits until the rate limit has room for a call, and takes it. Gives how
    /// long that took.
    fn wait_for_limit(&self, limit: &RateLimit) -> Result<Duration> {
        let begun = Instant::now();
        let mut held = Duration::ZERO;
        while let Err(until) = limit.take() {
            let wait = until.saturating_duration_since(Instant::now());
            if wait > self.options.max_retry_wait {
                let message = format!("the rate limit is used up for {} s", wait.as_secs());
                let mut error = Error::new(Status::RateLimited, Outcome::NotSent, message);
                error.retry_after = Some(wait);
                return Err(error);
            }
            if self.interrupt.wait_until(until, || None::<()>) == Waited::Cancelled {
                return Err(Error::cancelled(Outcome::NotSent));
            }
            held = begun.elapsed();
        }
        Ok(held)
    }

    fn sleep(&self, wait: Duration) -> Result<()> {
        let until = Instant::now() + wait;
        match self.interrupt.wait_until(until, || None::<()>) {
            Waited::Cancelled => Err(Error::cancelled(Outcome::NotSent)),
            _ => Ok(()),
        }
    }

    fn error_of(&self, failure: TransportError) -> Error {
        if let Cause::TooLong(argument) = failure.cause {
            return Error::invalid(argument, failure.message);
        }
        let status = match failure.cause {
            Cause::Connection | Cause::Refused => Status::Transport,
            Cause::TimedOut => Status::Timeout,
            Cause::Cancelled => Status::Cancelled,
            Cause::BadAnswer => Status::BadResponse,
            Cause::TooLong(_) => Status::InvalidArgument,
        };
        let message = match failure.cause {
            Cause::Cancelled | Cause::TooLong(_) => failure.message.clone(),
            _ => format!("{}: {}", self.site.name(), failure.message),
        };
        let mut error = Error::new(status, outcome_of(&failure), message);
        error.http_status = failure.http_status;
        error
    }
}

/// A part of a request that cannot stand there. Neither its text nor the error's is
/// told: it may hold a secret.
fn not_http<E>(_: E) -> TransportError {
    TransportError::of_request("the request is not valid HTTP".to_owned())
}

/// No server takes a head of that length, and ureq none of more than twice that.
const MAX_HEAD: usize = 64_000;

fn check_head(call: &Call<'_>, headers: &HeaderMap) -> std::result::Result<(), TransportError> {
    let length = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
    let of_headers: usize = headers.iter().map(length).sum();
    if call.target.len() + of_headers <= MAX_HEAD {
        return Ok(());
    }
    let of_caller: usize = call.headers.iter().map(|(_, value)| value.len()).sum();
    let (argument, what) = if call.target.len() > MAX_HEAD / 2 {
        ("path", "is too long, with the params")
    } else if of_caller > MAX_HEAD / 4 {
        ("headers", "are too long")
    } else {
        let what = "is too long for a header, or the API key, a callback or the user_agent is";
        ("token", what)
    };
    Err(TransportError {
        cause: Cause::TooLong(argument),
        ..TransportError::of_request(format!(
            "{what}: a request has at most {MAX_HEAD} bytes besides its body"
        ))
    })
}

fn outcome_of(failure: &TransportError) -> Outcome {
    match (failure.sent, failure.cause) {
        (false, _) => Outcome::NotSent,
        (true, Cause::BadAnswer) => Outcome::Answered,
        (true, _) => Outcome::Unknown,
    }
}

impl Step {
    /// How long until the next attempt, if there is to be one.
    fn wait(&self) -> Option<Duration> {
        match self {
            Step::Done => None,
            Step::Again(wait) => Some(*wait),
            Step::Anew | Step::Elsewhere(_) | Step::ByClock(_) | Step::WithNewToken => {
                Some(Duration::ZERO)
            }
        }
    }
}

impl Used {
    fn note(&mut self, result: &std::result::Result<Response, TransportError>) {
        match result {
            Ok(_) => self.outcome = Outcome::Answered,
            Err(failure) if failure.sent => self.outcome = outcome_of(failure),
            Err(_) => {}
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("origin", &self.site.origin.to_string())
            .finish_non_exhaustive()
    }
}
