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
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};
use zeroize::Zeroizing;

use crate::encoding::json::Object;
use crate::encoding::percent::encode;
use crate::error::{Error, Result};
use crate::http::origin::check_subdomain;
use crate::signon::{check_key, jwt};

/// How long a token is valid if `valid_for_seconds` is 0.
const DEFAULT_VALIDITY_SECONDS: i64 = 300;
/// A hundred years, so that every year has four digits.
const MAX_VALIDITY_SECONDS: i64 = 100 * 366 * 86_400;

/// The format of `expires`, in GMT.
const EXPIRES: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

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
    let user = with_expires(user_json, validity(valid_for_seconds)?)?;
    let base64 = encrypt(&key, &user);
    // On average one in thirty characters of base64 is percent-encoded.
    let mut token = String::with_capacity(base64.len() + base64.len() / 8 + 8);
    token.extend(encode(&base64));
    Ok(token)
}

/// Decrypts a token of [`token`], percent-encoded or not. Does not check `expires`.
///
/// # Errors
/// `NotVerified` if the token is malformed or was made with another subdomain or key;
/// `InvalidArgument`, which names the argument.
pub fn decrypt(subdomain: &str, sso_key: &str, token: &str) -> Result<String> {
    let key = key(subdomain, sso_key)?;
    let base64: Vec<u8> = percent_decode_str(token.trim()).collect();
    let ciphertext = BASE64_STANDARD
        .decode(base64)
        .map_err(|_| Error::not_verified("the single sign-on token is not base64"))?;
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

/// Creates a single sign-on token as a JSON Web Token (RFC 7519, HS256), which newer sites
/// require.
///
/// `user_json` is signed as it is, with `exp`, now + `valid_for_seconds` (0: 300), added if
/// it has neither `exp` nor `expires`.
///
/// # Errors
/// `InvalidArgument`, which names the argument; `guid` and `email` are required.
pub fn jwt(sso_key: &str, user_json: &str, valid_for_seconds: i64) -> Result<String> {
    check_key(sso_key)?;
    let validity = validity(valid_for_seconds)?;
    let user = parse_user(user_json)?;
    for name in ["guid", "email"] {
        if matches!(user.get(name), None | Some("null")) {
            return Err(Error::invalid(format!("user.{name}"), "is required"));
        }
    }
    let has_exp = user.get("exp").is_some();
    if has_exp || user.get("expires").is_some() {
        expiry_time(&user).ok_or_else(|| match has_exp {
            true => Error::invalid("user.exp", "must be a number, in seconds since 1970"),
            false => Error::invalid(
                "user.expires",
                "must be a string of the form \"YYYY-MM-DD HH:MM:SS\" in GMT",
            ),
        })?;
        return Ok(jwt::sign(sso_key, user_json.trim()));
    }
    let exp = OffsetDateTime::now_utc().unix_timestamp() + validity;
    let claims = with_member(user_json, &user, &format!("\"exp\":{exp}"))?;
    Ok(jwt::sign(sso_key, &claims))
}

/// Verifies a JSON Web Token, and returns its claims. The algorithm must be HS256, and the
/// expiry time, `exp` or `expires`, must not have passed more than `leeway_seconds` ago.
///
/// # Errors
/// `NotVerified`; `InvalidArgument`, which names the argument.
pub fn jwt_verify(sso_key: &str, jwt: &str, leeway_seconds: i64) -> Result<String> {
    check_key(sso_key)?;
    if !(0..=MAX_VALIDITY_SECONDS).contains(&leeway_seconds) {
        return Err(Error::invalid(
            "leeway_seconds",
            format_args!("must be from 0 to {MAX_VALIDITY_SECONDS} (got {leeway_seconds})"),
        ));
    }
    let claims = jwt::verified_claims(sso_key, jwt)?;
    let user = Object::parse(&claims)
        .map_err(|_| Error::not_verified("the JWT has claims that are not a JSON object"))?;
    let expiry_time = expiry_time(&user)
        .ok_or_else(|| Error::not_verified("the JWT has no valid expiry time"))?;
    let now = OffsetDateTime::now_utc().unix_timestamp();
    match expiry_time.saturating_add(leeway_seconds) > now {
        true => Ok(claims),
        false => Err(Error::not_verified("the JWT has expired")),
    }
}

/// Returns `exp` or `expires` of a user, in seconds since 1970.
fn expiry_time(user: &Object<'_>) -> Option<i64> {
    if let Some(exp) = user.get("exp") {
        // A NumericDate may have a fraction (RFC 7519, section 2).
        return exp.split('.').next()?.parse().ok();
    }
    let expires = user.string("expires")?;
    let without_zone = expires.trim_end_matches(" UTC").trim_end_matches('Z');
    let time = PrimitiveDateTime::parse(without_zone, EXPIRES).ok()?;
    Some(time.assume_utc().unix_timestamp())
}

fn validity(valid_for_seconds: i64) -> Result<i64> {
    match valid_for_seconds {
        0 => Ok(DEFAULT_VALIDITY_SECONDS),
        1..=MAX_VALIDITY_SECONDS => Ok(valid_for_seconds),
        _ => Err(Error::invalid(
            "valid_for_seconds",
            format_args!(
                "must be from 1 to {MAX_VALIDITY_SECONDS}, or 0 for {DEFAULT_VALIDITY_SECONDS} \
                 (got {valid_for_seconds})"
            ),
        )),
    }
}

fn parse_user(user_json: &str) -> Result<Object<'_>> {
    Object::parse(user_json)
        .map_err(|error| Error::invalid("user", format_args!("must be a JSON object: {error}")))
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
    let user = parse_user(user_json)?;
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

/// Returns `user_json`, whose members are `user`, with `member` added at its end.
fn with_member(user_json: &str, user: &Object<'_>, member: &str) -> Result<String> {
    let open = user_json
        .trim()
        .strip_suffix('}')
        .ok_or_else(|| Error::internal("a JSON object without its closing brace"))?;
    let comma = if user.len() == 0 { "" } else { "," };
    Ok([open, comma, member, "}"].concat())
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
                format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"),
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
    fn rejects_tokens_that_do_not_verify() {
        for (key, token) in [
            (SSO_KEY, ""),
            (SSO_KEY, "%%%"),
            (SSO_KEY, "QUJD"),
            ("another key", TOKEN),
        ] {
            let error = decrypt(SUBDOMAIN, key, token).unwrap_err();
            assert_eq!(error.status(), Status::NotVerified, "{token:?}");
            assert!(!error.message().contains(SSO_KEY));
        }
    }

    /// A token with the claims below.
    const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMTAwMSIsImVtYWlsIjoiam9obi5kb2VAZXhhbXBsZS5jb20iLCJkaXNwbGF5X25hbWUiOiJKb2huIERvZSIsImV4cCI6MTg5MzQ1NjAwMH0._oZzP9Qh3j5qDSg_SYqWD_kGzASitj0RkIdTyILYTqY";
    const JWT_USER: &str = r#"{"guid":"1001","email":"john.doe@example.com","display_name":"John Doe","exp":1893456000}"#;

    #[test]
    fn signs_and_verifies_a_known_jwt() {
        assert_eq!(jwt(SSO_KEY, JWT_USER, 0).unwrap(), JWT);
        assert_eq!(jwt_verify(SSO_KEY, JWT, 0).unwrap(), JWT_USER);
    }

    #[test]
    fn jwt_adds_a_missing_expiry_time() {
        let made = jwt(SSO_KEY, r#" {"guid":"1","email":"é"} "#, 60).unwrap();
        let claims = jwt_verify(SSO_KEY, &made, 0).unwrap();
        let exp = claims
            .strip_prefix(r#"{"guid":"1","email":"é","exp":"#)
            .unwrap();
        let exp: i64 = exp.strip_suffix('}').unwrap().parse().unwrap();
        let left = exp - OffsetDateTime::now_utc().unix_timestamp();
        assert!((59..=60).contains(&left), "{left}");
        let expires = r#"{"guid":"1","email":"e","expires":"2030-01-01 00:00:00Z"}"#;
        let made = jwt(SSO_KEY, expires, 60).unwrap();
        assert_eq!(jwt_verify(SSO_KEY, &made, 0).unwrap(), expires);
        for bad in [
            "[]",
            "{}",
            r#"{"guid":"1"}"#,
            r#"{"email":"e"}"#,
            r#"{"guid":"1","email":null}"#,
        ] {
            assert!(jwt(SSO_KEY, bad, 0).is_err(), "{bad}");
        }
        assert!(jwt("", JWT_USER, 0).is_err());
    }

    #[test]
    fn rejects_jwts_that_do_not_verify() {
        let assert_rejected = |token: &str, why: &str| {
            let error = jwt_verify(SSO_KEY, token, 0).unwrap_err();
            assert_eq!(error.status(), Status::NotVerified, "{token}");
            assert!(
                error.message().contains(why),
                "{token}: {}",
                error.message()
            );
        };
        let (signed, signature) = JWT.rsplit_once('.').unwrap();
        let (_, payload) = signed.split_once('.').unwrap();
        // {"alg":"none"} and {"alg":"HS512"}
        for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzUxMiJ9"] {
            assert_rejected(
                &format!("{header}.{payload}.{signature}"),
                "not signed with HS256",
            );
            assert_rejected(&format!("{header}.{payload}."), "not signed with HS256");
        }
        assert_rejected(&format!("{signed}."), "not signed");
        assert_rejected(&format!("{signed}.AAAA"), "not signed");
        assert_rejected(&format!("{signed}x.{signature}"), "not signed");
        assert_rejected(signed, "three parts");
        assert_rejected("..", "header");
        let error = jwt_verify("other", JWT, 0).unwrap_err();
        assert!(error.message().contains("not signed"));
        let user = |expiry: &str| format!(r#"{{"guid":"1","email":"e","{expiry}}}"#);
        let expired = jwt(SSO_KEY, &user(r#"exp":1577836800"#), 0).unwrap();
        assert_rejected(&expired, "expired");
        assert_rejected(
            &jwt(SSO_KEY, &user(r#"expires":"2020-01-01 00:00:00 UTC""#), 0).unwrap(),
            "expired",
        );
        for expiry in [
            r#"exp":"soon""#,
            r#"exp":null"#,
            r#"expires":5"#,
            r#"expires":null"#,
            r#"expires":"2020-01-01""#,
        ] {
            assert_rejected(&jwt::sign(SSO_KEY, &user(expiry)), "no valid expiry time");
            let error = jwt(SSO_KEY, &user(expiry), 0).unwrap_err();
            let (name, _) = expiry.split_once('"').unwrap();
            assert_eq!(error.argument(), Some(&*format!("user.{name}")), "{error}");
        }
        assert!(jwt_verify(SSO_KEY, &expired, MAX_VALIDITY_SECONDS).is_ok());
        let error = jwt_verify(SSO_KEY, JWT, -1).unwrap_err();
        assert_eq!(error.argument(), Some("leeway_seconds"));
    }
}
