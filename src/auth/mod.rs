//! Authentication of requests: OAuth 1.0a signatures and OAuth 2 bearer tokens.

pub(crate) mod bearer;
pub(crate) mod oauth1;
pub(crate) mod token;

use bearer::TokenSet;
use token::Token;

/// How a request is authenticated.
pub(crate) enum Auth<'a> {
    /// By a bearer token.
    Bearer(&'a TokenSet),
    /// By an OAuth 1.0a signature, for a token or for the API key alone.
    OAuth1(Option<&'a Token>),
}
