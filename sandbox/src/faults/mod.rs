//! Faults on demand: failures that a client must handle.
//!
//! `fault` defines the fields of a fault, `validate` rejects those that have no effect, and
//! `pending` selects the fault that affects a request. `server` then applies it: `apply`
//! changes the response, with the bodies in `body`.

mod apply;
mod body;
mod fault;
mod pending;
mod validate;

pub use fault::{Close, Fault};
pub use pending::Faults;
