//! JSON Web Tokens for single sign-on: HS256 and nothing else (RFC 7519).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::encoding::json::Object;
use crate::error::{Error, Result};

/// What every token of ours begins with: {"alg":"HS256","typ":"JWT"}.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

pub(crate) fn hs256(key: &str, text: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::new_from_slice(key.as_bytes()).expect("any key length will do");
    mac.update(text);
    mac
}

/// A token with the claims of `payload`, which is JSON.
pub(crate) fn sign(key: &str, payload: &str) -> String {
    let signed = format!("{HEADER}.{}", BASE64_URL_SAFE_NO_PAD.encode(payload));
    let signature = hs256(key, signed.as_bytes()).finalize().into_bytes();
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of a token that was signed with `key`, as the JSON that they are.
pub(crate) fn verified(key: &str, jwt: &str) -> Result<String> {
    let refused = |why: &str| Error::not_verified(format!("the JWT {why}"));
    let parts: Vec<&str> = jwt.trim().split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return Err(refused("does not have three parts separated by '.'"));
    };
    let decode = |text: &str| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        String::from_utf8(bytes).ok()
    };
    let header = decode(header).ok_or_else(|| refused("has a header that is not valid"))?;
    let header = Object::parse(&header).map_err(|_| refused("has a header that is not valid"))?;
    if header.text("alg").as_deref() != Some("HS256") {
        return Err(refused("is not signed with HS256"));
    }
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature);
    let signature = signature.map_err(|_| refused("has a signature that is not base64url"))?;
    let signed = &jwt.trim()[..parts[0].len() + 1 + payload.len()];
    // In constant time.
    hs256(key, signed.as_bytes())
        .verify_slice(&signature)
        .map_err(|_| refused("was not signed with this SSO key"))?;
    decode(payload).ok_or_else(|| refused("has claims that are not valid"))
}
