//! The three-legged login of OAuth 1.0a: the user allows the program to act for them.

use crate::auth::token::Token;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::login::check_not_empty;
use crate::request::{Request, target};

impl Client {
    /// Obtains a request token, the first step of the login (RFC 5849, section 2.1). Store
    /// it until the user returns.
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn request_token(&self) -> Result<Token> {
        let request = Request {
            oauth_parameters: vec![("oauth_callback", &*self.options.callback)],
            ..Request::new("POST", "/oauth/request_token", None)?
        };
        self.obtain_token(None, request)
    }

    /// Returns the URL that asks the user for permission (RFC 5849, section 2.2).
    ///
    /// # Errors
    /// `InvalidArgument` for a bearer token, which must not be in a URL.
    pub fn authorize_url(&self, request_token: &Token) -> Result<String> {
        check_oauth1(request_token)?;
        let mut target = "/oauth/authorize".to_owned();
        target::add_pair(&mut target, "oauth_token", request_token.value());
        Ok(self.url(&target))
    }

    /// Exchanges a request token that the user has authorized for an access token
    /// (RFC 5849, section 2.3).
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn login_with_verifier(&self, request_token: &Token, verifier: &str) -> Result<Token> {
        check_oauth1(request_token)?;
        // A person may have copied it from a page, with blanks.
        let verifier = verifier.trim();
        check_not_empty("verifier", verifier)?;
        let request = Request {
            oauth_parameters: vec![("oauth_verifier", verifier)],
            ..Request::new("POST", "/oauth/access_token", None)?
        };
        self.obtain_token(Some(request_token), request)
    }
}

fn check_oauth1(request_token: &Token) -> Result<()> {
    match request_token.bearer() {
        None => Ok(()),
        Some(_) => Err(Error::invalid(
            "request_token",
            "must be an OAuth 1.0a request token, not a bearer token",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorize_url_has_the_request_token() {
        let client = Client::new("acme", "key", Some("secret"), None).unwrap();
        let url = client.authorize_url(&Token::new("a/b é", "secret").unwrap());
        assert_eq!(
            url.unwrap(),
            "https://acme.uservoice.com/oauth/authorize?oauth_token=a%2Fb%20%C3%A9"
        );
    }
}
