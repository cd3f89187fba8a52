//! How many calls a site still takes from an API key, by its own word. All
//! handles of the process share it: a limit that one has met, all know.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use crate::process::fork::PerProcess;

/// The calls that one site takes from one API key.
#[derive(Default)]
pub(crate) struct RateLimit {
    /// None while nothing is known.
    window: Mutex<Option<Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    /// Calls that may still be sent.
    left: u64,
    /// When the service counts anew.
    end: Instant,
}

/// The service gives whole seconds: two ends of one window can differ by that.
const SLACK: Duration = Duration::from_secs(1);

/// The service counts by the minute.
const LONGEST: Duration = Duration::from_secs(3600);

/// By origin and API key. An entry lives as long as a handle that uses it.
type Registry = Mutex<BTreeMap<(String, String), Weak<RateLimit>>>;

impl RateLimit {
    /// The one of this process for `origin` and `api_key`.
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

    /// Takes one call out of what is left.
    ///
    /// # Errors
    /// When nothing is: the moment to ask again.
    pub(crate) fn take(&self) -> Result<(), Instant> {
        let mut window = self.lock();
        match &mut *window {
            Some(known) if known.end <= Instant::now() => *window = None,
            Some(known) if known.left == 0 => return Err(known.end),
            Some(known) => known.left -= 1,
            None => {}
        }
        Ok(())
    }

    /// Gives back a call that was taken and certainly not sent.
    pub(crate) fn give_back(&self) {
        if let Some(window) = &mut *self.lock() {
            window.left = window.left.saturating_add(1);
        }
    }

    /// Notes that the service takes `left` more calls within `time`. Answers
    /// that cross tell different numbers: the lowest of a window counts, so
    /// that calls which are under way are not forgotten. A time that makes no sense
    /// would end all calls of the process, and so is not believed.
    pub(crate) fn note(&self, left: u64, time: Duration) {
        if time > LONGEST {
            return;
        }
        let end = Instant::now() + time;
        let mut window = self.lock();
        let said = Window { left, end };
        *window = Some(match *window {
            Some(known) if end + SLACK < known.end => known,
            Some(known) if end <= known.end + SLACK => Window {
                left: known.left.min(left),
                end: known.end.max(end),
            },
            _ => said,
        });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Window>> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn takes(limit: &RateLimit) -> usize {
        (0..100).take_while(|_| limit.take().is_ok()).count()
    }

    #[test]
    fn what_is_left_is_taken_once() {
        let limit = RateLimit::default();
        assert_eq!(takes(&limit), 100);
        limit.note(3, MINUTE);
        assert_eq!(takes(&limit), 3);
        assert!(limit.take().unwrap_err() > Instant::now());
        limit.give_back();
        assert_eq!(takes(&limit), 1);
    }

    #[test]
    fn answers_that_cross_do_not_raise_what_is_left() {
        let limit = RateLimit::default();
        limit.note(3, MINUTE);
        limit.take().unwrap();
        limit.take().unwrap();
        limit.note(2, MINUTE);
        assert_eq!(takes(&limit), 1);
        limit.note(0, MINUTE);
        limit.note(5, MINUTE / 2);
        assert_eq!(takes(&limit), 0);
    }

    #[test]
    fn a_new_window_counts_anew() {
        let limit = RateLimit::default();
        limit.note(0, MINUTE);
        limit.note(2, 2 * MINUTE);
        assert_eq!(takes(&limit), 2);
        let past = RateLimit::default();
        past.note(0, Duration::ZERO);
        assert_eq!(takes(&past), 100);
        for senseless in [LONGEST + SLACK, Duration::MAX] {
            past.note(0, senseless);
            assert_eq!(takes(&past), 100);
        }
    }

    #[test]
    fn one_for_each_site_and_key_while_it_is_used() {
        let shared = |origin: &str, key: &str| RateLimit::shared(origin.into(), key.into());
        let first = shared("https://rate-limit.test", "k");
        assert!(Arc::ptr_eq(&first, &shared("https://rate-limit.test", "k")));
        assert!(!Arc::ptr_eq(
            &first,
            &shared("https://rate-limit.test", "l")
        ));
        assert!(!Arc::ptr_eq(&first, &shared("https://other.test", "k")));
        first.note(0, MINUTE);
        drop(first);
        assert!(shared("https://rate-limit.test", "k").take().is_ok());
    }
}
