//! OAuth 2 bearer tokens (RFC 6750) and their refresh.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;
use zeroize::Zeroizing;

use crate::encoding::json::{Object, quote};
use crate::error::{Error, Outcome, Result, Status};
use crate::http::cancel::{Cancellation, WaitResult};
use crate::http::origin::Origin;
use crate::process::fork::PerProcess;
use crate::process::threads;

/// A bearer token and the grant that issued it, which decides whether it can be refreshed.
pub(crate) struct Bearer {
    grant: Grant,
    initial: Arc<TokenSet>,
    /// The origin and API key that issued the token, or that it is used with first.
    issuer: OnceBox<(Origin, String)>,
    /// A forked child starts again with the initial token set.
    refresh: PerProcess<Mutex<RefreshState>>,
}

/// How a token was obtained (RFC 6749, section 1.3).
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Grant {
    ClientCredentials,
    Password,
    AuthorizationCode,
}

/// A response of the token endpoint (RFC 6749, section 5.1).
pub(crate) struct TokenSet {
    pub(crate) access_token: Zeroizing<String>,
    pub(crate) refresh_token: Option<Zeroizing<String>>,
    /// Seconds since 1970, by the service's clock.
    pub(crate) expires_at: Option<i64>,
}

#[derive(Default)]
struct RefreshState {
    latest: Option<Arc<TokenSet>>,
    /// The thread that is refreshing the token.
    running: Option<usize>,
    /// The calls that wait for it.
    waiting: Vec<Arc<Cancellation>>,
}

/// A token is refreshed this long before it expires, since a request takes time.
const EXPIRY_MARGIN_SECONDS: i64 = 10;

impl Grant {
    const NAMES: [(Grant, &str); 3] = [
        (Grant::ClientCredentials, "client_credentials"),
        (Grant::Password, "password"),
        (Grant::AuthorizationCode, "authorization_code"),
    ];

    pub(crate) fn name(self) -> &'static str {
        let known = Self::NAMES.iter().find(|(grant, _)| *grant == self);
        known.map_or("", |(_, name)| name)
    }

    fn from_name(wanted: &str) -> Option<Self> {
        let known = Self::NAMES.iter().find(|(_, name)| *name == wanted);
        known.map(|(grant, _)| *grant)
    }
}

impl TokenSet {
    /// Parses a response of the token endpoint, received at `now` (RFC 6749, section 5.1).
    /// UserVoice documents `access_token` only.
    pub(crate) fn from_response(body: &str, now: i64) -> Result<Self> {
        const NAMES: [&str; 4] = ["access_token", "token_type", "expires_in", "refresh_token"];

        let invalid = || Error::bad_response("the response contains no access token");
        let object = Object::parse(body).map_err(|_| invalid())?;
        // RFC 6749, section 3.2.
        if let Some(name) = NAMES.iter().find(|name| object.is_repeated(name)) {
            let explanation = format!("the response contains {name:?} more than once");
            return Err(Error::bad_response(explanation));
        }
        let access_token = object.secret("access_token").ok_or_else(invalid)?;
        check_access_token(&access_token).map_err(|_| invalid())?;
        check_token_type(&object)?;
        let refresh_token = object.secret("refresh_token");
        Ok(TokenSet {
            access_token,
            refresh_token: refresh_token.filter(|token| !token.is_empty()),
            expires_at: lifetime(&object).and_then(|seconds| now.checked_add(seconds)),
        })
    }

    /// Returns whether the token has expired or is about to, if its expiry time is known.
    pub(crate) fn has_expired(&self, now: i64) -> bool {
        let is_past = |time: i64| time.saturating_sub(EXPIRY_MARGIN_SECONDS) <= now;
        self.expires_at.is_some_and(is_past)
    }
}

/// Rejects a token that is not used as a bearer token (RFC 6749, section 7.1). The type, which
/// has no case, is required in a response, but UserVoice does not document it.
fn check_token_type(response: &Object<'_>) -> Result<()> {
    let is_bearer = match response.get("token_type") {
        None | Some("null") => true,
        Some(_) => response
            .string("token_type")
            .is_some_and(|token_type| token_type.eq_ignore_ascii_case("bearer")),
    };
    match is_bearer {
        true => Ok(()),
        false => Err(Error::bad_response(
            "the response contains a token whose token_type is not \"Bearer\"",
        )),
    }
}

/// Returns the lifetime in whole seconds, which may be a string. One that is not positive says
/// nothing: a request would have to be sent before the token was issued.
fn lifetime(response: &Object<'_>) -> Option<i64> {
    let seconds = response.get("expires_in")?.trim_matches('"');
    let seconds = seconds
        .parse::<f64>()
        .ok()
        .filter(|&seconds| seconds >= 1.0)?;
    // A conversion saturates.
    Some(seconds as i64)
}

/// Checks that a token is printable ASCII (RFC 6749, appendix A.12), which a header accepts.
fn check_access_token(value: &str) -> Result<()> {
    let is_printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if value.is_empty() || !value.bytes().all(is_printable) {
        return Err(Error::invalid(
            "json.token",
            "must be printable ASCII and not empty",
        ));
    }
    Ok(())
}

impl Bearer {
    pub(crate) fn new(grant: Grant, token_set: TokenSet) -> Self {
        Bearer {
            grant,
            initial: Arc::new(token_set),
            issuer: OnceBox::new(),
            refresh: PerProcess::default(),
        }
    }

    /// Records that the token was issued by `origin` for `consumer_key`.
    pub(crate) fn issued_by(self, origin: &Origin, consumer_key: &str) -> Self {
        Bearer {
            issuer: OnceBox::with_value(Box::new((origin.clone(), consumer_key.to_owned()))),
            ..self
        }
    }

    /// Parses what [`Bearer::to_json`] wrote.
    pub(crate) fn from_json(object: &Object<'_>) -> Result<Self> {
        let access_token = object
            .secret("token")
            .ok_or_else(|| Error::invalid("json.token", "must be a string"))?;
        check_access_token(&access_token)?;
        let grant = object
            .secret("grant")
            .and_then(|name| Grant::from_name(&name));
        let token_set = TokenSet {
            access_token,
            refresh_token: object.secret("refresh_token"),
            expires_at: object.integer("expires_at"),
        };
        let grant = grant.ok_or_else(|| {
            Error::invalid(
                "json.grant",
                "must be \"client_credentials\", \"password\" or \"authorization_code\"",
            )
        })?;
        Ok(Bearer::new(grant, token_set))
    }

    /// Returns the current token as JSON, with everything that a refresh needs except the
    /// API secret.
    pub(crate) fn to_json(&self) -> Zeroizing<String> {
        let current = self.current();
        let access_token = Zeroizing::new(quote(&current.access_token));
        let refresh_token = current.refresh_token.as_ref();
        let refresh_token = refresh_token.map(|token| Zeroizing::new(quote(token)));
        let expires_at = current.expires_at.map(|time| time.to_string());
        let mut parts = vec![
            "{\"type\":\"oauth2\",\"grant\":\"",
            self.grant.name(),
            "\",\"token\":",
            &access_token,
        ];
        if let Some(refresh_token) = &refresh_token {
            parts.extend([",\"refresh_token\":", refresh_token]);
        }
        if let Some(expires_at) = &expires_at {
            parts.extend([",\"expires_at\":", expires_at]);
        }
        parts.push("}");
        Zeroizing::new(parts.concat())
    }

    /// Returns the access token that was issued first.
    pub(crate) fn initial_access_token(&self) -> &str {
        &self.initial.access_token
    }

    /// Returns the latest token set.
    pub(crate) fn current(&self) -> Arc<TokenSet> {
        let latest = self.lock().latest.clone();
        latest.unwrap_or_else(|| self.initial.clone())
    }

    /// Returns whether the token can be refreshed without a person, by the API secret if
    /// `has_secret`.
    pub(crate) fn can_refresh(&self, has_secret: bool) -> bool {
        self.uses_client_credentials() && has_secret || self.current().refresh_token.is_some()
    }

    /// Returns whether the token was issued by `origin` for `consumer_key`. If the issuer is
    /// not known, as of a token from JSON, the first ones that this is called with count as
    /// the issuer, so the client calls it at each use of the token.
    pub(crate) fn is_issued_by(&self, origin: &Origin, consumer_key: &str) -> bool {
        let this = || Box::new((origin.clone(), consumer_key.to_owned()));
        let (issuer, issuer_key) = self.issuer.get_or_init(this);
        issuer == origin && issuer_key == consumer_key
    }

    /// Returns whether the API key and secret suffice for a new token.
    pub(crate) fn uses_client_credentials(&self) -> bool {
        self.grant == Grant::ClientCredentials
    }

    /// Replaces `stale` by the token set that `request` returns, unless another thread has
    /// replaced it already. One thread sends the request while the others wait, each for
    /// `timeout` and until its call is cancelled. The calling thread must not be that one.
    pub(crate) fn refresh(
        &self,
        stale: &Arc<TokenSet>,
        timeout: Duration,
        cancellation: &Arc<Cancellation>,
        request: impl FnOnce() -> Result<TokenSet>,
    ) -> Result<()> {
        let deadline = Instant::now() + timeout;
        match cancellation.wait_until(deadline, || self.try_start(stale, cancellation)) {
            WaitResult::Ready(Start::AlreadyRefreshed) => Ok(()),
            WaitResult::Ready(Start::Started) => {
                // Wakes the waiting threads also if the request fails or panics.
                let _running = RunningRefresh(self);
                let token_set = request()?;
                self.lock().latest = Some(Arc::new(token_set));
                Ok(())
            }
            WaitResult::Stopped(stop) => Err(stop.into()),
            WaitResult::TimedOut => Err(Error::new(
                Status::Timeout,
                Outcome::NotSent,
                format!(
                    "another call did not refresh the token within {} ms",
                    timeout.as_millis()
                ),
            )),
        }
    }

    /// Returns whether the calling thread refreshes the token: it is in a callback.
    pub(crate) fn is_refreshed_by_this_thread(&self) -> bool {
        self.lock().running == Some(threads::current_id())
    }

    /// Returns `None`, and registers `waiting` for a notification, while another thread
    /// refreshes the token.
    fn try_start(&self, stale: &Arc<TokenSet>, waiting: &Arc<Cancellation>) -> Option<Start> {
        let mut state = self.lock();
        if state.running.is_some() {
            if !state
                .waiting
                .iter()
                .any(|other| Arc::ptr_eq(other, waiting))
            {
                state.waiting.push(waiting.clone());
            }
            return None;
        }
        let latest = state.latest.as_ref().unwrap_or(&self.initial);
        if !Arc::ptr_eq(latest, stale) {
            return Some(Start::AlreadyRefreshed);
        }
        state.running = Some(threads::current_id());
        Some(Start::Started)
    }

    fn lock(&self) -> MutexGuard<'_, RefreshState> {
        let state = self.refresh.get(Mutex::default);
        state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Start {
    Started,
    AlreadyRefreshed,
}

/// Ends the refresh when dropped.
struct RunningRefresh<'a>(&'a Bearer);

impl Drop for RunningRefresh<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.running = None;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for cancellation in waiting {
            cancellation.notify();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Token;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Barrier, mpsc};
    use std::thread;

    const LONG: Duration = Duration::from_secs(3600);

    fn bearer(value: &str) -> Bearer {
        let response = format!("{{\"access_token\":{}}}", quote(value));
        Bearer::new(
            Grant::ClientCredentials,
            TokenSet::from_response(&response, 0).unwrap(),
        )
    }

    fn new_token_set() -> Result<TokenSet> {
        TokenSet::from_response(r#"{"access_token":"new"}"#, 0)
    }

    #[test]
    fn json_restores_a_token() {
        let response = r#"{"access_token":"a\"b","refresh_token":"r","expires_in":"60"}"#;
        let token_set = TokenSet::from_response(response, 1000).unwrap();
        let token = Token::of_bearer(Bearer::new(Grant::Password, token_set));
        let json = token.to_json();
        let expected = r#"{"type":"oauth2","grant":"password","token":"a\"b","refresh_token":"r","expires_at":1060}"#;
        assert_eq!(*json, expected);
        let restored = Token::from_json(&json).unwrap();
        assert_eq!(*restored.to_json(), expected);
        assert_eq!((restored.value(), restored.secret()), ("a\"b", None));
        let restored = restored.bearer().unwrap();
        assert!(restored.can_refresh(false) && !restored.uses_client_credentials());
        let token_set = restored.current();
        assert!(token_set.has_expired(1050) && !token_set.has_expired(1049));
        assert!(!bearer("x").current().has_expired(i64::MAX));
    }

    #[test]
    fn rejects_invalid_token_endpoint_responses() {
        for invalid in [
            "",
            "[]",
            "{}",
            r#"{"access_token":1}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":"t\n"}"#,
            r#"{"access_token":"\u00e9"}"#,
            r#"{"access_token":"a","access_token":"b"}"#,
            r#"{"access_token":"a","token_type":"mac","token\u005ftype":"Bearer"}"#,
            r#"{"expires_in":1,"access_token":"a","expires_in":2}"#,
            r#"{"refresh_token":"a","access_token":"a","refresh_token":"b"}"#,
        ] {
            let error = TokenSet::from_response(invalid, 0).err().unwrap();
            assert_eq!(error.status(), crate::Status::BadResponse, "{invalid}");
        }
        let unknown = r#"{"access_token":"a","x":1,"x":2}"#;
        assert!(TokenSet::from_response(unknown, 0).is_ok());
    }

    #[test]
    fn accepts_the_token_type_bearer_in_any_case() {
        let response = |token_type| format!(r#"{{"access_token":"t","token_type":{token_type}}}"#);
        for token_type in [r#""bearer""#, r#""Bearer""#, r#""BEARER""#, "null"] {
            TokenSet::from_response(&response(token_type), 0).unwrap();
        }
        for token_type in [r#""mac""#, r#""bearer ""#, r#""""#, "1", r#"["bearer"]"#] {
            let error = TokenSet::from_response(&response(token_type), 0)
                .err()
                .unwrap();
            assert_eq!(error.status(), Status::BadResponse, "{token_type}");
            assert!(error.message().contains("token_type"), "{error}");
        }
    }

    #[test]
    fn expires_in_is_a_number_of_seconds_or_unknown() {
        for (expires_in, expires_at) in [
            ("60", Some(1060)),
            ("\"60\"", Some(1060)),
            ("60.9", Some(1060)),
            ("6e1", Some(1060)),
            ("1", Some(1001)),
            ("0", None),
            ("0.5", None),
            ("-60", None),
            ("null", None),
            ("\"soon\"", None),
            ("[60]", None),
            ("1e300", None),
            ("9223372036854775807", None),
        ] {
            let response = format!(r#"{{"access_token":"t","expires_in":{expires_in}}}"#);
            let token_set = TokenSet::from_response(&response, 1000).unwrap();
            assert_eq!(token_set.expires_at, expires_at, "{expires_in}");
        }
        assert_eq!(new_token_set().unwrap().expires_at, None);
    }

    #[test]
    fn an_empty_refresh_token_is_none() {
        let response = r#"{"access_token":"t","refresh_token":""}"#;
        let token_set = TokenSet::from_response(response, 0).unwrap();
        assert!(token_set.refresh_token.is_none());
    }

    #[test]
    fn rejects_invalid_json() {
        for invalid in [
            r#"{"type":"oauth2"}"#,
            r#"{"type":"oauth2","token":"t"}"#,
            r#"{"type":"oauth2","token":"","grant":"password"}"#,
            r#"{"type":"oauth2","token":"t\n","grant":"password"}"#,
            r#"{"type":"oauth2","token":"\u00e9","grant":"password"}"#,
            r#"{"type":"oauth2","token":"t","grant":"none"}"#,
        ] {
            let error = Token::from_json(invalid).err().unwrap();
            assert_eq!(error.status(), crate::Status::InvalidArgument, "{invalid}");
        }
    }

    #[test]
    fn a_token_has_one_issuer() {
        let acme = Origin::parse("https://acme.uservoice.com").unwrap();
        let other = Origin::parse("https://other.uservoice.com").unwrap();
        let issued = bearer("t").issued_by(&acme, "key");
        // Without a known issuer, the first user counts as the issuer.
        let restored = bearer("t");
        assert!(restored.is_issued_by(&acme, "key"));
        for bearer in [issued, restored] {
            assert!(!bearer.is_issued_by(&other, "key"));
            assert!(!bearer.is_issued_by(&acme, "another key"));
            assert!(bearer.is_issued_by(&acme, "key"));
        }
    }

    #[test]
    fn a_refresh_needs_client_credentials_or_a_refresh_token() {
        let can_refresh = |grant, response, has_secret| {
            let token_set = TokenSet::from_response(response, 0).unwrap();
            Bearer::new(grant, token_set).can_refresh(has_secret)
        };
        let without = r#"{"access_token":"t"}"#;
        let with_refresh_token = r#"{"access_token":"t","refresh_token":"r"}"#;
        assert!(can_refresh(Grant::ClientCredentials, without, true));
        assert!(!can_refresh(Grant::ClientCredentials, without, false));
        assert!(!can_refresh(Grant::Password, without, true));
        assert!(can_refresh(Grant::Password, with_refresh_token, false));
    }

    #[test]
    fn one_thread_refreshes_for_all() {
        const THREADS: usize = 8;
        let (bearer, requests) = (Arc::new(bearer("old")), Arc::new(AtomicUsize::new(0)));
        let stale = bearer.current();
        let all_started = Arc::new(Barrier::new(THREADS));
        let (refreshed, results) = mpsc::channel();
        for _ in 0..THREADS {
            let (bearer, requests, stale) = (bearer.clone(), requests.clone(), stale.clone());
            let (all_started, refreshed) = (all_started.clone(), refreshed.clone());
            thread::spawn(move || {
                // As many clients as threads.
                let cancellation = Arc::new(Cancellation::default());
                all_started.wait();
                let request = || {
                    requests.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(20));
                    new_token_set()
                };
                let result = bearer.refresh(&stale, LONG, &cancellation, request);
                let access_token = bearer.current().access_token.to_string();
                refreshed.send((result.is_ok(), access_token)).unwrap();
            });
        }
        for _ in 0..THREADS {
            // A thread that is not notified waits for an hour.
            let result = results.recv_timeout(Duration::from_secs(60)).unwrap();
            assert_eq!(result, (true, "new".to_owned()));
        }
        assert_eq!(requests.load(Ordering::SeqCst), 1);
        assert_eq!(bearer.initial_access_token(), "old");
    }

    #[test]
    fn a_waiting_call_can_be_cancelled_or_time_out() {
        let bearer = bearer("old");
        let stale = bearer.current();
        let (finish, finished) = mpsc::channel::<()>();
        let (started, has_started) = mpsc::channel();
        thread::scope(|scope| {
            let (bearer, stale) = (&bearer, &stale);
            scope.spawn(move || {
                let request = || {
                    started.send(()).unwrap();
                    finished.recv().unwrap();
                    new_token_set()
                };
                bearer.refresh(stale, LONG, &Arc::default(), request)
            });
            has_started.recv().unwrap();
            let never = || unreachable!("another thread refreshes the token");
            let timed_out = bearer.refresh(stale, Duration::ZERO, &Arc::default(), never);
            assert_eq!(timed_out.unwrap_err().status(), Status::Timeout);

            let cancellation = Arc::new(Cancellation::default());
            let waiting = {
                let cancellation = cancellation.clone();
                scope.spawn(move || bearer.refresh(stale, LONG, &cancellation, never))
            };
            cancellation.cancel();
            let cancelled = waiting.join().unwrap().unwrap_err();
            assert_eq!(cancelled.status(), Status::Cancelled);
            finish.send(()).unwrap();
        });
        assert_eq!(*bearer.current().access_token, "new");
    }

    #[test]
    fn a_failed_refresh_can_be_repeated() {
        let bearer = bearer("old");
        let cancellation = Arc::default();
        let fails = || Err(Error::bad_response("no"));
        let stale = bearer.current();
        assert!(bearer.refresh(&stale, LONG, &cancellation, fails).is_err());
        bearer
            .refresh(&stale, LONG, &cancellation, new_token_set)
            .unwrap();
        assert_eq!(*bearer.current().access_token, "new");
    }
}
