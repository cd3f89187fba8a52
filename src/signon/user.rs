//! The user in a single sign-on token: a JSON object that is kept as it is.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::encoding::json::Object;
use crate::error::{Error, Result};

/// How long a token is valid if `valid_for_seconds` is 0.
const DEFAULT_VALIDITY_SECONDS: i64 = 300;
/// A hundred years, so that every year has four digits.
pub(super) const MAX_VALIDITY_SECONDS: i64 = 100 * 366 * 86_400;

/// The format of the expiry time `expires`, in GMT.
pub(super) const EXPIRES: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// Returns how long a token is valid, in seconds.
pub(super) fn validity(valid_for_seconds: i64) -> Result<i64> {
    match valid_for_seconds {
        0 => Ok(DEFAULT_VALIDITY_SECONDS),
        1..=MAX_VALIDITY_SECONDS => Ok(valid_for_seconds),
        _ => Err(Error::invalid(
            "valid_for_seconds",
            format_args!(
                "must be from 1 to {MAX_VALIDITY_SECONDS}, or 0 for {DEFAULT_VALIDITY_SECONDS} \
                 (got {valid_for_seconds})"
            ),
        )),
    }
}

pub(super) fn parse(user_json: &str) -> Result<Object<'_>> {
    Object::parse(user_json)
        .map_err(|error| Error::invalid("user", format_args!("must be a JSON object: {error}")))
}

/// Returns `user_json`, whose members are `user`, with `member` added at its end.
pub(super) fn with_member(user_json: &str, user: &Object<'_>, member: &str) -> Result<String> {
    let open = user_json
        .trim()
        .strip_suffix('}')
        .ok_or_else(|| Error::internal("a JSON object without its closing brace"))?;
    let comma = if user.len() == 0 { "" } else { "," };
    Ok([open, comma, member, "}"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validity_is_from_one_second_to_a_hundred_years() {
        for (given, validity) in [(0, 300), (1, 1), (3_162_240_000, 3_162_240_000)] {
            assert_eq!(super::validity(given).unwrap(), validity);
        }
        for invalid in [-1, 3_162_240_001, i64::MIN, i64::MAX] {
            let error = validity(invalid).unwrap_err();
            assert_eq!(error.argument(), Some("valid_for_seconds"), "{invalid}");
        }
    }
}
