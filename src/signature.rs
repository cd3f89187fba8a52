//! OAuth 1.0a signatures, HMAC-SHA1 (RFC 5849, section 3).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha1::Sha1;
use zeroize::Zeroizing;

/// Everything but RFC 3986's unreserved characters (RFC 5849, section 3.6).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `text` with everything but unreserved characters percent-encoded.
pub(crate) fn encode(text: &str) -> percent_encoding::PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// Who signs, and the two values that make every signature another one.
pub(crate) struct Signer<'a> {
    pub(crate) consumer_key: &'a str,
    pub(crate) consumer_secret: &'a str,
    /// Token and token secret; none for a 2-legged call.
    pub(crate) token: Option<(&'a str, &'a str)>,
    pub(crate) nonce: &'a str,
    /// Seconds since 1970.
    pub(crate) timestamp: i64,
}

impl Signer<'_> {
    /// The value of the `Authorization` header for one request.
    ///
    /// `origin` is scheme and authority in lower case without a default port,
    /// `target` path and query exactly as they are sent. `extra` holds further
    /// `oauth_*` parameters, such as `oauth_callback`.
    pub(crate) fn authorization(
        &self,
        method: &str,
        origin: &str,
        target: &str,
        extra: &[(&str, &str)],
    ) -> String {
        let timestamp = self.timestamp.to_string();
        let mut parameters = vec![
            ("oauth_consumer_key", self.consumer_key),
            ("oauth_nonce", self.nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &timestamp),
            ("oauth_version", "1.0"),
        ];
        parameters.extend(self.token.map(|(token, _)| ("oauth_token", token)));
        parameters.extend(extra);

        let signature = self.sign(&base_string(method, origin, target, &parameters));
        parameters.push(("oauth_signature", &signature));

        let pairs: Vec<String> = parameters
            .iter()
            .map(|(key, value)| format!("{key}=\"{}\"", encode(value)))
            .collect();
        format!("OAuth {}", pairs.join(", "))
    }

    fn sign(&self, base_string: &str) -> String {
        let token_secret = self.token.map_or("", |(_, secret)| secret);
        let key = signing_key(self.consumer_secret, token_secret);
        let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any key length will do");
        mac.update(base_string.as_bytes());
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    }
}

/// Both secrets as one (RFC 5849, section 3.4.2). Made in its whole length at
/// once: a text that grows leaves copies of itself behind.
fn signing_key(consumer_secret: &str, token_secret: &str) -> Zeroizing<String> {
    let most = 3 * (consumer_secret.len() + token_secret.len()) + 1;
    let mut key = Zeroizing::new(String::with_capacity(most));
    key.extend(utf8_percent_encode(consumer_secret, RESERVED));
    key.push('&');
    key.extend(utf8_percent_encode(token_secret, RESERVED));
    key
}

/// The signature base string (RFC 5849, section 3.4.1).
fn base_string(method: &str, origin: &str, target: &str, oauth: &[(&str, &str)]) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (recode(key), recode(value))
        })
        .collect();
    pairs.extend(
        oauth
            .iter()
            .map(|(key, value)| (key.to_string(), encode(value).to_string())),
    );
    pairs.sort();

    let normalized: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    format!(
        "{method}&{}{}&{}",
        encode(origin),
        encode(path),
        encode(&normalized.join("&"))
    )
}

/// A form-encoded piece of a query in the one encoding that is signed.
fn recode(piece: &str) -> String {
    let spaced = piece.replace('+', " ");
    let decoded: Vec<u8> = percent_decode_str(&spaced).collect();
    percent_encoding::percent_encode(&decoded, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "https://uservoice-subdomain.uservoice.com";

    fn signer<'a>(token: Option<(&'a str, &'a str)>) -> Signer<'a> {
        Signer {
            consumer_key: "oQt2BaunWNuainc8BvZpAm",
            consumer_secret: "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2",
            token,
            nonce: "abc123",
            timestamp: 1_350_000_000,
        }
    }

    fn signature_of(authorization: &str) -> String {
        let (_, rest) = authorization.split_once("oauth_signature=\"").unwrap();
        let encoded = rest.split('"').next().unwrap();
        percent_decode_str(encoded)
            .decode_utf8()
            .unwrap()
            .into_owned()
    }

    #[test]
    fn request_token_vector() {
        let header = signer(None).authorization(
            "POST",
            HOST,
            "/oauth/request_token",
            &[("oauth_callback", "oob")],
        );
        assert_eq!(signature_of(&header), "IW8AtzjxYeruRALoTSW4oBjbKHQ=");
    }

    #[test]
    fn json_body_is_not_signed_and_an_absent_token_left_out_vector() {
        let header =
            signer(None).authorization("POST", HOST, "/api/v1/users/login_as_owner.json", &[]);
        assert_eq!(signature_of(&header), "MVD3IhrZTQU3AST61gAxOyz58Qo=");
        assert!(!header.contains("oauth_token"), "{header}");
    }

    #[test]
    fn query_and_token_vector() {
        let header = signer(Some(("AT", "AS"))).authorization(
            "GET",
            HOST,
            "/api/v1/suggestions?filter=public&per_page=100&page=1",
            &[],
        );
        assert_eq!(signature_of(&header), "86LiAEjEF5bi7nN5it2cCVSZVHE=");
    }

    /// The example of RFC 5849, section 3.4.1.1, without its form-encoded body
    /// (`c2`, `a3=2 q`), which stands in the query here: it counts the same.
    #[test]
    fn rfc_5849_base_string() {
        let oauth = [
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
        ];
        let base = base_string(
            "POST",
            "http://example.com",
            "/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q",
            &oauth,
        );
        assert_eq!(
            base,
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q\
             %26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_\
             key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m\
             ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk\
             9d7dh3k39sjv7"
        );
    }

    mod against_another_implementation {
        use super::*;
        use std::collections::BTreeMap;
        use std::num::NonZeroU64;

        use oauth1_request::signature_method::HmacSha1;
        use oauth1_request::{Builder, Credentials, ParameterList};
        use proptest::prelude::*;

        use crate::target;

        /// Without a key that comes twice: the other implementation sorts values
        /// before it encodes them, the RFC afterwards.
        fn pairs() -> impl Strategy<Value = BTreeMap<String, String>> {
            proptest::collection::btree_map(".{0,12}", any::<String>(), 0..6)
        }

        proptest! {
            #[test]
            fn signatures_are_the_same(
                method in "GET|POST|PUT|DELETE|HEAD|PATCH",
                path in "/[a-zé.~%: @!$&'()*+,;=-]{0,20}",
                query in pairs(),
                keys in ("\\PC{1,20}", "\\PC{1,20}"),
                token in proptest::option::of(("\\PC{1,20}", "\\PC{0,20}")),
                verifier in proptest::option::of("\\PC{1,20}"),
                nonce in "[0-9a-f]{32}",
                timestamp in 1u64..1 << 40,
            ) {
                let path = path.replace('%', "%25").replace(' ', "%20");
                let path = target::from_path(&path).ok().filter(|path| !path.starts_with("//"));
                prop_assume!(path.is_some());
                let path = path.unwrap();
                let mut target = path.clone();
                for (key, value) in &query {
                    target::add_pair(&mut target, key, value);
                }
                let signer = Signer {
                    consumer_key: &keys.0,
                    consumer_secret: &keys.1,
                    token: token.as_ref().map(|(token, secret)| (&**token, &**secret)),
                    nonce: &nonce,
                    timestamp: timestamp as i64,
                };
                let extra: Vec<_> = verifier.iter().map(|text| ("oauth_verifier", &**text)).collect();
                let ours = signer.authorization(&method, HOST, &target, &extra);

                let key = Credentials::new(&*keys.0, &*keys.1);
                let mut theirs = Builder::new(key, HmacSha1::new());
                theirs
                    .token(signer.token.map(|(token, secret)| Credentials::new(token, secret)))
                    .nonce(&*nonce)
                    .timestamp(NonZeroU64::new(timestamp))
                    .verifier(verifier.as_deref())
                    .version(true);
                // It takes keys as they are to stand in the base string.
                let twice = |key| encode(&encode(key).to_string()).to_string();
                let pairs: Vec<_> =
                    query.iter().map(|(key, value)| (twice(key), value)).collect();
                let theirs =
                    theirs.authorize(&method, format!("{HOST}{path}"), &ParameterList::new(pairs));
                prop_assert_eq!(signature_of(&ours), signature_of(&theirs));
            }

            /// However a query is written, it is signed as what it says.
            #[test]
            fn a_query_is_signed_as_what_it_says(query in pairs()) {
                let each_byte = |text: &str| -> String {
                    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
                };
                let mut usual = "/a".to_owned();
                let mut other = "/a?".to_owned();
                for (key, value) in query.iter().filter(|(key, _)| !key.is_empty()) {
                    target::add_pair(&mut usual, key, value);
                    other += &format!("{}={}&", each_byte(key), each_byte(value));
                }
                prop_assert_eq!(
                    base_string("GET", HOST, &usual, &[]),
                    base_string("GET", HOST, &other, &[])
                );
            }
        }
    }
}
