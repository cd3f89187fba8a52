//! API v2, the Admin API, as the table in `api` describes it.
//!
//! `http` authenticates requests. `dispatch` finds the call of a request in the table, has
//! `input` validate its parameters, and runs its action: `lists` reads records, `documents`
//! creates, changes and deletes those that only API v2 has, and `suggestions`, `comments`,
//! `settings`, `users` and `external` do what is special. Below these are `output`, the JSON
//! of a response, `page`, `record`, the fields of a record by name, and `context`.
//!
//! A resource whose records only API v2 has needs no code: add its file to `sandbox/api/`.

mod attachments;
mod comments;
mod context;
mod dispatch;
mod documents;
mod external;
mod http;
mod input;
mod lists;
mod output;
mod page;
mod record;
mod settings;
mod suggestions;
mod users;

pub use attachments::download;
pub use http::{api, token};
