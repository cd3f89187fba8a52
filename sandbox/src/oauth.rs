//! OAuth 1.0a as the service speaks it (RFC 5849): who calls, checked strictly and
//! by an implementation that is not the client's.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU64;

use oauth1_request::serializer::{Serializer, SerializerExt};
use oauth1_request::signature_method::HmacSha1;
use oauth1_request::{Builder, Credentials};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use percent_encoding::{percent_decode, percent_decode_str, percent_encode, utf8_percent_encode};

use crate::data::Id;

/// Everything but RFC 3986's unreserved characters (RFC 5849, section 3.6).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// How far a timestamp may be from the server's clock, in seconds.
const CLOCK_TOLERANCE: i64 = 300;

pub struct Key {
    pub key: &'static str,
    pub secret: &'static str,
    pub trusted: bool,
}

pub const TRUSTED: Key = Key {
    key: "sandbox-trusted-key",
    secret: "sandbox-trusted-secret",
    trusted: true,
};
pub const UNTRUSTED: Key = Key {
    key: "sandbox-untrusted-key",
    secret: "sandbox-untrusted-secret",
    trusted: false,
};

pub fn key(name: &str) -> Option<&'static Key> {
    [&TRUSTED, &UNTRUSTED]
        .into_iter()
        .find(|key| key.key == name)
}

/// What a token is good for.
pub enum Grant {
    /// A request token: where the person goes afterwards, and what they decided.
    Request {
        callback: String,
        allowed: Option<Allowed>,
    },
    Access {
        user: Id,
    },
}

pub struct Allowed {
    pub user: Id,
    pub verifier: String,
}

pub struct Token {
    pub key: &'static str,
    pub secret: String,
    pub grant: Grant,
}

#[derive(Default)]
pub struct Tokens {
    pub issued: HashMap<String, Token>,
    /// By timestamp, so that those too old to be accepted are found at once.
    nonces: BTreeSet<(i64, &'static str, String)>,
}

/// 24 characters that nobody guesses.
pub fn random_text() -> String {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Tokens {
    /// A new token and its secret.
    pub fn issue(&mut self, key: &'static str, grant: Grant) -> (String, String) {
        let (token, secret) = (random_text(), random_text());
        let entry = Token {
            key,
            secret: secret.clone(),
            grant,
        };
        self.issued.insert(token.clone(), entry);
        (token, secret)
    }

    /// The key and the user that a header names, if they are known. Nothing is checked.
    pub fn claimed(&self, authorization: &str) -> (Option<&'static str>, Option<Id>) {
        let given = parameters(authorization).unwrap_or_default();
        let key = given.get("oauth_consumer_key").and_then(|name| key(name));
        let token = given.get("oauth_token");
        let user = match token.and_then(|token| self.issued.get(token)) {
            Some(Token {
                grant: Grant::Access { user },
                ..
            }) => Some(*user),
            _ => None,
        };
        (key.map(|key| key.key), user)
    }

    /// Remembers a nonce; false when it was used before.
    fn use_nonce(&mut self, timestamp: i64, key: &'static str, nonce: &str, now: i64) -> bool {
        while let Some(oldest) = self.nonces.first()
            && oldest.0 < now - CLOCK_TOLERANCE
        {
            self.nonces.pop_first();
        }
        self.nonces.insert((timestamp, key, nonce.into()))
    }
}

/// Why a signature is refused, in the words of OAuth's problem reporting extension.
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

/// A request as far as its signature covers it.
pub struct Signed<'a> {
    pub method: &'a str,
    /// Scheme, host and path, as the client sent them.
    pub url: &'a str,
    pub query: &'a str,
    /// The body, where it is form-encoded: only then does it count.
    pub form: &'a [u8],
    pub authorization: &'a str,
}

/// Who signed, and what came with it.
#[derive(Debug)]
pub struct Signature {
    pub key: &'static str,
    pub trusted: bool,
    pub token: Option<String>,
    pub callback: Option<String>,
    pub verifier: Option<String>,
}

/// The parameters of `Authorization: OAuth …`; `None` where it is malformed.
fn parameters(authorization: &str) -> Option<HashMap<String, String>> {
    let mut found = HashMap::new();
    for part in authorization.strip_prefix("OAuth ")?.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        let value = percent_decode_str(value).decode_utf8().ok()?;
        if found.insert(name.to_string(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(found)
}

/// Checks a signature by making it again from what the request says.
pub fn verify(tokens: &mut Tokens, request: &Signed, now: i64) -> Result<Signature, Problem> {
    let given = parameters(request.authorization).ok_or_else(|| {
        problem(
            "parameter_rejected",
            "The Authorization header is malformed",
        )
    })?;
    let text = |name: &'static str| given.get(name).map(String::as_str);
    let required = |name: &'static str| {
        text(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| problem("parameter_absent", format!("{name} is missing")))
    };
    const KNOWN: [&str; 10] = [
        "oauth_consumer_key",
        "oauth_token",
        "oauth_signature_method",
        "oauth_signature",
        "oauth_timestamp",
        "oauth_nonce",
        "oauth_version",
        "oauth_callback",
        "oauth_verifier",
        "realm",
    ];
    if let Some(strange) = given.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(problem(
            "parameter_rejected",
            format!("{strange} is unknown"),
        ));
    }

    let name = required("oauth_consumer_key")?;
    let key = key(name).ok_or_else(|| problem("consumer_key_unknown", "Unknown API key"))?;
    if required("oauth_signature_method")? != "HMAC-SHA1" {
        return Err(problem(
            "signature_method_rejected",
            "Only HMAC-SHA1 is spoken",
        ));
    }
    if text("oauth_version").is_some_and(|version| version != "1.0") {
        return Err(problem("version_rejected", "oauth_version is not 1.0"));
    }
    let nonce = required("oauth_nonce")?;
    let timestamp = required("oauth_timestamp")?
        .parse::<NonZeroU64>()
        .map_err(|_| problem("parameter_rejected", "oauth_timestamp is not a number"))?;

    let secret = match text("oauth_token") {
        None => None,
        Some(token) => {
            let known = tokens.issued.get(token);
            let known = known.filter(|known| known.key == key.key);
            let known = known.ok_or_else(|| problem("token_rejected", "Unknown token"))?;
            Some((token, known.secret.clone()))
        }
    };

    let expected = signature(request, key, secret.as_ref(), &given, timestamp)?;
    if expected != required("oauth_signature")? {
        return Err(problem("signature_invalid", "Invalid signature"));
    }
    // After the signature, so that nobody uses up another's nonces.
    let timestamp = timestamp.get().min(i64::MAX as u64) as i64;
    if now.abs_diff(timestamp) > CLOCK_TOLERANCE as u64 {
        return Err(problem("timestamp_refused", "Timestamp refused"));
    }
    if !tokens.use_nonce(timestamp, key.key, nonce, now) {
        return Err(problem("nonce_used", "Nonce already used"));
    }
    Ok(Signature {
        key: key.key,
        trusted: key.trusted,
        token: secret.map(|(token, _)| token.to_string()),
        callback: given.get("oauth_callback").cloned(),
        verifier: given.get("oauth_verifier").cloned(),
    })
}

/// The pairs of a query or a form, encoded as the base string has them. Decoded to bytes
/// before: what they stand for need not be UTF-8.
fn encoded_pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    let pairs = text.split(|byte| *byte == b'&');
    pairs.filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=').map(encoded);
        let name = halves.next().unwrap_or_default();
        // Encoded once more with all pairs. The library does that to values, but takes
        // names as they are.
        let name = utf8_percent_encode(&name, RESERVED).to_string();
        (name, halves.next().unwrap_or_default())
    })
}

/// Half of a form's pair in the one encoding that OAuth knows.
fn encoded(half: &[u8]) -> String {
    let spaced: Vec<u8> = half
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let plain: Vec<u8> = percent_decode(&spaced).collect();
    percent_encode(&plain, RESERVED).to_string()
}

/// Pairs in the order of their encoded form (RFC 5849, section 3.4.1.3.2). The library's
/// own list sorts values as they are, which is another order where a name is repeated.
struct Pairs(Vec<(String, String)>);

impl oauth1_request::Request for Pairs {
    fn serialize<S: Serializer>(&self, mut serializer: S) -> S::Output {
        let at = self.0.partition_point(|(name, _)| name.as_str() < "oauth_");
        let (before, after) = self.0.split_at(at);
        for (name, value) in before {
            serializer.serialize_parameter_encoded(name, value);
        }
        serializer.serialize_oauth_parameters();
        for (name, value) in after {
            serializer.serialize_parameter_encoded(name, value);
        }
        serializer.end()
    }
}

fn signature(
    request: &Signed,
    key: &Key,
    token: Option<&(&str, String)>,
    given: &HashMap<String, String>,
    timestamp: NonZeroU64,
) -> Result<String, Problem> {
    let mut pairs: Vec<_> = encoded_pairs(request.query.as_bytes())
        .chain(encoded_pairs(request.form))
        .collect();
    pairs.sort_unstable();
    if pairs.iter().any(|(name, _)| name.starts_with("oauth_")) {
        return Err(problem(
            "parameter_rejected",
            "OAuth parameters belong into the Authorization header",
        ));
    }
    let text = |name: &str| given.get(name).map(String::as_str);
    let mut builder = Builder::new(Credentials::new(key.key, key.secret), HmacSha1::new());
    builder
        .token(token.map(|(token, secret)| Credentials::new(*token, secret.as_str())))
        .nonce(text("oauth_nonce"))
        .timestamp(timestamp)
        .callback(text("oauth_callback"))
        .verifier(text("oauth_verifier"))
        .version(given.contains_key("oauth_version"));
    let authorization = builder.authorize(request.method, request.url, &Pairs(pairs));
    parameters(&authorization)
        .and_then(|mut made| made.remove("oauth_signature"))
        .ok_or_else(|| problem("signature_invalid", "The signature cannot be made"))
}
