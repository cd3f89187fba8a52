//! JSON Web Tokens about a user (RFC 7519), which newer sites require.

use time::OffsetDateTime;

use crate::encoding::json::Object;
use crate::error::{Error, Result};
use crate::signon::claims::{InvalidClaim, ValidityPeriod};
use crate::signon::jws::{self, not_verified};
use crate::signon::user::{self, MAX_VALIDITY_SECONDS, validity, with_member};
use crate::signon::{check_key, check_untrusted_length, check_user_length};

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
    check_user_length(user_json)?;
    let validity = validity(valid_for_seconds)?;
    let user = user::parse(user_json)?;
    for name in ["guid", "email"] {
        if matches!(user.get(name), None | Some("null")) {
            return Err(Error::invalid_member("user", name, "is required"));
        }
    }
    let period = ValidityPeriod::parse(&user)
        .map_err(|InvalidClaim { name, why }| Error::invalid_member("user", &name, why))?;
    if period.ends() {
        return Ok(jws::sign(sso_key, user_json.trim()));
    }
    let exp = OffsetDateTime::now_utc().unix_timestamp() + validity;
    let claims = with_member(user_json, &user, &format!("\"exp\":{exp}"))?;
    Ok(jws::sign(sso_key, &claims))
}

/// Verifies a JSON Web Token, and returns its claims. The algorithm must be HS256. An expiry
/// time, `exp` or `expires`, is required; neither it nor `nbf` may be passed by more than
/// `leeway_seconds`.
///
/// # Errors
/// `NotVerified`; `InvalidArgument`, which names the argument.
pub fn jwt_verify(sso_key: &str, jwt: &str, leeway_seconds: i64) -> Result<String> {
    check_key(sso_key)?;
    check_untrusted_length("JWT", jwt)?;
    if !(0..=MAX_VALIDITY_SECONDS).contains(&leeway_seconds) {
        return Err(Error::invalid(
            "leeway_seconds",
            format_args!("must be from 0 to {MAX_VALIDITY_SECONDS} (got {leeway_seconds})"),
        ));
    }
    let payload = jws::verified_payload(sso_key, jwt)?;
    let claims = Object::parse(&payload)
        .map_err(|_| not_verified("has claims that are not a JSON object"))?;
    let period = ValidityPeriod::parse(&claims).map_err(|InvalidClaim { name, why }| {
        not_verified(&format!("is invalid: {name:?} {why}"))
    })?;
    period
        .check(now(), leeway_seconds as f64)
        .map_err(not_verified)?;
    // A recipient that does not find itself in the audience must reject the token (RFC 7519,
    // section 4.1.3), and there is no argument for who the recipient is.
    if claims.get("aud").is_some() {
        return Err(not_verified(
            "is for an audience (\"aud\"), which is not supported",
        ));
    }
    Ok(payload)
}

/// Returns the time in seconds since 1970.
fn now() -> f64 {
    OffsetDateTime::now_utc().unix_timestamp_nanos() as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    const SSO_KEY: &str = "982c88f2df7257859e8e23423eg87ed";

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
            assert_rejected(&jws::sign(SSO_KEY, &user(expiry)), "must be a");
            let error = jwt(SSO_KEY, &user(expiry), 0).unwrap_err();
            let (name, _) = expiry.split_once('"').unwrap();
            assert_eq!(error.argument(), Some(&*format!("user.{name}")), "{error}");
        }
        assert!(jwt_verify(SSO_KEY, &expired, MAX_VALIDITY_SECONDS).is_ok());
        let error = jwt_verify(SSO_KEY, JWT, -1).unwrap_err();
        assert_eq!(error.argument(), Some("leeway_seconds"));
    }
}
