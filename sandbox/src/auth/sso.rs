//! Single sign-on tokens of both kinds, AES and JWT, with exact reasons for rejecting one.

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

use super::credentials::SUBDOMAIN;

const BLOCK: usize = 16;

/// Returns the user claims of a token, or why it is invalid.
pub fn verify(
    token: &str,
    sso_key: &str,
    now: OffsetDateTime,
) -> Result<Map<String, Value>, String> {
    match token.split('.').collect::<Vec<_>>().as_slice() {
        [header, payload, signature] => verify_jwt(header, payload, signature, sso_key, now),
        _ => verify_aes(token, sso_key, now),
    }
}

/// Verifies a JSON Web Token (RFC 7519) signed with HS256, the only algorithm allowed.
fn verify_jwt(
    header: &str,
    payload: &str,
    signature: &str,
    sso_key: &str,
    now: OffsetDateTime,
) -> Result<Map<String, Value>, String> {
    let decode = |name: &str, text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text);
        bytes.map_err(|error| format!("the {name} is not base64url: {error}"))
    };
    let parse = |name: &str, text: &str| {
        let value = serde_json::from_slice(&decode(name, text)?);
        value.map_err(|error| format!("the {name} is not a JSON object: {error}"))
    };
    let algorithm: Map<String, Value> = parse("header", header)?;
    if algorithm.get("alg") != Some(&"HS256".into()) {
        return Err("the algorithm is not HS256".into());
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(sso_key.as_bytes())
        .expect("HMAC accepts keys of any length");
    mac.update(format!("{header}.{payload}").as_bytes());
    mac.verify_slice(&decode("signature", signature)?)
        .map_err(|_| "wrong key: it was signed with a different SSO key")?;
    let user: Map<String, Value> = parse("payload", payload)?;
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

/// Checks `exp`, a NumericDate (RFC 7519, section 2), which may have a fraction.
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

/// Decrypts and checks an AES token, the older kind.
fn verify_aes(
    token: &str,
    sso_key: &str,
    now: OffsetDateTime,
) -> Result<Map<String, Value>, String> {
    let bytes = decode(token)?;
    let plaintext = decrypt(bytes, sso_key)?;
    let text = strip_padding(&plaintext)?;
    let text =
        std::str::from_utf8(text).map_err(|_| decryption_error(text, "the text is not UTF-8"))?;
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("the text is not JSON ({error}): {text}"))?;
    let Value::Object(user) = value else {
        return Err(format!("the JSON is not an object: {text}"));
    };
    check_expiry(&user, now)?;
    check_guid(&user)?;
    Ok(user)
}

/// Decodes standard base64. A "+" that was not percent-encoded in a URL arrives as a space.
fn decode(token: &str) -> Result<Vec<u8>, String> {
    let bytes = STANDARD
        .decode(token.replace(' ', "+"))
        .map_err(|error| format!("it is not base64: {error}"))?;
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
        .map_err(|error| error.to_string())?
        .decrypt_padded::<NoPadding>(&mut bytes)
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Returns `reason`, or "wrong key" if the text does not begin like a JSON object: every
/// token contains one, so it was encrypted with a different key.
fn decryption_error(text: &[u8], reason: &str) -> String {
    match text.first() == Some(&b'{') {
        true => reason.into(),
        false => "wrong key: it was encrypted with a different SSO key or subdomain".into(),
    }
}

/// Removes the PKCS#7 padding.
fn strip_padding(plaintext: &[u8]) -> Result<&[u8], String> {
    let length = usize::from(plaintext[plaintext.len() - 1]);
    let split = plaintext
        .len()
        .checked_sub(length)
        .filter(|_| (1..=BLOCK).contains(&length))
        .map(|length| plaintext.split_at(length));
    match split {
        Some((text, padding)) if padding.iter().all(|byte| usize::from(*byte) == length) => {
            Ok(text)
        }
        _ => Err(decryption_error(plaintext, "broken padding")),
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
