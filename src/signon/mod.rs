//! Single sign-on tokens and webhooks, which need neither a client nor the network.

pub(crate) mod jwt;
pub mod sso;
pub mod webhook;

use crate::error::{Error, Result};

fn check_key(sso_key: &str) -> Result<()> {
    match sso_key.is_empty() {
        true => Err(Error::invalid("sso_key", "must not be empty")),
        false => Ok(()),
    }
}
