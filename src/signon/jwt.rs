//! JSON Web Tokens with the algorithm HS256, the only one that is accepted (RFC 7519).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::encoding::json::Object;
use crate::error::{Error, Result};

/// {"alg":"HS256","typ":"JWT"}
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

pub(crate) fn hmac_sha256(key: &str, data: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::new_from_slice(key.as_bytes()).expect("HMAC accepts keys of any length");
    mac.update(data);
    mac
}

/// Creates a token with the given claims, which are JSON.
pub(crate) fn sign(key: &str, claims: &str) -> String {
    let signed = format!("{HEADER}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims));
    let signature = hmac_sha256(key, signed.as_bytes()).finalize().into_bytes();
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Verifies the signature of a token, and returns its claims.
pub(crate) fn verified_claims(key: &str, jwt: &str) -> Result<String> {
    let not_verified = |why: &str| Error::not_verified(format!("the JWT {why}"));
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    let decode_text = |part: &str| decode(part).and_then(|bytes| String::from_utf8(bytes).ok());

    let jwt = jwt.trim();
    let parts: Vec<&str> = jwt.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(not_verified("does not have three parts separated by '.'"));
    };
    let invalid_header = || not_verified("has a header that is not valid");
    let header_json = decode_text(header).ok_or_else(invalid_header)?;
    let header_object = Object::parse(&header_json).map_err(|_| invalid_header())?;
    if header_object.string("alg").as_deref() != Some("HS256") {
        return Err(not_verified("is not signed with HS256"));
    }
    let signature =
        decode(signature).ok_or_else(|| not_verified("has a signature that is not base64url"))?;
    let signed = &jwt[..header.len() + 1 + claims.len()];
    // Compares in constant time.
    hmac_sha256(key, signed.as_bytes())
        .verify_slice(&signature)
        .map_err(|_| not_verified("was not signed with this SSO key"))?;
    decode_text(claims).ok_or_else(|| not_verified("has claims that are not valid"))
}
