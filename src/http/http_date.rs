//! HTTP dates (RFC 9110, section 5.6.7).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::format_description::well_known::Rfc2822;
use time::{OffsetDateTime, UtcOffset};

/// Parses an HTTP date. Rejects years after 9998, so that adding a duration does not
/// overflow.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let date = OffsetDateTime::parse(text.trim(), &Rfc2822).ok()?;
    let date = date.checked_to_offset(UtcOffset::UTC)?;
    if date.year() > 9998 {
        return None;
    }
    let seconds = u64::try_from(date.unix_timestamp()).ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}
