//! The client against servers that misbehave on purpose.

mod answers;
mod calls;
mod debug;
mod error_details;
mod lists;
mod log;
mod oauth2;
mod proxies;
mod rate_limits;
mod server;
mod splitting;
mod threads;
mod tls;
mod tls_server;
mod tricks;
mod waiting;
