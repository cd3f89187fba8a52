//! Moments as the service and its callers write them.

use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, time};
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// Reads what API v2 and v1 write, and a date alone, which is its midnight in
/// UTC: from 1970 to 9998, so that sums with days of either sign stay dates of four digits.
pub(super) fn parse(text: &str) -> Option<OffsetDateTime> {
    let v1 = format_description!(
        "[year]/[month]/[day] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute]"
    );
    let day = format_description!("[year]-[month]-[day]");
    let midnight = |date: Date| PrimitiveDateTime::new(date, time!(0:00)).assume_utc();
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(text, v1))
        .or_else(|_| Date::parse(text, day).map(midnight))
        .ok()
        .and_then(|moment| moment.checked_to_offset(UtcOffset::UTC))
        .filter(|moment| (1970..=9998).contains(&moment.year()))
}

/// As API v2 writes it, to the second.
pub(super) fn text(moment: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let utc = moment.to_offset(UtcOffset::UTC);
    utc.format(format)
        .expect("every moment has all fields of the format")
}

/// The last whole second that is not later.
pub(super) fn floor(moment: OffsetDateTime) -> OffsetDateTime {
    moment.replace_nanosecond(0).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_all_their_spellings() {
        for (written, read) in [
            ("2017-02-24T16:27:36Z", "2017-02-24T16:27:36Z"),
            ("2017-02-24T16:27:36.9Z", "2017-02-24T16:27:36Z"),
            ("2017-02-24T16:27:36+02:00", "2017-02-24T14:27:36Z"),
            ("2013/05/06 12:03:44 +0000", "2013-05-06T12:03:44Z"),
            ("2013/05/06 12:03:44 -0130", "2013-05-06T13:33:44Z"),
            ("2017-02-24", "2017-02-24T00:00:00Z"),
        ] {
            assert_eq!(parse(written).map(text).as_deref(), Some(read), "{written}");
        }
        for bad in [
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
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn whole_seconds() {
        let moment = parse("2017-02-24T16:27:36.9Z").unwrap();
        assert_eq!(Some(floor(moment)), parse("2017-02-24T16:27:36Z"));
    }
}
