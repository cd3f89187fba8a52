//! The claims of a JWT that decide when it is valid (RFC 7519, section 4.1).

use time::PrimitiveDateTime;

use crate::encoding::json::Object;
use crate::signon::jws::repeated_name;
use crate::signon::user::EXPIRES;

/// When a token is valid, in seconds since 1970.
#[derive(Debug, PartialEq)]
pub(super) struct ValidityPeriod {
    not_before: Option<f64>,
    /// `exp` or `expires`, whichever is earlier.
    expires_at: Option<f64>,
}

/// A claim that does not have the form that it must have.
#[derive(Debug, PartialEq)]
pub(super) struct InvalidClaim {
    pub(super) name: String,
    /// Follows the name in a message.
    pub(super) why: &'static str,
}

impl ValidityPeriod {
    pub(super) fn parse(claims: &Object<'_>) -> Result<Self, InvalidClaim> {
        if let Some(name) = repeated_name(claims) {
            return Err(invalid(&name, "must not be repeated"));
        }
        // Says only how old the token is: with clocks that differ, also that it is from the
        // future.
        numeric_date(claims, "iat")?;
        let expiry_times = [numeric_date(claims, "exp")?, expires(claims)?];
        Ok(ValidityPeriod {
            not_before: numeric_date(claims, "nbf")?,
            expires_at: expiry_times.into_iter().flatten().reduce(f64::min),
        })
    }

    pub(super) fn ends(&self) -> bool {
        self.expires_at.is_some()
    }

    /// Returns why a token is not valid at `now`, give or take the leeway in seconds.
    pub(super) fn check(&self, now: f64, leeway: f64) -> Result<(), &'static str> {
        let expires_at = self.expires_at.ok_or("has no expiry time")?;
        if now >= expires_at + leeway {
            return Err("has expired");
        }
        match self.not_before.is_some_and(|start| now < start - leeway) {
            true => Err("is not valid yet"),
            false => Ok(()),
        }
    }
}

/// Returns a NumericDate: any JSON number (RFC 7519, section 2).
fn numeric_date(claims: &Object<'_>, name: &str) -> Result<Option<f64>, InvalidClaim> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    match value.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => Ok(Some(seconds)),
        _ => Err(invalid(name, "must be a number, in seconds since 1970")),
    }
}

/// Returns UserVoice's claim `expires`.
fn expires(claims: &Object<'_>) -> Result<Option<f64>, InvalidClaim> {
    const NAME: &str = "expires";
    if claims.get(NAME).is_none() {
        return Ok(None);
    }
    let without_zone = |expires: &str| {
        let bare = expires.strip_suffix(" UTC").or(expires.strip_suffix('Z'));
        PrimitiveDateTime::parse(bare.unwrap_or(expires), EXPIRES).ok()
    };
    let why = "must be a string of the form \"YYYY-MM-DD HH:MM:SS\" in GMT";
    let expires = claims.string(NAME);
    let time = expires.as_deref().and_then(without_zone);
    let time = time.ok_or_else(|| invalid(NAME, why))?;
    Ok(Some(time.assume_utc().unix_timestamp() as f64))
}

fn invalid(name: &str, why: &'static str) -> InvalidClaim {
    let name = name.to_owned();
    InvalidClaim { name, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(claims: &str) -> Result<ValidityPeriod, InvalidClaim> {
        ValidityPeriod::parse(&Object::parse(claims).unwrap())
    }

    #[test]
    fn numeric_date_is_any_json_number() {
        for (exp, seconds) in [
            ("1893456000", 1_893_456_000.0),
            ("1893456000.5", 1_893_456_000.5),
            ("1.893456e9", 1_893_456_000.0),
            ("189345600000E-2", 1_893_456_000.0),
            ("1e18", 1e18),
            (
                "123456789012345678901234567890",
                123_456_789_012_345_678_901_234_567_890.0,
            ),
            ("-1.5", -1.5),
            ("0", 0.0),
        ] {
            let period = parse(&format!("{{\"exp\":{exp},\"nbf\":{exp},\"iat\":{exp}}}")).unwrap();
            let (not_before, expires_at) = (Some(seconds), Some(seconds));
            let expected = ValidityPeriod {
                not_before,
                expires_at,
            };
            assert_eq!(period, expected, "{exp}");
        }
        for name in ["exp", "nbf", "iat"] {
            for value in [
                "\"1893456000\"",
                "\"soon\"",
                "null",
                "true",
                "[1]",
                "{}",
                "1e999",
            ] {
                let error = parse(&format!("{{\"{name}\":{value}}}")).unwrap_err();
                assert_eq!(error.name, name, "{value}");
            }
        }
    }

    #[test]
    fn expires_is_a_time_in_gmt() {
        for expires in [
            "2030-01-01 00:00:00",
            "2030-01-01 00:00:00 UTC",
            "2030-01-01 00:00:00Z",
        ] {
            let period = parse(&format!("{{\"expires\":\"{expires}\"}}")).unwrap();
            assert_eq!(period.expires_at, Some(1_893_456_000.0), "{expires}");
        }
        for value in [
            "5",
            "null",
            "\"2030-01-01\"",
            "\"2030-13-01 00:00:00\"",
            "\"2030-01-01 00:00:00 UTC UTC\"",
            "\"2030-01-01 00:00:00 CET\"",
        ] {
            let error = parse(&format!("{{\"expires\":{value}}}")).unwrap_err();
            assert_eq!(error.name, "expires", "{value}");
        }
    }

    #[test]
    fn the_earlier_expiry_time_counts() {
        for (exp, expires_at) in [("5", 5.0), ("1e12", 1_893_456_000.0)] {
            let claims = format!("{{\"exp\":{exp},\"expires\":\"2030-01-01 00:00:00\"}}");
            assert_eq!(parse(&claims).unwrap().expires_at, Some(expires_at));
        }
    }

    #[test]
    fn rejects_repeated_claims() {
        let error = parse(r#"{"guid":"1","exp":9,"gu\u0069d":"2"}"#).unwrap_err();
        assert_eq!((&*error.name, error.why), ("guid", "must not be repeated"));
    }

    /// RFC 7519, sections 4.1.4 and 4.1.5: valid before `exp`, and at or after `nbf`.
    #[test]
    fn a_token_is_valid_from_nbf_until_exp_with_leeway() {
        let period = parse(r#"{"nbf":100,"exp":200,"iat":1e18}"#).unwrap();
        for (now, leeway, result) in [
            (99.9, 0.0, Err("is not valid yet")),
            (100.0, 0.0, Ok(())),
            (199.9, 0.0, Ok(())),
            (200.0, 0.0, Err("has expired")),
            (95.0, 5.0, Ok(())),
            (94.9, 5.0, Err("is not valid yet")),
            (204.9, 5.0, Ok(())),
            (205.0, 5.0, Err("has expired")),
        ] {
            assert_eq!(period.check(now, leeway), result, "{now} {leeway}");
        }
        assert!(period.ends());
        let endless = parse(r#"{"nbf":100}"#).unwrap();
        assert!(!endless.ends());
        assert_eq!(endless.check(150.0, 0.0), Err("has no expiry time"));
        assert_eq!(parse(r#"{"exp":9}"#).unwrap().check(8.9, 0.0), Ok(()));
    }
}
