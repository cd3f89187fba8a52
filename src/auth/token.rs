//! Whom a call acts for.

use std::fmt;
use std::sync::Arc;

use once_cell::race::OnceBox;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::auth::bearer::Bearer;
use crate::auth::oauth1::{SigningKey, SigningToken};
use crate::encoding::json::{Object, quote};
use crate::error::{Error, Result};

/// Whom a call acts for, and how that is shown: an OAuth 1.0a token with its
/// secret, or an OAuth 2 bearer token. A value: cheap to clone, and wiped from
/// memory with its last clone.
#[derive(Clone)]
pub struct Token(Arc<Kind>);

enum Kind {
    OAuth1(Pair),
    Bearer(Bearer),
}

struct Pair {
    value: Zeroizing<String>,
    secret: Zeroizing<String>,
    key: OnceBox<SigningKey>,
}

impl Token {
    /// An OAuth 1.0a token that was kept as its two parts.
    ///
    /// # Errors
    /// `InvalidArgument` when `token` is empty or either holds a control character.
    pub fn new(token: &str, secret: &str) -> Result<Self> {
        check("token", token)?;
        check_characters("secret", secret)?;
        Ok(Token(Arc::new(Kind::OAuth1(Pair {
            value: Zeroizing::new(token.to_owned()),
            secret: Zeroizing::new(secret.to_owned()),
            key: OnceBox::new(),
        }))))
    }

    pub(crate) fn of_bearer(bearer: Bearer) -> Self {
        Token(Arc::new(Kind::Bearer(bearer)))
    }

    /// Restores a token from what [`Token::to_json`] gave. Also reads the form
    /// in which UserVoice itself writes OAuth 1.0a tokens.
    ///
    /// # Errors
    /// `InvalidArgument` when `json` is not that.
    pub fn from_json(json: &str) -> Result<Self> {
        let object = Object::parse(json).map_err(|error| {
            Error::invalid("json", format_args!("must be a JSON object: {error}"))
        })?;
        let kind = object.secret("type");
        match kind.as_ref().map(|kind| kind.as_str()) {
            None | Some("oauth1") => oauth1_from_json(&object),
            Some("oauth2") => Bearer::from_json(&object).map(Token::of_bearer),
            Some(_) => Err(Error::invalid(
                "json.type",
                "must be \"oauth1\" or \"oauth2\"",
            )),
        }
    }

    /// Everything needed to restore the token: keep it as a secret.
    pub fn to_json(&self) -> Zeroizing<String> {
        let pair = match &*self.0 {
            Kind::OAuth1(pair) => pair,
            Kind::Bearer(bearer) => return bearer.to_json(),
        };
        let token = Zeroizing::new(quote(&pair.value));
        let secret = Zeroizing::new(quote(&pair.secret));
        // `concat` asks for the whole length at once and so leaves no copies.
        let parts = [
            "{\"type\":\"oauth1\",\"token\":",
            &token,
            ",\"secret\":",
            &secret,
            "}",
        ];
        Zeroizing::new(parts.concat())
    }

    /// The token itself; of one that renews itself the first.
    pub fn value(&self) -> &str {
        match &*self.0 {
            Kind::OAuth1(pair) => &pair.value,
            Kind::Bearer(bearer) => bearer.initial_access_token(),
        }
    }

    /// The token's secret; a bearer token has none.
    pub fn secret(&self) -> Option<&str> {
        match &*self.0 {
            Kind::OAuth1(pair) => Some(&pair.secret),
            Kind::Bearer(_) => None,
        }
    }

    pub(crate) fn bearer(&self) -> Option<&Bearer> {
        match &*self.0 {
            Kind::OAuth1(_) => None,
            Kind::Bearer(bearer) => Some(bearer),
        }
    }

    /// What signs a call; a bearer token does not.
    pub(crate) fn signing_token(&self) -> Option<SigningToken<'_>> {
        match &*self.0 {
            Kind::OAuth1(pair) => Some(SigningToken {
                value: &pair.value,
                secret: &pair.secret,
                key: &pair.key,
            }),
            Kind::Bearer(_) => None,
        }
    }

    /// Reads a service's response to an OAuth 1.0a login: form-encoded, or JSON with the
    /// token at the top or under `token`.
    pub(crate) fn from_response(text: &str) -> Result<Self> {
        let parts = match Object::parse(text) {
            Ok(object) => parts_of_json(&object),
            Err(_) => parts_of_form(text),
        };
        let unreadable = || Error::bad_response("the response holds no token");
        let (token, secret) = parts.ok_or_else(unreadable)?;
        Token::new(&token, &secret).map_err(|_| unreadable())
    }
}

fn oauth1_from_json(object: &Object<'_>) -> Result<Token> {
    let either = |ours, theirs| object.secret(ours).or_else(|| object.secret(theirs));
    match (
        either("token", "oauth_token"),
        either("secret", "oauth_token_secret"),
    ) {
        (Some(token), Some(secret)) => Token::new(&token, &secret),
        _ => Err(Error::invalid(
            "json",
            "must have the strings \"token\" and \"secret\"",
        )),
    }
}

/// Checks a text that has to be there and to stand in a header.
pub(crate) fn check(name: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(name, "must not be empty"));
    }
    check_characters(name, text)
}

fn check_characters(name: &str, text: &str) -> Result<()> {
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(name, "must not contain control characters"));
    }
    Ok(())
}

type Parts = (Zeroizing<String>, Zeroizing<String>);

fn parts_of_json(object: &Object<'_>) -> Option<Parts> {
    let nested = object
        .get("token")
        .and_then(|inner| Object::parse(inner).ok());
    let object = nested.as_ref().unwrap_or(object);
    Some((
        object.secret("oauth_token")?,
        object.secret("oauth_token_secret")?,
    ))
}

fn parts_of_form(text: &str) -> Option<Parts> {
    let value = |wanted: &str| {
        let mut pairs = text
            .trim()
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == wanted)?;
        let spaced = Zeroizing::new(value.replace('+', " "));
        let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
        Some(Zeroizing::new(decoded.into_owned()))
    };
    Some((value("oauth_token")?, value("oauth_token_secret")?))
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(token: &Token) -> (&str, &str) {
        (token.value(), token.secret().unwrap())
    }

    #[test]
    fn json_brings_a_token_back() {
        let token = Token::new("a\"b", "é&c").unwrap();
        let restored = Token::from_json(&token.to_json()).unwrap();
        assert_eq!(parts(&restored), ("a\"b", "é&c"));
        let theirs = r#"{"oauth_token":"t","oauth_token_secret":""}"#;
        assert_eq!(parts(&Token::from_json(theirs).unwrap()), ("t", ""));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"token":1,"secret":"s"}"#,
            r#"{"token":"","secret":"s"}"#,
            r#"{"token":"t\n","secret":"s"}"#,
            r#"{"token":"t","secret":"\u0000"}"#,
            r#"{"type":"x","token":"t","secret":"s"}"#,
        ] {
            let error = Token::from_json(bad).unwrap_err();
            assert_eq!(error.status(), crate::Status::InvalidArgument, "{bad}");
        }
    }

    #[test]
    fn answers_come_as_form_or_json() {
        for response in [
            "oauth_token=a%2Fb&oauth_token_secret=c&oauth_callback_confirmed=true\n",
            r#"{"token":{"oauth_token":"a/b","oauth_token_secret":"c"},"user":{}}"#,
            r#"{"oauth_token":"a/b","oauth_token_secret":"c"}"#,
        ] {
            assert_eq!(
                parts(&Token::from_response(response).unwrap()),
                ("a/b", "c")
            );
        }
        for bad in [
            "",
            "<html>",
            "oauth_token=a",
            "oauth_token=a%0a&oauth_token_secret=b",
            "oauth_token=a&oauth_token_secret=b%00",
            "{}",
            r#"{"token":null}"#,
        ] {
            let error = Token::from_response(bad).unwrap_err();
            assert_eq!(error.status(), crate::Status::BadResponse, "{bad}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = Token::new("value", "secret").unwrap();
        assert_eq!(format!("{token:?}"), "Token(..)");
    }
}
