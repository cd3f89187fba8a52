//! Single sign-on tokens: the attributes of a user as JSON, either encrypted with the
//! site's SSO key (AES-128-CBC, PKCS#7, base64, percent-encoded for a URL) or signed
//! with it (JWT).

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use sha1::{Digest, Sha1};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::encoding::base64::decode as decode_base64;
use crate::encoding::json::Object;
use crate::encoding::percent::encode;
use crate::error::{Error, Result};
use crate::http::host::check_subdomain;
pub use crate::signon::jwt::{jwt, jwt_verify};
use crate::signon::user::{self, EXPIRES, validity, with_member};
use crate::signon::{check_key, check_untrusted_length, check_user_length};

/// The official programs XOR the first block with a constant and use that constant as IV,
/// which is equivalent to an IV of zeros.
const IV: [u8; 16] = [0; 16];

/// Creates an encrypted single sign-on token, percent-encoded for a URL.
///
/// `user_json` is encrypted as it is, with `expires`, now + `valid_for_seconds` (0: 300),
/// added if that is missing.
///
/// # Errors
/// `InvalidArgument`, which names the argument.
pub fn token(
    subdomain: &str,
    sso_key: &str,
    user_json: &str,
    valid_for_seconds: i64,
) -> Result<String> {
    let key = key(subdomain, sso_key)?;
    check_user_length(user_json)?;
    let user = with_expires(user_json, validity(valid_for_seconds)?)?;
    let base64 = encrypt(&key, &user);
    // On average one in thirty characters of base64 is percent-encoded.
    let mut token = String::with_capacity(base64.len() + base64.len() / 8 + 8);
    token.extend(encode(&base64));
    Ok(token)
}

/// Decrypts a token of [`token`], percent-encoded or not, and as [`decode_base64`]
/// accepts it. Does not check `expires`.
///
/// # Errors
/// `NotVerified` if the token is malformed or was made with another subdomain or key;
/// `InvalidArgument`, which names the argument.
pub fn decrypt(subdomain: &str, sso_key: &str, token: &str) -> Result<String> {
    let key = key(subdomain, sso_key)?;
    check_untrusted_length("single sign-on token", token)?;
    let is_whole_blocks = |len: usize| len > 0 && len.is_multiple_of(IV.len());
    let base64 = percent_decode_str(token).decode_utf8();
    let ciphertext = base64
        .ok()
        .and_then(|base64| decode_base64(&base64, is_whole_blocks));
    let ciphertext = ciphertext.ok_or_else(|| {
        Error::not_verified("the single sign-on token is not base64, or is not complete")
    })?;
    // The same message for all causes: a distinction between wrong padding and a wrong
    // plaintext would be a padding oracle, which decrypts tokens without the key.
    let not_verified = || {
        Error::not_verified(
            "the single sign-on token was made with another subdomain or SSO key, or is damaged",
        )
    };
    let plaintext = cbc::Decryptor::<Aes128>::new(&(*key).into(), &IV.into())
        .decrypt_padded_vec::<Pkcs7>(&ciphertext)
        .map_err(|_| not_verified())?;
    let user = String::from_utf8(plaintext).map_err(|_| not_verified())?;
    Object::parse(&user).map_err(|_| not_verified())?;
    Ok(user)
}

/// Derives the AES key of a site from its SSO key.
fn key(subdomain: &str, sso_key: &str) -> Result<Zeroizing<[u8; 16]>> {
    check_subdomain(subdomain)?;
    check_key(sso_key)?;
    let mut hash = Sha1::new();
    hash.update(sso_key);
    hash.update(subdomain);
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(&hash.finalize()[..16]);
    Ok(key)
}

fn encrypt(key: &[u8; 16], plaintext: &str) -> String {
    let ciphertext = cbc::Encryptor::<Aes128>::new(&(*key).into(), &IV.into())
        .encrypt_padded_vec::<Pkcs7>(plaintext.as_bytes());
    BASE64_STANDARD.encode(ciphertext)
}

/// Returns `user_json` with `expires` as its last member, unless it has that already.
fn with_expires(user_json: &str, validity: i64) -> Result<String> {
    let user = user::parse(user_json)?;
    match user.get("expires") {
        Some(value) if value.starts_with('"') => return Ok(user_json.trim().to_owned()),
        Some(_) => {
            return Err(Error::invalid(
                "user.expires",
                "must be a string, \"YYYY-MM-DD HH:MM:SS\" in GMT",
            ));
        }
        None => {}
    }

    let expires = OffsetDateTime::now_utc() + time::Duration::seconds(validity);
    let expires = expires
        .format(EXPIRES)
        .map_err(|error| Error::internal(format!("cannot format the expiry time: {error}")))?;
    with_member(user_json, &user, &format!("\"expires\":\"{expires}\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

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
    fn derives_a_known_key() {
        let expected = [
            0x09, 0xd0, 0x2d, 0x62, 0x7c, 0xf8, 0xcf, 0x22, 0xa5, 0xea, 0x69, 0x36, 0xbe, 0xc5,
            0x22, 0x19,
        ];
        assert_eq!(*key(SUBDOMAIN, SSO_KEY).unwrap(), expected);
    }

    #[test]
    fn encrypts_multi_byte_characters() {
        let key = key(SUBDOMAIN, SSO_KEY).unwrap();
        assert_eq!(
            encrypt(&key, r#"{"guid":"1","n":"é"}"#),
            "LrHBkcxSaurq8dNPfk6HvaBhLD9XU/hjwjfI88+Cy1w="
        );
    }

    #[test]
    fn encrypts_and_decrypts_a_known_token() {
        assert_eq!(token(SUBDOMAIN, SSO_KEY, USER, 300).unwrap(), TOKEN);
        assert_eq!(decrypted(TOKEN), USER);
        let bare: String = percent_decode_str(TOKEN)
            .decode_utf8()
            .unwrap()
            .into_owned();
        assert_eq!(decrypted(&bare), USER);
    }

    /// What is left of a token after a form, a URL parser, an e-mail or a person handled it.
    #[test]
    fn decrypts_tokens_with_spaces_line_breaks_and_without_padding() {
        let base64 = percent_decode_str(TOKEN).decode_utf8().unwrap();
        assert!(base64.contains('+') && base64.contains('/'));
        for token in [
            base64.replace('+', " "),
            TOKEN.replace("%2B", "+"),
            TOKEN.replace("%2B", " "),
            TOKEN.replace("%3D", ""),
            base64.trim_end_matches('=').to_owned(),
            base64.replace('+', "-").replace('/', "_"),
            format!(" {TOKEN}\r\n"),
            format!("{}\r\n{}\n", &base64[..76], &base64[76..]),
            format!("  {}\n  {}", &TOKEN[..76], &TOKEN[76..]),
            format!("{}%0D%0A{}", &base64[..76], &base64[76..]),
        ] {
            assert_eq!(decrypted(&token), USER, "{token:?}");
        }
    }

    #[test]
    fn token_adds_only_expires() {
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
    fn expires_is_in_gmt_with_24_hours() {
        // Twelve hours apart, so that one of them is in the afternoon.
        for validity in [60, 60 + 12 * 3600] {
            let before = OffsetDateTime::now_utc().unix_timestamp();
            let text = decrypted(&token(SUBDOMAIN, SSO_KEY, "{}", validity).unwrap());
            let after = OffsetDateTime::now_utc().unix_timestamp();
            let object = Object::parse(&text).unwrap();
            let expires = time::PrimitiveDateTime::parse(
                &object.string("expires").unwrap(),
                time::macros::format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"),
            )
            .unwrap()
            .assume_utc()
            .unix_timestamp();
            assert!((before + validity..=after + validity).contains(&expires));
        }
    }

    #[test]
    fn errors_name_the_argument() {
        let cases = [
            (token("", SSO_KEY, "{}", 0), "subdomain"),
            (token(SUBDOMAIN, "", "{}", 0), "sso_key"),
            (token(SUBDOMAIN, SSO_KEY, "[]", 0), "user"),
            (token(SUBDOMAIN, SSO_KEY, "{\"a\":}", 0), "user"),
            (
                token(SUBDOMAIN, SSO_KEY, r#"{"expires":null}"#, 0),
                "user.expires",
            ),
            (token(SUBDOMAIN, SSO_KEY, "{}", -1), "valid_for_seconds"),
            (
                token(SUBDOMAIN, SSO_KEY, "{}", i64::MAX),
                "valid_for_seconds",
            ),
            (decrypt(SUBDOMAIN, "", TOKEN), "sso_key"),
        ];
        for (result, argument) in cases {
            let error = result.unwrap_err();
            assert_eq!(error.argument(), Some(argument), "{error}");
            assert!(!error.message().contains(SSO_KEY));
        }
    }

    #[test]
    fn says_what_is_no_token_at_all() {
        for token in ["", "%%%", "QUJD"] {
            let error = decrypt(SUBDOMAIN, SSO_KEY, token).unwrap_err();
            assert!(error.message().contains("is not base64"), "{token:?}");
        }
    }

    #[test]
    fn rejects_tokens_that_do_not_verify() {
        let one_byte_less = TOKEN.replace("CaA%3D%3D", "Cak%3D");
        for (key, token) in [
            (SSO_KEY, ""),
            (SSO_KEY, &TOKEN[..TOKEN.len() - 9]),
            (SSO_KEY, &*one_byte_less),
            (SSO_KEY, "%%%"),
            (SSO_KEY, "QUJD"),
            ("another key", TOKEN),
        ] {
            let error = decrypt(SUBDOMAIN, key, token).unwrap_err();
            assert_eq!(error.status(), Status::NotVerified, "{token:?}");
            assert!(!error.message().contains(SSO_KEY));
        }
    }
}
