//! API v1.
//!
//! `http` authenticates requests and `routes` dispatches them to the handlers in `forums`,
//! `knowledge`, `login`, `settings`, `suggestions`, `tickets` and `users`, which share
//! `notes`, `identify`, `context`, `fields` and `response`.

mod context;
mod fields;
mod forums;
mod http;
mod identify;
mod knowledge;
mod login;
mod notes;
mod response;
mod routes;
mod settings;
mod suggestions;
mod tickets;
mod users;

pub use http::{access_token, api, request_token};
pub use users::{find_or_create_by_claims, validate_email};
