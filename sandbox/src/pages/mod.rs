//! The HTML pages: the site that people look at, the logins, and the forms that control the
//! sandbox.
//!
//! `routes` maps URLs to the pages. `home`, `forums`, `people`, `knowledge` and `tickets` show
//! records, and `take_part` changes them; `single_sign_on` signs in by their links; `journal`,
//! `control` and `webhooks` belong to the sandbox; `authorize` and `sign_in` are the logins of OAuth
//! and share `decision`. Below them are `html` (the layout), `visitor` (who is signed in), `parts`,
//! `mask`, `avatar`, `form` and `assets`.

mod assets;
mod authorize;
mod avatar;
mod control;
mod decision;
mod form;
mod forums;
mod home;
mod html;
mod journal;
mod knowledge;
mod mask;
mod parts;
mod people;
mod routes;
mod sign_in;
mod single_sign_on;
mod take_part;
mod tickets;
mod visitor;
mod webhooks;

pub use routes::router;
pub use webhooks::page as webhooks;
