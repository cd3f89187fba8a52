//! The flows that obtain a token.

mod login_as;
pub(crate) mod oauth2;
mod three_legged;

use crate::auth::token::Token;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::request::{MAX_HEAD_BYTES, Request, response};

impl Client {
    /// Sends a request whose response has an OAuth 1.0a token.
    fn obtain_token(&self, token: Option<&Token>, request: Request<'_>) -> Result<Token> {
        self.call(token, request, |response| {
            let response = response::succeeded(response)?;
            response::read_secret(response, Token::from_response)
        })
    }
}

fn check_not_empty(argument: &str, value: &str) -> Result<()> {
    if value.is_empty() {
        return Err(Error::invalid(argument, "must not be empty"));
    }
    match value.len() > MAX_HEAD_BYTES {
        true => Err(Error::invalid(argument, "is too long")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_arguments_up_to_the_size_of_a_request_head() {
        for (length, accepted) in [
            (0, false),
            (1, true),
            (MAX_HEAD_BYTES, true),
            (MAX_HEAD_BYTES + 1, false),
        ] {
            let argument = "a".repeat(length);
            assert_eq!(
                check_not_empty("email", &argument).is_ok(),
                accepted,
                "{length}"
            );
        }
    }
}
