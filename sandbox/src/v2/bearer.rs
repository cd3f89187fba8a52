//! OAuth 2: bearer tokens, and the codes that are exchanged for them (RFC 6749,
//! RFC 7636).

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::data::{Data, Id, OWNER};
use crate::oauth::{Key, key, random_text};

/// What a person's password is, whoever they are.
pub const PASSWORD: &str = "sandbox-password";

/// How long a code waits for its exchange, in seconds.
const CODE_LIFE: i64 = 60;

#[derive(Clone, Copy)]
struct Bearer {
    user: Id,
    expires: Option<i64>,
}

struct Code {
    key: &'static str,
    user: Id,
    redirect_uri: String,
    challenge: String,
    expires: i64,
}

#[derive(Default)]
pub struct Bearers {
    issued: HashMap<String, Bearer>,
    codes: HashMap<String, Code>,
}

/// Why no token is given: RFC 6749's error code, and a sentence.
pub struct Refused(pub &'static str, pub &'static str);

pub type Fields = HashMap<String, String>;

fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).map(String::as_str)
}

impl Bearers {
    /// Whom a token acts for; `None` for one that is unknown or has expired.
    pub fn user(&self, token: &str, now: i64) -> Option<Id> {
        let bearer = self.issued.get(token)?;
        let lives = bearer.expires.is_none_or(|expires| expires > now);
        lives.then_some(bearer.user)
    }

    /// Every token ends now.
    pub fn expire(&mut self) {
        self.issued.clear();
    }

    /// A code for the person who allowed it.
    pub fn code(
        &mut self,
        key: &'static str,
        user: Id,
        redirect_uri: &str,
        challenge: &str,
        now: i64,
    ) -> String {
        let code = random_text();
        let entry = Code {
            key,
            user,
            redirect_uri: redirect_uri.into(),
            challenge: challenge.into(),
            expires: now + CODE_LIFE,
        };
        self.codes.insert(code.clone(), entry);
        code
    }

    /// Answers the token endpoint.
    pub fn grant(
        &mut self,
        data: &Data,
        fields: &Fields,
        ttl: Option<i64>,
        now: i64,
    ) -> Result<Value, Refused> {
        let key = field(fields, "client_id")
            .and_then(key)
            .ok_or(Refused("invalid_client", "Unknown client_id"))?;
        let user = match field(fields, "grant_type") {
            Some("client_credentials") => by_secret(key, fields)?,
            Some("password") => by_password(data, fields)?,
            Some("authorization_code") => self.by_code(key, fields, now)?,
            _ => return Err(Refused("unsupported_grant_type", "Unknown grant_type")),
        };
        let token = random_text();
        let bearer = Bearer {
            user,
            expires: ttl.map(|ttl| now + ttl),
        };
        self.issued.insert(token.clone(), bearer);
        // How long it lives is not said, as the service does not promise to.
        Ok(json!({ "access_token": token, "token_type": "bearer" }))
    }

    fn by_code(&mut self, key: &Key, fields: &Fields, now: i64) -> Result<Id, Refused> {
        // One try for each code, whatever comes of it.
        let code = field(fields, "code").and_then(|code| self.codes.remove(code));
        let code = code.ok_or(Refused("invalid_grant", "The code is unknown or used"))?;
        let verifier = field(fields, "code_verifier").unwrap_or_default();
        if !(43..=128).contains(&verifier.len()) {
            return Err(Refused(
                "invalid_request",
                "code_verifier must have 43 to 128 characters",
            ));
        }
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        if code.challenge != challenge {
            return Err(Refused("invalid_grant", "The code_verifier is wrong"));
        }
        if code.key != key.key || field(fields, "redirect_uri") != Some(&code.redirect_uri) {
            return Err(Refused(
                "invalid_grant",
                "The code was made for another client_id or redirect_uri",
            ));
        }
        match code.expires > now {
            true => Ok(code.user),
            false => Err(Refused("invalid_grant", "The code has expired")),
        }
    }
}

/// The key acts as the owner.
fn by_secret(key: &Key, fields: &Fields) -> Result<Id, Refused> {
    if field(fields, "client_secret") != Some(key.secret) {
        return Err(Refused("invalid_client", "The client_secret is wrong"));
    }
    match key.trusted {
        true => Ok(OWNER),
        false => Err(Refused("unauthorized_client", "The key is not trusted")),
    }
}

fn by_password(data: &Data, fields: &Fields) -> Result<Id, Refused> {
    let user = field(fields, "username").and_then(|email| data.user_by_email(email));
    match user.filter(|_| field(fields, "password") == Some(PASSWORD)) {
        Some(user) => Ok(user.id),
        None => Err(Refused("invalid_grant", "E-mail or password is wrong")),
    }
}
