//! API v2, the Admin API.
//!
//! `http` authenticates requests and `routes` dispatches them to `resources`, which reads
//! records, `changes`, which creates, updates and deletes them, and `attachments`. Below these are `json`
//! and `page`, the representation of records and lists, `fields` and `context`.
//!
//! To add a resource:
//!
//! 1. Define the record in `data/records.rs` and list it in `rows!` there; add a table to
//!    `data/store.rs`, and its initial records to `data/seed.rs`.
//! 2. In `json`, add the function that returns its JSON, and list the type in `dated!` or
//!    `undated!`. Other records can include it if `included` finds its links.
//! 3. In `resources`, add it to `resource_page` and remove it from `EMPTY`. Lists and single
//!    records can then be read.
//! 4. If it can be changed, add functions to `changes` and their paths to `routes`.

mod attachments;
mod changes;
mod context;
mod fields;
mod http;
mod json;
mod page;
mod resources;
mod routes;

pub use attachments::download;
pub use http::{api, token};
