//! Tokens, which say who the acting user of a request is.

use std::fmt;
use std::sync::Arc;

use once_cell::race::OnceBox;
use zeroize::Zeroizing;

use crate::auth::bearer::Bearer;
use crate::auth::oauth1::{SigningKey, SigningToken};
use crate::encoding::form;
use crate::encoding::json::{Object, quote};
use crate::error::{Error, Result};
use crate::request::{MAX_HEAD_BYTES, too_long};

/// An OAuth 1.0a token with its secret, or an OAuth 2 bearer token. Cheap to clone; its
/// memory is overwritten when the last clone is dropped.
#[derive(Clone)]
pub struct Token(Arc<Kind>);

enum Kind {
    OAuth1(OAuth1Token),
    Bearer(Bearer),
}

struct OAuth1Token {
    value: Zeroizing<String>,
    secret: Zeroizing<String>,
    key: OnceBox<SigningKey>,
}

/// The maximum length of the JSON of a token, and of a response with one: a token is sent in a
/// header, and an escape is up to six times as long as what it stands for.
pub(crate) const MAX_JSON_LENGTH: usize = 12 * MAX_HEAD_BYTES;

impl Token {
    /// Creates an OAuth 1.0a token from its two parts.
    ///
    /// # Errors
    /// `InvalidArgument` if `token` is empty, or if one of them contains control
    /// characters.
    pub fn new(token: &str, secret: &str) -> Result<Self> {
        check("token", token)?;
        check_characters("secret", secret)?;
        Ok(Token(Arc::new(Kind::OAuth1(OAuth1Token {
            value: Zeroizing::new(token.to_owned()),
            secret: Zeroizing::new(secret.to_owned()),
            key: OnceBox::new(),
        }))))
    }

    pub(crate) fn of_bearer(bearer: Bearer) -> Self {
        Token(Arc::new(Kind::Bearer(bearer)))
    }

    /// Creates a token from the JSON of [`Token::to_json`], or from that of UserVoice's own
    /// clients: `oauth_token` and `oauth_token_secret`.
    ///
    /// # Errors
    /// `InvalidArgument`, which names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        if json.len() > MAX_JSON_LENGTH {
            return Err(Error::invalid("json", "is too long"));
        }
        let object = Object::parse(json).map_err(|error| {
            Error::invalid("json", format_args!("must be a JSON object: {error}"))
        })?;
        let kind = object.secret("type");
        match kind.as_ref().map(|kind| kind.as_str()) {
            None | Some("oauth1") => oauth1_from_json(&object),
            Some("oauth2") => Bearer::from_json(&object).map(Token::of_bearer),
            Some(_) => {
                let why = "must be \"oauth1\" or \"oauth2\"";
                Err(Error::invalid("json.type", why))
            }
        }
    }

    /// Returns everything that is needed to restore the token, as JSON, which is a secret.
    pub fn to_json(&self) -> Zeroizing<String> {
        let oauth1 = match &*self.0 {
            Kind::OAuth1(oauth1) => oauth1,
            Kind::Bearer(bearer) => return bearer.to_json(),
        };
        let token = Zeroizing::new(quote(&oauth1.value));
        let secret = Zeroizing::new(quote(&oauth1.secret));
        // `concat` allocates the full length at once, which leaves no copies in memory.
        let parts = [
            "{\"type\":\"oauth1\",\"token\":",
            &token,
            ",\"secret\":",
            &secret,
            "}",
        ];
        Zeroizing::new(parts.concat())
    }

    /// Returns the token as it was first issued, also after a refresh.
    pub fn value(&self) -> &str {
        match &*self.0 {
            Kind::OAuth1(oauth1) => &oauth1.value,
            Kind::Bearer(bearer) => bearer.initial_access_token(),
        }
    }

    /// Returns the token secret; `None` for a bearer token.
    pub fn secret(&self) -> Option<&str> {
        match &*self.0 {
            Kind::OAuth1(oauth1) => Some(&oauth1.secret),
            Kind::Bearer(_) => None,
        }
    }

    pub(crate) fn bearer(&self) -> Option<&Bearer> {
        match &*self.0 {
            Kind::OAuth1(_) => None,
            Kind::Bearer(bearer) => Some(bearer),
        }
    }

    /// Returns what an OAuth 1.0a signature needs; `None` for a bearer token.
    pub(crate) fn signing_token(&self) -> Option<SigningToken<'_>> {
        match &*self.0 {
            Kind::OAuth1(oauth1) => Some(SigningToken {
                value: &oauth1.value,
                secret: &oauth1.secret,
                key: &oauth1.key,
            }),
            Kind::Bearer(_) => None,
        }
    }

    /// Parses the response of an OAuth 1.0a login: a form, or JSON with the token at the
    /// top or in the member `token`.
    pub(crate) fn from_response(body: &str) -> Result<Self> {
        let parts = match Object::parse(body) {
            Ok(object) => parts_of_json(&object),
            Err(_) => parts_of_form(body),
        };
        let invalid = || Error::bad_response("the response does not contain one token");
        let parts = parts.ok_or_else(invalid)?;
        // Required by RFC 5849, section 2.1, but not all responses of UserVoice have it.
        if parts
            .callback_confirmed
            .is_some_and(|value| *value != "true")
        {
            return Err(Error::bad_response(
                "the service did not confirm the callback",
            ));
        }
        Token::new(&parts.token, &parts.secret).map_err(|_| invalid())
    }
}

fn oauth1_from_json(object: &Object<'_>) -> Result<Token> {
    let member = |key: &str, key_of_service: &str| {
        let value = object.secret(key).or_else(|| object.secret(key_of_service));
        value.ok_or_else(|| Error::invalid_member("json", key, "must be a string"))
    };
    Token::new(
        &member("token", "oauth_token")?,
        &member("secret", "oauth_token_secret")?,
    )
}

/// Checks a string that must not be empty and goes into a header or URL.
pub(crate) fn check(argument: &str, value: &str) -> Result<()> {
    if value.is_empty() {
        return Err(Error::invalid(argument, "must not be empty"));
    }
    check_characters(argument, value)
}

fn check_characters(argument: &str, value: &str) -> Result<()> {
    if value.len() > MAX_HEAD_BYTES {
        return Err(too_long(argument, "is too long"));
    }
    match value.chars().any(char::is_control) {
        true => Err(Error::invalid(
            argument,
            "must not contain control characters",
        )),
        false => Ok(()),
    }
}

/// The parameters of a response with a token.
struct Parts {
    token: Zeroizing<String>,
    secret: Zeroizing<String>,
    callback_confirmed: Option<Zeroizing<String>>,
}

const TOKEN: &str = "oauth_token";
const SECRET: &str = "oauth_token_secret";
const CALLBACK_CONFIRMED: &str = "oauth_callback_confirmed";

/// Which one of several counts is not known.
const NAMES: [&str; 3] = [TOKEN, SECRET, CALLBACK_CONFIRMED];

fn parts_of_json(object: &Object<'_>) -> Option<Parts> {
    let nested = object
        .get("token")
        .and_then(|nested| Object::parse(nested).ok());
    let object = nested.as_ref().unwrap_or(object);
    if NAMES.iter().any(|name| object.is_repeated(name)) {
        return None;
    }
    let confirmed = object.get(CALLBACK_CONFIRMED);
    Some(Parts {
        token: object.secret(TOKEN)?,
        secret: object.secret(SECRET)?,
        // A string or a boolean.
        callback_confirmed: confirmed.map(|value| value.trim_matches('"').to_owned().into()),
    })
}

fn parts_of_form(body: &str) -> Option<Parts> {
    let form = body.trim();
    if NAMES.iter().any(|name| form::is_repeated(form, name)) {
        return None;
    }
    Some(Parts {
        token: form::field(form, TOKEN)?,
        secret: form::field(form, SECRET)?,
        callback_confirmed: form::field(form, CALLBACK_CONFIRMED),
    })
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
    fn json_restores_a_token() {
        let token = Token::new("a\"b", "é&c").unwrap();
        let restored = Token::from_json(&token.to_json()).unwrap();
        assert_eq!(parts(&restored), ("a\"b", "é&c"));
        let of_service = r#"{"oauth_token":"t","oauth_token_secret":""}"#;
        assert_eq!(parts(&Token::from_json(of_service).unwrap()), ("t", ""));
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
    fn accepts_a_value_and_a_secret_up_to_the_size_of_a_request_head() {
        for (length, accepted) in [(MAX_HEAD_BYTES, true), (MAX_HEAD_BYTES + 1, false)] {
            let long = "a".repeat(length);
            assert_eq!(Token::new(&long, "s").is_ok(), accepted, "value, {length}");
            assert_eq!(Token::new("t", &long).is_ok(), accepted, "secret, {length}");
        }
    }

    #[test]
    fn accepts_json_of_the_longest_token_whose_every_character_is_escaped() {
        let escaped = "\\u0061".repeat(MAX_HEAD_BYTES - 100);
        let json = format!(r#"{{"token":"{escaped}","secret":"{escaped}"}}"#);
        let padded = json.clone() + &" ".repeat(MAX_JSON_LENGTH - json.len());
        let token = Token::from_json(&padded).expect("short enough");
        assert_eq!(token.value().len(), MAX_HEAD_BYTES - 100);
        for spaces in [" ", "  "] {
            let error = Token::from_json(&(padded.clone() + spaces)).expect_err("too long");
            assert!(error.message().contains("too long"), "{error}");
        }
    }

    #[test]
    fn parses_responses_as_form_or_json() {
        for response in [
            "oauth_token=a%2Fb&oauth_token_secret=c&oauth_callback_confirmed=true\n",
            r#"{"token":{"oauth_token":"a/b","oauth_token_secret":"c"},"user":{}}"#,
            r#"{"oauth_token":"a/b","oauth_token_secret":"c"}"#,
            r#"{"oauth_token":"a/b","oauth_token_secret":"c","oauth_callback_confirmed":true}"#,
            r#"{"oauth_token":"a/b","oauth_token_secret":"c","oauth_callback_confirmed":"true"}"#,
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
            "oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=false",
            r#"{"oauth_token":"a","oauth_token_secret":"c","oauth_callback_confirmed":false}"#,
            "oauth_token=a&oauth_token_secret=b&oauth_token=c",
            "oauth_token_secret=b&oauth_token=a&oauth_token_secret=b",
            r#"{"token":{"oauth_token":"a","oauth_token_secret":"b","oauth_token":"c"}}"#,
            r#"{"oauth_token":"a","oauth_token_secret":"b","oauth_token_secret":"b"}"#,
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
