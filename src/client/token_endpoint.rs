//! Requests of the OAuth 2 token endpoint, for logins and for refreshing a token.

use std::sync::Arc;

use crate::auth::bearer::{Bearer, Grant, TokenSet};
use crate::client::Client;
use crate::encoding::form;
use crate::encoding::json::Object;
use crate::error::{Error, Result, Status};
use crate::request::{Request, response};

const TOKEN_PATH: &str = "/api/v2/oauth/token";

impl Client {
    /// Requests a replacement of `stale`, with its refresh token if it has one (RFC 6749,
    /// section 6), or else with the API key and secret.
    pub(crate) fn request_refreshed_token(
        &self,
        bearer: &Bearer,
        stale: &Arc<TokenSet>,
    ) -> Result<TokenSet> {
        let Some(refresh_token) = &stale.refresh_token else {
            return self.request_token_of_key();
        };
        let mut fields = vec![("refresh_token", refresh_token.as_str())];
        let secret = self.endpoint.consumer_secret.as_ref();
        fields.extend(secret.map(|secret| ("client_secret", secret.as_str())));
        match self.request_token_set("refresh_token", &fields) {
            Ok(token_set) => Ok(TokenSet {
                // Without a new refresh token the old one remains valid.
                refresh_token: token_set.refresh_token.or(stale.refresh_token.clone()),
                ..token_set
            }),
            Err(error)
                if error.status() == Status::Unauthorized && bearer.uses_client_credentials() =>
            {
                self.request_token_of_key()
            }
            Err(error) => Err(error),
        }
    }

    /// Requests a token with the API key and secret (RFC 6749, section 4.4).
    pub(crate) fn request_token_of_key(&self) -> Result<TokenSet> {
        let secret = self.endpoint.consumer_secret.as_ref().ok_or_else(|| {
            Error::invalid("client", "must have an API secret for client credentials")
        })?;
        let grant = Grant::ClientCredentials.name();
        self.request_token_set(grant, &[("client_secret", secret)])
    }

    /// Sends a request to the token endpoint.
    pub(crate) fn request_token_set(
        &self,
        grant_type: &str,
        fields: &[(&str, &str)],
    ) -> Result<TokenSet> {
        self.check_confidential()?;
        let mut all_fields = vec![
            ("grant_type", grant_type),
            ("client_id", self.endpoint.consumer_key.as_str()),
        ];
        all_fields.extend(fields);
        let body = form::encode_fields(&all_fields);
        let request = Request {
            body: Some(body.as_str().into()),
            credentials_in_body: true,
            headers: vec![("content-type".to_owned(), form::MEDIA_TYPE.to_owned())],
            ..Request::new("POST", TOKEN_PATH, None)?
        };
        self.call(None, request, |response| {
            let response = response::succeeded(response).map_err(rejected_grant)?;
            response::read_secret(response, |json| {
                TokenSet::from_response(json, self.endpoint.now())
            })
        })
    }
}

/// Adds the error code of the token endpoint (RFC 6749, section 5.2). HTTP 400 is
/// `Unauthorized`, because it is the status code of most rejected grants, unless the code
/// says that the request was at fault.
fn rejected_grant(mut error: Error) -> Error {
    const FAULTS_OF_THE_REQUEST: [&str; 3] =
        ["invalid_request", "unsupported_grant_type", "invalid_scope"];

    let body = error.body().unwrap_or_default();
    let code = Object::parse(body)
        .ok()
        .and_then(|body| body.string("error"));
    let is_fault = |code: &String| FAULTS_OF_THE_REQUEST.contains(&code.as_str());
    if error.http_status == 400 && !code.as_ref().is_some_and(is_fault) {
        error.status = Status::Unauthorized;
    }
    error.error_type = error.error_type.or(code);
    error
}
