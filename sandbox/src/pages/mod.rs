//! The HTML pages: logins, and an overview of the last requests.
//!
//! Each page has a module: `front`, `authorize`, `sign_in` and `overview`. The two login pages
//! share `decision`; `form` and `html` are below all of them.

mod authorize;
mod decision;
mod form;
mod front;
mod html;
mod overview;
mod sign_in;

pub use authorize::{authorize, submit_authorize};
pub use front::front;
pub use overview::overview;
pub use sign_in::{sign_in, submit_sign_in};
