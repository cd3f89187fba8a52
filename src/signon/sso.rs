//! Single sign-on tokens: a user's attributes as JSON, either encrypted with the
//! site's SSO key (AES-128-CBC, PKCS#7, base64, percent-encoded for a URL) or
//! signed with it (JWT).

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

use crate::auth::oauth1::encode;
use crate::encoding::json::Object;
use crate::error::{Error, Result};
use crate::http::origin::check_subdomain;
use crate::signon::{check_key, jwt};

/// How long a token is valid when the caller does not say.
const DEFAULT_VALIDITY_SECONDS: i64 = 300;
/// A hundred years: keeps every date within the four digits of its format.
const MAX_VALIDITY_SECONDS: i64 = 100 * 366 * 86_400;

/// The form of `expires`, in GMT.
const EXPIRES: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

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
    let text = with_expiry(user_json, validity(valid_for_seconds)?)?;
    let base64 = encrypt(&key, &text);
    // One in thirty of its characters, on the average, has to be encoded.
    let mut token = String::with_capacity(base64.len() + base64.len() / 8 + 8);
    token.extend(encode(&base64));
    Ok(token)
}

/// Makes a JSON Web Token that logs `user_json` in, the kind that today's sites
/// take. `user_json` is kept as it is; only `exp`, now + `valid_for_seconds` (0:
/// 300), is added where it has neither that nor `expires`.
///
/// # Errors
/// `InvalidArgument`, with the name of the argument; `guid` and `email` must be
/// there.
pub fn jwt(sso_key: &str, user_json: &str, valid_for_seconds: i64) -> Result<String> {
    check_key(sso_key)?;
    let validity = validity(valid_for_seconds)?;
    let user = parse_user(user_json)?;
    for name in ["guid", "email"] {
        if matches!(user.get(name), None | Some("null")) {
            return Err(Error::invalid(format!("user.{name}"), "is required"));
        }
    }
    if user.get("exp").is_some() || user.get("expires").is_some() {
        end_of(&user).ok_or_else(|| {
            Error::invalid(
                "user",
                "must have a valid expiry time: \"exp\" in seconds since 1970, or \"expires\" as a \
                 string, \"YYYY-MM-DD HH:MM:SS\" in GMT",
            )
        })?;
        return Ok(jwt::sign(sso_key, user_json.trim()));
    }
    let exp = OffsetDateTime::now_utc().unix_timestamp() + validity;
    let claims = with_member(user_json, &user, &format!("\"exp\":{exp}"))?;
    Ok(jwt::sign(sso_key, &claims))
}

/// The claims of a JSON Web Token, after a check of its signature (HS256 and
/// nothing else) and of its end: `exp` or `expires`, one of which must be there,
/// may have passed by `leeway_seconds`.
///
/// # Errors
/// `InvalidArgument`, with the name of the argument; a token that does not hold
/// is one, too.
pub fn jwt_verify(sso_key: &str, jwt: &str, leeway_seconds: i64) -> Result<String> {
    check_key(sso_key)?;
    if !(0..=MAX_VALIDITY_SECONDS).contains(&leeway_seconds) {
        return Err(Error::invalid(
            "leeway_seconds",
            format_args!("must be from 0 to {MAX_VALIDITY_SECONDS} (got {leeway_seconds})"),
        ));
    }
    let claims = jwt::verified(sso_key, jwt)?;
    let refused = |why: &str| Error::not_verified(format!("the JWT {why}"));
    let user =
        Object::parse(&claims).map_err(|_| refused("has claims that are not a JSON object"))?;
    let end = end_of(&user).ok_or_else(|| refused("has no valid expiry time"))?;
    match end.saturating_add(leeway_seconds) > OffsetDateTime::now_utc().unix_timestamp() {
        true => Ok(claims),
        false => Err(refused("has expired")),
    }
}

/// When a token ends, in seconds since 1970.
fn end_of(user: &Object<'_>) -> Option<i64> {
    if let Some(exp) = user.get("exp") {
        // A date as a number may have a fraction (RFC 7519, section 2).
        return exp.split('.').next()?.parse().ok();
    }
    let text = user.text("expires")?;
    let bare = text.trim_end_matches(" UTC").trim_end_matches('Z');
    let moment = PrimitiveDateTime::parse(bare, EXPIRES).ok()?;
    Some(moment.assume_utc().unix_timestamp())
}

/// Gives back the JSON text that `token` was made from. Takes a token with or
/// without its percent-encoding, and does not look at `expires`.
///
/// # Errors
/// `InvalidArgument`, with the name of the argument.
pub fn decrypt(subdomain: &str, sso_key: &str, token: &str) -> Result<String> {
    let key = key(subdomain, sso_key)?;
    let refused = |why: &str| Error::not_verified(format!("the single sign-on token {why}"));

    let base64: Vec<u8> = percent_decode_str(token.trim()).collect();
    let ciphertext = BASE64_STANDARD
        .decode(base64)
        .map_err(|_| refused("is not base64"))?;
    // One text for all that follows: to tell bad padding from bad text would let whoever
    // may try tokens decrypt them without the key.
    let other_key = || refused("was not made with this subdomain and SSO key, or is damaged");
    let text = cbc::Decryptor::<Aes128>::new(&(*key).into(), &IV.into())
        .decrypt_padded_vec::<Pkcs7>(&ciphertext)
        .map_err(|_| other_key())?;
    let text = String::from_utf8(text).map_err(|_| other_key())?;
    Object::parse(&text).map_err(|_| other_key())?;
    Ok(text)
}

fn validity(valid_for_seconds: i64) -> Result<i64> {
    match valid_for_seconds {
        0 => Ok(DEFAULT_VALIDITY_SECONDS),
        1..=MAX_VALIDITY_SECONDS => Ok(valid_for_seconds),
        _ => Err(Error::invalid(
            "valid_for_seconds",
            format_args!(
                "must be from 0 (the default, {DEFAULT_VALIDITY_SECONDS}) to \
                 {MAX_VALIDITY_SECONDS} (got {valid_for_seconds})"
            ),
        )),
    }
}

fn parse_user(user_json: &str) -> Result<Object<'_>> {
    Object::parse(user_json)
        .map_err(|error| Error::invalid("user", format_args!("must be a JSON object: {error}")))
}

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

fn encrypt(key: &[u8; 16], text: &str) -> String {
    let ciphertext = cbc::Encryptor::<Aes128>::new(&(*key).into(), &IV.into())
        .encrypt_padded_vec::<Pkcs7>(text.as_bytes());
    BASE64_STANDARD.encode(ciphertext)
}

/// `user_json` with `expires` as its last member, unless it has one.
fn with_expiry(user_json: &str, validity: i64) -> Result<String> {
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
        .map_err(|error| Error::internal(format!("cannot write the time: {error}")))?;
    with_member(user_json, &user, &format!("\"expires\":\"{expires}\""))
}

/// `user_json`, which was read as `user`, with a last member.
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

    /// The vector of today's single sign-on.
    const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJndWlkIjoiMTAwMSIsImVtYWlsIjoiam9obi5kb2VAZXhhbXBsZS5jb20iLCJkaXNwbGF5X25hbWUiOiJKb2huIERvZSIsImV4cCI6MTg5MzQ1NjAwMH0._oZzP9Qh3j5qDSg_SYqWD_kGzASitj0RkIdTyILYTqY";
    const JWT_USER: &str = r#"{"guid":"1001","email":"john.doe@example.com","display_name":"John Doe","exp":1893456000}"#;

    #[test]
    fn jwt_vector() {
        assert_eq!(jwt(SSO_KEY, JWT_USER, 0).unwrap(), JWT);
        assert_eq!(jwt_verify(SSO_KEY, JWT, 0).unwrap(), JWT_USER);
    }

    #[test]
    fn a_jwt_gets_its_end_where_it_has_none() {
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
    fn a_jwt_that_does_not_hold_is_refused() {
        let refused = |token: &str, why: &str| {
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
            refused(
                &format!("{header}.{payload}.{signature}"),
                "not signed with HS256",
            );
            refused(&format!("{header}.{payload}."), "not signed with HS256");
        }
        refused(&format!("{signed}."), "not signed");
        refused(&format!("{signed}.AAAA"), "not signed");
        refused(&format!("{signed}x.{signature}"), "not signed");
        refused(signed, "three parts");
        refused("..", "header");
        let error = jwt_verify("other", JWT, 0).unwrap_err();
        assert!(error.message().contains("not signed"));
        let user = |end: &str| format!(r#"{{"guid":"1","email":"e","{end}}}"#);
        let ended = jwt(SSO_KEY, &user(r#"exp":1577836800"#), 0).unwrap();
        refused(&ended, "expired");
        refused(
            &jwt(SSO_KEY, &user(r#"expires":"2020-01-01 00:00:00 UTC""#), 0).unwrap(),
            "expired",
        );
        for end in [
            r#"exp":"soon""#,
            r#"exp":null"#,
            r#"expires":5"#,
            r#"expires":null"#,
            r#"expires":"2020-01-01""#,
        ] {
            refused(&jwt::sign(SSO_KEY, &user(end)), "no valid expiry time");
            let error = jwt(SSO_KEY, &user(end), 0).unwrap_err();
            assert!(error.message().starts_with("user:"), "{end}: {error}");
        }
        assert!(jwt_verify(SSO_KEY, &ended, MAX_VALIDITY_SECONDS).is_ok());
        let error = jwt_verify(SSO_KEY, JWT, -1).unwrap_err();
        assert_eq!(error.argument(), Some("leeway_seconds"));
    }
}
