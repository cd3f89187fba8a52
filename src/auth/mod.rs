//! Authentication of a request: OAuth 1.0a signatures and OAuth 2 bearer tokens.

pub(crate) mod bearer;
pub(crate) mod oauth1;
pub(crate) mod token;
