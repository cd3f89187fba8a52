//! Every way to get a token (OAuth 1.0a).

pub(crate) mod oauth2;

use crate::auth::token::Token;
use crate::client::Client;
use crate::encoding::json::quote;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::request::response;
use crate::request::target;

impl Client {
    /// Asks for a request token, the first step of a three-legged login
    /// (RFC 5849, section 2.1). It is the caller's to keep until the person
    /// comes back.
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn request_token(&self) -> Result<Token> {
        let callback = &*self.options.callback;
        self.token_from(None, "/oauth/request_token", ("oauth_callback", callback))
    }

    /// The URL to send the person to (RFC 5849, section 2.2).
    ///
    /// # Errors
    /// `InvalidArgument` for a bearer token, which is a secret.
    pub fn authorize_url(&self, request_token: &Token) -> Result<String> {
        check_request_token(request_token)?;
        let mut target = "/oauth/authorize".to_owned();
        target::add_pair(&mut target, "oauth_token", request_token.value());
        Ok(self.url(&target))
    }

    /// Turns a request token that the person allowed into an access token
    /// (RFC 5849, section 2.3).
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn login_with_verifier(&self, request_token: &Token, verifier: &str) -> Result<Token> {
        check_request_token(request_token)?;
        if verifier.is_empty() {
            return Err(Error::invalid("verifier", "must not be empty"));
        }
        self.token_from(
            Some(request_token),
            "/oauth/access_token",
            ("oauth_verifier", verifier),
        )
    }

    /// A token that acts as the user with `email`, who is created where there
    /// is none. Needs a trusted API key.
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn login_as(&self, token: Option<&Token>, email: &str) -> Result<Token> {
        if email.trim().is_empty() {
            return Err(Error::invalid("email", "must not be empty"));
        }
        let user = format!(",\"user\":{{\"email\":{}}}", quote(email));
        self.act_as(token, "/api/v1/users/login_as", &user)
    }

    /// A token that acts as the owner of the site. Needs a trusted API key.
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn login_as_owner(&self, token: Option<&Token>) -> Result<Token> {
        self.act_as(token, "/api/v1/users/login_as_owner", "")
    }

    fn act_as(&self, token: Option<&Token>, path: &str, members: &str) -> Result<Token> {
        let request_token = quote(self.request_token()?.value());
        let body = format!("{{\"request_token\":{request_token}{members}}}");
        let call = Request::new("POST", path, Some(&body))?;
        self.token_of(token, call)
    }

    fn token_from(
        &self,
        token: Option<&Token>,
        path: &str,
        parameter: (&'static str, &str),
    ) -> Result<Token> {
        let call = Request {
            oauth_parameters: vec![parameter],
            ..Request::new("POST", path, None)?
        };
        self.token_of(token, call)
    }

    fn token_of(&self, token: Option<&Token>, call: Request<'_>) -> Result<Token> {
        self.send(token, call, |response| {
            let response = response::succeeded(response)?;
            response::secret(response, Token::from_response)
        })
    }
}

fn check_request_token(token: &Token) -> Result<()> {
    match token.bearer() {
        None => Ok(()),
        Some(_) => Err(Error::invalid(
            "request_token",
            "must be an OAuth 1.0a request token, not a bearer token",
        )),
    }
}
