//! Turns a response into its JSON, or into the error that it reports.

use ureq::http::HeaderMap;
use zeroize::Zeroizing;

use crate::encoding::json::{self, Object, quote};
use crate::error::{Error, Outcome, Result, Status};
use crate::http::Response;
use crate::request::retry::retry_after;

/// Returns the JSON of a successful response, byte for byte; `null` for an empty body.
pub(crate) fn json_text(response: Response) -> Result<String> {
    let (text, ()) = read_json(response, |_, _| Ok(()))?;
    Ok(text)
}

/// Returns the JSON of a successful response and what `look` finds in it. The members of an
/// object are passed to `look`, so that no response is parsed twice. An error of `look`
/// describes the response: "is not a list".
pub(crate) fn read_json<T>(
    response: Response,
    look: impl FnOnce(&str, Option<&Object<'_>>) -> std::result::Result<T, String>,
) -> Result<(String, T)> {
    if !is_success(response.status) {
        return Err(error(&response));
    }
    let (status, headers) = (response.status, response.headers);
    let bad = |body: &[u8], why: &str| bad_json(status, &headers, body, why);
    let text =
        String::from_utf8(response.body).map_err(|error| bad(error.as_bytes(), "is not UTF-8"))?;
    if text.trim().is_empty() {
        let found = look("null", None).map_err(|why| bad(b"", &why))?;
        return Ok(("null".to_owned(), found));
    }
    let object = json::check_members(&text)
        .map_err(|error| bad(text.as_bytes(), &format!("is not JSON: {error}")))?;
    if object
        .as_ref()
        .is_some_and(|object| reported_in(object).is_some())
    {
        let body = text.into_bytes();
        return Err(error(&Response {
            status,
            headers,
            body,
        }));
    }
    let found = look(&text, object.as_ref()).map_err(|why| bad(text.as_bytes(), &why))?;
    Ok((text, found))
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Returns the response unless it reports an error, by its status or by its body: some
/// errors have the status 200.
pub(crate) fn succeeded(response: Response) -> Result<Response> {
    if is_success(response.status) && reported(&response.body).is_none() {
        return Ok(response);
    }
    Err(error(&response))
}

/// Parses the body of a response that contains a secret, and wipes it. An error has the
/// response's status and headers, but not its body.
pub(crate) fn read_secret<T>(
    response: Response,
    read: impl FnOnce(&str) -> Result<T>,
) -> Result<T> {
    let body = Zeroizing::new(response.body);
    let text = std::str::from_utf8(&body);
    let text = text.map_err(|_| Error::bad_response("the response contains no token"));
    text.and_then(read).map_err(|mut error| {
        error.http_status = response.status;
        error.headers = Some(Box::new(response.headers));
        error
    })
}

fn bad_json(status: u16, headers: &HeaderMap, body: &[u8], why: &str) -> Error {
    let mut error = Error::bad_response(format!("the response {why}"));
    error.http_status = status;
    error.headers = Some(Box::new(headers.clone()));
    error.body = Some(String::from_utf8_lossy(body).into_owned());
    error
}

/// Returns the error that a response reports.
fn error(response: &Response) -> Error {
    let (error_type, message) = reported(&response.body)
        .or_else(|| Some((None, Some(message_of_v2(&response.body)?))))
        .unwrap_or_default();
    let status = match error_type.as_deref() {
        Some("unauthorized") => Status::Unauthorized,
        Some("record_not_found") => Status::NotFound,
        Some("application_error") => Status::ApplicationError,
        _ => status_of(response.status),
    };
    let line = match message {
        Some(message) => format!("HTTP {}: {message}", response.status),
        None => format!("HTTP {}", response.status),
    };
    let mut error = Error::new(status, Outcome::Answered, one_line(&line));
    error.http_status = response.status;
    error.headers = Some(Box::new(response.headers.clone()));
    error.error_type = error_type;
    error.body = Some(String::from_utf8_lossy(&response.body).into_owned());
    error.retry_after = retry_after(response);
    error
}

fn status_of(http_status: u16) -> Status {
    match http_status {
        401 | 403 => Status::Unauthorized,
        404 => Status::NotFound,
        429 => Status::RateLimited,
        500..=599 => Status::ApplicationError,
        _ => Status::ApiError,
    }
}

/// The type and the message of an error.
type TypeAndMessage = (Option<String>, Option<String>);

/// Returns the error that a response body reports, if it is an object.
fn reported(body: &[u8]) -> Option<TypeAndMessage> {
    reported_in(&Object::parse(std::str::from_utf8(body).ok()?).ok()?)
}

/// Returns the error that a JSON object reports: `errors` is an object, or it has any other
/// value and is the only member.
fn reported_in(object: &Object<'_>) -> Option<TypeAndMessage> {
    let errors = object.get("errors")?;
    if matches!(errors, "null" | "[]" | "{}" | "false" | "\"\"") {
        return None;
    }
    match Object::parse(errors) {
        Ok(members) => {
            let message = members
                .string("message")
                .unwrap_or_else(|| errors.to_owned());
            Some((members.string("type"), Some(message)))
        }
        Err(_) if object.len() == 1 => {
            let message = serde_json::from_str(errors).unwrap_or_else(|_| errors.to_owned());
            Some((None, Some(message)))
        }
        Err(_) => None,
    }
}

/// Returns the message of an error response of API v2, which may have no `errors`, or of its
/// token endpoint (RFC 6749, section 5.2).
fn message_of_v2(body: &[u8]) -> Option<String> {
    let object = Object::parse(std::str::from_utf8(body).ok()?).ok()?;
    let message = object
        .string("message")
        .or_else(|| object.string("error"))?;
    Some(match object.string("error_description") {
        Some(description) => format!("{message}: {description}"),
        None => message,
    })
}

/// Limits a message of the service to one line of at most 500 characters.
fn one_line(text: &str) -> String {
    const MAX_CHARS: usize = 500;
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_CHARS)
        .collect()
}

/// Returns `{"status":…,"headers":{…},"body":…}`. A body that is not JSON becomes a string.
pub(crate) fn to_json(response: &Response) -> String {
    let headers: Vec<String> = response
        .headers
        .keys()
        .map(|name| {
            let values = response.headers.get_all(name).iter();
            let values: Vec<_> = values
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            format!("{}:{}", quote(name.as_str()), quote(&values.join(", ")))
        })
        .collect();
    let body = match std::str::from_utf8(&response.body) {
        Ok(text) if text.trim().is_empty() => "null".to_owned(),
        Ok(text) if json::check(text).is_ok() => text.to_owned(),
        _ => quote(&String::from_utf8_lossy(&response.body)),
    };
    format!(
        "{{\"status\":{},\"headers\":{{{}}},\"body\":{body}}}",
        response.status,
        headers.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        Response::of(status, body)
    }

    #[test]
    fn returns_the_body_byte_for_byte() {
        for body in [
            "{\"a\":1.10,\"a\":2}\n",
            "[]",
            " 1 ",
            r#"{"errors":[]}"#,
            r#"{"message":"hi"}"#,
        ] {
            assert_eq!(json_text(response(200, body)).unwrap(), body);
        }
        for empty in ["", " ", "\n"] {
            assert_eq!(json_text(response(204, empty)).unwrap(), "null");
        }
        assert_eq!(json_text(response(201, "{}")).unwrap(), "{}");
        for invalid in ["<html>", "{", "{}{}"] {
            let error = json_text(response(200, invalid)).unwrap_err();
            assert_eq!(error.status(), Status::BadResponse);
            assert_eq!(error.body(), Some(invalid));
        }
    }

    #[test]
    fn derives_the_status_from_body_and_status_code() {
        let cases = [
            (
                401,
                r#"{"errors":{"type":"unauthorized","message":"User required"}}"#,
                Status::Unauthorized,
            ),
            (
                200,
                r#"{"errors":{"type":"unauthorized","message":"User required"}}"#,
                Status::Unauthorized,
            ),
            (
                200,
                r#"{"errors":{"type":"record_not_found","message":"gone"}}"#,
                Status::NotFound,
            ),
            (
                500,
                r#"{"errors":{"type":"application_error","message":"oops"}}"#,
                Status::ApplicationError,
            ),
            (
                422,
                r#"{"errors":{"title":"required","links":{"forum":"int"}}}"#,
                Status::ApiError,
            ),
            (200, r#"{"errors":"no"}"#, Status::ApiError),
            (200, r#"{"errors":["no"]}"#, Status::ApiError),
            (403, "", Status::Unauthorized),
            (404, "<html>", Status::NotFound),
            (429, "Slow down", Status::RateLimited),
            (502, "<html>", Status::ApplicationError),
            (302, "", Status::ApiError),
            (400, r#"{"message":"bad"}"#, Status::ApiError),
        ];
        for (status, body, expected) in cases {
            let error = json_text(response(status, body)).unwrap_err();
            assert_eq!(error.status(), expected, "{status} {body}");
            assert_eq!(error.http_status(), status);
            assert_eq!(error.body(), Some(body));
        }
        let error = json_text(response(400, r#"{"message":"bad\nline"}"#)).unwrap_err();
        assert_eq!(error.message(), "HTTP 400: bad line");
        let error = json_text(response(
            422,
            r#"{"errors":{"type":"record_invalid","message":"m"}}"#,
        ))
        .unwrap_err();
        assert_eq!(error.error_type(), Some("record_invalid"));
    }
}
