//! Timestamps in the formats of UserVoice's API and of the export options.

use std::time::{SystemTime, UNIX_EPOCH};

use time::format_description::well_known::Rfc3339;
use time::macros::{datetime, format_description, time};
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// The range of timestamps. A sum with a few days still has a four-digit year.
const FIRST: OffsetDateTime = datetime!(1970-01-01 0:00 UTC);
const LAST: OffsetDateTime = datetime!(9998-12-31 23:59:59.999_999_999 UTC);

/// Parses a timestamp of API v2 (RFC 3339) or v1 ("2013/05/06 12:03:44 +0000"), or a date,
/// which means midnight UTC. Accepts the years 1970 to 9998.
pub(super) fn parse(string: &str) -> Option<OffsetDateTime> {
    let v1 = format_description!(
        "[year]/[month]/[day] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute]"
    );
    let day = format_description!("[year]-[month]-[day]");
    let midnight = |date: Date| PrimitiveDateTime::new(date, time!(0:00)).assume_utc();
    OffsetDateTime::parse(string, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(string, v1))
        .or_else(|_| Date::parse(string, day).map(midnight))
        .ok()
        .and_then(|timestamp| timestamp.checked_to_offset(UtcOffset::UTC))
        .filter(|timestamp| (FIRST..=LAST).contains(timestamp))
}

/// Formats a timestamp as API v2 does, in whole seconds.
pub(super) fn format(timestamp: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let utc = timestamp.to_offset(UtcOffset::UTC);
    utc.format(format)
        .expect("a timestamp has every component of the format")
}

/// Formats a timestamp with the fraction of its second, so that `parse` returns the same one.
pub(super) fn format_exactly(timestamp: OffsetDateTime) -> String {
    let utc = timestamp.to_offset(UtcOffset::UTC);
    utc.format(&Rfc3339)
        .expect("the year of a timestamp has four digits")
}

/// Converts the time of a clock, which may be wrong by any number of years, to the nearest
/// timestamp in whole seconds.
pub(super) fn from_clock(clock: SystemTime) -> OffsetDateTime {
    let seconds = clock.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(seconds.as_secs()).unwrap_or(i64::MAX);
    let seconds = seconds.min(LAST.unix_timestamp());
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(FIRST)
}

/// Returns the timestamp `duration` earlier, or `None` if that is before 1970.
pub(super) fn earlier(timestamp: OffsetDateTime, duration: Duration) -> Option<OffsetDateTime> {
    let earlier = timestamp.checked_sub(duration);
    earlier.filter(|earlier| *earlier >= FIRST)
}

/// Rounds down to a whole second.
pub(super) fn truncate_to_second(timestamp: OffsetDateTime) -> OffsetDateTime {
    timestamp.replace_nanosecond(0).unwrap_or(timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_v1_and_v2_timestamps_and_dates() {
        for (string, formatted) in [
            ("2017-02-24T16:27:36Z", "2017-02-24T16:27:36Z"),
            ("2017-02-24T16:27:36.9Z", "2017-02-24T16:27:36Z"),
            ("2017-02-24T16:27:36+02:00", "2017-02-24T14:27:36Z"),
            ("2013/05/06 12:03:44 +0000", "2013-05-06T12:03:44Z"),
            ("2013/05/06 12:03:44 -0130", "2013-05-06T13:33:44Z"),
            ("2017-02-24", "2017-02-24T00:00:00Z"),
        ] {
            assert_eq!(
                parse(string).map(format).as_deref(),
                Some(formatted),
                "{string}"
            );
        }
    }

    #[test]
    fn rejects_other_formats_and_years() {
        for string in [
            "",
            "yesterday",
            "2017-02-30",
            "2017-02-24T16:27:36",
            "1487953656",
            "1969-12-31",
            "0000-01-01",
            "-9999-01-01",
            "1970-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59Z",
            "9998-12-31T23:59:59-00:01",
        ] {
            assert_eq!(parse(string), None, "{string}");
        }
    }

    #[test]
    fn format_exactly_keeps_fractions() {
        for string in ["2017-02-24T16:27:36Z", "2017-02-24T16:27:36.000000001Z"] {
            let timestamp = parse(string).unwrap();
            assert_eq!(format_exactly(timestamp), string);
        }
    }

    #[test]
    fn clocks_beyond_the_range_are_its_ends() {
        let hour = std::time::Duration::from_secs(3600);
        let century = hour * 24 * 365 * 100;
        for (clock, expected) in [
            (UNIX_EPOCH - hour, "1970-01-01T00:00:00Z"),
            (UNIX_EPOCH + hour / 2, "1970-01-01T00:30:00Z"),
            (UNIX_EPOCH + century * 1000, "9998-12-31T23:59:59Z"),
        ] {
            let timestamp = from_clock(clock);
            assert_eq!(format(timestamp), expected);
            assert_eq!(parse(expected), Some(timestamp));
        }
    }

    #[test]
    fn earlier_ends_at_1970() {
        let timestamp = parse("1970-01-01T00:00:30Z").unwrap();
        assert_eq!(earlier(timestamp, Duration::SECOND * 30), Some(FIRST));
        assert_eq!(earlier(timestamp, Duration::SECOND * 31), None);
    }

    #[test]
    fn truncates_to_whole_seconds() {
        let timestamp = parse("2017-02-24T16:27:36.9Z").unwrap();
        assert_eq!(
            Some(truncate_to_second(timestamp)),
            parse("2017-02-24T16:27:36Z")
        );
    }
}
