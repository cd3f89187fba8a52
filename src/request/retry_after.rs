//! How long the service asks to wait, and the time by its clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::http::Response;

/// Returns how long the service asks to wait: `Retry-After`, or for a 429 without it
/// `X-Rate-Limit-Reset`.
pub(crate) fn retry_after(response: &Response) -> Option<Duration> {
    let wait = |name| parse_retry_after(response.header(name)?, server_time(response));
    let reset = || wait("x-rate-limit-reset").filter(|_| response.status == 429);
    wait("retry-after").or_else(reset)
}

/// Parses a value of `Retry-After` or `X-Rate-Limit-Reset`: seconds, seconds since 1970
/// (the service documents the one and sends the other), or an HTTP date in any of its forms.
pub(crate) fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    /// Three years as a delay, the year 1973 as a timestamp: neither makes sense.
    const FIRST_TIMESTAMP: Duration = Duration::from_secs(100_000_000);

    let value = value.trim();
    let Some(seconds) = parse_seconds(value) else {
        let date = httpdate::parse_http_date(value).ok()?;
        return Some(date.duration_since(now).unwrap_or_default());
    };
    if seconds < FIRST_TIMESTAMP {
        return Some(seconds);
    }
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some(seconds.saturating_sub(now))
}

/// Parses a decimal number of seconds, which may have a fraction. A number that is too large
/// becomes the longest duration.
pub(crate) fn parse_seconds(value: &str) -> Option<Duration> {
    let is_decimal = value.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    let seconds: f64 = value.parse().ok().filter(|_| is_decimal)?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// Returns the time by the clock of the service, to which its timestamps refer; ours if
/// the response has no `Date`.
pub(crate) fn server_time(response: &Response) -> SystemTime {
    response.date().unwrap_or_else(SystemTime::now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_each_form_of_retry_after() {
        let now = UNIX_EPOCH + Duration::from_secs(1_445_412_470);
        for (value, seconds) in [
            ("0", Some(0.0)),
            (" 12 ", Some(12.0)),
            ("1.5", Some(1.5)),
            ("99999999", Some(99_999_999.0)),
            ("1445412480", Some(10.0)),
            ("1445412480.25", Some(10.25)),
            ("1445412000", Some(0.0)),
            // The three forms of RFC 9110, section 5.6.7.
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(10.0)),
            ("Wednesday, 21-Oct-15 07:28:00 GMT", Some(10.0)),
            ("Wed Oct 21 07:28:00 2015", Some(10.0)),
            ("Thu Oct  1 07:28:00 2015", Some(0.0)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0.0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(251_956_888_329.0)),
            ("", None),
            ("soon", None),
            (".", None),
            ("1.2.3", None),
            ("1e3", None),
            ("+1", None),
            ("-1", None),
            ("inf", None),
            ("NaN", None),
            ("Wed, 32 Oct 2015 07:28:00 GMT", None),
        ] {
            let expected = seconds.map(Duration::from_secs_f64);
            assert_eq!(parse_retry_after(value, now), expected, "{value:?}");
        }
        // Longer than any wait, not unknown.
        for huge in ["18446744073709551615", &"9".repeat(400)] {
            let wait = parse_retry_after(huge, now).unwrap();
            assert!(wait > Duration::from_secs(1 << 60), "{huge}");
        }
    }

    #[test]
    fn reads_timestamps_by_the_clock_of_the_server() {
        let wait = |headers: &[(&'static str, &str)]| {
            let mut response = Response::of(429, "");
            for (name, value) in headers {
                response.headers.insert(*name, value.parse().unwrap());
            }
            retry_after(&response).map(|wait| wait.as_secs())
        };
        let later = ("retry-after", "Wed, 21 Oct 2015 07:28:10 GMT");
        for date in [
            "Wed, 21 Oct 2015 07:28:00 GMT",
            "Wednesday, 21-Oct-15 07:28:00 GMT",
            "Wed Oct 21 07:28:00 2015",
        ] {
            let date = ("date", date);
            assert_eq!(wait(&[date, later]), Some(10));
            assert_eq!(wait(&[date, ("retry-after", "1445412490")]), Some(10));
            let reset = ("x-rate-limit-reset", "1445412490");
            assert_eq!(wait(&[date, reset]), Some(10));
        }
        // By our clock without a valid date: long past.
        assert_eq!(wait(&[later]), Some(0));
        for invalid in ["soon", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert_eq!(wait(&[("date", invalid), later]), Some(0), "{invalid}");
        }
    }
}
