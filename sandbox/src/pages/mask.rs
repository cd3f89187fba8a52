//! Masks secrets in the requests and responses that the journal's pages show. The journal's JSON
//! has them as they were sent, for tests.

use serde_json::Value;

const MASK: &str = "•••";

/// Names of parameters, fields and headers whose values are secret.
const SECRETS: [&str; 17] = [
    "access_token",
    "api_secret",
    "client_secret",
    "code",
    "code_verifier",
    "cookie",
    "oauth_signature",
    "oauth_token",
    "oauth_token_secret",
    "oauth_verifier",
    "password",
    "proxy-authorization",
    "refresh_token",
    "request_token",
    "set-cookie",
    "signature",
    "sso",
];

fn is_secret(name: &str) -> bool {
    // "user[password]" is the field "password" of an object.
    let name = name
        .trim_end_matches(']')
        .rsplit(['[', '.'])
        .next()
        .unwrap_or(name);
    SECRETS.contains(&name.to_ascii_lowercase().as_str())
}

/// Masks the value of a header.
pub fn header(name: &str, value: &str) -> String {
    match name {
        "authorization" => authorization(value),
        "location" | "referer" => match value.split_once('?') {
            Some((url, query)) => format!("{url}?{}", form(query)),
            None => value.into(),
        },
        name if is_secret(name) => MASK.into(),
        _ => value.into(),
    }
}

/// Masks the token, or the secret parameters of an OAuth 1.0a header.
fn authorization(value: &str) -> String {
    let Some(parameters) = value.strip_prefix("OAuth ") else {
        let (scheme, _) = value.split_once(' ').unwrap_or((value, ""));
        return format!("{scheme} {MASK}");
    };
    let parameters = parameters
        .split(',')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if is_secret(name.trim()) => format!("{name}=\"{MASK}\""),
            _ => parameter.to_string(),
        });
    format!("OAuth {}", parameters.collect::<Vec<_>>().join(","))
}

/// Masks a query or a form.
pub fn form(text: &str) -> String {
    let pairs = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(&decode(name)) => format!("{name}={MASK}"),
        _ => pair.to_string(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn decode(name: &str) -> String {
    percent_encoding::percent_decode_str(name)
        .decode_utf8_lossy()
        .into_owned()
}

/// Masks a body: JSON, which is also indented, or a form. Returns `None` for any other body that
/// may contain secrets.
pub fn body(content_type: &str, text: &str) -> Option<String> {
    if let Ok(mut value) = serde_json::from_str::<Value>(text) {
        mask_fields(&mut value);
        return serde_json::to_string_pretty(&value).ok();
    }
    let type_is = |prefix| content_type.starts_with(prefix);
    if type_is("application/x-www-form-urlencoded") {
        return Some(form(text));
    }
    (type_is("text/plain") || type_is("application/xml")).then(|| text.into())
}

fn mask_fields(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match is_secret(name) && (value.is_string() || value.is_number()) {
                    true => *value = MASK.into(),
                    false => mask_fields(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(mask_fields),
        _ => {}
    }
}
