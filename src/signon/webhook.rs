//! Webhooks: requests that the service sends when something changes, with a form as body
//! that is signed with the SSO key.

use hmac::Mac;

use crate::encoding::base64::decode as decode_base64;
use crate::encoding::form;
use crate::encoding::json;
use crate::encoding::json_string::{StringError, push_quoted};
use crate::error::{Error, Result};
use crate::signon::jws::hmac_sha256;
use crate::signon::{check_key, check_untrusted_length};

/// The length of an HMAC-SHA256 in bytes.
const SIGNATURE_LEN: usize = 32;

/// Verifies the signature of `data`, the decoded form field of that name.
///
/// # Errors
/// `NotVerified`; `InvalidArgument` if `sso_key` is empty.
pub fn verify(sso_key: &str, data: &[u8], signature: &str) -> Result<()> {
    check_key(sso_key)?;
    check_untrusted_length("signature", signature)?;
    let signature = decode_hex(signature.trim())
        .or_else(|| decode_base64(signature, |len| len == SIGNATURE_LEN))
        .ok_or_else(|| {
            Error::not_verified("the signature is not a SHA-256 in hexadecimal or base64")
        })?;
    // Compares in constant time.
    hmac_sha256(sso_key, data)
        .verify_slice(&signature)
        .map_err(|_| Error::not_verified("the signature does not match the data and the SSO key"))
}

/// Signs `data` as the service signs webhooks: HMAC-SHA256 in hexadecimal. Use it to test a
/// program that receives them.
///
/// # Errors
/// `InvalidArgument` if `sso_key` is empty.
pub fn sign(sso_key: &str, data: &[u8]) -> Result<String> {
    check_key(sso_key)?;
    let signature = hmac_sha256(sso_key, data).finalize().into_bytes();
    Ok(signature.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Verifies the body of a webhook request, and returns its content:
/// `{"event":"new_suggestion","data":{...}}` with the data byte for byte.
///
/// # Errors
/// `NotVerified`; `InvalidArgument` if `sso_key` is empty.
pub fn read(sso_key: &str, body: &[u8]) -> Result<String> {
    check_key(sso_key)?;
    let not_verified = |why: &str| Error::not_verified(format!("the webhook body {why}"));
    let body = std::str::from_utf8(body).map_err(|_| not_verified("is not UTF-8"))?;
    let field = |name: &str| {
        let value = form::field(body, name);
        value.ok_or_else(|| not_verified(&format!("has no valid field {name:?}")))
    };
    let (event, data, signature) = (field("event")?, field("data")?, field("signature")?);
    verify(sso_key, data.as_bytes(), &signature)?;
    json::check(&data)
        .map_err(|error| not_verified(&format!("has data that is not JSON: {error}")))?;
    let no_memory = || Error::invalid("body", StringError::NoMemory);
    let mut json = "{\"event\":".to_owned();
    push_quoted(&mut json, &*event, body.len().saturating_mul(6)).map_err(|_| no_memory())?;
    let reserved = json.try_reserve_exact(data.len() + ",\"data\":}".len() + 1);
    reserved.map_err(|_| no_memory())?;
    for part in [",\"data\":", &data, "}"] {
        json.push_str(part);
    }
    Ok(json)
}

/// Decodes a SHA-256 in hexadecimal.
fn decode_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * SIGNATURE_LEN || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
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
    use crate::error::Status;

    const KEY: &str = "982c88f2df7257859e8e23423eg87ed";
    const DATA: &str = r#"{"suggestion":{"id":27,"title":"Tea & é"}}"#;
    /// Made with the module hmac of Python.
    const HEX: &str = "fbf7e662ca6edac6b3dce99e09c7675938e178c829958d0256dc20eaa50423cf";
    const BASE64: &str = "+/fmYspu2saz3OmeCcdnWTjheMgplY0CVtwg6qUEI88=";

    #[test]
    fn accepts_signatures_in_hex_and_base64() {
        let unpadded = BASE64.trim_end_matches('=');
        let url_safe = BASE64.replace('+', "-").replace('/', "_");
        assert!(BASE64.contains('+') && BASE64.contains('/'));
        for good in [
            HEX,
            &HEX.to_uppercase(),
            &format!(" {HEX}\n"),
            BASE64,
            unpadded,
            &url_safe,
            url_safe.trim_end_matches('='),
            // As decoding a form a second time leaves it.
            &BASE64.replace('+', " "),
            &format!(" {BASE64}\n"),
        ] {
            verify(KEY, DATA.as_bytes(), good).unwrap();
        }
        for bad in [
            "",
            "xyz!",
            &HEX[..62],
            &HEX[..63],
            &format!("{HEX}0"),
            // Which u8::from_str_radix() would accept.
            &HEX.replacen("02", "+2", 1),
            &HEX.chars().rev().collect::<String>(),
            BASE64_OF_ZEROS,
        ] {
            let error = verify(KEY, DATA.as_bytes(), bad).unwrap_err();
            assert_eq!(error.status(), Status::NotVerified, "{bad}");
        }
        assert!(verify("other", DATA.as_bytes(), HEX).is_err());
        let error = verify("", DATA.as_bytes(), HEX).unwrap_err();
        assert_eq!(error.argument(), Some("sso_key"));
        assert_eq!(sign(KEY, DATA.as_bytes()).unwrap(), HEX);
        assert_eq!(sign("", b"").unwrap_err().argument(), Some("sso_key"));
        assert!(verify(KEY, b"{}", HEX).is_err());
    }

    const BASE64_OF_ZEROS: &str = "AAAA";

    #[test]
    fn reads_event_and_data() {
        let data = crate::encoding::percent::encode(DATA)
            .to_string()
            .replace("%20", "+");
        let body = |event| format!("event={event}&data={data}&signature={HEX}");
        let read = |body: &str| read(KEY, body.as_bytes());
        let json = read(&body("new%5Fsuggestion")).unwrap();
        assert_eq!(
            json,
            format!(r#"{{"event":"new_suggestion","data":{DATA}}}"#)
        );
        // With room for the NUL of the C ABI.
        assert_eq!(json.capacity(), json.len() + 1);
        for bad in [
            "",
            "event=x",
            "event=x&data={}&signature=00",
            "data=%ff&event=x",
        ] {
            let error = read(bad).unwrap_err();
            assert_eq!(error.status(), Status::NotVerified, "{bad}");
        }
        let error = super::read(KEY, b"\xff").unwrap_err();
        assert_eq!(error.status(), Status::NotVerified);
        let error = super::read("", b"").unwrap_err();
        assert_eq!(error.argument(), Some("sso_key"));
    }
}
