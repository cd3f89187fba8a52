//! Whether and when to try again: one decision, without side effects.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::transport::{Cause, Failure};

/// What came of an attempt.
#[derive(Clone, Copy)]
pub(crate) enum Attempted<'a> {
    Failed(&'a Failure),
    Answered {
        status: u16,
        retry_after: Option<Duration>,
    },
}

/// What the options allow, and what was used of it.
#[derive(Clone, Copy)]
pub(crate) struct Allowance {
    pub(crate) retries_left: u32,
    /// Retries so far.
    pub(crate) retries: u32,
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

fn is_worth_retrying(method: &str, attempted: Attempted<'_>) -> bool {
    let repeatable = matches!(method, "GET" | "HEAD" | "PUT" | "DELETE");
    match attempted {
        Attempted::Failed(failure) => match failure.cause {
            Cause::Connection | Cause::TimedOut => repeatable || !failure.sent,
            Cause::Refused | Cause::Cancelled | Cause::BadAnswer => false,
        },
        Attempted::Answered {
            status,
            retry_after,
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
    let seconds = match text.parse::<u64>() {
        Ok(seconds) if seconds < MOMENTS_BEGIN => return Some(Duration::from_secs(seconds)),
        Ok(moment) => moment,
        Err(_) => {
            let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
            u64::try_from(date.unix_timestamp()).ok()?
        }
    };
    let moment = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    Some(moment.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [&str; 6] = ["GET", "HEAD", "PUT", "DELETE", "POST", "PATCH"];

    fn failed(cause: Cause, sent: bool) -> Failure {
        Failure {
            cause,
            sent,
            message: String::new(),
        }
    }

    fn wait(method: &str, attempted: Attempted<'_>, retries_left: u32) -> Option<Duration> {
        let allowance = Allowance {
            retries_left,
            retries: 0,
            max_wait: Duration::from_secs(60),
        };
        wait_before_retry(method, attempted, allowance, 1.0)
    }

    #[test]
    fn table() {
        let after = Some(Duration::from_secs(3));
        let answered = |status, retry_after| Attempted::Answered {
            status,
            retry_after,
        };
        let unsent = failed(Cause::Connection, false);
        let broken = failed(Cause::Connection, true);
        let timed_out = failed(Cause::TimedOut, true);
        let never = [
            failed(Cause::Refused, false),
            failed(Cause::Cancelled, false),
            failed(Cause::BadAnswer, true),
        ];
        for method in METHODS {
            let repeatable = !matches!(method, "POST" | "PATCH");
            let again = |attempted| wait(method, attempted, 1).is_some();

            assert!(again(Attempted::Failed(&unsent)), "{method}");
            assert!(again(answered(429, None)), "{method}");
            assert_eq!(wait(method, answered(429, after), 1), after);
            assert_eq!(wait(method, answered(503, after), 1), after);
            assert_eq!(again(Attempted::Failed(&broken)), repeatable, "{method}");
            assert_eq!(again(Attempted::Failed(&timed_out)), repeatable);
            for status in [408, 500, 502, 503, 504] {
                assert_eq!(again(answered(status, None)), repeatable, "{method}");
            }
            for status in [200, 301, 400, 401, 403, 404, 409, 422, 501] {
                assert!(!again(answered(status, after)), "{method} {status}");
            }
            for failure in &never {
                assert!(!again(Attempted::Failed(failure)), "{method} {failure:?}");
            }
            assert_eq!(wait(method, answered(429, after), 0), None);
            assert_eq!(
                wait(method, answered(429, Some(Duration::from_secs(61))), 1),
                None
            );
        }
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
            ("-1", None),
            ("18446744073709551615", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(parse_retry_after(text, now), expected, "{text:?}");
        }
    }
}
