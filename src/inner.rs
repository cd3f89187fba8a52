//! Inner pieces for `benches/inner.rs`: no part of the API. Nothing of it is in
//! the shared or the static library.

use ureq::http::HeaderMap;
use zeroize::Zeroizing;

use crate::call::Call;
use crate::client::Who;
use crate::page::Page;
use crate::transport::Answer;
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
        let header = client.authorization(shared, &Who::Signed(Some(token)), &call);
        let header = header.map_err(|failure| Error::internal(failure.message))?;
        header.ok_or_else(|| Error::internal("a client without a secret signs nothing"))
    }
}

/// Checks an answer and finds its records: how many there are.
///
/// # Errors
/// When it is no list.
pub fn split_page(body: Vec<u8>, target: &str) -> Result<usize> {
    let answer = Answer {
        status: 200,
        headers: HeaderMap::new(),
        body,
    };
    Ok(Page::read(answer, target)?.len())
}
