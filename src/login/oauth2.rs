//! Logins to the Admin API, which obtain a bearer token (OAuth 2, RFC 6749).

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::auth::bearer::{Bearer, Grant, TokenSet};
use crate::auth::token::{Token, check};
use crate::client::Client;
use crate::encoding::form;
use crate::error::{Error, Result, Status};
use crate::login::check_not_empty;
use crate::process::random;
use crate::request::{Request, response, target};

const TOKEN_PATH: &str = "/api/v2/oauth/token";

/// An authorization request (RFC 6749, section 4.1.1).
pub struct CodeRequest {
    /// The URL of the page that asks the user for permission.
    pub url: String,
    /// The PKCE secret, which proves in the exchange that it is the same client.
    pub code_verifier: Zeroizing<String>,
}

impl fmt::Debug for CodeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeRequest").finish_non_exhaustive()
    }
}

impl Client {
    /// Obtains a bearer token of the owner of the site with the API key and secret (RFC
    /// 6749, section 4.4). When it expires, the client obtains a new one. Requires a
    /// trusted API key.
    ///
    /// # Errors
    /// Any [`Status`].
    pub fn login_with_client_credentials(&self) -> Result<Token> {
        let token_set = self.request_token_of_key()?;
        Ok(self.bearer_token(Grant::ClientCredentials, token_set))
    }

    /// Obtains a bearer token of a user with the user's password (RFC 6749, section 4.3).
    ///
    /// # Errors
    /// Any [`Status`].
    pub fn login_with_password(&self, email: &str, password: &str) -> Result<Token> {
        check_not_empty("email", email)?;
        check_not_empty("password", password)?;
        let fields = [("username", email), ("password", password)];
        let token_set = self.request_token_set(Grant::Password.name(), &fields)?;
        Ok(self.bearer_token(Grant::Password, token_set))
    }

    /// Returns the URL that asks the user for permission (RFC 6749, section 4.1.1), with
    /// PKCE (RFC 7636, S256). The user returns to `redirect_uri` with `code` and `state`,
    /// which is random if it is `None`.
    ///
    /// # Errors
    /// `InvalidArgument`, which names the argument.
    pub fn authorize_code_url(
        &self,
        redirect_uri: &str,
        state: Option<&str>,
    ) -> Result<CodeRequest> {
        check("redirect_uri", redirect_uri)?;
        if let Some(state) = state {
            check("state", state)?;
        }
        self.check_confidential()?;
        let random_state = random_string()?;
        let code_verifier = random_string()?;
        let mut target = "/api/v2/oauth/auth".to_owned();
        for (name, value) in [
            ("client_id", self.endpoint.consumer_key.as_str()),
            ("redirect_uri", redirect_uri),
            ("response_type", "code"),
            ("state", state.unwrap_or(&random_state)),
            ("code_challenge", &challenge(&code_verifier)),
            ("code_challenge_method", "S256"),
        ] {
            target::add_pair(&mut target, name, value);
        }
        Ok(CodeRequest {
            url: self.url(&target),
            code_verifier,
        })
    }

    /// Exchanges the `code` of the redirect for a bearer token (RFC 6749, section 4.1.3).
    /// Without a `code_verifier` PKCE is not used.
    ///
    /// # Errors
    /// Any [`Status`].
    pub fn login_with_code(
        &self,
        code: &str,
        code_verifier: Option<&str>,
        redirect_uri: &str,
    ) -> Result<Token> {
        check_not_empty("code", code)?;
        check_not_empty("redirect_uri", redirect_uri)?;
        let mut fields = vec![("code", code), ("redirect_uri", redirect_uri)];
        if let Some(code_verifier) = code_verifier {
            check_not_empty("code_verifier", code_verifier)?;
            fields.push(("code_verifier", code_verifier));
        }
        let token_set = self.request_token_set(Grant::AuthorizationCode.name(), &fields)?;
        Ok(self.bearer_token(Grant::AuthorizationCode, token_set))
    }

    fn bearer_token(&self, grant: Grant, token_set: TokenSet) -> Token {
        let bearer = Bearer::new(grant, token_set);
        Token::of_bearer(bearer.issued_by(&self.endpoint.origin, &self.endpoint.consumer_key))
    }

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

    fn request_token_of_key(&self) -> Result<TokenSet> {
        let secret = self.endpoint.consumer_secret.as_ref().ok_or_else(|| {
            Error::invalid("client", "must have an API secret for client credentials")
        })?;
        let grant = Grant::ClientCredentials.name();
        self.request_token_set(grant, &[("client_secret", secret)])
    }

    /// Sends a request to the token endpoint.
    fn request_token_set(&self, grant_type: &str, fields: &[(&str, &str)]) -> Result<TokenSet> {
        self.check_confidential()?;
        let mut all_fields = vec![
            ("grant_type", grant_type),
            ("client_id", self.endpoint.consumer_key.as_str()),
        ];
        all_fields.extend(fields);
        let form = form::encode_fields(&all_fields);
        let content_type = "application/x-www-form-urlencoded";
        let request = Request {
            body: Some(&form),
            credentials_in_body: true,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            ..Request::new("POST", TOKEN_PATH, None)?
        };
        self.send(None, request, |response| {
            let response = response::succeeded(response).map_err(rejected_grant)?;
            response::secret(response, |json| {
                TokenSet::from_response(json, self.endpoint.now())
            })
        })
    }
}

/// Turns HTTP 400 into `Unauthorized`: it is the status code of most rejected grants (RFC
/// 6749, section 5.2).
fn rejected_grant(mut error: Error) -> Error {
    if error.http_status == 400 {
        error.status = Status::Unauthorized;
    }
    error
}

/// Returns 32 random bytes as 43 characters, as RFC 7636 recommends (section 4.1).
fn random_string() -> Result<Zeroizing<String>> {
    let bytes = Zeroizing::new(random::bytes::<32>()?);
    Ok(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*bytes)))
}

fn challenge(code_verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(code_verifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn challenge_matches_rfc_7636_vector() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn every_authorization_url_has_its_own_state_and_verifier() {
        let client = Client::new("acme", "key", None, None).unwrap();
        let request = |state| client.authorize_code_url("https://a.example/?b=c", state);
        let (first, second) = (request(None).unwrap(), request(None).unwrap());
        assert_ne!(first.url, second.url);
        assert_ne!(first.code_verifier, second.code_verifier);
        assert_eq!(first.code_verifier.len(), 43);
        let start = "https://acme.uservoice.com/api/v2/oauth/auth?client_id=key\
                     &redirect_uri=https%3A%2F%2Fa.example%2F%3Fb%3Dc&response_type=code&state=";
        assert!(first.url.starts_with(start), "{}", first.url);
        assert!(!first.url.contains(&*first.code_verifier));
        assert!(
            request(Some("my state"))
                .unwrap()
                .url
                .contains("&state=my%20state&")
        );
        assert!(request(Some("")).is_err());
        assert!(client.authorize_code_url("", None).is_err());
    }

    #[test]
    fn rejects_oauth2_over_plain_http() {
        let options = r#"{"protocol":"http","allow_insecure":true}"#;
        let client = Client::new("acme", "key", Some("secret"), Some(options)).unwrap();
        let error = client.login_with_client_credentials().unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
        let json = r#"{"type":"oauth2","grant":"password","token":"t"}"#;
        let token = Token::from_json(json).unwrap();
        let error = client.call(Some(&token), "GET", "/", None).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
    }
}
