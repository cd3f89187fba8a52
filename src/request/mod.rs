//! A validated request, its response, and the decisions between two attempts.

pub(crate) mod endpoint;
pub(crate) mod log;
pub(crate) mod multipart;
pub(crate) mod rate_limit;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod retry_after;
pub(crate) mod target;

use ureq::http::{HeaderName, HeaderValue};

use crate::encoding::{form, json};
use crate::error::{Error, Result};
use crate::http::request_body::RequestBody;

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
    pub(crate) body: Option<RequestBody<'a>>,
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
                Some(params.into())
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

    /// Validates a request whose body is not JSON, but what the header `Content-Type` says.
    pub(crate) fn with_body(
        method: &'a str,
        path: &str,
        headers_json: Option<&str>,
        body: &'a [u8],
    ) -> Result<Self> {
        if !matches!(method, "POST" | "PUT" | "PATCH" | "DELETE") {
            let why = "must be POST, PUT, PATCH or DELETE";
            return Err(Error::invalid("method", why));
        }
        let request = Request {
            method,
            target: target::from_path(path)?,
            body: Some(body.into()),
            headers: parse_headers(headers_json, ContentType::Given)?,
            ..Request::default()
        };
        if request.content_type().is_none() {
            let why = "must have \"Content-Type\", which says what the body is";
            return Err(Error::invalid("headers", why));
        }
        if request.is_form() {
            check_form(body)?;
        }
        Ok(request)
    }

    /// Returns whether the request changes nothing at the service.
    pub(crate) fn is_read(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
    }

    /// Returns the body if it is a form, which a signature covers (RFC 5849, section
    /// 3.4.1.3.1).
    pub(crate) fn form(&self) -> Option<&'a str> {
        let body = self.body.filter(|_| self.is_form())?;
        std::str::from_utf8(body.content()).ok()
    }

    fn is_form(&self) -> bool {
        let media_type = self
            .content_type()
            .and_then(|value| value.split(';').next());
        media_type
            .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(form::MEDIA_TYPE))
    }

    /// Returns the header `Content-Type`, the last one if there are several.
    fn content_type(&self) -> Option<&str> {
        let mut headers = self.headers.iter().rev();
        let (_, content_type) = headers.find(|(name, _)| name == "content-type")?;
        Some(content_type)
    }
}

/// Fails for a form that cannot be signed.
fn check_form(body: &[u8]) -> Result<()> {
    /// A signature base string is several times as long.
    const MAX_FORM_BYTES: usize = 1 << 20;

    if body.len() > MAX_FORM_BYTES {
        let why = format_args!("must have at most {MAX_FORM_BYTES} bytes as a form");
        return Err(Error::invalid("body", why));
    }
    match std::str::from_utf8(body) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::invalid("body", "must be valid UTF-8 as a form")),
    }
}

/// What decides the header `Content-Type` of a request.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ContentType {
    /// The body is JSON.
    Json,
    /// The caller.
    Given,
}

/// Headers that a caller may not set: they decide where the request goes, how it is
/// authenticated and how the bodies are encoded.
const RESERVED_HEADERS: [&str; 12] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
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
pub(crate) fn parse_headers(
    headers_json: Option<&str>,
    content_type: ContentType,
) -> Result<Vec<(String, String)>> {
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
        let is_reserved = RESERVED_HEADERS.contains(&lower.as_str())
            || (lower == "content-type" && content_type == ContentType::Json);
        if is_reserved {
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

    fn with_content_type(content_type: &str) -> Request<'static> {
        let headers = format!("{{\"x-form\":\"{}\",{content_type}}}", form::MEDIA_TYPE);
        Request::with_body("POST", "/", Some(&headers), b"1").unwrap()
    }

    #[test]
    fn a_body_is_a_form_by_its_content_type() {
        for content_type in [
            "\"Content-Type\":\"application/x-www-form-urlencoded\"",
            "\"content-type\":\"Application/X-WWW-form-urlencoded ; charset=utf-8\"",
            // The last one is sent.
            "\"content-type\":\"a/b\",\"Content-Type\":\"application/x-www-form-urlencoded\"",
        ] {
            let form = with_content_type(content_type).form();
            assert_eq!(form, Some("1"), "{content_type}");
        }
        for content_type in [
            "\"Content-Type\":\"application/json\"",
            "\"Content-Type\":\"\"",
            "\"content-type\":\"application/x-www-form-urlencoded\",\"Content-Type\":\"a/b\"",
        ] {
            let form = with_content_type(content_type).form();
            assert_eq!(form, None, "{content_type}");
        }
        // JSON unless a header says otherwise.
        assert_eq!(Request::new("POST", "/", Some("1")).unwrap().form(), None);
    }

    #[test]
    fn rejects_a_body_that_cannot_be_sent() {
        let form = Some(r#"{"Content-Type":"application/x-www-form-urlencoded"}"#);
        let binary = Some(r#"{"Content-Type":"application/octet-stream"}"#);
        let too_long = vec![b'a'; (1 << 20) + 1];
        for (method, headers, body, argument) in [
            ("GET", form, &b""[..], "method"),
            ("HEAD", form, b"", "method"),
            ("post", form, b"", "method"),
            ("POST", None, b"", "headers"),
            ("POST", Some("{}"), b"", "headers"),
            ("POST", Some("{\"Host\":\"a\"}"), b"", "headers.Host"),
            ("POST", form, b"\xff", "body"),
            ("POST", form, &too_long, "body"),
        ] {
            let error = Request::with_body(method, "/", headers, body)
                .err()
                .unwrap();
            assert_eq!(error.argument(), Some(argument));
        }
        for body in [&b"\xff"[..], &too_long, b""] {
            Request::with_body("DELETE", "/", binary, body).unwrap();
        }
        Request::with_body("PATCH", "/", form, &too_long[1..]).unwrap();
        // With a JSON body, the library sets it.
        let error = parse_headers(form, ContentType::Json).unwrap_err();
        assert_eq!(error.argument(), Some("headers.Content-Type"));
    }
}
