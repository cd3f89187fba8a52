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
