//! The service's rate limit, as its responses report it. All handles of the process with
//! one origin and API key share it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use crate::http::Response;
use crate::process::fork::PerProcess;
use crate::request::retry_after::{parse_retry_after, retry_after, server_time};

/// The rate limit of one origin and API key.
#[derive(Default)]
pub(crate) struct RateLimit {
    /// `None` while nothing is known.
    window: Mutex<Option<Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    /// Requests that may still be sent.
    remaining: u64,
    reset: Instant,
}

/// The service reports whole seconds: two reports of the same reset can differ by one.
const RESET_PRECISION: Duration = Duration::from_secs(1);

/// A longer time to the reset is ignored: the service's windows are minutes, and one wrong
/// value would stop all requests of the process.
const MAX_WINDOW: Duration = Duration::from_secs(3600);

/// By origin and API key. An entry lives as long as a handle that uses it.
type Registry = Mutex<BTreeMap<(String, String), Weak<RateLimit>>>;

impl RateLimit {
    /// Returns this process's rate limit of `origin` and `api_key`.
    pub(crate) fn shared(origin: String, api_key: String) -> Arc<Self> {
        static REGISTRY: OnceBox<PerProcess<Registry>> = OnceBox::new();
        let registry = REGISTRY.get_or_init(Box::default).get(Registry::default);
        let mut registry = registry.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (origin, api_key);
        if let Some(limit) = registry.get(&key).and_then(Weak::upgrade) {
            return limit;
        }
        registry.retain(|_, limit| limit.strong_count() > 0);
        let limit = Arc::new(RateLimit::default());
        registry.insert(key, Arc::downgrade(&limit));
        limit
    }

    /// Takes one request out of the window.
    ///
    /// # Errors
    /// When the window is used up: its reset.
    pub(crate) fn acquire(&self) -> Result<(), Instant> {
        let mut window = self.lock();
        match &mut *window {
            Some(known) if known.reset <= Instant::now() => *window = None,
            Some(known) if known.remaining == 0 => return Err(known.reset),
            Some(known) => known.remaining -= 1,
            None => {}
        }
        Ok(())
    }

    /// Returns a request that was acquired and certainly not sent.
    pub(crate) fn release(&self) {
        if let Some(window) = &mut *self.lock() {
            window.remaining = window.remaining.saturating_add(1);
        }
    }

    /// Records what a response reports.
    pub(crate) fn update(&self, response: &Response) {
        if let Some((remaining, time_to_reset)) = reported(response) {
            self.set(remaining, time_to_reset);
        }
    }

    /// Records that the service accepts `remaining` more requests in the time to the
    /// reset. Concurrent responses report different numbers: the lowest of a window
    /// counts, so that requests in progress are not forgotten.
    fn set(&self, remaining: u64, time_to_reset: Duration) {
        if time_to_reset > MAX_WINDOW {
            return;
        }
        let reset = Instant::now() + time_to_reset;
        let mut window = self.lock();
        let new = Window { remaining, reset };
        *window = Some(match *window {
            Some(known) if reset + RESET_PRECISION < known.reset => known,
            Some(known) if reset <= known.reset + RESET_PRECISION => Window {
                remaining: known.remaining.min(remaining),
                reset: known.reset.max(reset),
            },
            _ => new,
        });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Window>> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns how many requests the service still accepts, and the time to the reset.
fn reported(response: &Response) -> Option<(u64, Duration)> {
    if response.status == 429 {
        return Some((0, retry_after(response)?));
    }
    let remaining = response.header("x-rate-limit-remaining")?;
    let reset = response.header("x-rate-limit-reset")?;
    let time_to_reset = parse_retry_after(reset, server_time(response))?;
    Some((remaining.trim().parse().ok()?, time_to_reset))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn acquired(limit: &RateLimit) -> usize {
        (0..100).take_while(|_| limit.acquire().is_ok()).count()
    }

    #[test]
    fn acquires_what_remains() {
        let limit = RateLimit::default();
        assert_eq!(acquired(&limit), 100);
        limit.set(3, MINUTE);
        assert_eq!(acquired(&limit), 3);
        assert!(limit.acquire().unwrap_err() > Instant::now());
        limit.release();
        assert_eq!(acquired(&limit), 1);
    }

    #[test]
    fn keeps_the_lowest_number_of_a_window() {
        let limit = RateLimit::default();
        limit.set(3, MINUTE);
        limit.acquire().unwrap();
        limit.acquire().unwrap();
        limit.set(2, MINUTE);
        assert_eq!(acquired(&limit), 1);
        limit.set(0, MINUTE);
        limit.set(5, MINUTE / 2);
        assert_eq!(acquired(&limit), 0);
    }

    #[test]
    fn a_new_window_replaces_the_old() {
        let limit = RateLimit::default();
        limit.set(0, MINUTE);
        limit.set(2, 2 * MINUTE);
        assert_eq!(acquired(&limit), 2);
    }

    #[test]
    fn ignores_windows_that_are_past_or_too_long() {
        let limit = RateLimit::default();
        limit.set(0, Duration::ZERO);
        assert_eq!(acquired(&limit), 100);
        for too_long in [MAX_WINDOW + RESET_PRECISION, Duration::MAX] {
            limit.set(0, too_long);
            assert_eq!(acquired(&limit), 100);
        }
    }

    #[test]
    fn shares_one_limit_per_origin_and_key_while_it_is_used() {
        let shared = |origin: &str, key: &str| RateLimit::shared(origin.into(), key.into());
        let first = shared("https://rate-limit.test", "k");
        assert!(Arc::ptr_eq(&first, &shared("https://rate-limit.test", "k")));
        assert!(!Arc::ptr_eq(
            &first,
            &shared("https://rate-limit.test", "l")
        ));
        assert!(!Arc::ptr_eq(&first, &shared("https://other.test", "k")));
        first.set(0, MINUTE);
        drop(first);
        assert!(shared("https://rate-limit.test", "k").acquire().is_ok());
    }

    #[test]
    fn reads_rate_limit_headers() {
        let response = |status, headers: &[(&'static str, &str)]| {
            let mut response = Response::of(status, "");
            for (name, value) in headers {
                response.headers.insert(*name, value.parse().unwrap());
            }
            response
        };
        let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        let remaining = ("x-rate-limit-remaining", "7");
        let reset = ("x-rate-limit-reset", "1445412490");
        let ten_seconds = Duration::from_secs(10);
        let too_many = response(429, &[date, remaining, reset]);
        assert_eq!(reported(&too_many), Some((0, ten_seconds)));
        let ok = response(200, &[date, remaining, reset]);
        assert_eq!(reported(&ok), Some((7, ten_seconds)));
        assert_eq!(reported(&response(200, &[date, remaining])), None);
        assert_eq!(reported(&response(200, &[date, reset])), None);
        assert_eq!(reported(&response(429, &[date])), None);
    }
}
