//! Internals for `benches/inner.rs` and for tests. They are not part of the API, and neither the
//! shared nor the static library contains them.

use ureq::http::HeaderMap;
use zeroize::Zeroizing;

use crate::auth::Auth;
use crate::collection::page::Page;
use crate::http::Response;
use crate::request::Request;
use crate::{Client, Error, Result, Token};

/// The table of the client options, from which the header and docs/reference/options.md are
/// generated.
pub use crate::client::options::{OPTIONS, OptionSpec};

/// Returns a function that signs a GET of `target` and returns the `Authorization` header, as
/// each attempt of a request does.
pub fn signing<'a>(
    client: &'a Client,
    token: &'a Token,
    target: &str,
) -> impl Fn() -> Result<Zeroizing<String>> + 'a {
    let request = Request {
        method: "GET",
        target: target.to_owned(),
        ..Request::default()
    };
    let process_state = client.endpoint.process_state();
    move || {
        let auth = Auth::OAuth1(Some(token));
        let header = client
            .endpoint
            .authorization(process_state, &auth, &request)?;
        header.ok_or_else(|| Error::internal("a client without an API secret cannot sign"))
    }
}

/// Parses a page and returns the number of its records.
///
/// # Errors
/// If the body is not a list.
pub fn parse_page(body: Vec<u8>, target: &str) -> Result<usize> {
    let response = Response {
        status: 200,
        headers: HeaderMap::new(),
        body,
        max_bytes: 64 << 20,
        body_error: None,
    };
    Ok(Page::parse(response, target)?.len())
}
