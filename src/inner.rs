//! Inner pieces for `benches/inner.rs`: no part of the API. Nothing of it is in
//! the shared or the static library.

use ureq::http::HeaderMap;
use zeroize::Zeroizing;

use crate::auth::Auth;
use crate::collection::page::Page;
use crate::http::Response;
use crate::request::Request;
use crate::{Client, Error, Result, Token};

/// The table of the client options, from which the header and
/// docs/reference/options.md are generated.
pub use crate::client::options::{OPTIONS, OptionSpec};

/// What signs a GET of `target` for `token`, anew at each call as for each
/// attempt: it gives the `Authorization` header.
pub fn signing<'a>(
    client: &'a Client,
    token: &'a Token,
    target: &str,
) -> impl Fn() -> Result<Zeroizing<String>> + 'a {
    let call = Request {
        method: "GET",
        target: target.to_owned(),
        ..Request::default()
    };
    let process_state = client.endpoint.process_state();
    move || {
        let auth = Auth::OAuth1(Some(token));
        let header = client.endpoint.authorization(process_state, &auth, &call)?;
        header.ok_or_else(|| Error::internal("a client without a secret signs nothing"))
    }
}

/// Checks an response and finds its records: how many there are.
///
/// # Errors
/// When it is no list.
pub fn split_page(body: Vec<u8>, target: &str) -> Result<usize> {
    let response = Response {
        status: 200,
        headers: HeaderMap::new(),
        body,
    };
    Ok(Page::read(response, target)?.len())
}
