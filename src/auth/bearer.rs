//! OAuth 2 bearer tokens (RFC 6750), which may renew themselves.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;
use zeroize::Zeroizing;

use crate::client::options::Origin;
use crate::encoding::json::{Object, quote};
use crate::error::{Error, Outcome, Result, Status};
use crate::process::fork::PerProcess;

/// A bearer token, and how it was got, which decides whether it can be got
/// again.
pub(crate) struct Bearer {
    grant: Grant,
    first: Arc<TokenSet>,
    /// The site and the API key that it was first used with: those it came from.
    site: OnceBox<(Origin, String)>,
    /// What it was renewed to. A forked child starts over from the first.
    renewal: PerProcess<Renewal>,
}

/// How a token was got (RFC 6749, section 1.3).
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Grant {
    ClientCredentials,
    Password,
    AuthorizationCode,
}

/// What the service gave.
pub(crate) struct TokenSet {
    pub(crate) value: Zeroizing<String>,
    pub(crate) refresh_token: Option<Zeroizing<String>>,
    /// Seconds since 1970, by the service's clock.
    pub(crate) expires_at: Option<i64>,
}

#[derive(Default)]
struct Renewal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    latest: Option<Arc<TokenSet>>,
    /// A thread is renewing.
    running: bool,
}

/// A token is renewed so long before its end: a call takes time.
const MARGIN_SECONDS: i64 = 10;

/// How often a thread that waits for another's renewal looks whether its own
/// call was cancelled.
const LOOK: Duration = Duration::from_millis(20);

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

    fn of_name(wanted: &str) -> Option<Self> {
        let known = Self::NAMES.iter().find(|(_, name)| *name == wanted);
        known.map(|(grant, _)| *grant)
    }
}

impl TokenSet {
    /// Reads the token endpoint's response, which came at `now` (RFC 6749,
    /// section 5.1). Only the token itself is promised.
    pub(crate) fn from_answer(text: &str, now: i64) -> Result<Self> {
        let unreadable = || Error::bad_response("the response holds no token");
        let object = Object::parse(text).map_err(|_| unreadable())?;
        let value = object.secret("access_token").ok_or_else(unreadable)?;
        check(&value).map_err(|_| unreadable())?;
        let lifetime = object.integer("expires_in").filter(|&seconds| seconds > 0);
        Ok(TokenSet {
            value,
            refresh_token: object.secret("refresh_token"),
            expires_at: lifetime.and_then(|seconds| now.checked_add(seconds)),
        })
    }
}

/// A token is printable ASCII (RFC 6749, appendix A.12): nothing else goes into a header.
fn check(value: &str) -> Result<()> {
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
    pub(crate) fn new(grant: Grant, access: TokenSet) -> Self {
        Bearer {
            grant,
            first: Arc::new(access),
            site: OnceBox::new(),
            renewal: PerProcess::default(),
        }
    }

    /// The same, which is known to have come from that site for that API key.
    pub(crate) fn of_site(self, origin: &Origin, consumer_key: &str) -> Self {
        Bearer {
            site: OnceBox::with_value(Box::new((origin.clone(), consumer_key.to_owned()))),
            ..self
        }
    }

    pub(crate) fn from_json(object: &Object<'_>) -> Result<Self> {
        let value = object
            .secret("token")
            .ok_or_else(|| Error::invalid("json.token", "must be a string"))?;
        check(&value)?;
        let grant = object
            .secret("grant")
            .and_then(|name| Grant::of_name(&name));
        let access = TokenSet {
            value,
            refresh_token: object.secret("refresh_token"),
            expires_at: object.integer("expires_at"),
        };
        let grant = grant.ok_or_else(|| {
            Error::invalid(
                "json.grant",
                "must be \"client_credentials\", \"password\" or \"authorization_code\"",
            )
        })?;
        Ok(Bearer::new(grant, access))
    }

    /// The token as it is now, with all that is needed to renew it but the API
    /// secret.
    pub(crate) fn to_json(&self) -> Zeroizing<String> {
        let access = self.access();
        let token = Zeroizing::new(quote(&access.value));
        let refresh_token = access.refresh_token.as_ref();
        let refresh_token = refresh_token.map(|text| Zeroizing::new(quote(text)));
        let expires_at = access.expires_at.map(|moment| moment.to_string());
        let mut parts = vec![
            "{\"type\":\"oauth2\",\"grant\":\"",
            self.grant.name(),
            "\",\"token\":",
            &token,
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

    pub(crate) fn first_value(&self) -> &str {
        &self.first.value
    }

    /// The token as it is now.
    pub(crate) fn access(&self) -> Arc<TokenSet> {
        let latest = self.renewal().lock().latest.clone();
        latest.unwrap_or_else(|| self.first.clone())
    }

    /// Whether it can be renewed without a person, `by_key` if need be.
    pub(crate) fn is_renewable(&self, by_key: bool) -> bool {
        self.is_of_key() && by_key || self.access().refresh_token.is_some()
    }

    /// Whether it came from that site for that API key, as far as is known: the first
    /// that it is used with are those.
    pub(crate) fn is_of(&self, origin: &Origin, consumer_key: &str) -> bool {
        let this = || Box::new((origin.clone(), consumer_key.to_owned()));
        let (of_origin, of_key) = self.site.get_or_init(this);
        of_origin == origin && of_key == consumer_key
    }

    /// Whether its key and secret alone give a new one.
    pub(crate) fn is_of_key(&self) -> bool {
        self.grant == Grant::ClientCredentials
    }

    /// Whether it has ended, as far as the service said when.
    pub(crate) fn has_expired(&self, now: i64) -> bool {
        let expires_at = self.access().expires_at;
        expires_at.is_some_and(|moment| moment.saturating_sub(MARGIN_SECONDS) <= now)
    }

    /// Renews the token by `renew`, unless `stale` was renewed meanwhile: one
    /// thread does it while the others wait, each for `timeout`.
    pub(crate) fn renew(
        &self,
        stale: &Arc<TokenSet>,
        timeout: Duration,
        is_cancelled: impl Fn() -> bool,
        renew: impl FnOnce() -> Result<TokenSet>,
    ) -> Result<()> {
        let renewal = self.renewal();
        let deadline = Instant::now() + timeout;
        let mut state = renewal.lock();
        while state.running {
            if is_cancelled() {
                return Err(Error::cancelled(Outcome::NotSent));
            }
            if Instant::now() >= deadline {
                let took = timeout.as_millis();
                return Err(Error::new(
                    Status::Timeout,
                    Outcome::NotSent,
                    format!("another call has not renewed the token within {took} ms"),
                ));
            }
            let woken = renewal.changed.wait_timeout(state, LOOK);
            (state, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
        let latest = state.latest.as_ref().unwrap_or(&self.first);
        if !Arc::ptr_eq(latest, stale) {
            return Ok(());
        }
        state.running = true;
        drop(state);

        // Wakes the others whatever comes of it.
        let _running = Running(renewal);
        let access = renew()?;
        renewal.lock().latest = Some(Arc::new(access));
        Ok(())
    }

    fn renewal(&self) -> &Renewal {
        self.renewal.get(Renewal::default)
    }
}

impl Renewal {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Running<'a>(&'a Renewal);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.lock().running = false;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Token;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    const LONG: Duration = Duration::from_secs(3600);

    fn bearer(value: &str) -> Bearer {
        let response = format!("{{\"access_token\":{}}}", quote(value));
        Bearer::new(
            Grant::ClientCredentials,
            TokenSet::from_answer(&response, 0).unwrap(),
        )
    }

    #[test]
    fn what_the_service_sends_is_kept() {
        let response = r#"{"access_token":"a\"b","refresh_token":"r","expires_in":"60"}"#;
        let access = TokenSet::from_answer(response, 1000).unwrap();
        let token = Token::of_bearer(Bearer::new(Grant::Password, access));
        let json = token.to_json();
        let expected = r#"{"type":"oauth2","grant":"password","token":"a\"b","refresh_token":"r","expires_at":1060}"#;
        assert_eq!(*json, expected);
        let restored = Token::from_json(&json).unwrap();
        assert_eq!(*restored.to_json(), expected);
        assert_eq!((restored.value(), restored.secret()), ("a\"b", None));
        let restored = restored.bearer().unwrap();
        assert!(restored.is_renewable(false) && !restored.is_of_key());
        assert!(restored.has_expired(1050) && !restored.has_expired(1049));
        assert!(!bearer("x").has_expired(i64::MAX));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"access_token":1}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":"t\n"}"#,
            r#"{"access_token":"\u00e9"}"#,
        ] {
            let error = TokenSet::from_answer(bad, 0).err().unwrap();
            assert_eq!(error.status(), crate::Status::BadResponse, "{bad}");
        }
        for bad in [
            r#"{"type":"oauth2"}"#,
            r#"{"type":"oauth2","token":"t"}"#,
            r#"{"type":"oauth2","token":"","grant":"password"}"#,
            r#"{"type":"oauth2","token":"t\n","grant":"password"}"#,
            r#"{"type":"oauth2","token":"\u00e9","grant":"password"}"#,
            r#"{"type":"oauth2","token":"t","grant":"none"}"#,
        ] {
            let error = Token::from_json(bad).err().unwrap();
            assert_eq!(error.status(), crate::Status::InvalidArgument, "{bad}");
        }
    }

    #[test]
    fn one_thread_renews_for_all() {
        let (bearer, times) = (bearer("old"), AtomicUsize::new(0));
        let stale = bearer.access();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let renew = || {
                        times.fetch_add(1, Ordering::SeqCst);
                        thread::sleep(LOOK);
                        TokenSet::from_answer(r#"{"access_token":"new"}"#, 0)
                    };
                    bearer.renew(&stale, LONG, || false, renew).unwrap();
                    assert_eq!(*bearer.access().value, "new");
                });
            }
        });
        assert_eq!(times.load(Ordering::SeqCst), 1);
        assert_eq!(bearer.first_value(), "old");
    }

    #[test]
    fn a_renewal_that_fails_leaves_the_token_to_the_next() {
        let bearer = bearer("old");
        let fails = || Err(Error::bad_response("no"));
        assert!(
            bearer
                .renew(&bearer.access(), LONG, || false, fails)
                .is_err()
        );
        let renew = || TokenSet::from_answer(r#"{"access_token":"new"}"#, 0);
        bearer
            .renew(&bearer.access(), LONG, || false, renew)
            .unwrap();
        assert_eq!(*bearer.access().value, "new");
    }
}
