//! API v2, the Admin API.
//!
//! `http` authenticates requests and `routes` dispatches them to `resources`, which reads
//! records, and `changes`, which creates, updates and deletes them. Below these are `json`
//! and `page`, the representation of records and lists, `fields` and `context`.

mod changes;
mod context;
mod fields;
mod http;
mod json;
mod page;
mod resources;
mod routes;

pub use http::{api, token};
