//! A validated request, its response, and the decisions between two attempts.

pub(crate) mod endpoint;
pub(crate) mod log;
pub(crate) mod rate_limit;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod retry_after;
pub(crate) mod target;

use ureq::http::{HeaderName, HeaderValue};

use crate::encoding::{form, json};
use crate::error::{Error, Result};

/// The maximum length of request line and headers: no server accepts more, and ureq not
/// more than twice that.
pub(crate) const MAX_HEAD_BYTES: usize = 64_000;

/// Returns the error of an argument that makes the request line and headers too long.
pub(crate) fn too_long(argument: &str, problem: &str) -> Error {
    let explanation =
        format!("{problem}: a request has at most {MAX_HEAD_BYTES} bytes besides its body");
    Error::invalid(argument, explanation)
}

/// Fails for JSON that cannot be part of a head, before anything is copied: an escape is up
/// to six times as long as what it stands for.
fn check_json_length(argument: &str, json: &str) -> Result<()> {
    match json.len() > 6 * MAX_HEAD_BYTES {
        true => Err(too_long(argument, "are too long")),
        false => Ok(()),
    }
}

/// A validated request, not signed yet.
#[derive(Clone, Default)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) body: Option<&'a str>,
    /// Further `oauth_*` parameters of the signature.
    pub(crate) oauth_parameters: Vec<(&'static str, &'a str)>,
    /// The body authenticates the request, which is not signed.
    pub(crate) credentials_in_body: bool,
    pub(crate) headers: Vec<(String, String)>,
}

impl<'a> Request<'a> {
    /// Validates a request. `params_json` is the query of GET, HEAD and DELETE, and the
    /// body of POST, PUT and PATCH.
    pub(crate) fn new(method: &'a str, path: &str, params_json: Option<&'a str>) -> Result<Self> {
        let mut target = target::from_path(path)?;
        let body = match method {
            "GET" | "HEAD" | "DELETE" => {
                if let Some(params) = params_json {
                    check_json_length("params", params)?;
                    target::add_query(&mut target, params)?;
                }
                None
            }
            "POST" | "PUT" | "PATCH" => {
                let params = params_json.unwrap_or("{}");
                json::check(params).map_err(|error| {
                    Error::invalid("params", format_args!("must be valid JSON: {error}"))
                })?;
                Some(params)
            }
            _ => {
                return Err(Error::invalid(
                    "method",
                    "must be GET, HEAD, DELETE, POST, PUT or PATCH",
                ));
            }
        };
        Ok(Request {
            method,
            target,
            body,
            ..Request::default()
        })
    }

    /// Returns whether the request changes nothing at the service.
    pub(crate) fn is_read(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
    }

    /// Returns the body if it is a form, which a signature covers (RFC 5849, section
    /// 3.4.1.3.1).
    pub(crate) fn form(&self) -> Option<&'a str> {
        let mut headers = self.headers.iter();
        let (_, content_type) = headers.find(|(name, _)| name == "content-type")?;
        let media_type = content_type.split(';').next()?.trim();
        self.body
            .filter(|_| media_type.eq_ignore_ascii_case(form::MEDIA_TYPE))
    }
}

/// Headers that a caller may not set: they decide where the request goes, how it is
/// authenticated and how the bodies are encoded.
const RESERVED_HEADERS: [&str; 13] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Validates the headers that a caller adds to a request.
pub(crate) fn parse_headers(headers_json: Option<&str>) -> Result<Vec<(String, String)>> {
    let Some(json) = headers_json else {
        return Ok(Vec::new());
    };
    check_json_length("headers", json)?;
    let object = json::Object::parse(json).map_err(|error| {
        Error::invalid("headers", format_args!("must be a JSON object: {error}"))
    })?;
    let mut headers = Vec::new();
    let mut length = 0;
    for (name, value) in object.iter() {
        let bad = |why: &str| Error::invalid_member("headers", &name, why);
        let lower = name.to_ascii_lowercase();
        if HeaderName::from_bytes(lower.as_bytes()).is_err() {
            return Err(bad("is not a valid header name"));
        }
        if RESERVED_HEADERS.contains(&lower.as_str()) {
            return Err(bad("must not be set: the library sets it"));
        }
        let value = json::decode(value).map_err(|_| bad("must be a string"))?;
        if HeaderValue::from_str(&value).is_err() {
            return Err(bad("has a character that is not allowed in a header"));
        }
        // As they are sent, with ": " and a line break.
        length += lower.len() + value.len() + 4;
        if length > MAX_HEAD_BYTES {
            return Err(too_long("headers", "are too long"));
        }
        headers.push((lower, value.into_owned()));
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_a_form_by_its_content_type() {
        let with_content_type = |content_type: &str| Request {
            headers: vec![
                ("x-form".to_owned(), form::MEDIA_TYPE.to_owned()),
                ("content-type".to_owned(), content_type.to_owned()),
            ],
            ..Request::new("POST", "/", Some("1")).unwrap()
        };
        for content_type in [
            form::MEDIA_TYPE,
            "Application/X-WWW-form-urlencoded ; charset=utf-8",
        ] {
            assert_eq!(
                with_content_type(content_type).form(),
                Some("1"),
                "{content_type}"
            );
        }
        for content_type in ["application/json", "multipart/form-data", ""] {
            assert_eq!(
                with_content_type(content_type).form(),
                None,
                "{content_type}"
            );
        }
        // JSON unless a header says otherwise.
        assert_eq!(Request::new("POST", "/", Some("1")).unwrap().form(), None);
    }
}
