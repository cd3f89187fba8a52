//! Logins with a trusted API key, without the user.

use crate::auth::token::Token;
use crate::client::Client;
use crate::encoding::json::quote;
use crate::error::Result;
use crate::login::check_not_empty;
use crate::request::Request;

impl Client {
    /// Obtains an access token of the user with the address `email`; the service creates the
    /// user if necessary. Requires a trusted API key.
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn login_as(&self, token: Option<&Token>, email: &str) -> Result<Token> {
        check_not_empty("email", email.trim())?;
        let user = format!(",\"user\":{{\"email\":{}}}", quote(email));
        self.login_with_body(token, "/api/v1/users/login_as", &user)
    }

    /// Obtains an access token of the owner of the site. Requires a trusted API key.
    ///
    /// # Errors
    /// Any [`Status`](crate::Status).
    pub fn login_as_owner(&self, token: Option<&Token>) -> Result<Token> {
        self.login_with_body(token, "/api/v1/users/login_as_owner", "")
    }

    fn login_with_body(&self, token: Option<&Token>, path: &str, members: &str) -> Result<Token> {
        let request_token = quote(self.request_token()?.value());
        let body = format!("{{\"request_token\":{request_token}{members}}}");
        self.obtain_token(token, Request::new("POST", path, Some(&body))?)
    }
}
