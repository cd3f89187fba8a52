//! An origin and the API key for it: what all handles of them share.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ureq::Proxy;
use ureq::http::uri::{Authority, PathAndQuery, Scheme};
use ureq::http::{HeaderValue, Uri};
use zeroize::Zeroizing;

use crate::auth::Auth;
use crate::auth::oauth1::{NonceAndTimestamp, Signer};
use crate::auth::token::Token;
use crate::error::{Error, Result, Status};
use crate::http::origin::{Origin, OriginOptions};
use crate::http::proxy;
use crate::http::{
    ConnectionOptions, ConnectionPool, Response, TransportError, TransportErrorKind,
};
use crate::process::fork::PerProcess;
use crate::process::random::Nonces;
use crate::request::Request;
use crate::request::rate_limit::{Permit, RateLimit};
use crate::request::retry_after::retry_after;

/// Where requests go, with which API key, and how to connect.
pub(crate) struct Endpoint {
    subdomain: String,
    pub(crate) consumer_key: String,
    pub(crate) consumer_secret: Option<Zeroizing<String>>,
    /// Present if there is a secret.
    signer: Option<Signer>,
    pub(crate) origin: Origin,
    pub(crate) options: EndpointOptions,
    scheme: Scheme,
    authority: Authority,
    /// The value of the header `Host`.
    pub(crate) host: HeaderValue,
    proxy: Option<ureq::Proxy>,
    process_state: PerProcess<ProcessState>,
    /// The service's clock minus ours, in seconds.
    clock_offset: AtomicI64,
}

/// The options that decide where requests go and how to connect. Clients whose endpoint
/// options are equal share connections.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct EndpointOptions {
    pub(crate) origin: OriginOptions,
    pub(crate) connection: ConnectionOptions,
}

/// What the handles of one endpoint share within one process.
pub(crate) struct ProcessState {
    pub(crate) connections: ConnectionPool,
    pub(crate) rate_limit: Arc<RateLimit>,
    pub(crate) retry_budget: RetryBudget,
    nonces: Nonces,
}

impl Endpoint {
    pub(crate) fn new(
        subdomain: &str,
        consumer_key: &str,
        consumer_secret: Option<Zeroizing<String>>,
        options: &EndpointOptions,
    ) -> Result<Self> {
        let origin = options.origin.of_site(subdomain)?;
        let proxy = options.connection.proxy.proxy_for(&origin)?;
        if !options.origin.allow_insecure && !is_confidential(&origin, proxy.as_ref()) {
            return Err(Error::invalid(
                "options.proxy",
                "must be a loopback host for a site without https, unless \"allow_insecure\" is true",
            ));
        }
        let connections = ConnectionPool::new(&options.connection, proxy.clone());
        let (scheme, authority) = origin.parts()?;
        let host = HeaderValue::from_str(authority.as_str());
        let host = host.map_err(|_| Error::internal("a host is not valid in a header"))?;
        let signer = consumer_secret
            .as_ref()
            .map(|secret| Signer::new(&origin.to_string(), consumer_key, secret));
        let process_state = ProcessState::new(connections, &origin, consumer_key);
        Ok(Endpoint {
            subdomain: subdomain.to_owned(),
            consumer_key: consumer_key.to_owned(),
            consumer_secret,
            signer,
            scheme,
            authority,
            host,
            process_state: PerProcess::new(process_state),
            options: options.clone(),
            proxy,
            origin,
            clock_offset: AtomicI64::new(0),
        })
    }

    /// Creates an endpoint for the same site and API key with other options.
    pub(crate) fn with_options(&self, options: &EndpointOptions) -> Result<Self> {
        let secret = self.consumer_secret.clone();
        Endpoint::new(&self.subdomain, &self.consumer_key, secret, options)
    }

    pub(crate) fn process_state(&self) -> &ProcessState {
        self.process_state.get(|| {
            let connections = ConnectionPool::new(&self.options.connection, self.proxy.clone());
            ProcessState::new(connections, &self.origin, &self.consumer_key)
        })
    }

    /// Returns whether nobody on a network can read the requests.
    pub(crate) fn is_confidential(&self) -> bool {
        is_confidential(&self.origin, self.proxy.as_ref())
    }

    /// Returns the URI of a path and query; the error is that it would not be valid.
    pub(crate) fn uri(&self, target: &str) -> std::result::Result<Uri, ureq::http::Error> {
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(PathAndQuery::try_from(target)?)
            .build()
    }

    /// Returns the value of the `Authorization` header; `None` for a request that is not
    /// signed.
    pub(crate) fn authorization(
        &self,
        process_state: &ProcessState,
        auth: &Auth<'_>,
        request: &Request<'_>,
    ) -> Result<Option<Zeroizing<String>>> {
        let token = match auth {
            Auth::Bearer(token_set) => {
                let header = ["Bearer ", &token_set.access_token].concat();
                return Ok(Some(Zeroizing::new(header)));
            }
            Auth::OAuth1(token) => token.and_then(Token::signing_token),
        };
        let Some(signer) = &self.signer else {
            return Ok(None);
        };
        if request.credentials_in_body {
            return Ok(None);
        }
        let nonce = process_state.nonces.next()?;
        let nonce_and_timestamp = NonceAndTimestamp {
            nonce: nonce.as_str(),
            timestamp: self.now(),
        };
        let header = signer.authorization(
            token.as_ref(),
            request.method,
            &request.target,
            request.form(),
            &request.oauth_parameters,
            &nonce_and_timestamp,
        );
        Ok(Some(Zeroizing::new(header)))
    }

    /// Returns the service's time in seconds since 1970, as far as it is known.
    pub(crate) fn now(&self) -> i64 {
        local_time().saturating_add(self.clock_offset.load(Ordering::Relaxed))
    }

    pub(crate) fn set_server_time(&self, server_time: i64) {
        let offset = server_time.saturating_sub(local_time());
        self.clock_offset.store(offset, Ordering::Relaxed);
    }

    pub(crate) fn error(&self, error: TransportError) -> Error {
        use TransportErrorKind as Kind;

        let status = match error.kind {
            Kind::Connection | Kind::Permanent => Status::Transport,
            Kind::TimedOut => Status::Timeout,
            Kind::Cancelled => {
                return Error::new(Status::Cancelled, error.outcome(), error.message);
            }
            Kind::InvalidResponse => Status::BadResponse,
        };
        let message = format!("{}: {}", self.name(), error.message);
        let mut result = Error::new(status, error.outcome(), message);
        if let Some(head) = error.head {
            result.http_status = head.status;
            result.retry_after = retry_after(&head);
            result.headers = Some(Box::new(head.headers));
        }
        result
    }

    /// Returns how messages name the endpoint. The proxy is named too, since its failures
    /// look like the endpoint's.
    fn name(&self) -> String {
        match &self.proxy {
            None => self.origin.to_string(),
            Some(proxy) => format!(
                "{} (through the proxy {}:{})",
                self.origin,
                proxy.host(),
                proxy.port()
            ),
        }
    }
}

/// Returns whether nobody on a network can read what is sent to `origin` through `proxy`.
fn is_confidential(origin: &Origin, proxy: Option<&Proxy>) -> bool {
    origin.is_https() || origin.is_loopback() && proxy.is_none_or(proxy::is_loopback)
}

impl ProcessState {
    fn new(connections: ConnectionPool, origin: &Origin, consumer_key: &str) -> Self {
        ProcessState {
            connections,
            rate_limit: RateLimit::shared(origin.to_string(), consumer_key.to_owned()),
            retry_budget: RetryBudget::default(),
            nonces: Nonces::default(),
        }
    }

    /// Records what the result of an attempt, sent at `sent_at`, says about the service.
    /// Returns whether the rate limit refused it; the next attempt waits in its queue.
    pub(crate) fn record(
        &self,
        result: &std::result::Result<Response, TransportError>,
        permit: Permit<'_>,
        sent_at: Instant,
    ) -> bool {
        match result {
            Ok(response) => {
                if response.status < 500 && response.status != 429 {
                    self.retry_budget.earn();
                }
                return permit.record(response, sent_at);
            }
            Err(error) if !error.sent => permit.release(),
            Err(error) => match &error.head {
                Some(head) => return permit.record(head, sent_at),
                None => drop(permit),
            },
        }
        false
    }
}

/// Limits the retries of all handles of an endpoint together, so that a failing service
/// gets little additional load: 20 retries, and one of them back for every 5 responses other
/// than 429 and 5xx.
pub(crate) struct RetryBudget(AtomicI32);

impl RetryBudget {
    const MAX: i32 = 100;
    const COST_OF_RETRY: i32 = 5;

    /// Takes one retry out of the budget, and returns whether there was one.
    pub(crate) fn spend(&self) -> bool {
        let spend =
            |budget| (budget >= Self::COST_OF_RETRY).then_some(budget - Self::COST_OF_RETRY);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend)
            .is_ok()
    }

    fn earn(&self) {
        let earn = |budget| (budget < Self::MAX).then_some(budget + 1);
        // Fails only if the budget is full.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, earn);
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        RetryBudget(AtomicI32::new(Self::MAX))
    }
}

fn local_time() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}
