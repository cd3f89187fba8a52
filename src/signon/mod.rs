//! Single sign-on tokens and webhooks, which need neither a client nor the network.

mod claims;
mod jws;
mod jwt;
pub mod sso;
mod user;
pub mod webhook;

use crate::error::{Error, Result};

fn check_key(sso_key: &str) -> Result<()> {
    match sso_key.is_empty() {
        true => Err(Error::invalid("sso_key", "must not be empty")),
        false => Ok(()),
    }
}

/// The maximum length of a user and of a token, which are copied several times. Browsers and
/// servers accept less in a URL.
const MAX_LENGTH: usize = 1 << 20;

fn check_user_length(user_json: &str) -> Result<()> {
    match user_json.len() > MAX_LENGTH {
        true => Err(Error::invalid(
            "user",
            format_args!("must have at most {MAX_LENGTH} bytes"),
        )),
        false => Ok(()),
    }
}

/// Checks the length of a string to verify, which a stranger may have sent.
fn check_untrusted_length(name: &str, string: &str) -> Result<()> {
    match string.len() > MAX_LENGTH {
        true => Err(Error::not_verified(format!("the {name} is too long"))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_at_most_a_mebibyte() {
        for (length, accepted) in [
            (0, true),
            (MAX_LENGTH, true),
            (MAX_LENGTH + 1, false),
            (2 * MAX_LENGTH, false),
        ] {
            let string = "a".repeat(length);
            assert_eq!(
                check_user_length(&string).is_ok(),
                accepted,
                "user, {length}"
            );
            assert_eq!(
                check_untrusted_length("token", &string).is_ok(),
                accepted,
                "token, {length}"
            );
        }
    }
}
