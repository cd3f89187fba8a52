//! API v1.
//!
//! `http` authenticates requests and `routes` dispatches them to the handlers in `assets`,
//! `instant_answers`, `login`, `settings` and `stream`, and in `categories`, `comments`, `forums`, `knowledge`,
//! `suggestions` with `suggestion_lists`, `tickets` with `ticket_messages`, and `users`, which
//! also return the JSON of records. All share `notes`, `identify`, `context`, `fields` and
//! `response`.

mod assets;
mod categories;
mod comments;
mod context;
mod fields;
mod forums;
mod http;
mod identify;
mod instant_answers;
mod knowledge;
mod login;
mod notes;
mod response;
mod routes;
mod settings;
mod stream;
mod suggestion_lists;
mod suggestions;
mod ticket_messages;
mod tickets;
mod users;

pub use http::{access_token, api, request_token};
pub use users::{find_or_create_by_claims, validate_email};
