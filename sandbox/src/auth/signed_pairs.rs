//! The parameters that an OAuth 1.0a signature covers (RFC 5849, section 3.4.1.3).

use std::collections::HashMap;

use oauth1_request::serializer::Serializer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use percent_encoding::{percent_decode, percent_encode, utf8_percent_encode};

/// All characters except RFC 3986's unreserved ones (RFC 5849, section 3.6).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Splits a query or a form into pairs, encoded as in the signature base string. They are
/// decoded to bytes first, which need not be valid UTF-8.
pub fn encoded_pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    let pairs = text.split(|byte| *byte == b'&');
    pairs.filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=').map(reencode);
        let name = halves.next().unwrap_or_default();
        // The base string encodes all pairs a second time. The crate does so for values, but
        // takes names as they are.
        let name = utf8_percent_encode(&name, RESERVED).to_string();
        (name, halves.next().unwrap_or_default())
    })
}

/// Converts a name or value from form encoding to RFC 5849's percent-encoding.
fn reencode(text: &[u8]) -> String {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let decoded: Vec<u8> = percent_decode(&spaced).collect();
    percent_encode(&decoded, RESERVED).to_string()
}

/// The parameters of the Authorization header that the crate signs, in their order.
pub const STANDARD: [&str; 8] = [
    "oauth_callback",
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_token",
    "oauth_verifier",
    "oauth_version",
];

/// Returns the other parameters of the Authorization header that are signed: all but `realm` and
/// the signature itself (RFC 5849, section 3.4.1.3.1), such as `oauth_body_hash`.
pub fn further_pairs(
    parameters: &HashMap<String, String>,
) -> impl Iterator<Item = (String, String)> + '_ {
    let is_further =
        |name: &str| !STANDARD.contains(&name) && !matches!(name, "realm" | "oauth_signature");
    let further = parameters.iter().filter(move |(name, _)| is_further(name));
    further.map(|(name, value)| {
        let value = utf8_percent_encode(value, RESERVED).to_string();
        (name.clone(), value)
    })
}

/// Pairs sorted by their encoded form (RFC 5849, section 3.4.1.3.2). The crate's own list
/// sorts unencoded values, which is a different order if a name is repeated.
pub struct SortedPairs(Vec<(String, String)>);

impl SortedPairs {
    pub fn new(mut pairs: Vec<(String, String)>) -> Self {
        pairs.sort_unstable();
        SortedPairs(pairs)
    }
}

impl oauth1_request::Request for SortedPairs {
    fn serialize<S: Serializer>(&self, mut serializer: S) -> S::Output {
        let standard: [fn(&mut S); STANDARD.len()] = [
            S::serialize_oauth_callback,
            S::serialize_oauth_consumer_key,
            S::serialize_oauth_nonce,
            S::serialize_oauth_signature_method,
            S::serialize_oauth_timestamp,
            S::serialize_oauth_token,
            S::serialize_oauth_verifier,
            S::serialize_oauth_version,
        ];
        let mut pairs = self.0.iter().peekable();
        for (name, serialize) in STANDARD.iter().zip(standard) {
            while let Some((before, value)) = pairs.next_if(|(other, _)| other.as_str() < *name) {
                serializer.serialize_parameter_encoded(before, value);
            }
            serialize(&mut serializer);
        }
        for (name, value) in pairs {
            serializer.serialize_parameter_encoded(name, value);
        }
        serializer.end()
    }
}
