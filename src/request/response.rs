//! Turns a response into its JSON, or into the error that it reports.

use ureq::http::HeaderMap;
use zeroize::Zeroizing;

use crate::auth::token::MAX_JSON_LENGTH;
use crate::encoding::json::{self, Object, quote};
use crate::encoding::json_string::{Lossy, StringError, decode_prefix, push_quoted};
use crate::error::{Error, Outcome, Result, Status};
use crate::http::Response;
use crate::request::retry_after::retry_after;

/// Returns the JSON of a successful response, byte for byte; `null` for an empty body.
pub(crate) fn json_text(response: Response) -> Result<String> {
    let (text, ()) = read_json(response, |_, _| Ok(()))?;
    Ok(text)
}

/// Returns the JSON of a successful response and what `look` finds in it. The members of an
/// object are passed to `look`, so that no response is parsed twice. An error of `look`
/// describes the response: "is not a list".
pub(crate) fn read_json<T>(
    mut response: Response,
    look: impl FnOnce(&str, Option<&Object<'_>>) -> std::result::Result<T, String>,
) -> Result<(String, T)> {
    if !response.is_success() {
        return Err(error(response));
    }
    // Takes the body over, so that it is checked once.
    let text = match String::from_utf8(std::mem::take(&mut response.body)) {
        Ok(text) => text,
        Err(error) => {
            response.body = error.into_bytes();
            return Err(bad_json(response, "is not UTF-8"));
        }
    };
    let json = match text.trim().is_empty() {
        true => "null",
        false => &text,
    };
    let found = match json::check_members(json) {
        Ok(Some(object)) if reported_in(&object).is_some() => Err(None),
        Ok(object) => look(json, object.as_ref()).map_err(Some),
        Err(error) => Err(Some(format!("is not JSON: {error}"))),
    };
    let why = match found {
        Ok(found) if json == "null" => return Ok((json.to_owned(), found)),
        Ok(found) => return Ok((text, found)),
        Err(why) => why,
    };
    response.body = text.into_bytes();
    Err(match why {
        Some(why) => bad_json(response, &why),
        None => error(response),
    })
}

/// Returns a body as text, in which U+FFFD replaces what is not UTF-8; `None` if that is
/// larger than `max_bytes`, or there is no memory for it.
fn into_text(body: Vec<u8>, max_bytes: usize) -> Option<String> {
    let text = String::from_utf8(body);
    text.map_or_else(|error| Lossy(error.as_bytes()).to_text(max_bytes), Some)
}

/// Returns the response unless it reports an error, by its status or by its body: some
/// errors have the status 200.
pub(crate) fn succeeded(response: Response) -> Result<Response> {
    if response.is_success() && reported(&response.body).is_none() {
        return Ok(response);
    }
    Err(error(response))
}

/// Parses the body of a response that contains a secret, and wipes it. An error has the
/// response's status and headers, but not its body.
pub(crate) fn read_secret<T>(
    response: Response,
    read: impl FnOnce(&str) -> Result<T>,
) -> Result<T> {
    let body = Zeroizing::new(response.body);
    let text = std::str::from_utf8(&body);
    let text = match text {
        Ok(text) if text.len() <= MAX_JSON_LENGTH => Ok(text),
        Ok(_) => Err(Error::bad_response("the response is too long for a token")),
        Err(_) => Err(Error::bad_response("the response contains no token")),
    };
    text.and_then(read).map_err(|mut error| {
        error.http_status = response.status;
        error.headers = Some(Box::new(response.headers));
        error
    })
}

fn bad_json(response: Response, why: &str) -> Error {
    let mut error = Error::bad_response(format!("the response {why}"));
    error.http_status = response.status;
    error.headers = Some(Box::new(response.headers));
    error.set_body(into_text(response.body, response.max_bytes));
    error
}

/// Returns the error that a response reports.
fn error(response: Response) -> Error {
    let (error_type, message) = reported(&response.body)
        .or_else(|| Some((None, Some(message_of_v2(&response.body)?))))
        .unwrap_or_default();
    let status = match error_type.as_deref() {
        Some("unauthorized") => Status::Unauthorized,
        Some("record_not_found") => Status::NotFound,
        Some("application_error") => Status::ApplicationError,
        _ => Status::of_http_status(response.status),
    };
    let body_error = response.body_error.as_ref();
    let message = message.or_else(|| Some(body_error?.message.clone()));
    let line = match message {
        Some(message) => format!("HTTP {}: {message}", response.status),
        None => format!("HTTP {}", response.status),
    };
    let mut error = Error::new(status, Outcome::Answered, one_line(&line));
    error.http_status = response.status;
    error.retry_after = retry_after(&response);
    error.headers = Some(Box::new(response.headers));
    error.error_type = error_type;
    if response.body_error.is_none() {
        error.set_body(into_text(response.body, response.max_bytes));
    }
    error
}

/// The type and the message of an error.
type TypeAndMessage = (Option<String>, Option<String>);

/// The maximum length of the type and of the message of an error, in characters.
const MAX_MESSAGE: usize = 500;

/// Returns the beginning of a string, or of the JSON of another value.
fn excerpt(json: &str) -> String {
    decode_prefix(json, MAX_MESSAGE)
}

/// Returns the beginning of a member that is a string.
fn string_in(object: &Object<'_>, key: &str) -> Option<String> {
    object
        .get(key)
        .filter(|json| json.starts_with('"'))
        .map(excerpt)
}

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
            let message = string_in(&members, "message").unwrap_or_else(|| {
                let message = string_in(object, "message").map(|message| message + ": ");
                message.unwrap_or_default() + &excerpt(errors)
            });
            Some((string_in(&members, "type"), Some(message)))
        }
        Err(_) if object.len() == 1 => Some((None, Some(excerpt(errors)))),
        Err(_) => None,
    }
}

/// Returns the message of an error response of API v2, which may have no `errors`, or of its
/// token endpoint (RFC 6749, section 5.2).
fn message_of_v2(body: &[u8]) -> Option<String> {
    let object = Object::parse(std::str::from_utf8(body).ok()?).ok()?;
    let message = string_in(&object, "message").or_else(|| string_in(&object, "error"))?;
    Some(match string_in(&object, "error_description") {
        Some(description) => format!("{message}: {description}"),
        None => message,
    })
}

/// Limits a message of the service to one line.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_MESSAGE)
        .collect()
}

/// Returns `{"status":…,"headers":{…},"body":…}`. A body that is not JSON becomes a string.
///
/// # Errors
/// `BadResponse` if the JSON of the body is larger than `max_response_bytes`, as that of
/// control characters may be, or there is no memory for it.
pub(crate) fn to_json(response: Response) -> Result<String> {
    let mut json = format!("{{\"status\":{},\"headers\":", response.status);
    push_headers(&mut json, &response.headers);
    json.push_str(",\"body\":");
    let body = response.body.as_slice();
    let pushed = match std::str::from_utf8(body) {
        Ok(text) if text.trim().is_empty() => push(&mut json, "null"),
        Ok(text) if json::check(text).is_ok() => push(&mut json, text),
        _ => push_quoted(&mut json, Lossy(body), response.max_bytes),
    };
    let why = match pushed {
        Ok(()) => {
            json.push('}');
            return Ok(json);
        }
        Err(StringError::NoMemory) => "is too large for the memory that is left".to_owned(),
        Err(_) => format!(
            "is larger than max_response_bytes ({}) as JSON",
            response.max_bytes
        ),
    };
    let mut error = Error::bad_response(format!("the response {why}"));
    error.http_status = response.status;
    error.headers = Some(Box::new(response.headers));
    Err(error)
}

/// Appends `text`, and reserves memory for what follows, the closing brace and a NUL.
fn push(json: &mut String, text: &str) -> std::result::Result<(), StringError> {
    let reserved = json.try_reserve_exact(text.len() + 2);
    reserved.map_err(|_| StringError::NoMemory)?;
    json.push_str(text);
    Ok(())
}

fn push_headers(json: &mut String, headers: &HeaderMap) {
    json.push('{');
    for (index, name) in headers.keys().enumerate() {
        let values = headers.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        json.push_str(if index == 0 { "" } else { "," });
        json.push_str(&quote(name.as_str()));
        json.push(':');
        json.push_str(&quote(&values.join(", ")));
    }
    json.push('}');
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
        let body = r#"{"message":"unknown parameter","errors":{"stat":"unknown"}}"#;
        let error = json_text(response(422, body)).unwrap_err();
        let message = r#"HTTP 422: unknown parameter: {"stat":"unknown"}"#;
        assert_eq!(error.message(), message);
        let error = json_text(response(
            422,
            r#"{"errors":{"type":"record_invalid","message":"m"}}"#,
        ))
        .unwrap_err();
        assert_eq!(error.error_type(), Some("record_invalid"));
    }
}
