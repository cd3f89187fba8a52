//! Whether and when to try again: one decision, without side effects.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::format_description::well_known::Rfc2822;
use time::{OffsetDateTime, UtcOffset};

use crate::http::{Cause, TransportError};

/// What came of an attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Attempted<'a> {
    Failed(&'a TransportError),
    Answered {
        status: u16,
        retry_after: Option<Duration>,
        /// The service refuses the time that the call was signed with.
        clock_refused: bool,
        /// The call's token can be renewed without a person.
        token_renewable: bool,
    },
}

impl Attempted<'_> {
    pub(crate) fn status(self) -> Option<u16> {
        match self {
            Attempted::Answered { status, .. } => Some(status),
            Attempted::Failed(_) => None,
        }
    }
}

/// What the options allow, and what was used of it.
#[derive(Clone, Copy)]
pub(crate) struct Allowance {
    pub(crate) retries_left: u32,
    /// Retries so far.
    pub(crate) retries: u32,
    pub(crate) kept_one_was_gone: bool,
    pub(crate) clock_was_set: bool,
    pub(crate) token_was_renewed: bool,
    pub(crate) max_wait: Duration,
}

const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(8);

/// How long to wait before the next attempt; `None` when there is to be none.
/// `jitter` is a random number from 0 to 1.
pub(crate) fn wait_before_retry(
    method: &str,
    attempted: Attempted<'_>,
    allowance: Allowance,
    jitter: f64,
) -> Option<Duration> {
    if let Attempted::Answered {
        status: 401,
        clock_refused: true,
        ..
    } = attempted
    {
        return (!allowance.clock_was_set).then_some(Duration::ZERO);
    }
    if let Attempted::Answered {
        status: 401,
        token_renewable: true,
        ..
    } = attempted
    {
        return (!allowance.token_was_renewed).then_some(Duration::ZERO);
    }
    if allowance.retries_left == 0 || !is_worth_retrying(method, attempted) {
        return None;
    }
    let wait = match attempted {
        Attempted::Answered {
            retry_after: Some(wait),
            ..
        } => wait,
        _ => backoff(allowance.retries).mul_f64(jitter),
    };
    (wait <= allowance.max_wait).then_some(wait)
}

/// Whether a call comes to the same when it is done twice.
fn is_repeatable(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "PUT" | "DELETE")
}

/// Whether the next attempt comes at once and does not count as a retry: a connection
/// that had ended was kept for the client's sake, and is not the caller's problem. Once
/// a call.
pub(crate) fn is_free(method: &str, attempted: Attempted<'_>, allowance: Allowance) -> bool {
    let was_gone = matches!(attempted, Attempted::Failed(failure)
        if failure.stale && failure.cause == Cause::Connection);
    was_gone && is_repeatable(method) && !allowance.kept_one_was_gone
}

fn is_worth_retrying(method: &str, attempted: Attempted<'_>) -> bool {
    let repeatable = is_repeatable(method);
    match attempted {
        Attempted::Failed(failure) => match failure.cause {
            Cause::Connection | Cause::TimedOut => repeatable || !failure.sent,
            Cause::Refused | Cause::Cancelled | Cause::BadAnswer | Cause::TooLong(_) => false,
        },
        Attempted::Answered {
            status,
            retry_after,
            ..
        } => match status {
            429 => true,
            503 if retry_after.is_some() => true,
            408 | 500 | 502 | 503 | 504 => repeatable,
            _ => false,
        },
    }
}

fn backoff(retries: u32) -> Duration {
    FIRST_BACKOFF
        .saturating_mul(2u32.saturating_pow(retries))
        .min(MAX_BACKOFF)
}

/// Reads `Retry-After` or `X-Rate-Limit-Reset`: seconds, seconds since 1970
/// (the service documents the one and sends the other), or an HTTP date.
pub(crate) fn parse_retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    /// About three years as a delay, 1973 as a moment: neither makes sense.
    const MOMENTS_BEGIN: u64 = 100_000_000;

    let text = text.trim();
    let moment = match text.parse::<u64>() {
        Ok(seconds) if seconds < MOMENTS_BEGIN => return Some(Duration::from_secs(seconds)),
        Ok(moment) => UNIX_EPOCH.checked_add(Duration::from_secs(moment))?,
        Err(_) => parse_date(text)?,
    };
    Some(moment.duration_since(now).unwrap_or_default())
}

/// Reads an HTTP date, up to the year 9998: what is added to it stays one.
pub(crate) fn parse_date(text: &str) -> Option<SystemTime> {
    let date = OffsetDateTime::parse(text.trim(), &Rfc2822).ok()?;
    let date = date.checked_to_offset(UtcOffset::UTC)?;
    if date.year() > 9998 {
        return None;
    }
    let seconds = u64::try_from(date.unix_timestamp()).ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPEATABLE: [&str; 4] = ["GET", "HEAD", "PUT", "DELETE"];
    const WRITES: [&str; 2] = ["POST", "PATCH"];
    const SECONDS_3: Option<Duration> = Some(Duration::from_secs(3));

    const FRESH: Allowance = Allowance {
        retries_left: 1,
        retries: 0,
        kept_one_was_gone: false,
        clock_was_set: false,
        token_was_renewed: false,
        max_wait: Duration::from_secs(60),
    };

    fn failed(cause: Cause, sent: bool) -> TransportError {
        TransportError {
            cause,
            sent,
            stale: false,
            http_status: 0,
            message: String::new(),
        }
    }

    fn kept(failure: TransportError) -> TransportError {
        TransportError {
            stale: true,
            ..failure
        }
    }

    fn answered(status: u16, retry_after: Option<Duration>) -> Attempted<'static> {
        Attempted::Answered {
            status,
            retry_after,
            clock_refused: false,
            token_renewable: false,
        }
    }

    fn clock_refused(status: u16) -> Attempted<'static> {
        Attempted::Answered {
            status,
            retry_after: None,
            clock_refused: true,
            token_renewable: false,
        }
    }

    fn token_refused(status: u16) -> Attempted<'static> {
        Attempted::Answered {
            status,
            retry_after: None,
            clock_refused: false,
            token_renewable: true,
        }
    }

    #[test]
    fn table() {
        let unmade = failed(Cause::Connection, false);
        let broken = failed(Cause::Connection, true);
        let late_connection = failed(Cause::TimedOut, false);
        let late = failed(Cause::TimedOut, true);
        let refused = failed(Cause::Refused, false);
        let unsent_cancelled = failed(Cause::Cancelled, false);
        let cancelled = failed(Cause::Cancelled, true);
        let bad = failed(Cause::BadAnswer, true);
        let gone = kept(failed(Cause::Connection, true));
        let unsent_gone = kept(failed(Cause::Connection, false));
        let kept_late = kept(failed(Cause::TimedOut, true));

        let (backoff, at_once) = (Some(FIRST_BACKOFF), Some(Duration::ZERO));
        let too_long = Some(FRESH.max_wait + Duration::from_secs(1));
        // What happened; the wait of a call that may be repeated, and of a write.
        let mut rows = vec![
            (Attempted::Failed(&unmade), backoff, backoff),
            (Attempted::Failed(&late_connection), backoff, backoff),
            (Attempted::Failed(&broken), backoff, None),
            (Attempted::Failed(&late), backoff, None),
            (Attempted::Failed(&gone), backoff, None),
            (Attempted::Failed(&unsent_gone), backoff, backoff),
            (Attempted::Failed(&kept_late), backoff, None),
            (Attempted::Failed(&refused), None, None),
            (Attempted::Failed(&unsent_cancelled), None, None),
            (Attempted::Failed(&cancelled), None, None),
            (Attempted::Failed(&bad), None, None),
            (answered(429, None), backoff, backoff),
            (answered(429, SECONDS_3), SECONDS_3, SECONDS_3),
            (
                answered(429, Some(FRESH.max_wait)),
                Some(FRESH.max_wait),
                Some(FRESH.max_wait),
            ),
            (answered(429, too_long), None, None),
            (answered(503, SECONDS_3), SECONDS_3, SECONDS_3),
            (answered(503, too_long), None, None),
            (answered(503, None), backoff, None),
            (clock_refused(401), at_once, at_once),
            (clock_refused(400), None, None),
            (token_refused(401), at_once, at_once),
            (token_refused(403), None, None),
        ];
        for status in [408, 500, 502, 504] {
            rows.push((answered(status, None), backoff, None));
            rows.push((answered(status, SECONDS_3), SECONDS_3, None));
            rows.push((answered(status, too_long), None, None));
        }
        for status in [200, 204, 301, 400, 401, 403, 404, 409, 422, 501, 505] {
            rows.push((answered(status, SECONDS_3), None, None));
        }
        for (attempted, of_repeatable, of_write) in rows {
            for method in REPEATABLE {
                let wait = wait_before_retry(method, attempted, FRESH, 1.0);
                assert_eq!(wait, of_repeatable, "{method} {attempted:?}");
            }
            for method in WRITES {
                let wait = wait_before_retry(method, attempted, FRESH, 1.0);
                assert_eq!(wait, of_write, "{method} {attempted:?}");
            }
        }
    }

    #[test]
    fn allowances_are_kept() {
        let used_up = Allowance {
            retries_left: 0,
            ..FRESH
        };
        let wait = |attempted, allowance| wait_before_retry("GET", attempted, allowance, 1.0);
        assert_eq!(wait(answered(429, SECONDS_3), used_up), None);
        assert_eq!(wait(answered(500, None), used_up), None);
        // The clock is set once, whatever the options say about retries.
        assert_eq!(wait(clock_refused(401), used_up), Some(Duration::ZERO));
        let clock_was_set = Allowance {
            clock_was_set: true,
            ..FRESH
        };
        assert_eq!(wait(clock_refused(401), clock_was_set), None);
        assert_eq!(wait(token_refused(401), used_up), Some(Duration::ZERO));
        let token_was_renewed = Allowance {
            token_was_renewed: true,
            ..FRESH
        };
        assert_eq!(wait(token_refused(401), token_was_renewed), None);
    }

    #[test]
    fn a_kept_connection_that_was_gone_does_not_count_once() {
        let used_up = Allowance {
            retries_left: 0,
            retries: 2,
            ..FRESH
        };
        let again = Allowance {
            kept_one_was_gone: true,
            ..FRESH
        };
        for sent in [false, true] {
            let gone = kept(failed(Cause::Connection, sent));
            let gone = Attempted::Failed(&gone);
            for method in REPEATABLE {
                assert!(is_free(method, gone, used_up), "{method}");
                assert!(!is_free(method, gone, again), "{method}");
            }
            for method in WRITES {
                assert!(!is_free(method, gone, FRESH), "{method}");
            }
        }
        let late = kept(failed(Cause::TimedOut, true));
        let new = failed(Cause::Connection, true);
        for other in [&late, &new] {
            assert!(!is_free("GET", Attempted::Failed(other), FRESH));
        }
        assert!(!is_free("GET", answered(503, None), FRESH));
    }

    #[test]
    fn jitter_takes_a_share_of_the_backoff_and_none_of_retry_after() {
        let wait = |attempted, jitter| wait_before_retry("GET", attempted, FRESH, jitter);
        assert_eq!(wait(answered(500, None), 0.0), Some(Duration::ZERO));
        assert_eq!(wait(answered(500, None), 0.5), Some(FIRST_BACKOFF / 2));
        assert_eq!(wait(answered(500, SECONDS_3), 0.5), SECONDS_3);
    }

    #[test]
    fn backoff_doubles_up_to_its_bound() {
        let millis: Vec<_> = [0, 1, 2, 3, 4, 5, 40, u32::MAX]
            .map(|retries| backoff(retries).as_millis())
            .into();
        assert_eq!(millis, [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]);
    }

    #[test]
    fn retry_after_in_each_form() {
        let now = UNIX_EPOCH + Duration::from_secs(1_445_412_470);
        for (text, seconds) in [
            ("0", Some(0)),
            (" 12 ", Some(12)),
            ("99999999", Some(99_999_999)),
            ("1445412480", Some(10)),
            ("1445412000", Some(0)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(10)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("", None),
            ("soon", None),
            ("Fri, 31 Dec 9999 23:59:59 -1200", None),
            ("Fri, 31 Dec 9999 23:59:59 GMT", None),
            ("-1", None),
            ("18446744073709551615", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(parse_retry_after(text, now), expected, "{text:?}");
        }
    }
}
