//! Web hooks: what the site sends to a program of yours when something changes,
//! form-encoded and signed with the SSO key.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use hmac::Mac;
use percent_encoding::percent_decode_str;

use crate::encoding::json::{self, quote};
use crate::error::{Error, Result};
use crate::signon::jwt::hs256;

/// Whether `data`, the text of the delivery's field of that name, was signed
/// with the site's SSO key.
///
/// # Errors
/// `InvalidArgument`, with the name of the argument; a signature that does not
/// fit is one, too.
pub fn verify(sso_key: &str, data: &[u8], signature: &str) -> Result<()> {
    if sso_key.is_empty() {
        return Err(Error::invalid("sso_key: must not be empty"));
    }
    let signature = signature.trim();
    let signature = from_hex(signature)
        .or_else(|| BASE64_STANDARD.decode(signature).ok())
        .or_else(|| BASE64_URL_SAFE.decode(signature).ok())
        .ok_or_else(|| Error::invalid("signature: is neither hexadecimal nor base64"))?;
    // In constant time.
    hs256(sso_key, data)
        .verify_slice(&signature)
        .map_err(|_| Error::invalid("signature: the data was not signed with this SSO key"))
}

/// Reads a delivery, the body of the request, after a check of its signature:
/// `{"event":"new_suggestion","data":{...}}`. The data stand there as they came.
///
/// # Errors
/// As [`verify`].
pub fn read(sso_key: &str, body: &[u8]) -> Result<String> {
    let invalid = |why: &str| Error::invalid(format!("body: {why}"));
    let body = std::str::from_utf8(body).map_err(|_| invalid("is not UTF-8"))?;
    let field = |name: &str| {
        let value = field(body, name);
        value.ok_or_else(|| invalid(&format!("has no field {name:?}")))
    };
    let (event, data, signature) = (field("event")?, field("data")?, field("signature")?);
    verify(sso_key, data.as_bytes(), &signature).map_err(|error| {
        match error.message().strip_prefix("signature: ") {
            Some(why) => invalid(&format!("its signature: {why}")),
            None => error,
        }
    })?;
    json::check(&data).map_err(|error| invalid(&format!("its data is not JSON: {error}")))?;
    Ok(format!("{{\"event\":{},\"data\":{data}}}", quote(&event)))
}

/// A field of a form-encoded text.
fn field(form: &str, wanted: &str) -> Option<String> {
    let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == wanted)?;
    let spaced = value.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "982c88f2df7257859e8e23423eg87ed";
    const DATA: &str = r#"{"suggestion":{"id":1,"title":"Tea & é"}}"#;
    /// Made with Python's hmac.
    const HEX: &str = "63048e19f7eb3c7299d8fcc77eb131734e8621d66780ed5f3448bc9b40cddff0";
    const BASE64: &str = "YwSOGffrPHKZ2PzHfrExc06GIdZngO1fNEi8m0DN3/A=";

    #[test]
    fn signatures_come_in_hex_or_base64() {
        for good in [HEX, &HEX.to_uppercase(), BASE64, &format!(" {HEX}\n")] {
            verify(KEY, DATA.as_bytes(), good).unwrap();
        }
        for bad in [
            "",
            "xyz!",
            &HEX[..62],
            &HEX.chars().rev().collect::<String>(),
            BASE64_OF_NOTHING,
        ] {
            let error = verify(KEY, DATA.as_bytes(), bad).unwrap_err();
            assert!(error.message().starts_with("signature:"), "{bad}");
        }
        assert!(verify("other", DATA.as_bytes(), HEX).is_err());
        assert!(verify("", DATA.as_bytes(), HEX).is_err());
        assert!(verify(KEY, b"{}", HEX).is_err());
    }

    const BASE64_OF_NOTHING: &str = "AAAA";

    #[test]
    fn a_delivery_becomes_json() {
        let data = crate::auth::oauth1::encode(DATA)
            .to_string()
            .replace("%20", "+");
        let delivery = |event| format!("event={event}&data={data}&signature={HEX}");
        let read = |body: &str| read(KEY, body.as_bytes());
        assert_eq!(
            read(&delivery("new%5Fsuggestion")).unwrap(),
            format!(r#"{{"event":"new_suggestion","data":{DATA}}}"#)
        );
        for bad in [
            "",
            "event=x",
            "event=x&data={}&signature=00",
            "data=%ff&event=x",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(super::read(KEY, b"\xff").is_err());
    }
}
