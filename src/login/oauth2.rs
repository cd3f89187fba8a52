//! Logins to the Admin API, which obtain a bearer token (OAuth 2, RFC 6749).

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::auth::bearer::{Bearer, Grant, TokenSet};
use crate::auth::token::{Token, check};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::login::check_not_empty;
use crate::process::random;
use crate::request::target;

/// An authorization request (RFC 6749, section 4.1.1).
pub struct AuthorizationRequest {
    /// The URL of the page that asks the user for permission.
    pub url: String,
    /// The PKCE secret, which proves in the exchange that it is the same client.
    pub code_verifier: Zeroizing<String>,
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Obtains a bearer token of the owner of the site with the API key and secret (RFC
    /// 6749, section 4.4). When it expires, the client obtains a new one. Requires a
    /// trusted API key.
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn login_with_client_credentials(&self) -> Result<Token> {
        let token_set = self.request_token_of_key()?;
        Ok(self.bearer_token(Grant::ClientCredentials, token_set))
    }

    /// Obtains a bearer token of a user with the user's password (RFC 6749, section 4.3).
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
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
    ) -> Result<AuthorizationRequest> {
        let mut target = self.authorize_code_target(redirect_uri, state)?;
        let code_verifier = random_string()?;
        target::add_pair(&mut target, "code_challenge", &challenge(&code_verifier));
        target::add_pair(&mut target, "code_challenge_method", "S256");
        Ok(AuthorizationRequest {
            url: self.url(&target),
            code_verifier,
        })
    }

    /// Returns the URL as [`Client::authorize_code_url`] does, but without PKCE: whoever
    /// intercepts the code can use it.
    ///
    /// # Errors
    /// `InvalidArgument`, which names the argument.
    pub fn authorize_code_url_without_pkce(
        &self,
        redirect_uri: &str,
        state: Option<&str>,
    ) -> Result<String> {
        let target = self.authorize_code_target(redirect_uri, state)?;
        Ok(self.url(&target))
    }

    fn authorize_code_target(&self, redirect_uri: &str, state: Option<&str>) -> Result<String> {
        check_redirect_uri(redirect_uri)?;
        if let Some(state) = state {
            check("state", state)?;
        }
        self.check_confidential()?;
        let random_state = random_string()?;
        let mut target = "/api/v2/oauth/auth".to_owned();
        for (name, value) in [
            ("client_id", self.endpoint.consumer_key.as_str()),
            ("redirect_uri", redirect_uri),
            ("response_type", "code"),
            ("state", state.unwrap_or(&random_state)),
        ] {
            target::add_pair(&mut target, name, value);
        }
        Ok(target)
    }

    /// Exchanges the `code` of the redirect for a bearer token (RFC 6749, section 4.1.3).
    /// Without a `code_verifier` PKCE is not used.
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn login_with_code(
        &self,
        code: &str,
        code_verifier: Option<&str>,
        redirect_uri: &str,
    ) -> Result<Token> {
        let code = code.trim();
        check_not_empty("code", code)?;
        check_redirect_uri(redirect_uri)?;
        let mut fields = vec![("code", code), ("redirect_uri", redirect_uri)];
        if let Some(code_verifier) = code_verifier {
            check_code_verifier(code_verifier)?;
            fields.push(("code_verifier", code_verifier));
        }
        let token_set = self.request_token_set(Grant::AuthorizationCode.name(), &fields)?;
        Ok(self.bearer_token(Grant::AuthorizationCode, token_set))
    }

    fn bearer_token(&self, grant: Grant, token_set: TokenSet) -> Token {
        let bearer = Bearer::new(grant, token_set);
        Token::of_bearer(bearer.issued_by(&self.endpoint.origin, &self.endpoint.consumer_key))
    }
}

/// Checks that a redirection endpoint is an absolute URI without a fragment (RFC 6749,
/// section 3.1.2). Any scheme is accepted: a program may register one of its own.
fn check_redirect_uri(uri: &str) -> Result<()> {
    check("redirect_uri", uri)?;
    let is_scheme_char = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let is_absolute = uri.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(is_scheme_char)
            && !rest.is_empty()
    });
    match is_absolute && !uri.contains(['#', ' ']) {
        true => Ok(()),
        false => Err(Error::invalid(
            "redirect_uri",
            "must be a URL with its scheme, without a fragment and spaces",
        )),
    }
}

/// Checks the length and the characters of a PKCE secret (RFC 7636, section 4.1).
fn check_code_verifier(code_verifier: &str) -> Result<()> {
    check_not_empty("code_verifier", code_verifier)?;
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    match (43..=128).contains(&code_verifier.len()) && code_verifier.bytes().all(is_unreserved) {
        true => Ok(()),
        false => Err(Error::invalid(
            "code_verifier",
            "must be 43 to 128 letters, digits and characters of \"-._~\"",
        )),
    }
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
        assert_eq!(format!("{first:?}"), "AuthorizationRequest { .. }");
        let start = "https://acme.uservoice.com/api/v2/oauth/auth?client_id=key\
                     &redirect_uri=https%3A%2F%2Fa.example%2F%3Fb%3Dc&response_type=code&state=";
        assert!(first.url.starts_with(start), "{}", first.url);
        assert!(!first.url.contains(&*first.code_verifier));
        let (first_state, rest) = parameter(&first.url, "state");
        let (second_state, _) = parameter(&second.url, "state");
        assert_eq!(first_state.len(), 43);
        assert_ne!(first_state, second_state);
        assert!(first_state != *first.code_verifier);
        assert_eq!(
            rest,
            format!(
                "code_challenge={}&code_challenge_method=S256",
                challenge(&first.code_verifier)
            )
        );
        assert!(
            request(Some("my state"))
                .unwrap()
                .url
                .contains("&state=my%20state&")
        );
        assert!(request(Some("")).is_err());
    }

    #[test]
    fn url_without_pkce_has_no_challenge() {
        let client = Client::new("acme", "key", None, None).unwrap();
        let url = |state| client.authorize_code_url_without_pkce("my-app:/back", state);
        assert_eq!(
            url(Some("s t")).unwrap(),
            "https://acme.uservoice.com/api/v2/oauth/auth?client_id=key\
             &redirect_uri=my-app%3A%2Fback&response_type=code&state=s%20t"
        );
        assert_ne!(url(None).unwrap(), url(None).unwrap());
    }

    /// Returns the value of a query parameter, and the parameters that follow.
    fn parameter<'a>(url: &'a str, name: &str) -> (&'a str, &'a str) {
        let (_, rest) = url.split_once(&format!("&{name}=")).unwrap();
        rest.split_once('&').unwrap()
    }

    #[test]
    fn redirect_uri_must_be_absolute_without_fragment() {
        let client = Client::new("acme", "key", None, None).unwrap();
        for uri in [
            "https://a.example/?b=c",
            "my-app.1+x:/back",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            client.authorize_code_url(uri, None).unwrap();
        }
        for uri in [
            "",
            "back",
            "/back",
            "a.example/back",
            "https:",
            ":x",
            "1a:x",
            "a_b:x",
            "https://a/#b",
            "a:b c",
            "a:\n",
        ] {
            let error = client.authorize_code_url(uri, None).unwrap_err();
            assert_eq!(error.argument(), Some("redirect_uri"), "{uri:?}");
            let error = client.login_with_code("c", None, uri).unwrap_err();
            assert_eq!(error.argument(), Some("redirect_uri"), "{uri:?}");
        }
    }

    #[test]
    fn code_verifier_has_43_to_128_unreserved_characters() {
        let unreserved = "ABYZabyz0189-._~".repeat(8);
        for verifier in [&unreserved[..43], &unreserved] {
            check_code_verifier(verifier).unwrap();
        }
        let too_long = "x".repeat(129);
        let with_plus = format!("{}+", &unreserved[..43]);
        let invalid = ["", &unreserved[1..43], &with_plus, &too_long];
        for verifier in invalid {
            let error = check_code_verifier(verifier).unwrap_err();
            assert_eq!(error.argument(), Some("code_verifier"), "{error}");
        }
    }

    #[test]
    fn rejects_oauth2_over_plain_http() {
        let options = r#"{"protocol":"http","allow_insecure":true}"#;
        let client = Client::new("acme", "key", Some("secret"), Some(options)).unwrap();
        let error = client.login_with_client_credentials().unwrap_err();
        assert_eq!(error.status(), crate::Status::InvalidArgument);
        let json = r#"{"type":"oauth2","grant":"password","token":"t"}"#;
        let token = Token::from_json(json).unwrap();
        let error = client
            .request_json(Some(&token), "GET", "/", None)
            .unwrap_err();
        assert_eq!(error.status(), crate::Status::InvalidArgument);
    }
}
