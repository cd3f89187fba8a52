//! JSON Web Signatures with the algorithm HS256, the only one that is accepted (RFC 7515).

use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::encoding::json::Object;
use crate::error::{Error, Result};

/// {"alg":"HS256","typ":"JWT"}
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

pub(super) fn hmac_sha256(key: &str, data: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::new_from_slice(key.as_bytes()).expect("HMAC accepts keys of any length");
    mac.update(data);
    mac
}

/// Creates a token with the given payload.
pub(super) fn sign(key: &str, payload: &str) -> String {
    let signed = format!("{HEADER}.{}", BASE64_URL_SAFE_NO_PAD.encode(payload));
    let signature = hmac_sha256(key, signed.as_bytes()).finalize().into_bytes();
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Verifies the signature of a token, and returns its payload.
pub(super) fn verified_payload(key: &str, token: &str) -> Result<String> {
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    let decode_text = |part: &str| decode(part).and_then(|bytes| String::from_utf8(bytes).ok());

    let token = token.trim();
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return Err(not_verified("does not have three parts separated by '.'"));
    };
    let invalid_header = || not_verified("has a header that is not valid");
    let header_json = decode_text(header).ok_or_else(invalid_header)?;
    check_header(&Object::parse(&header_json).map_err(|_| invalid_header())?)?;
    let signature =
        decode(signature).ok_or_else(|| not_verified("has a signature that is not base64url"))?;
    let signed = &token[..header.len() + 1 + payload.len()];
    // Compares in constant time.
    hmac_sha256(key, signed.as_bytes())
        .verify_slice(&signature)
        .map_err(|_| not_verified("was not signed with this SSO key"))?;
    decode_text(payload).ok_or_else(|| not_verified("has claims that are not valid"))
}

/// Rejects what changes the meaning of a token in a way that is not implemented.
fn check_header(header: &Object<'_>) -> Result<()> {
    if repeated_name(header).is_some() {
        return Err(not_verified("has a header with a repeated member"));
    }
    if header.string("alg").as_deref() != Some("HS256") {
        return Err(not_verified("is not signed with HS256"));
    }
    // An extension that the recipient must understand (RFC 7515, section 4.1.11).
    if header.get("crit").is_some() {
        return Err(not_verified(
            "requires an extension that is not supported (\"crit\")",
        ));
    }
    // Must not be false in a JWT (RFC 7797, section 7).
    if !matches!(header.get("b64"), None | Some("true")) {
        return Err(not_verified("has a payload that is not encoded (\"b64\")"));
    }
    Ok(())
}

/// Returns a name that two members of `object` have. Parsers differ in which one counts.
pub(super) fn repeated_name<'a>(object: &Object<'a>) -> Option<Cow<'a, str>> {
    let mut names = HashSet::new();
    let mut all_names = object.iter().map(|(name, _)| name);
    all_names.find(|name| !names.insert(name.clone()))
}

pub(super) fn not_verified(why: &str) -> Error {
    Error::not_verified(format!("the JWT {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A correctly signed token with any header.
    fn signed_with_header(header: &str) -> String {
        let encode = |part: &str| BASE64_URL_SAFE_NO_PAD.encode(part);
        let signed = format!("{}.{}", encode(header), encode("{}"));
        let signature = hmac_sha256("key", signed.as_bytes()).finalize();
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature.into_bytes());
        format!("{signed}.{signature}")
    }

    #[test]
    fn accepts_headers_without_unknown_extensions() {
        for header in [
            r#"{"alg":"HS256"}"#,
            r#" { "typ" : "JWT", "alg" : "HS\u0032\u00356" } "#,
            r#"{"alg":"HS256","typ":"jwt","cty":"x","kid":"1","x":{"alg":"none"}}"#,
            r#"{"alg":"HS256","b64":true}"#,
        ] {
            let token = signed_with_header(header);
            assert_eq!(verified_payload("key", &token).unwrap(), "{}", "{header}");
            let pasted = format!(" {token}\r\n");
            assert_eq!(verified_payload("key", &pasted).unwrap(), "{}");
        }
    }

    #[test]
    fn rejects_unknown_crit_b64_and_alg() {
        for (header, why) in [
            (r#"{"alg":"HS256","crit":["x"],"x":1}"#, "crit"),
            (r#"{"alg":"HS256","crit":["exp"],"exp":1}"#, "crit"),
            (r#"{"alg":"HS256","crit":[]}"#, "crit"),
            (r#"{"alg":"HS256","crit":1}"#, "crit"),
            (r#"{"alg":"HS256","crit":null}"#, "crit"),
            (r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#, "crit"),
            (r#"{"alg":"HS256","b64":true,"crit":["b64"]}"#, "crit"),
            (r#"{"alg":"HS256","b64":false}"#, "b64"),
            (r#"{"alg":"HS256","b64":"true"}"#, "b64"),
            (r#"{"alg":"hs256"}"#, "HS256"),
            (r#"{"alg":"HS256 "}"#, "HS256"),
            (r#"{"alg":["HS256"]}"#, "HS256"),
            (r#"{"alg":"none"}"#, "HS256"),
            (r#"{"Alg":"HS256"}"#, "HS256"),
            (r#"{"alg":"none","alg":"HS256"}"#, "repeated"),
            (r#"{"alg":"HS256","kid":"a","k\u0069d":"a"}"#, "repeated"),
            (r#"{"alg":"HS256"} {}"#, "header"),
            ("\u{feff}{\"alg\":\"HS256\"}", "header"),
            (r#"["HS256"]"#, "header"),
        ] {
            let error = verified_payload("key", &signed_with_header(header)).unwrap_err();
            assert!(error.message().contains(why), "{header}: {error}");
        }
    }

    /// RFC 7515, section 2: base64url has no padding, line breaks or other characters.
    #[test]
    fn rejects_parts_that_are_not_base64url() {
        let token = signed_with_header(r#"{"alg":"HS256"}"#);
        let (header, rest) = token.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        for changed in [
            format!("{header}=.{payload}.{signature}"),
            format!("{header}.{payload} .{signature}"),
            format!("{header}.{payload}.{signature}="),
            format!(
                "{header}.{payload}.{}\n{}",
                &signature[..9],
                &signature[9..]
            ),
            format!("{header}.{payload}.{signature}."),
            format!(".{header}.{payload}.{signature}"),
            format!("{header}.{payload}..{signature}"),
        ] {
            assert!(verified_payload("key", &changed).is_err(), "{changed}");
        }
    }
}
