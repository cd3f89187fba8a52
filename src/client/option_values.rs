//! Values of options, of a client or of an export, and the errors that name them.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use crate::encoding::json::decode;
use crate::error::{Error, Result};

/// Fails for options that are too long to be a mistake in one of them.
pub(crate) fn check_length(json: &str) -> Result<()> {
    const MAX_LENGTH: usize = 1 << 20;

    match json.len() > MAX_LENGTH {
        true => Err(Error::invalid(
            "options",
            format_args!("must have at most {MAX_LENGTH} bytes"),
        )),
        false => Ok(()),
    }
}

pub(crate) fn invalid(key: &str, explanation: impl fmt::Display) -> Error {
    Error::invalid_member("options", key, explanation)
}

/// Returns the error of a key that is not one of `keys`.
pub(crate) fn unknown<'a>(key: &str, keys: impl IntoIterator<Item = &'a str>) -> Error {
    let keys: Vec<&str> = keys.into_iter().collect();
    invalid(
        key,
        format_args!("unknown option; the options are {}", keys.join(", ")),
    )
}

pub(crate) fn string(key: &str, value: &str) -> Result<String> {
    let decoded = decode(value).map(Cow::into_owned);
    decoded.map_err(|_| invalid(key, "must be a string"))
}

pub(crate) fn boolean(key: &str, value: &str) -> Result<bool> {
    serde_json::from_str(value).map_err(|_| {
        let value = excerpt(value);
        invalid(key, format_args!("must be true or false (got {value})"))
    })
}

pub(crate) fn integer(key: &str, value: &str, range: &RangeInclusive<u64>) -> Result<u64> {
    let integer = value.parse().ok().filter(|integer| range.contains(integer));
    integer.ok_or_else(|| {
        let (min, max, value) = (range.start(), range.end(), excerpt(value));
        invalid(
            key,
            format_args!("must be an integer from {min} to {max} (got {value})"),
        )
    })
}

/// Returns the beginning of a JSON value, on one line.
fn excerpt(value: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    value.chars().map(visible).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_options_of_at_most_a_mebibyte() {
        for (length, accepted) in [(0, true), (1 << 20, true), ((1 << 20) + 1, false)] {
            let options = " ".repeat(length);
            assert_eq!(check_length(&options).is_ok(), accepted, "{length}");
        }
    }
}
