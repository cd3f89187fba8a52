//! The client against servers that misbehave on purpose.

mod bodies;
mod changing_lists;
mod collections;
mod debug_output;
mod early_responses;
mod error_details;
mod host_confusion;
mod interrupt;
mod log;
mod oauth2;
mod proxies;
mod random;
mod rate_limits;
mod request_splitting;
mod requests;
mod responses;
mod retries;
mod server;
mod simulation;
mod threads;
mod timeouts;
mod tls;
mod tls_server;
