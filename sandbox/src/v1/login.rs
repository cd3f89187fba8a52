//! OAuth 1.0a: the tokens that calls act with.

use serde_json::{Value, json};

use super::call::{Call, Refusal, Reply, created, invalid, one, text, unauthorized};
use super::users;
use crate::data::{Id, OWNER};
use crate::oauth::{Grant, Signature, Tokens};

/// A request token (RFC 5849, section 2.1) and its secret.
pub fn request_token(
    tokens: &mut Tokens,
    signature: &Signature,
) -> Result<(String, String), Refusal> {
    let grant = asking(signature.callback.as_deref())?;
    Ok(tokens.issue(signature.key, grant))
}

/// A grant that waits for a person, who goes to `callback` afterwards.
fn asking(callback: Option<&str>) -> Result<Grant, Refusal> {
    let callback = callback.unwrap_or("oob");
    match callback == "oob" || is_absolute_url(callback) {
        true => Ok(Grant::Request {
            callback: callback.into(),
            allowed: None,
        }),
        false => Err(invalid(
            "oauth_callback is neither \"oob\" nor an absolute URL",
        )),
    }
}

/// Whether a browser can be sent there: a URL of any scheme that can stand in a header.
pub fn is_absolute_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let of_scheme = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
    !scheme.is_empty()
        && scheme.chars().all(of_scheme)
        && !rest.is_empty()
        && !rest.contains(|letter: char| letter.is_control() || letter.is_whitespace())
}

/// The token for the person who allowed it (RFC 5849, section 2.3).
pub fn access_token(
    tokens: &mut Tokens,
    signature: &Signature,
) -> Result<(String, String), Refusal> {
    let token = signature
        .token
        .as_deref()
        .ok_or_else(|| unauthorized("A request token is required"))?;
    let allowed = match tokens.issued.get(token).map(|token| &token.grant) {
        Some(Grant::Request { allowed, .. }) => allowed.as_ref(),
        _ => return Err(unauthorized("This is not a request token")),
    };
    let allowed = allowed.ok_or_else(|| unauthorized("The person has not allowed it"))?;
    if signature.verifier.as_ref() != Some(&allowed.verifier) {
        return Err(unauthorized("The verifier is wrong"));
    }
    let user = allowed.user;
    // It is good for one access token only.
    tokens.issued.remove(token);
    Ok(tokens.issue(signature.key, Grant::Access { user }))
}

fn token_json((token, secret): (String, String)) -> Value {
    json!({ "oauth_token": token, "oauth_token_secret": secret })
}

pub fn request_token_json(call: &mut Call) -> Reply {
    call.signed()?;
    let signed = call.caller.callback.as_deref();
    let grant = asking(signed.or_else(|| call.parameter("oauth_callback")))?;
    let issued = call.tokens.issue(call.caller.key, grant);
    one("token", token_json(issued))
}

pub fn login_as(call: &mut Call) -> Reply {
    call.trusted_key()?;
    take_request_token(call)?;
    let wanted = call.object("user")?;
    let email = users::address(&wanted)?.to_string();
    let user = call
        .data
        .find_or_create_user(&email, text(&wanted, "name"), call.now);
    grant(call, user)
}

pub fn login_as_owner(call: &mut Call) -> Reply {
    call.trusted_key()?;
    take_request_token(call)?;
    grant(call, OWNER)
}

/// A request token is good for one login.
fn take_request_token(call: &mut Call) -> Result<(), Refusal> {
    let name = call
        .parameter("request_token")
        .ok_or_else(|| invalid("request_token is missing"))?
        .to_string();
    let known = call.tokens.issued.get(&name).is_some_and(|token| {
        token.key == call.caller.key && matches!(token.grant, Grant::Request { .. })
    });
    if !known {
        return Err(unauthorized("The request token is unknown"));
    }
    call.tokens.issued.remove(&name);
    Ok(())
}

fn grant(call: &mut Call, user: Id) -> Reply {
    let issued = call.tokens.issue(call.caller.key, Grant::Access { user });
    let user = users::show(call, call.user_record(user)?);
    let (status, mut answer) = created("token", token_json(issued))?;
    answer["user"] = user;
    Ok((status, answer))
}
