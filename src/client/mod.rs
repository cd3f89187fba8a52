//! The client handle: an endpoint, its options, and what cancels its calls.

use std::fmt;
use std::sync::Arc;

use ureq::http::HeaderValue;
use zeroize::Zeroizing;

use crate::auth::token::Token;
use crate::error::{Error, Result};
use crate::http::cancel::Cancellation;
use crate::http::host::check_subdomain;
use crate::http::interrupt::Interrupt;
use crate::request::endpoint::Endpoint;
use crate::request::log::{Log, LogBuffer, LogLevel, Receiver};
use crate::request::multipart::Upload;
use crate::request::{
    ContentType, MAX_HEAD_BYTES, Request, parse_headers, response, target, too_long,
};

mod call;
mod http_request;
pub(crate) mod option_values;
pub(crate) mod options;
mod token_endpoint;

use options::Options;

/// A client for one site and API key. Clones made by [`Client::with_options`] share its
/// connections, rate limit and clock offset; each can be cancelled alone.
pub struct Client {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) options: Options,
    cancellation: Arc<Cancellation>,
    user_agent: HeaderValue,
    api_client: HeaderValue,
    pub(crate) log: Log,
}

impl Client {
    /// Creates a client for the site `subdomain`. Without an API secret its requests are
    /// not signed, and see what is public. Sends nothing.
    ///
    /// # Errors
    /// `InvalidArgument`, which names the argument or the option.
    pub fn new(
        subdomain: &str,
        api_key: &str,
        api_secret: Option<&str>,
        options_json: Option<&str>,
    ) -> Result<Self> {
        check_subdomain(subdomain)?;
        check_credential("api_key", api_key)?;
        if let Some(secret) = api_secret {
            check_credential("api_secret", secret)?;
        }
        let options = Options::default().with(options_json)?;
        let secret = api_secret.map(|secret| Zeroizing::new(secret.to_owned()));
        let endpoint = Endpoint::new(subdomain, api_key, secret, &options.endpoint)?;
        Ok(Client::build(
            Arc::new(endpoint),
            options,
            Arc::default(),
            Log::default(),
        ))
    }

    /// Creates another handle of the same site, with `options_json` merged into this
    /// handle's options. Costs microseconds. Shares connections with this handle unless an
    /// option that decides how to connect differs.
    ///
    /// # Errors
    /// `InvalidArgument`, which names the option.
    pub fn with_options(&self, options_json: Option<&str>) -> Result<Self> {
        let options = self.options.with(options_json)?;
        let endpoint = if options.endpoint == self.endpoint.options {
            self.endpoint.clone()
        } else {
            Arc::new(self.endpoint.with_options(&options.endpoint)?)
        };
        let clone = Client::build(endpoint, options, Arc::default(), self.log.copy());
        if let callback @ Some(_) = self.interrupt().into_callback() {
            clone.set_interrupt(callback);
        }
        Ok(clone)
    }

    /// Creates the handle of a collection or export: it is cancelled with this one, and can be
    /// cancelled alone. It shares the log and the interrupt callback.
    pub(crate) fn child(&self) -> Self {
        self.derive(self.cancellation.child(), self.log.clone())
    }

    /// Creates the handle of a worker thread. It logs to `buffer`, because callbacks run on the
    /// threads of the program only, and has no interrupt callback for the same reason.
    pub(crate) fn worker(&self, buffer: &LogBuffer) -> Self {
        self.derive(self.cancellation.worker(), self.log.buffered(buffer))
    }

    fn derive(&self, cancellation: Arc<Cancellation>, log: Log) -> Self {
        let (endpoint, options) = (self.endpoint.clone(), self.options.clone());
        Client::build(endpoint, options, cancellation, log)
    }

    fn build(
        endpoint: Arc<Endpoint>,
        options: Options,
        cancellation: Arc<Cancellation>,
        log: Log,
    ) -> Self {
        let (user_agent, api_client) = product_headers(&options);
        Client {
            endpoint,
            options,
            cancellation,
            user_agent,
            api_client,
            log,
        }
    }

    /// Sets, or replaces, the log callback of this handle, its collections and its exports;
    /// handles that are created from it afterwards begin with it. It receives one line for
    /// each attempt, without secrets, on the thread that calls the library; lines of worker
    /// threads are passed to it when a collection or export is used next. Only calls in
    /// progress may still use the former callback.
    pub fn set_log(
        &self,
        level: LogLevel,
        callback: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) {
        self.log.set(Some(Receiver::callback(level, callback)));
    }

    /// As [`Client::set_log`], but keeps the lines for [`Client::take_log`], of this handle and
    /// of those that are created from it.
    pub fn keep_log(&self, level: LogLevel) {
        self.log.set(Some(Receiver::keep(level)));
    }

    /// Removes the log of this handle, its collections and its exports.
    pub fn remove_log(&self) {
        self.log.set(None);
    }

    /// Returns the log lines that were kept since the last call, at most 10,000, as a JSON
    /// array, or `None` if there are none.
    ///
    /// # Errors
    /// `InvalidArgument` without [`Client::keep_log`].
    pub fn take_log(&self) -> Result<Option<String>> {
        self.log.take()
    }

    /// Sets, or replaces, what ends the calls of this handle, its collections and its exports
    /// from inside the program, such as the flag of a signal handler; `None` removes it. Handles
    /// that are created from it afterwards begin with it. While a call waits, it calls `callback` at least every
    /// 50 ms, and at once if a signal interrupts network I/O; if that returns true, the call
    /// fails with `Cancelled`. It is called on the threads that call the library and on no
    /// others, and may use the library. A call that runs meanwhile may keep the callback that
    /// it began with.
    pub fn set_interrupt(&self, callback: Option<Arc<dyn Fn() -> bool + Send + Sync>>) {
        self.cancellation.set_interrupt(callback);
    }

    /// Cancels the calls of this handle, and of its collections and exports, now and in
    /// future. Clones are not affected.
    pub fn cancel(&self) {
        self.cancellation.cancel();
    }

    /// Fails with `Cancelled` after [`Client::cancel`], or if the interrupt callback is due
    /// and ends the call. Collections check it also before they return records that are
    /// loaded: a caller must not take a part for the whole. The calling thread must hold no lock.
    pub(crate) fn check_not_stopped(&self) -> Result<()> {
        Ok(self.cancellation.check()?)
    }

    /// Returns what interrupts the waits of a call.
    pub(crate) fn interrupt(&self) -> Interrupt {
        self.cancellation.interrupt()
    }

    /// Fails unless requests are encrypted or stay on this machine, which OAuth 2 requires
    /// for its secrets.
    pub(crate) fn check_confidential(&self) -> Result<()> {
        if self.endpoint.is_confidential() {
            return Ok(());
        }
        Err(Error::invalid(
            "client",
            "must use https, or a loopback host without a proxy on another machine: OAuth 2 sends \
             its secrets in requests",
        ))
    }

    /// Returns the URL that logs a person in with a token of [`crate::sso`], and leads to
    /// the page at `return_path` or the front page.
    ///
    /// # Errors
    /// `InvalidArgument`, which names the argument.
    pub fn sso_url(&self, token: &str, return_path: Option<&str>) -> Result<String> {
        let in_url = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
        if token.len() > MAX_HEAD_BYTES {
            return Err(too_long("token", "is too long"));
        }
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

    /// Returns the URL of a path and query.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("{}{target}", self.endpoint.origin)
    }

    /// Sends a request and returns the JSON of its response. `params_json` is the query of
    /// GET, HEAD and DELETE, and the body of POST, PUT and PATCH.
    ///
    /// # Errors
    /// Any [`crate::Status`]; nothing was sent with `InvalidArgument`.
    pub fn request_json(
        &self,
        token: Option<&Token>,
        method: &str,
        path: &str,
        params_json: Option<&str>,
    ) -> Result<String> {
        let request = Request::new(method, path, params_json)?;
        self.check_body_length("params", &request)?;
        self.call(token, request, response::json_text)
    }

    /// Sends a request and returns its response as JSON: status code, headers and body.
    /// An error status is a response here, not an error.
    ///
    /// # Errors
    /// Any [`crate::Status`] except those of error responses.
    pub fn request(
        &self,
        token: Option<&Token>,
        method: &str,
        path: &str,
        params_json: Option<&str>,
        headers_json: Option<&str>,
    ) -> Result<String> {
        let mut request = Request::new(method, path, params_json)?;
        self.check_body_length("params", &request)?;
        request.headers = parse_headers(headers_json, ContentType::Json)?;
        self.whole_response(token, request)
    }

    /// Sends a POST, PUT, PATCH or DELETE request with any body, and returns its response as
    /// [`Client::request`] does. `headers_json` must contain `Content-Type`. A form
    /// (`application/x-www-form-urlencoded`) is part of an OAuth 1.0a signature.
    ///
    /// # Errors
    /// Any [`crate::Status`] except those of error responses.
    pub fn send(
        &self,
        token: Option<&Token>,
        method: &str,
        path: &str,
        headers_json: Option<&str>,
        body: &[u8],
    ) -> Result<String> {
        let request = Request::with_body(method, path, headers_json, body)?;
        self.check_body_length("body", &request)?;
        self.whole_response(token, request)
    }

    /// Uploads a file (POST, `multipart/form-data`, field `file`) and returns the JSON of the
    /// response. Without a content type, the file's is that of its name.
    ///
    /// # Errors
    /// Any [`crate::Status`]; nothing was sent with `InvalidArgument`.
    pub fn upload(
        &self,
        token: Option<&Token>,
        path: &str,
        filename: &str,
        content_type: Option<&str>,
        data: &[u8],
    ) -> Result<String> {
        let upload = Upload::new(filename, content_type)?;
        let request = Request {
            body: Some(upload.body(data)),
            headers: vec![("content-type".to_owned(), upload.content_type.clone())],
            ..Request::new("POST", path, None)?
        };
        self.check_body_length("data", &request)?;
        self.call(token, request, response::json_text)
    }

    /// Fails for a body that is longer than the option `max_request_bytes`.
    fn check_body_length(&self, argument: &str, request: &Request<'_>) -> Result<()> {
        let max_len = self.options.max_request_bytes;
        match request.body {
            Some(body) if body.len() as u64 > max_len => {
                let why = "makes the request body longer than options.max_request_bytes";
                Err(Error::invalid(argument, format_args!("{why} ({max_len})")))
            }
            _ => Ok(()),
        }
    }

    fn whole_response(&self, token: Option<&Token>, request: Request<'_>) -> Result<String> {
        self.call(token, request, |mut response| {
            let Some(mut error) = response.body_error.take() else {
                return response::to_json(response);
            };
            error.head = Some(Box::new(response));
            Err(self.endpoint.error(*error))
        })
    }
}

/// Returns the values of the headers User-Agent and API-Client, for example
/// "MyApp/1.0 uservoice-rust/1.2.3" and "uservoice-rust-1.2.3".
fn product_headers(options: &Options) -> (HeaderValue, HeaderValue) {
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    let language = &options.language;
    let prefix = options.user_agent.as_deref().unwrap_or_default();
    let user_agent = format!("{prefix} uservoice-{language}/{VERSION}");
    // The options were validated: the values are always valid.
    let value = |value: &str| {
        HeaderValue::from_str(value.trim_start()).unwrap_or(HeaderValue::from_static("uservoice"))
    };
    let api_client = format!("uservoice-{language}-{VERSION}");
    (value(&user_agent), value(&api_client))
}

fn check_credential(name: &str, value: &str) -> Result<()> {
    if value.len() > MAX_HEAD_BYTES {
        return Err(too_long(name, "is too long"));
    }
    if value.is_empty() || value.chars().any(char::is_control) {
        return Err(Error::invalid(
            name,
            "must not be empty or contain control characters",
        ));
    }
    Ok(())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("origin", &self.endpoint.origin.to_string())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn limits_an_exchange_to_30_seconds_by_default() {
        let client = Client::new("acme", "key", None, None).unwrap();
        let options = client.exchange_options();
        assert_eq!(options.timeout, Duration::from_secs(30));
        assert_eq!(options.connect_timeout, Duration::from_secs(10));
    }
}
