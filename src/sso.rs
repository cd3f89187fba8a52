//! Single sign-on tokens: a user's attributes as JSON, encrypted with the
//! site's SSO key (AES-128-CBC, PKCS#7, base64, percent-encoded for a URL).

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use sha1::{Digest, Sha1};
use time::OffsetDateTime;
use time::macros::format_description;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::json::Object;
use crate::options::check_subdomain;
use crate::signature::encode;

/// How long a token is valid when the caller does not say.
const DEFAULT_VALIDITY_SECONDS: i64 = 300;
/// A hundred years: keeps every date within the four digits of its format.
const MAX_VALIDITY_SECONDS: i64 = 100 * 366 * 86_400;

/// The official programs XOR the first block with a constant and then use that
/// constant as IV, which comes to an IV of zeros.
const IV: [u8; 16] = [0; 16];

/// Makes a token that logs `user_json` in, ready to stand in a URL.
///
/// `user_json` is kept as it is; only `expires`, now + `valid_for_seconds`
/// (0: 300), is added where it has none.
///
/// # Errors
/// `InvalidArgument`, with the name of the argument.
pub fn token(
    subdomain: &str,
    sso_key: &str,
    user_json: &str,
    valid_for_seconds: i64,
) -> Result<String> {
    let key = key(subdomain, sso_key)?;
    let validity = match valid_for_seconds {
        0 => DEFAULT_VALIDITY_SECONDS,
        1..=MAX_VALIDITY_SECONDS => valid_for_seconds,
        _ => {
            return Err(Error::invalid(format!(
                "valid_for_seconds: must be from 0 (the default, 300) to {MAX_VALIDITY_SECONDS}"
            )));
        }
    };
    let text = with_expiry(user_json, validity)?;
    Ok(encode(&encrypt(&key, &text)).to_string())
}

/// Gives back the JSON text that `token` was made from. Takes a token with or
/// without its percent-encoding, and does not look at `expires`.
///
/// # Errors
/// `InvalidArgument`, with the name of the argument.
pub fn decrypt(subdomain: &str, sso_key: &str, token: &str) -> Result<String> {
    let key = key(subdomain, sso_key)?;
    let refused = |why: &str| Error::invalid(format!("token: {why}"));

    let base64: Vec<u8> = percent_decode_str(token.trim()).collect();
    let ciphertext = BASE64_STANDARD
        .decode(base64)
        .map_err(|_| refused("is not base64"))?;
    let text = cbc::Decryptor::<Aes128>::new(&(*key).into(), &IV.into())
        .decrypt_padded_vec::<Pkcs7>(&ciphertext)
        .map_err(|_| refused("was not made with this subdomain and SSO key, or is damaged"))?;
    let text = String::from_utf8(text)
        .map_err(|_| refused("was not made with this subdomain and SSO key"))?;
    Object::parse(&text).map_err(|_| refused("does not hold a JSON object"))?;
    Ok(text)
}

fn key(subdomain: &str, sso_key: &str) -> Result<Zeroizing<[u8; 16]>> {
    check_subdomain(subdomain)?;
    if sso_key.is_empty() {
        return Err(Error::invalid("sso_key: must not be empty"));
    }
    let mut hash = Sha1::new();
    hash.update(sso_key);
    hash.update(subdomain);
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(&hash.finalize()[..16]);
    Ok(key)
}

fn encrypt(key: &[u8; 16], text: &str) -> String {
    let ciphertext = cbc::Encryptor::<Aes128>::new(&(*key).into(), &IV.into())
        .encrypt_padded_vec::<Pkcs7>(text.as_bytes());
    BASE64_STANDARD.encode(ciphertext)
}

/// `user_json` with `expires` as its last member, unless it has one.
fn with_expiry(user_json: &str, validity: i64) -> Result<String> {
    let user = Object::parse(user_json)
        .map_err(|error| Error::invalid(format!("user_json: must be a JSON object: {error}")))?;
    match user.get("expires") {
        Some(value) if value.starts_with('"') => return Ok(user_json.trim().to_owned()),
        Some(_) => {
            return Err(Error::invalid(
                "user_json: \"expires\" must be text, \"YYYY-MM-DD HH:MM:SS\" in GMT",
            ));
        }
        None => {}
    }

    let expires = OffsetDateTime::now_utc() + time::Duration::seconds(validity);
    let expires = expires
        .format(format_description!(
            "[year]-[month]-[day] [hour]:[minute]:[second]"
        ))
        .map_err(|error| Error::internal(format!("cannot write the time: {error}")))?;
    let open = user_json
        .trim()
        .strip_suffix('}')
        .ok_or_else(|| Error::internal("a JSON object without its closing brace"))?;
    let comma = if user.len() == 0 { "" } else { "," };
    Ok(format!("{open}{comma}\"expires\":\"{expires}\"}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBDOMAIN: &str = "uservoice-subdomain";
    const SSO_KEY: &str = "982c88f2df7257859e8e23423eg87ed";
    const TOKEN: &str = "SRDq65WMAL9%2FZiALTxv4XnDbev7UZVOKFazS8VfbbY1dCR%2B4wHgTvHJrkpWVBey0\
                         aZMtM4VckWHc7MtlRDRqaAO%2FEnmMs0JQII6jkAtCbqA4ZwARCESNBmHfFK4ZE5FPah\
                         hS%2BuSFZFValmmNsh5CaA%3D%3D";
    const USER: &str = r#"{"guid":1000000,"display_name":"User Name","email":"mailaddress@example.com","expires":"2030-01-01 00:00:00"}"#;

    fn decrypted(token: &str) -> String {
        decrypt(SUBDOMAIN, SSO_KEY, token).unwrap()
    }

    #[test]
    fn key_vector() {
        let expected = [
            0x09, 0xd0, 0x2d, 0x62, 0x7c, 0xf8, 0xcf, 0x22, 0xa5, 0xea, 0x69, 0x36, 0xbe, 0xc5,
            0x22, 0x19,
        ];
        assert_eq!(*key(SUBDOMAIN, SSO_KEY).unwrap(), expected);
    }

    #[test]
    fn multi_byte_text_vector() {
        let key = key(SUBDOMAIN, SSO_KEY).unwrap();
        assert_eq!(
            encrypt(&key, r#"{"guid":"1","n":"é"}"#),
            "LrHBkcxSaurq8dNPfk6HvaBhLD9XU/hjwjfI88+Cy1w="
        );
    }

    #[test]
    fn token_vector_both_ways() {
        assert_eq!(token(SUBDOMAIN, SSO_KEY, USER, 300).unwrap(), TOKEN);
        assert_eq!(decrypted(TOKEN), USER);
        let bare: String = percent_decode_str(TOKEN)
            .decode_utf8()
            .unwrap()
            .into_owned();
        assert_eq!(decrypted(&bare), USER);
    }

    #[test]
    fn only_expires_is_added() {
        for user in [
            r#"{"guid":"1"}"#,
            r#"{"b":1.10,"a":"é","b":[ 2 ]}"#,
            r#"{"x":1}"#,
        ] {
            let text = decrypted(&token(SUBDOMAIN, SSO_KEY, user, 60).unwrap());
            let kept = user.strip_suffix('}').unwrap();
            let added = text.strip_prefix(kept).unwrap();
            assert!(added.starts_with(",\"expires\":\"20"), "{text}");
        }
        let text = decrypted(&token(SUBDOMAIN, SSO_KEY, " {} \n", 60).unwrap());
        assert!(text.starts_with("{\"expires\":\""), "{text}");
    }

    #[test]
    fn expires_is_gmt_on_a_24_hour_clock() {
        // Twelve hours apart, so that one of the two is past noon.
        for validity in [60, 60 + 12 * 3600] {
            let before = OffsetDateTime::now_utc().unix_timestamp();
            let text = decrypted(&token(SUBDOMAIN, SSO_KEY, "{}", validity).unwrap());
            let after = OffsetDateTime::now_utc().unix_timestamp();
            let object = Object::parse(&text).unwrap();
            let expires = time::PrimitiveDateTime::parse(
                &object.text("expires").unwrap(),
                format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"),
            )
            .unwrap()
            .assume_utc()
            .unix_timestamp();
            assert!((before + validity..=after + validity).contains(&expires));
        }
    }

    #[test]
    fn bad_arguments_are_named() {
        let cases = [
            (token("", SSO_KEY, "{}", 0), "subdomain"),
            (token(SUBDOMAIN, "", "{}", 0), "sso_key"),
            (token(SUBDOMAIN, SSO_KEY, "[]", 0), "user_json"),
            (token(SUBDOMAIN, SSO_KEY, "{\"a\":}", 0), "user_json"),
            (
                token(SUBDOMAIN, SSO_KEY, r#"{"expires":null}"#, 0),
                "user_json",
            ),
            (token(SUBDOMAIN, SSO_KEY, "{}", -1), "valid_for_seconds"),
            (
                token(SUBDOMAIN, SSO_KEY, "{}", i64::MAX),
                "valid_for_seconds",
            ),
            (decrypt(SUBDOMAIN, SSO_KEY, ""), "token"),
            (decrypt(SUBDOMAIN, SSO_KEY, "%%%"), "token"),
            (decrypt(SUBDOMAIN, SSO_KEY, "QUJD"), "token"),
            (decrypt(SUBDOMAIN, "another key", TOKEN), "token"),
        ];
        for (result, argument) in cases {
            let error = result.unwrap_err();
            assert!(error.message().starts_with(argument), "{error}");
            assert!(!error.message().contains(SSO_KEY));
        }
    }
}
