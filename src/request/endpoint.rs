//! A site and its key: what all handles of them share.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ureq::http::Uri;
use ureq::http::uri::{Authority, PathAndQuery, Scheme};
use zeroize::Zeroizing;

use crate::auth::oauth1::Signer;
use crate::client::options::{EndpointOptions, Origin};
use crate::error::Result;
use crate::http::proxy;
use crate::http::{Connections, Response, TransportError};
use crate::process::fork::PerProcess;
use crate::process::random::Nonces;
use crate::request::rate_limit::RateLimit;
use crate::request::response;

/// A site, the API key that it is called with, and how it is reached.
pub(crate) struct Endpoint {
    subdomain: String,
    pub(crate) consumer_key: String,
    pub(crate) consumer_secret: Option<Zeroizing<String>>,
    /// There where there is a secret.
    pub(crate) signer: Option<Signer>,
    pub(crate) origin: Origin,
    pub(crate) options: EndpointOptions,
    scheme: Scheme,
    authority: Authority,
    proxy: Option<ureq::Proxy>,
    process: PerProcess<ProcessState>,
    /// The service's clock minus ours, in seconds.
    clock_offset: AtomicI64,
}

/// What the handles of one site share within one process.
pub(crate) struct ProcessState {
    pub(crate) connections: Connections,
    pub(crate) rate_limit: Arc<RateLimit>,
    pub(crate) nonces: Nonces,
    retry_budget: AtomicI32,
}

/// The budget pays for 20 retries in a row, and 5 calls that succeed for one
/// more: a broken service is not hammered.
const RETRY_BUDGET: i32 = 100;
const RETRY_COST: i32 = 5;

impl Endpoint {
    pub(crate) fn new(
        subdomain: &str,
        consumer_key: &str,
        consumer_secret: Option<Zeroizing<String>>,
        options: &EndpointOptions,
    ) -> Result<Self> {
        let origin = options.origin(subdomain)?;
        let proxy = proxy::of(options, &origin)?;
        let connections = Connections::new(options, proxy.clone());
        let (scheme, authority) = origin.parts()?;
        let signer = consumer_secret
            .as_ref()
            .map(|secret| Signer::new(&origin.to_string(), consumer_key, secret));
        Ok(Endpoint {
            subdomain: subdomain.to_owned(),
            consumer_key: consumer_key.to_owned(),
            consumer_secret,
            signer,
            scheme,
            authority,
            process: PerProcess::new(ProcessState::new(connections, &origin, consumer_key)),
            options: options.clone(),
            proxy,
            origin,
            clock_offset: AtomicI64::new(0),
        })
    }

    /// The same site with the same key, reached as `options` say.
    pub(crate) fn with_options(&self, options: &EndpointOptions) -> Result<Self> {
        let secret = self.consumer_secret.clone();
        Endpoint::new(&self.subdomain, &self.consumer_key, secret, options)
    }

    pub(crate) fn shared(&self) -> &ProcessState {
        self.process.get(|| {
            let connections = Connections::new(&self.options, self.proxy.clone());
            ProcessState::new(connections, &self.origin, &self.consumer_key)
        })
    }

    /// How messages name it: with the proxy, whose failures look like its own.
    pub(crate) fn name(&self) -> String {
        match &self.proxy {
            None => self.origin.to_string(),
            Some(proxy) => format!(
                "{} (by the proxy {}:{})",
                self.origin,
                proxy.host(),
                proxy.port()
            ),
        }
    }

    /// The URI of a path and query. The error is that they are none.
    pub(crate) fn uri(&self, target: &str) -> std::result::Result<Uri, ureq::http::Error> {
        let uri = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(PathAndQuery::try_from(target)?);
        uri.build()
    }

    /// The service's time in seconds since 1970, as far as it is known.
    pub(crate) fn now(&self) -> i64 {
        our_clock() + self.clock_offset.load(Ordering::Relaxed)
    }

    pub(crate) fn set_clock(&self, server_time: i64) {
        let offset = server_time.saturating_sub(our_clock());
        // A nonsensical clock must not overflow later sums.
        let bound = i64::from(i32::MAX);
        self.clock_offset
            .store(offset.clamp(-bound, bound), Ordering::Relaxed);
    }
}

impl ProcessState {
    fn new(connections: Connections, origin: &Origin, consumer_key: &str) -> Self {
        ProcessState {
            connections,
            rate_limit: RateLimit::shared(origin.to_string(), consumer_key.to_owned()),
            nonces: Nonces::default(),
            retry_budget: AtomicI32::new(RETRY_BUDGET),
        }
    }

    pub(crate) fn pay_for_retry(&self) -> bool {
        let pay = |budget| (budget >= RETRY_COST).then_some(budget - RETRY_COST);
        self.retry_budget
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay)
            .is_ok()
    }

    /// Notes what a result says about the service: its rate limit, and whether
    /// it is well.
    pub(crate) fn learn(&self, result: &std::result::Result<Response, TransportError>) {
        match result {
            Ok(response) => {
                if let Some((left, time)) = response::rate_limit(response) {
                    self.rate_limit.note(left, time);
                }
                if response.status < 500 && response.status != 429 {
                    self.earn_retry();
                }
            }
            Err(failure) if !failure.sent => self.rate_limit.give_back(),
            Err(_) => {}
        }
    }

    fn earn_retry(&self) {
        let earn = |budget| (budget < RETRY_BUDGET).then_some(budget + 1);
        // Fails only when the budget is full.
        let _ = self
            .retry_budget
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, earn);
    }
}

fn our_clock() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}
