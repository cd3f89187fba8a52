//! Every way to get a bearer token for the Admin API (OAuth 2, RFC 6749).

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::auth::bearer::{Bearer, Grant, TokenSet};
use crate::auth::oauth1::encode;
use crate::auth::token::{Token, check};
use crate::client::Client;
use crate::error::{Error, Result, Status};
use crate::process::random;
use crate::request::Request;
use crate::request::response;
use crate::request::target;

const TOKEN_PATH: &str = "/api/v2/oauth/token";

/// Where to send a person, and what to keep until they come back.
pub struct CodeRequest {
    /// The page that asks them.
    pub url: String,
    /// The proof that whoever exchanges the code is who asked for it. A secret.
    pub code_verifier: Zeroizing<String>,
}

impl fmt::Debug for CodeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeRequest").finish_non_exhaustive()
    }
}

impl Client {
    /// A token that acts as the owner of the site. It renews itself when the
    /// service ends it. Needs a trusted API key.
    ///
    /// # Errors
    /// Any [`Status`].
    pub fn login_with_client_credentials(&self) -> Result<Token> {
        let access = self.access_by_key()?;
        Ok(self.token_of_grant(Grant::ClientCredentials, access))
    }

    /// A token that acts as the user with that e-mail address and password.
    ///
    /// # Errors
    /// Any [`Status`].
    pub fn login_with_password(&self, email: &str, password: &str) -> Result<Token> {
        not_empty("email", email)?;
        not_empty("password", password)?;
        let fields = [("username", email), ("password", password)];
        let access = self.granted(Grant::Password.name(), &fields)?;
        Ok(self.token_of_grant(Grant::Password, access))
    }

    /// Where to send a person who shall allow this program to act for them
    /// (RFC 6749, section 4.1.1), with a proof key of its own (RFC 7636, S256).
    /// They come back to `redirect_uri` with `code` and `state`, which is made
    /// up where there is none: compare it.
    ///
    /// # Errors
    /// `InvalidArgument`, with the name of the argument.
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
        let made_up = random_text()?;
        let code_verifier = random_text()?;
        let mut target = "/api/v2/oauth/auth".to_owned();
        for (name, value) in [
            ("client_id", self.endpoint.consumer_key.as_str()),
            ("redirect_uri", redirect_uri),
            ("response_type", "code"),
            ("state", state.unwrap_or(&made_up)),
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

    /// Exchanges the `code` of the redirect for a token (RFC 6749, section
    /// 4.1.3). Without a `code_verifier` the exchange is one without PKCE.
    ///
    /// # Errors
    /// Any [`Status`].
    pub fn login_with_code(
        &self,
        code: &str,
        code_verifier: Option<&str>,
        redirect_uri: &str,
    ) -> Result<Token> {
        not_empty("code", code)?;
        not_empty("redirect_uri", redirect_uri)?;
        let mut fields = vec![("code", code), ("redirect_uri", redirect_uri)];
        if let Some(code_verifier) = code_verifier {
            not_empty("code_verifier", code_verifier)?;
            fields.push(("code_verifier", code_verifier));
        }
        let access = self.granted(Grant::AuthorizationCode.name(), &fields)?;
        Ok(self.token_of_grant(Grant::AuthorizationCode, access))
    }

    fn token_of_grant(&self, grant: Grant, access: TokenSet) -> Token {
        let bearer = Bearer::new(grant, access);
        Token::of_bearer(bearer.issued_by(&self.endpoint.origin, &self.endpoint.consumer_key))
    }

    /// What takes the place of `stale`: by its refresh token (RFC 6749, section
    /// 6) where it has one, else by the API key.
    pub(crate) fn request_refreshed_token(
        &self,
        bearer: &Bearer,
        stale: &Arc<TokenSet>,
    ) -> Result<TokenSet> {
        let Some(refresh_token) = &stale.refresh_token else {
            return self.access_by_key();
        };
        let mut fields = vec![("refresh_token", refresh_token.as_str())];
        let secret = self.endpoint.consumer_secret.as_ref();
        fields.extend(secret.map(|secret| ("client_secret", secret.as_str())));
        match self.granted("refresh_token", &fields) {
            Ok(access) => Ok(TokenSet {
                // A service that gives no new one means the old to be kept.
                refresh_token: access.refresh_token.or(stale.refresh_token.clone()),
                ..access
            }),
            Err(error) if is_refused(&error) && bearer.uses_client_credentials() => {
                self.access_by_key()
            }
            Err(error) => Err(error),
        }
    }

    fn access_by_key(&self) -> Result<TokenSet> {
        let secret = self.endpoint.consumer_secret.as_ref().ok_or_else(|| {
            Error::invalid("client", "must have an API secret for client credentials")
        })?;
        self.granted(
            Grant::ClientCredentials.name(),
            &[("client_secret", secret)],
        )
    }

    /// Asks the token endpoint.
    fn granted(&self, grant: &str, fields: &[(&str, &str)]) -> Result<TokenSet> {
        self.check_confidential()?;
        let mut pairs = vec![
            ("grant_type", grant),
            ("client_id", self.endpoint.consumer_key.as_str()),
        ];
        pairs.extend(fields);
        let form = form(&pairs);
        let content_type = "application/x-www-form-urlencoded";
        let call = Request {
            body: Some(&form),
            credentials_in_body: true,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            ..Request::new("POST", TOKEN_PATH, None)?
        };
        self.send(None, call, |response| {
            let response = response::succeeded(response).map_err(refusal)?;
            response::secret(response, |text| {
                TokenSet::from_response(text, self.endpoint.now())
            })
        })
    }
}

/// RFC 6749 answers 400 to most of what it refuses: for the caller that is the
/// same as 401.
fn refusal(mut error: Error) -> Error {
    if error.http_status == 400 {
        error.status = Status::Unauthorized;
    }
    error
}

fn is_refused(error: &Error) -> bool {
    error.status() == Status::Unauthorized
}

fn not_empty(name: &str, text: &str) -> Result<()> {
    match text.is_empty() {
        true => Err(Error::invalid(name, "must not be empty")),
        false => Ok(()),
    }
}

/// The fields as a form's body. Made in its whole length at once, since a text
/// that grows leaves copies of its secrets behind.
fn form(pairs: &[(&str, &str)]) -> Zeroizing<String> {
    let most = pairs
        .iter()
        .map(|(name, value)| name.len() + 3 * value.len() + 2);
    let mut form = Zeroizing::new(String::with_capacity(most.sum()));
    for (name, value) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        form.extend(encode(value));
    }
    form
}

/// 32 random bytes as 43 characters, which RFC 7636 asks for (section 4.1).
fn random_text() -> Result<Zeroizing<String>> {
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
    fn challenge_vector() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn forms_are_encoded() {
        let form = form(&[("a", "x y&="), ("b", "é+")]);
        assert_eq!(*form, "a=x%20y%26%3D&b=%C3%A9%2B");
    }

    #[test]
    fn every_request_for_a_code_is_another() {
        let client = Client::new("acme", "key", None, None).unwrap();
        let ask = |state| client.authorize_code_url("https://a.example/?b=c", state);
        let (first, second) = (ask(None).unwrap(), ask(None).unwrap());
        assert_ne!(first.url, second.url);
        assert_ne!(first.code_verifier, second.code_verifier);
        assert_eq!(first.code_verifier.len(), 43);
        let start = "https://acme.uservoice.com/api/v2/oauth/auth?client_id=key\
                     &redirect_uri=https%3A%2F%2Fa.example%2F%3Fb%3Dc&response_type=code&state=";
        assert!(first.url.starts_with(start), "{}", first.url);
        assert!(!first.url.contains(&*first.code_verifier));
        assert!(
            ask(Some("my state"))
                .unwrap()
                .url
                .contains("&state=my%20state&")
        );
        assert!(ask(Some("")).is_err());
        assert!(client.authorize_code_url("", None).is_err());
    }

    #[test]
    fn nothing_secret_goes_in_the_clear() {
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
