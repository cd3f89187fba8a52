//! From an answer to its text, or to the error that it is.

use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use crate::error::{Error, Outcome, Result, Status};
use crate::json::{self, Object, quote};
use crate::retry::{parse_date, parse_retry_after};
use crate::transport::Answer;

/// The JSON text of a successful answer, byte for byte; `null` for an empty one.
pub(crate) fn json_text(answer: Answer) -> Result<String> {
    let (text, ()) = read_json(answer, |_, _| ())?;
    Ok(text)
}

/// The same with what `look` finds in it: text is read once, and its members, where
/// it is an object, are at hand at that moment.
pub(crate) fn read_json<T>(
    answer: Answer,
    look: impl FnOnce(&str, Option<&Object<'_>>) -> T,
) -> Result<(String, T)> {
    if !is_success(answer.status) {
        return Err(error(&answer));
    }
    let status = answer.status;
    let text = String::from_utf8(answer.body)
        .map_err(|error| bad_json(status, error.as_bytes(), "is not UTF-8"))?;
    if text.trim().is_empty() {
        let text = "null".to_owned();
        let found = look(&text, None);
        return Ok((text, found));
    }
    let object = json::check_members(&text)
        .map_err(|error| bad_json(status, text.as_bytes(), &format!("is not JSON: {error}")))?;
    if object
        .as_ref()
        .is_some_and(|object| reported_in(object).is_some())
    {
        let body = text.into_bytes();
        return Err(error(&Answer { body, ..answer }));
    }
    let found = look(&text, object.as_ref());
    Ok((text, found))
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// The answer itself unless it reports an error. Its body decides as well as
/// its status: some errors come with 200.
pub(crate) fn succeeded(answer: Answer) -> Result<Answer> {
    if is_success(answer.status) && reported(&answer.body).is_none() {
        return Ok(answer);
    }
    Err(error(&answer))
}

/// What `read` makes of the text of an answer with a secret, which is wiped.
pub(crate) fn secret<T>(answer: Answer, read: impl FnOnce(&str) -> Result<T>) -> Result<T> {
    let body = Zeroizing::new(answer.body);
    let text = std::str::from_utf8(&body);
    let text = text.map_err(|_| Error::bad_response("the answer holds no token"));
    text.and_then(read).map_err(|mut error| {
        error.http_status = answer.status;
        error
    })
}

/// How long the service asks to wait.
pub(crate) fn retry_after(answer: &Answer) -> Option<Duration> {
    let wait = |header| parse_retry_after(answer.header(header)?, time_of(answer));
    let reset = || wait("x-rate-limit-reset").filter(|_| answer.status == 429);
    wait("retry-after").or_else(reset)
}

/// How many calls the service still takes, and for how long that holds.
pub(crate) fn rate_limit(answer: &Answer) -> Option<(u64, Duration)> {
    if answer.status == 429 {
        return Some((0, retry_after(answer)?));
    }
    let left = answer
        .header("x-rate-limit-remaining")?
        .trim()
        .parse()
        .ok()?;
    let reset = answer.header("x-rate-limit-reset")?;
    Some((left, parse_retry_after(reset, time_of(answer))?))
}

/// The moments that an answer names are by the service's clock, however wrong
/// ours is.
fn time_of(answer: &Answer) -> SystemTime {
    date(answer).unwrap_or_else(SystemTime::now)
}

/// When the service sent the answer, by its own clock.
pub(crate) fn date(answer: &Answer) -> Option<SystemTime> {
    answer.header("date").and_then(parse_date)
}

/// The service's clock (seconds since 1970), when it refuses ours.
pub(crate) fn refused_clock(answer: &Answer) -> Option<i64> {
    if answer.status != 401 {
        return None;
    }
    let text = std::str::from_utf8(&answer.body).ok()?;
    let object = Object::parse(text).ok()?;
    let errors = Object::parse(object.get("errors")?).ok()?;
    if errors.text("oauth_problem")? != "timestamp_refused" {
        return None;
    }
    errors.integer("server_time")
}

fn bad_json(status: u16, body: &[u8], why: &str) -> Error {
    let mut error = Error::bad_response(format!("the answer {why}"));
    error.http_status = status;
    error.body = Some(String::from_utf8_lossy(body).into_owned());
    error
}

fn error(answer: &Answer) -> Error {
    let (error_type, said) = reported(&answer.body)
        .or_else(|| Some((None, Some(message(&answer.body)?))))
        .unwrap_or_default();
    let status = match error_type.as_deref() {
        Some("unauthorized") => Status::Unauthorized,
        Some("record_not_found") => Status::NotFound,
        Some("application_error") => Status::ApplicationError,
        _ => status_of(answer.status),
    };
    let line = match said {
        Some(said) => format!("HTTP {}: {said}", answer.status),
        None => format!("HTTP {}", answer.status),
    };
    let mut error = Error::new(status, Outcome::Answered, one_line(&line));
    error.http_status = answer.status;
    error.error_type = error_type;
    error.body = Some(String::from_utf8_lossy(&answer.body).into_owned());
    error.retry_after = retry_after(answer);
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
type Reported = (Option<String>, Option<String>);

fn reported(body: &[u8]) -> Option<Reported> {
    reported_in(&Object::parse(std::str::from_utf8(body).ok()?).ok()?)
}

/// The error that an answer reports, if it does: `errors` is an object, or anything
/// else that stands there alone.
fn reported_in(object: &Object<'_>) -> Option<Reported> {
    let errors = object.get("errors")?;
    if matches!(errors, "null" | "[]" | "{}" | "false" | "\"\"") {
        return None;
    }
    match Object::parse(errors) {
        Ok(members) => {
            let said = members.text("message").unwrap_or_else(|| errors.to_owned());
            Some((members.text("type"), Some(said)))
        }
        Err(_) if object.len() == 1 => {
            let said = serde_json::from_str(errors).unwrap_or_else(|_| errors.to_owned());
            Some((None, Some(said)))
        }
        Err(_) => None,
    }
}

/// What the body of an error status says where it has no `errors`, as API v2's.
fn message(body: &[u8]) -> Option<String> {
    let object = Object::parse(std::str::from_utf8(body).ok()?).ok()?;
    object.text("message").or_else(|| object.text("error"))
}

/// A message of the service's as one line of bearable length.
fn one_line(text: &str) -> String {
    const MOST: usize = 500;
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MOST)
        .collect()
}

/// `{"status":…,"headers":{…},"body":…}`
pub(crate) fn whole(answer: &Answer) -> String {
    let headers: Vec<String> = answer
        .headers
        .keys()
        .map(|name| {
            let values = answer.headers.get_all(name).iter();
            let values: Vec<_> = values
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            format!("{}:{}", quote(name.as_str()), quote(&values.join(", ")))
        })
        .collect();
    let body = match std::str::from_utf8(&answer.body) {
        Ok(text) if text.trim().is_empty() => "null".to_owned(),
        Ok(text) if json::check(text).is_ok() => text.to_owned(),
        _ => quote(&String::from_utf8_lossy(&answer.body)),
    };
    format!(
        "{{\"status\":{},\"headers\":{{{}}},\"body\":{body}}}",
        answer.status,
        headers.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer::of(status, body)
    }

    #[test]
    fn answers_pass_as_they_came() {
        for body in [
            "{\"a\":1.10,\"a\":2}\n",
            "[]",
            " 1 ",
            r#"{"errors":[]}"#,
            r#"{"message":"hi"}"#,
        ] {
            assert_eq!(json_text(answer(200, body)).unwrap(), body);
        }
        for empty in ["", " ", "\n"] {
            assert_eq!(json_text(answer(204, empty)).unwrap(), "null");
        }
        assert_eq!(json_text(answer(201, "{}")).unwrap(), "{}");
        for bad in ["<html>", "{", "{}{}"] {
            let error = json_text(answer(200, bad)).unwrap_err();
            assert_eq!(error.status(), Status::BadResponse);
            assert_eq!(error.body(), Some(bad));
        }
    }

    #[test]
    fn errors_are_told_by_body_and_status() {
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
            let error = json_text(answer(status, body)).unwrap_err();
            assert_eq!(error.status(), expected, "{status} {body}");
            assert_eq!(error.http_status(), status);
            assert_eq!(error.body(), Some(body));
        }
        let error = json_text(answer(400, r#"{"message":"bad\nline"}"#)).unwrap_err();
        assert_eq!(error.message(), "HTTP 400: bad line");
        let error = json_text(answer(
            422,
            r#"{"errors":{"type":"record_invalid","message":"m"}}"#,
        ))
        .unwrap_err();
        assert_eq!(error.error_type(), Some("record_invalid"));
    }

    #[test]
    fn moments_are_by_the_services_clock() {
        let with = |headers: &[(&'static str, &str)]| {
            let mut answer = answer(429, "");
            for (name, value) in headers {
                answer.headers.insert(*name, value.parse().unwrap());
            }
            answer
        };
        let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        let seconds = |answer: &Answer| retry_after(answer).map(|wait| wait.as_secs());
        let later = ("retry-after", "Wed, 21 Oct 2015 07:28:10 GMT");
        assert_eq!(seconds(&with(&[date, later])), Some(10));
        assert_eq!(
            seconds(&with(&[date, ("retry-after", "1445412490")])),
            Some(10)
        );
        let reset = ("x-rate-limit-reset", "1445412490");
        assert_eq!(seconds(&with(&[date, reset])), Some(10));
        // Without a date, by ours: long past.
        assert_eq!(seconds(&with(&[later])), Some(0));
        assert_eq!(seconds(&with(&[("date", "soon"), later])), Some(0));

        let left = |headers| rate_limit(&with(headers)).map(|(left, _)| left);
        assert_eq!(left(&[date, reset]), Some(0));
        let mut fine = with(&[("x-rate-limit-remaining", "7"), reset]);
        fine.status = 200;
        assert_eq!(rate_limit(&fine).map(|(left, _)| left), Some(7));
        fine.headers.remove("x-rate-limit-reset");
        assert_eq!(rate_limit(&fine), None);
    }

    #[test]
    fn a_refused_clock_is_told() {
        let body = r#"{"errors":{"type":"unauthorized","oauth_problem":"timestamp_refused","server_time":1350000000}}"#;
        assert_eq!(refused_clock(&answer(401, body)), Some(1_350_000_000));
        assert_eq!(refused_clock(&answer(400, body)), None);
        assert_eq!(refused_clock(&answer(401, "{}")), None);
    }
}
