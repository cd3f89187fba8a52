//! Inner pieces for `benches/inner.rs`: no part of the API. Nothing of it is in
//! the shared or the static library.

use ureq::http::HeaderMap;
use zeroize::Zeroizing;

use crate::client::Auth;
use crate::collection::page::Page;
use crate::http::Response;
use crate::request::Call;
use crate::{Client, Error, Result, Token};

/// What signs a GET of `target` for `token`, anew at each call as for each
/// attempt: it gives the `Authorization` header.
pub fn signing<'a>(
    client: &'a Client,
    token: &'a Token,
    target: &str,
) -> impl Fn() -> Result<Zeroizing<String>> + 'a {
    let call = Call {
        method: "GET",
        target: target.to_owned(),
        ..Call::default()
    };
    let shared = client.site.shared();
    move || {
        let header = client.authorization(shared, &Auth::Signed(Some(token)), &call);
        let header = header.map_err(|failure| Error::internal(failure.message))?;
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
