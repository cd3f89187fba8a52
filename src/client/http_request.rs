//! Builds the HTTP request of an attempt.

use bytes::Bytes;
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, Method, header};

use crate::auth::Auth;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::http::request_body::RequestBody;
use crate::request::endpoint::ProcessState;
use crate::request::{MAX_HEAD_BYTES, Request, too_long};

impl Client {
    /// Builds the HTTP request of one attempt: authenticates it and adds the headers.
    pub(super) fn http_request<'a>(
        &self,
        process_state: &ProcessState,
        auth: &Auth<'_>,
        request: &Request<'a>,
    ) -> Result<http::Request<Option<RequestBody<'a>>>> {
        let headers = self.headers(process_state, auth, request)?;
        check_length(request, &headers)?;
        let mut http_request = http::Request::new(request.body);
        *http_request.method_mut() =
            Method::from_bytes(request.method.as_bytes()).map_err(invalid_http)?;
        *http_request.uri_mut() = self.endpoint.uri(&request.target).map_err(invalid_http)?;
        *http_request.headers_mut() = headers;
        Ok(http_request)
    }

    fn headers(
        &self,
        process_state: &ProcessState,
        auth: &Auth<'_>,
        request: &Request<'_>,
    ) -> Result<HeaderMap> {
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        const API_CLIENT: HeaderName = HeaderName::from_static("api-client");

        let mut headers = HeaderMap::with_capacity(8 + request.headers.len());
        // ureq would build it for each request.
        headers.insert(header::HOST, self.endpoint.host.clone());
        headers.insert(header::ACCEPT, JSON);
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::CONTENT_TYPE, JSON);
        headers.insert(API_CLIENT, self.api_client.clone());
        headers.insert(header::USER_AGENT, self.user_agent.clone());
        if let Some(body) = &request.body {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(invalid_http)?;
            headers.insert(name, HeaderValue::from_str(value).map_err(invalid_http)?);
        }
        let authorization = self.endpoint.authorization(process_state, auth, request)?;
        if let Some(authorization) = authorization {
            // Not copied, and wiped when ureq drops it.
            let secret = Bytes::from_owner(authorization);
            let mut value = HeaderValue::from_maybe_shared(secret).map_err(invalid_http)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(headers)
    }
}

/// Reports a part that HTTP does not permit. The message contains neither the part nor the
/// error's text, which may contain a secret.
fn invalid_http<E>(_: E) -> Error {
    Error::internal("the request is not valid HTTP")
}

fn check_length(request: &Request<'_>, headers: &HeaderMap) -> Result<()> {
    let len = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
    let headers_len: usize = headers.iter().map(len).sum();
    if request.target.len() + headers_len <= MAX_HEAD_BYTES {
        return Ok(());
    }
    let caller_len: usize = request.headers.iter().map(|(_, value)| value.len()).sum();
    let (argument, problem) = if request.target.len() > MAX_HEAD_BYTES / 2 {
        ("path", "is too long, together with the params")
    } else if caller_len > MAX_HEAD_BYTES / 4 {
        ("headers", "are too long")
    } else {
        let problem = "is too long for a header, or the API key, a callback or the user_agent is";
        ("token", problem)
    };
    Err(too_long(argument, problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::bearer::TokenSet;

    /// So that no debug output of a request shows it, and HTTP/2 would not index it.
    #[test]
    fn authorization_is_marked_as_sensitive() {
        let client = Client::new("acme", "key", Some("secret"), None).unwrap();
        let token_set = TokenSet::from_response(r#"{"access_token":"t"}"#, 0).unwrap();
        let request = Request::new("GET", "/a", None).unwrap();
        for auth in [Auth::OAuth1(None), Auth::Bearer(&token_set)] {
            let process_state = client.endpoint.process_state();
            let http_request = client.http_request(process_state, &auth, &request).unwrap();
            assert!(http_request.headers()[header::AUTHORIZATION].is_sensitive());
        }
    }
}
