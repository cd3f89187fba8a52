//! OAuth 1.0a (RFC 5849): tokens and the verification of signatures.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU64;

use oauth1_request::signature_method::HmacSha1;
use oauth1_request::{Builder, Credentials};
use percent_encoding::percent_decode_str;

use super::credentials::{ApiKey, find_api_key, random_token};
use super::signed_pairs::{STANDARD, SortedPairs, encoded_pairs, further_pairs};
use crate::data::Id;

/// The accepted difference between a timestamp and the server's clock, in seconds.
const CLOCK_TOLERANCE: i64 = 300;

/// What a token authorizes.
pub enum Grant {
    /// A request token: the callback, and the user's approval once it is given.
    Request {
        callback: String,
        approval: Option<Approval>,
    },
    Access {
        user: Id,
    },
}

pub struct Approval {
    pub user: Id,
    pub verifier: String,
}

pub struct Token {
    pub api_key: &'static str,
    pub secret: String,
    pub grant: Grant,
}

#[derive(Default)]
pub struct Tokens {
    pub issued: HashMap<String, Token>,
    /// Ordered by timestamp, so that expired nonces are found without a search.
    nonces: BTreeSet<(i64, &'static str, String)>,
}

impl Tokens {
    /// Issues a token and returns it with its secret.
    pub fn issue(&mut self, api_key: &'static str, grant: Grant) -> (String, String) {
        let (token, secret) = (random_token(), random_token());
        let entry = Token {
            api_key,
            secret: secret.clone(),
            grant,
        };
        self.issued.insert(token.clone(), entry);
        (token, secret)
    }

    /// Returns the known API key and user that an Authorization header names, without
    /// verifying its signature.
    pub fn unverified(&self, authorization: &str) -> (Option<&'static str>, Option<Id>) {
        let parameters = parse_authorization(authorization).unwrap_or_default();
        let api_key = parameters.get("oauth_consumer_key");
        let api_key = api_key.and_then(|key| find_api_key(key));
        let token = parameters.get("oauth_token");
        let user = match token.and_then(|token| self.issued.get(token)) {
            Some(Token {
                grant: Grant::Access { user },
                ..
            }) => Some(*user),
            _ => None,
        };
        (api_key.map(|api_key| api_key.key), user)
    }

    /// Records a nonce and returns whether it is new.
    fn record_nonce(
        &mut self,
        timestamp: i64,
        api_key: &'static str,
        nonce: &str,
        now: i64,
    ) -> bool {
        while let Some(oldest) = self.nonces.first()
            && oldest.0 < now - CLOCK_TOLERANCE
        {
            self.nonces.pop_first();
        }
        self.nonces.insert((timestamp, api_key, nonce.into()))
    }
}

/// Why a signature is rejected, named as in OAuth's problem reporting extension.
#[derive(Debug, PartialEq)]
pub struct Problem {
    pub name: &'static str,
    pub message: String,
}

fn problem(name: &'static str, message: impl Into<String>) -> Problem {
    Problem {
        name,
        message: message.into(),
    }
}

/// The parts of a request that its signature covers.
pub struct SignedRequest<'a> {
    pub method: &'a str,
    /// Scheme, host and path, as the client sent them.
    pub url: &'a str,
    pub query: &'a str,
    /// The body if it is form-encoded, else empty: only a form is part of the signature.
    pub form: &'a [u8],
    pub authorization: &'a str,
}

/// A verified signature.
#[derive(Debug)]
pub struct Signature {
    pub api_key: &'static str,
    pub trusted: bool,
    pub token: Option<String>,
    pub callback: Option<String>,
    pub verifier: Option<String>,
}

/// Parses the parameters of `Authorization: OAuth …`. Returns `None` if it is malformed.
fn parse_authorization(authorization: &str) -> Option<HashMap<String, String>> {
    let mut parameters = HashMap::new();
    for part in authorization.strip_prefix("OAuth ")?.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        let value = percent_decode_str(value).decode_utf8().ok()?;
        let previous = parameters.insert(name.to_string(), value.into_owned());
        if previous.is_some() {
            return None;
        }
    }
    Some(parameters)
}

/// Verifies the signature of a request, and its timestamp and nonce.
pub fn verify(
    tokens: &mut Tokens,
    request: &SignedRequest,
    now: i64,
) -> Result<Signature, Problem> {
    let parameters = parse_authorization(request.authorization).ok_or_else(|| {
        problem(
            "parameter_rejected",
            "The Authorization header is malformed",
        )
    })?;
    let optional = |name: &'static str| parameters.get(name).map(String::as_str);
    let required = |name: &'static str| {
        optional(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| problem("parameter_absent", format!("{name} is missing")))
    };
    let api_key = find_api_key(required("oauth_consumer_key")?)
        .ok_or_else(|| problem("consumer_key_unknown", "Unknown API key"))?;
    if required("oauth_signature_method")? != "HMAC-SHA1" {
        return Err(problem(
            "signature_method_rejected",
            "The signature method must be HMAC-SHA1",
        ));
    }
    if optional("oauth_version").is_some_and(|version| version != "1.0") {
        return Err(problem("version_rejected", "oauth_version must be 1.0"));
    }
    let nonce = required("oauth_nonce")?;
    let timestamp = required("oauth_timestamp")?
        .parse::<NonZeroU64>()
        .map_err(|_| problem("parameter_rejected", "oauth_timestamp is not a number"))?;

    let token = match optional("oauth_token") {
        None => None,
        Some(name) => {
            let token = tokens.issued.get(name);
            let token = token.filter(|token| token.api_key == api_key.key);
            let token = token.ok_or_else(|| problem("token_rejected", "Unknown token"))?;
            Some((name, token.secret.clone()))
        }
    };

    let expected = sign(request, api_key, token.as_ref(), &parameters, timestamp)?;
    if expected != required("oauth_signature")? {
        return Err(problem("signature_invalid", "Invalid signature"));
    }
    // Only after the signature: an unsigned request must not use up a nonce.
    let timestamp = timestamp.get().min(i64::MAX as u64) as i64;
    if now.abs_diff(timestamp) > CLOCK_TOLERANCE as u64 {
        return Err(problem("timestamp_refused", "Timestamp refused"));
    }
    if !tokens.record_nonce(timestamp, api_key.key, nonce, now) {
        return Err(problem("nonce_used", "Nonce already used"));
    }
    Ok(Signature {
        api_key: api_key.key,
        trusted: api_key.trusted,
        token: token.map(|(name, _)| name.to_string()),
        callback: parameters.get("oauth_callback").cloned(),
        verifier: parameters.get("oauth_verifier").cloned(),
    })
}

/// Computes the signature that the request should have.
fn sign(
    request: &SignedRequest,
    api_key: &ApiKey,
    token: Option<&(&str, String)>,
    parameters: &HashMap<String, String>,
    timestamp: NonZeroU64,
) -> Result<String, Problem> {
    let mut pairs: Vec<_> = encoded_pairs(request.query.as_bytes())
        .chain(encoded_pairs(request.form))
        .collect();
    if pairs
        .iter()
        .any(|(name, _)| STANDARD.contains(&name.as_str()) || name == "oauth_signature")
    {
        return Err(problem(
            "parameter_rejected",
            "OAuth parameters must be in the Authorization header",
        ));
    }
    pairs.extend(further_pairs(parameters));
    let parameter = |name: &str| parameters.get(name).map(String::as_str);
    let mut builder = Builder::new(
        Credentials::new(api_key.key, api_key.secret),
        HmacSha1::new(),
    );
    builder
        .token(token.map(|(token, secret)| Credentials::new(*token, secret.as_str())))
        .nonce(parameter("oauth_nonce"))
        .timestamp(timestamp)
        .callback(parameter("oauth_callback"))
        .verifier(parameter("oauth_verifier"))
        .version(parameters.contains_key("oauth_version"));
    let authorization = builder.authorize(request.method, request.url, &SortedPairs::new(pairs));
    parse_authorization(&authorization)
        .and_then(|mut signed| signed.remove("oauth_signature"))
        .ok_or_else(|| problem("signature_invalid", "The signature cannot be computed"))
}
