//! Logins: request tokens and access tokens of OAuth 1.0a.

use serde_json::{Value, json};

use super::context::Context;
use super::fields::text;
use super::response::{ApiError, ApiResult, created, invalid, ok, unauthorized};
use super::users;
use crate::auth::credentials::PASSWORD;
use crate::auth::oauth1::{Grant, Signature, Tokens};
use crate::auth::url::is_absolute_url;
use crate::data::{Id, OWNER};

/// Issues a request token (RFC 5849, section 2.1). Returns it with its secret.
pub fn request_token(
    tokens: &mut Tokens,
    signature: &Signature,
) -> Result<(String, String), ApiError> {
    let grant = request_grant(signature.callback.as_deref())?;
    Ok(tokens.issue(signature.api_key, grant))
}

/// Returns the grant of a request token that is not approved yet.
fn request_grant(callback: Option<&str>) -> Result<Grant, ApiError> {
    let callback = callback.unwrap_or("oob");
    match callback == "oob" || is_absolute_url(callback) {
        true => Ok(Grant::Request {
            callback: callback.into(),
            approval: None,
        }),
        false => Err(invalid(
            "oauth_callback is neither \"oob\" nor an absolute URL",
        )),
    }
}

/// Exchanges an approved request token for an access token (RFC 5849, section 2.3).
pub fn access_token(
    tokens: &mut Tokens,
    signature: &Signature,
) -> Result<(String, String), ApiError> {
    let token = signature
        .token
        .as_deref()
        .ok_or_else(|| unauthorized("A request token is required"))?;
    let approval = match tokens.issued.get(token).map(|token| &token.grant) {
        Some(Grant::Request { approval, .. }) => approval.as_ref(),
        _ => return Err(unauthorized("This is not a request token")),
    };
    let approval =
        approval.ok_or_else(|| unauthorized("The user has not approved the request token"))?;
    if signature.verifier.as_ref() != Some(&approval.verifier) {
        return Err(unauthorized("The verifier is wrong"));
    }
    let user = approval.user;
    // A request token can be exchanged once.
    tokens.issued.remove(token);
    Ok(tokens.issue(signature.api_key, Grant::Access { user }))
}

fn token_json((token, secret): (String, String)) -> Value {
    json!({ "oauth_token": token, "oauth_token_secret": secret })
}

pub fn request_token_json(ctx: &mut Context) -> ApiResult {
    ctx.require_signature()?;
    let signed_callback = ctx.caller.callback.as_deref();
    let grant = request_grant(signed_callback.or_else(|| ctx.parameter("oauth_callback")))?;
    let issued = ctx.tokens.issue(ctx.caller.api_key, grant);
    ok("token", token_json(issued))
}

pub fn login_as(ctx: &mut Context) -> ApiResult {
    ctx.require_trusted_key()?;
    consume_request_token(ctx)?;
    // Unlike elsewhere, an invalid address is status 401.
    let input = ctx.object("user")?;
    let email = users::required_email(&input).map_err(|error| unauthorized(&error.to_string()))?;
    let email = email.to_string();
    let user = ctx
        .data
        .find_or_create_user(&email, text(&input, "name"), ctx.now);
    issue_access_token(ctx, user)
}

pub fn login_as_owner(ctx: &mut Context) -> ApiResult {
    ctx.require_trusted_key()?;
    consume_request_token(ctx)?;
    issue_access_token(ctx, OWNER)
}

/// Logs in the user of an e-mail address and a password, as UserVoice's mobile SDKs do.
pub fn authorize(ctx: &mut Context) -> ApiResult {
    ctx.require_signature()?;
    let email = ctx.parameter("email").unwrap_or_default();
    let user = ctx.data.user_by_email(email).map(|user| user.id);
    let has_password = ctx.parameter("password") == Some(PASSWORD);
    let user = user.filter(|_| has_password);
    let user = user.ok_or_else(|| unauthorized("The e-mail address or the password is wrong"))?;
    consume_request_token(ctx)?;
    issue_access_token(ctx, user)
}

/// Takes the request token of the request, if it has one: UserVoice's mobile SDKs log in whom they create with it.
pub fn takes_request_token(ctx: &mut Context) -> Result<bool, ApiError> {
    let logs_in = ctx.parameter("request_token").is_some();
    if logs_in {
        consume_request_token(ctx)?;
    }
    Ok(logs_in)
}

/// Adds an access token of the user to the response.
pub fn add_access_token(ctx: &mut Context, user: Id, response: &mut Value) {
    let issued = ctx.tokens.issue(ctx.caller.api_key, Grant::Access { user });
    response["token"] = token_json(issued);
}

/// Removes the request token of a login: each can be used for one login.
fn consume_request_token(ctx: &mut Context) -> Result<(), ApiError> {
    let name = ctx
        .parameter("request_token")
        .ok_or_else(|| invalid("request_token is missing"))?
        .to_string();
    let is_valid = ctx.tokens.issued.get(&name).is_some_and(|token| {
        token.api_key == ctx.caller.api_key && matches!(token.grant, Grant::Request { .. })
    });
    if !is_valid {
        return Err(unauthorized("The request token is unknown"));
    }
    ctx.tokens.issued.remove(&name);
    Ok(())
}

/// Issues an access token. Returns it with the user.
fn issue_access_token(ctx: &mut Context, user: Id) -> ApiResult {
    let json = users::to_json(ctx, ctx.find_user(user)?);
    let (status, mut body) = created("user", json)?;
    add_access_token(ctx, user, &mut body);
    Ok((status, body))
}
