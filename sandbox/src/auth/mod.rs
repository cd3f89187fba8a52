//! Authentication: OAuth 1.0a signatures, OAuth 2 tokens and single sign-on tokens.
//!
//! None of this code is shared with the library, so that each checks the other.

pub mod credentials;
pub mod oauth1;
pub mod oauth2;
mod signed_pairs;
pub mod sso;
pub mod url;
