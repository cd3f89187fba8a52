//! Reads single sign-on tokens of both kinds, and says exactly why one is refused.

use aes::Aes128;
use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::NoPadding};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

pub const SUBDOMAIN: &str = "sandbox";
pub const KEY: &str = "sandbox-sso-key";

const BLOCK: usize = 16;

/// The user that a token tells of, or why it is refused.
pub fn user(token: &str, sso_key: &str, now: OffsetDateTime) -> Result<Map<String, Value>, String> {
    match token.split('.').collect::<Vec<_>>().as_slice() {
        [header, payload, signature] => jwt(header, payload, signature, sso_key, now),
        _ => encrypted(token, sso_key, now),
    }
}

/// A JSON Web Token (RFC 7519), HS256 and nothing else.
fn jwt(
    header: &str,
    payload: &str,
    signature: &str,
    sso_key: &str,
    now: OffsetDateTime,
) -> Result<Map<String, Value>, String> {
    let part = |name: &str, text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text);
        bytes.map_err(|why| format!("its {name} is not base64url: {why}"))
    };
    let object = |name: &str, text: &str| {
        let value = serde_json::from_slice(&part(name, text)?);
        value.map_err(|why| format!("its {name} is not a JSON object: {why}"))
    };
    let algorithm: Map<String, Value> = object("header", header)?;
    if algorithm.get("alg") != Some(&"HS256".into()) {
        return Err("its algorithm is not HS256".into());
    }
    let mut mac =
        Hmac::<Sha256>::new_from_slice(sso_key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{header}.{payload}").as_bytes());
    mac.verify_slice(&part("signature", signature)?)
        .map_err(|_| "wrong key: it was signed with another SSO key")?;
    let user: Map<String, Value> = object("payload", payload)?;
    match user.get("exp") {
        None => check_expiry(&user, now)?,
        Some(exp) => check_exp(exp, now)?,
    }
    check_guid(&user)?;
    match user.get("email").and_then(Value::as_str) {
        Some(email) if !email.trim().is_empty() => Ok(user),
        _ => Err("email is missing".into()),
    }
}

/// A NumericDate (RFC 7519, section 2), which need not be a whole number.
fn check_exp(exp: &Value, now: OffsetDateTime) -> Result<(), String> {
    let seconds = exp.as_f64().ok_or("exp is not a number of seconds")?;
    match seconds > now.unix_timestamp() as f64 {
        true => Ok(()),
        false => Err(format!("it expired at {exp} (seconds since 1970)")),
    }
}

fn check_guid(user: &Map<String, Value>) -> Result<(), String> {
    match user.get("guid") {
        Some(Value::String(guid)) if !guid.trim().is_empty() => Ok(()),
        Some(Value::Number(_)) => Ok(()),
        _ => Err("guid is missing".into()),
    }
}

/// An AES token, the older kind.
fn encrypted(
    token: &str,
    sso_key: &str,
    now: OffsetDateTime,
) -> Result<Map<String, Value>, String> {
    let bytes = decode(token)?;
    let clear = decrypt(bytes, sso_key)?;
    let text = unpadded(&clear)?;
    let text = std::str::from_utf8(text).map_err(|_| unreadable(text, "the text is not UTF-8"))?;
    let value: Value = serde_json::from_str(text)
        .map_err(|why| format!("the text is not JSON ({why}): {text}"))?;
    let Value::Object(user) = value else {
        return Err(format!("the JSON is not an object: {text}"));
    };
    check_expiry(&user, now)?;
    check_guid(&user)?;
    Ok(user)
}

/// Base64 in its usual letters. In a URL a "+" that was not encoded has become a
/// space by now.
fn decode(token: &str) -> Result<Vec<u8>, String> {
    let bytes = STANDARD
        .decode(token.replace(' ', "+"))
        .map_err(|why| format!("it is not base64: {why}"))?;
    match !bytes.is_empty() && bytes.len().is_multiple_of(BLOCK) {
        true => Ok(bytes),
        false => Err(format!(
            "its length, {} bytes, is not a multiple of {BLOCK}",
            bytes.len()
        )),
    }
}

fn decrypt(mut bytes: Vec<u8>, sso_key: &str) -> Result<Vec<u8>, String> {
    let digest = Sha1::digest(format!("{sso_key}{SUBDOMAIN}"));
    cbc::Decryptor::<Aes128>::new_from_slices(&digest[..BLOCK], &[0; BLOCK])
        .map_err(|why| why.to_string())?
        .decrypt_padded::<NoPadding>(&mut bytes)
        .map_err(|why| why.to_string())?;
    Ok(bytes)
}

/// Why a decrypted text cannot be read. Every user is a JSON object: without its brace
/// the key was another.
fn unreadable(text: &[u8], why: &str) -> String {
    match text.first() == Some(&b'{') {
        true => why.into(),
        false => "wrong key: it was made with another SSO key or subdomain".into(),
    }
}

/// The text without its PKCS#7 padding.
fn unpadded(clear: &[u8]) -> Result<&[u8], String> {
    let length = usize::from(clear[clear.len() - 1]);
    let padded = clear
        .len()
        .checked_sub(length)
        .filter(|_| (1..=BLOCK).contains(&length))
        .map(|at| clear.split_at(at));
    match padded {
        Some((text, padding)) if padding.iter().all(|byte| usize::from(*byte) == length) => {
            Ok(text)
        }
        _ => Err(unreadable(clear, "broken padding")),
    }
}

fn check_expiry(user: &Map<String, Value>, now: OffsetDateTime) -> Result<(), String> {
    let text = user
        .get("expires")
        .and_then(Value::as_str)
        .ok_or("expires is missing")?;
    let bare = text.trim_end_matches(" UTC").trim_end_matches('Z').trim();
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let expires = PrimitiveDateTime::parse(bare, format)
        .map_err(|_| format!("expires is not YYYY-MM-DD HH:MM:SS: {text}"))?
        .assume_utc();
    match expires > now {
        true => Ok(()),
        false => Err(format!("it expired at {text}")),
    }
}
