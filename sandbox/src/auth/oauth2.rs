//! OAuth 2: bearer tokens, and the authorization codes that are exchanged for them
//! (RFC 6749, RFC 7636).

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::credentials::{ApiKey, PASSWORD, find_api_key, random_token};
use crate::data::{Data, Id, OWNER};

/// How long an authorization code is valid, in seconds.
const CODE_LIFETIME: i64 = 60;

#[derive(Clone, Copy)]
struct BearerToken {
    user: Id,
    expires_at: Option<i64>,
}

struct Code {
    api_key: &'static str,
    user: Id,
    redirect_uri: String,
    /// The PKCE challenge, if there is one.
    challenge: Option<String>,
    expires_at: i64,
}

#[derive(Default)]
pub struct BearerTokens {
    issued: HashMap<String, BearerToken>,
    codes: HashMap<String, Code>,
}

/// An error response of the token endpoint (RFC 6749, section 5.2).
pub struct TokenError {
    pub error: &'static str,
    pub description: &'static str,
}

fn token_error(error: &'static str, description: &'static str) -> TokenError {
    TokenError { error, description }
}

pub type Fields = HashMap<String, String>;

fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).map(String::as_str)
}

impl BearerTokens {
    /// Returns the user of a token, or `None` if the token is unknown or has expired.
    pub fn user(&self, token: &str, now: i64) -> Option<Id> {
        let token = self.issued.get(token)?;
        let valid = token.expires_at.is_none_or(|expires_at| expires_at > now);
        valid.then_some(token.user)
    }

    /// Expires all tokens.
    pub fn expire_all(&mut self) {
        self.issued.clear();
    }

    /// Issues an authorization code for the user who approved the access.
    pub fn issue_code(
        &mut self,
        api_key: &'static str,
        user: Id,
        redirect_uri: &str,
        challenge: Option<&str>,
        now: i64,
    ) -> String {
        let code = random_token();
        let entry = Code {
            api_key,
            user,
            redirect_uri: redirect_uri.into(),
            challenge: challenge.map(str::to_owned),
            expires_at: now + CODE_LIFETIME,
        };
        self.codes.insert(code.clone(), entry);
        code
    }

    /// Returns the token endpoint's response to a request with these form fields.
    pub fn grant(
        &mut self,
        data: &Data,
        fields: &Fields,
        ttl: Option<i64>,
        now: i64,
    ) -> Result<Value, TokenError> {
        let api_key = field(fields, "client_id")
            .and_then(find_api_key)
            .ok_or(token_error("invalid_client", "Unknown client_id"))?;
        let user = match field(fields, "grant_type") {
            Some("client_credentials") => check_secret(api_key, fields)?,
            Some("password") => check_password(data, fields)?,
            Some("authorization_code") => self.redeem_code(api_key, fields, now)?,
            _ => return Err(token_error("unsupported_grant_type", "Unknown grant_type")),
        };
        let token = random_token();
        let entry = BearerToken {
            user,
            expires_at: ttl.map(|ttl| now + ttl),
        };
        self.issued.insert(token.clone(), entry);
        // No expires_in: the service does not promise to send it.
        Ok(json!({ "access_token": token, "token_type": "bearer" }))
    }

    fn redeem_code(
        &mut self,
        api_key: &ApiKey,
        fields: &Fields,
        now: i64,
    ) -> Result<Id, TokenError> {
        // A code is used up by the first attempt, also if it fails.
        let code = field(fields, "code").and_then(|code| self.codes.remove(code));
        let code = code.ok_or(token_error(
            "invalid_grant",
            "The code is unknown or was used already",
        ))?;
        if let Some(challenge) = &code.challenge {
            check_verifier(
                challenge,
                field(fields, "code_verifier").unwrap_or_default(),
            )?;
        }
        // UserVoice's pages do not send redirect_uri here.
        let redirect_uri = field(fields, "redirect_uri").unwrap_or(&code.redirect_uri);
        if code.api_key != api_key.key || redirect_uri != code.redirect_uri {
            return Err(token_error(
                "invalid_grant",
                "The code was issued for a different client_id or redirect_uri",
            ));
        }
        match code.expires_at > now {
            true => Ok(code.user),
            false => Err(token_error("invalid_grant", "The code has expired")),
        }
    }
}

/// Checks that a PKCE challenge was made of the verifier: as RFC 7636 says, or, as UserVoice's
/// example `end-user-api-ios-demo` does, of the hexadecimal digits of the hash.
fn check_verifier(challenge: &str, verifier: &str) -> Result<(), TokenError> {
    let hash = Sha256::digest(verifier);
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let challenges = [URL_SAFE_NO_PAD.encode(hash), URL_SAFE_NO_PAD.encode(digits)];
    match challenges.iter().any(|expected| expected == challenge) {
        true => Ok(()),
        false => Err(token_error("invalid_grant", "The code_verifier is wrong")),
    }
}

/// Checks the client credentials, whose token acts as the owner.
fn check_secret(api_key: &ApiKey, fields: &Fields) -> Result<Id, TokenError> {
    if field(fields, "client_secret") != Some(api_key.secret) {
        return Err(token_error("invalid_client", "The client_secret is wrong"));
    }
    match api_key.trusted {
        true => Ok(OWNER),
        false => Err(token_error(
            "unauthorized_client",
            "The API key is not trusted",
        )),
    }
}

fn check_password(data: &Data, fields: &Fields) -> Result<Id, TokenError> {
    let user = field(fields, "username").and_then(|email| data.user_by_email(email));
    match user.filter(|_| field(fields, "password") == Some(PASSWORD)) {
        Some(user) => Ok(user.id),
        None => Err(token_error("invalid_grant", "E-mail or password is wrong")),
    }
}
