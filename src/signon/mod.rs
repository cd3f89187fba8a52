//! Single sign-on tokens and webhooks: no client, no network.

pub(crate) mod jwt;
pub mod sso;
pub mod webhook;
