//! Users of the site.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::context::{Context, OLDEST_FIRST};
use super::fields::text;
use super::response::{
    ApiError, ApiResult, created, format_time, invalid, not_found, ok, unauthorized,
};
use super::{identify, login};
use crate::auth::credentials::SSO_KEY;
use crate::auth::sso;
use crate::data::{Data, Id, OWNER, User};

pub fn to_json(ctx: &Context, user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "email": (!user.email.is_empty()).then_some(&user.email),
        "title": null,
        "url": format!("{}/users/{}", ctx.origin, user.id),
        "avatar_url": format!("{}/avatars/{}.png", ctx.origin, user.id),
        "karma_score": user.id * 3,
        "roles": { "owner": user.id == OWNER, "admin": user.admin },
        "guid": user.guid,
        "created_at": format_time(user.created_at),
        "updated_at": format_time(user.updated_at),
    })
}

/// Returns a user as part of another record, without e-mail address and roles.
pub fn summary(ctx: &Context, id: Id) -> Value {
    match ctx.data.users.get(id) {
        None => Value::Null,
        Some(user) => json!({
            "id": user.id,
            "name": user.name,
            "url": format!("{}/users/{}", ctx.origin, user.id),
            "avatar_url": format!("{}/avatars/{}.png", ctx.origin, user.id),
            "karma_score": user.id * 3,
            "created_at": format_time(user.created_at),
            "updated_at": format_time(user.updated_at),
        }),
    }
}

/// Returns the e-mail address of a user in a request body, which must be valid.
pub fn required_email(user: &Map<String, Value>) -> Result<&str, ApiError> {
    validate_email(text(user, "email").unwrap_or_default())
}

/// Validates an e-mail address as leniently as the service.
pub fn validate_email(email: &str) -> Result<&str, ApiError> {
    if email.trim().is_empty() {
        return Err(invalid("Email can't be blank"));
    }
    match email.split_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() => Ok(email),
        _ => Err(invalid("Email is invalid")),
    }
}

pub fn list(ctx: &Context) -> ApiResult {
    ctx.require_trusted_client()?;
    let rows = ctx.data.users.iter().collect();
    ctx.page("users", OLDEST_FIRST, rows, |user| to_json(ctx, user))
}

pub fn search(ctx: &Context) -> ApiResult {
    ctx.require_trusted_client()?;
    let query = ctx.search_query()?;
    let rows = ctx.data.users.iter().filter(|user| {
        user.email.to_lowercase().contains(&query) || user.name.to_lowercase().contains(&query)
    });
    ctx.page("users", OLDEST_FIRST, rows.collect(), |user| {
        to_json(ctx, user)
    })
}

pub fn current(ctx: &Context) -> ApiResult {
    ok("user", to_json(ctx, ctx.find_user(ctx.require_user()?)?))
}

pub fn read(ctx: &Context, id: Id) -> ApiResult {
    ctx.require_signature()?;
    ok("user", to_json(ctx, ctx.find_user(id)?))
}

/// Creates a user, whom a request token logs in. Without one it needs a trusted client.
pub fn create(ctx: &mut Context) -> ApiResult {
    ctx.require_signature()?;
    let logs_in = login::takes_request_token(ctx)?;
    if !logs_in {
        ctx.require_trusted_client()?;
    }
    let input = ctx.object("user")?;
    let email = required_email(&input)?;
    if ctx.data.user_by_email(email).is_some() {
        return Err(invalid("Email has already been taken"));
    }
    let user = ctx.data.find_or_create_user(email, name(&input), ctx.now);
    let (status, mut body) = created("user", to_json(ctx, ctx.find_user(user)?))?;
    if logs_in {
        login::add_access_token(ctx, user, &mut body);
    }
    Ok((status, body))
}

fn name(user: &Map<String, Value>) -> Option<&str> {
    text(user, "display_name").or(text(user, "name"))
}

/// Finds or creates the user of a user object, or of a single sign-on token in `sso`. A request token logs the user in.
pub fn find_or_create(ctx: &mut Context) -> ApiResult {
    ctx.require_signature()?;
    let logs_in = login::takes_request_token(ctx)?;
    let claims = match ctx.parameter("sso") {
        None => ctx.object("user")?,
        Some(token) => sso::verify(token, SSO_KEY, ctx.now)
            .map_err(|error| unauthorized(&format!("The sso token is invalid: {error}")))?,
    };
    let user = find_or_create_by_claims(ctx.data, &claims, ctx.now)?;
    let (status, mut body) = ok("user", to_json(ctx, ctx.find_user(user)?))?;
    if logs_in {
        login::add_access_token(ctx, user, &mut body);
    }
    Ok((status, body))
}

/// Finds the user that a single sign-on token or a user object describes, or creates it.
pub fn find_or_create_by_claims(
    data: &mut Data,
    claims: &Map<String, Value>,
    now: OffsetDateTime,
) -> Result<Id, ApiError> {
    let guid = claims.get("guid").and_then(|guid| match guid {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let existing = guid.as_ref().and_then(|guid| {
        data.users
            .iter()
            .find(|user| user.guid.as_ref() == Some(guid))
    });
    let id = match existing {
        Some(user) => user.id,
        None => {
            let name = name(claims);
            let has_email = claims.get("email").is_some_and(|email| !email.is_null());
            match &guid {
                // An AES token needs only a guid.
                Some(guid) if !has_email => data.create_user("", name.unwrap_or(guid), now),
                _ => data.find_or_create_user(required_email(claims)?, name, now),
            }
        }
    };
    if let (Some(user), Some(guid)) = (data.users.get_mut(id), guid) {
        user.guid = Some(guid);
        user.updated_at = now;
    }
    Ok(id)
}

/// Updates the acting user, which is also user 0, or any user for an admin.
pub fn update(ctx: &mut Context, id: Option<Id>) -> ApiResult {
    let current = ctx.require_user()?;
    let id = id.filter(|id| *id != 0).unwrap_or(current);
    if id != current {
        ctx.require_admin()?;
        ctx.find_user(id)?;
    }
    let input = ctx.object("user")?;
    let email = match input.contains_key("email") {
        true => Some(required_email(&input)?),
        false => None,
    };
    let existing = email.and_then(|email| ctx.data.user_by_email(email));
    if existing.is_some_and(|user| user.id != id) {
        return Err(invalid("Email has already been taken"));
    }
    let now = ctx.now;
    if let Some(user) = ctx.data.users.get_mut(id) {
        if let Some(name) = text(&input, "name") {
            user.name = name.into();
        }
        if let Some(email) = email {
            user.email = email.into();
        }
        user.updated_at = now;
    }
    ok("user", to_json(ctx, ctx.find_user(id)?))
}

/// Stores the ids of users in another system.
pub fn identify(ctx: &mut Context) -> ApiResult {
    ctx.require_trusted_client()?;
    let identities = identify::parse(ctx)?;
    // Checked before the first change, so that all users are identified or none.
    for (id, _) in &identities {
        ctx.find_user(*id)?;
    }
    let ids = identify::ids(&identities);
    for (id, identity) in identities {
        if let Some(user) = ctx.data.users.get_mut(id) {
            user.guid = Some(identity.id);
        }
    }
    ok("identifications", ids)
}

/// Finds a user by the e-mail address in the query.
pub fn discover(ctx: &Context) -> ApiResult {
    let email = validate_email(ctx.parameter("email").unwrap_or_default())?;
    let user = ctx.data.user_by_email(email);
    let user = user.ok_or_else(|| not_found("User"))?;
    let mut found = summary(ctx, user.id);
    found["email"] = user.email.as_str().into();
    ok("user", found)
}

/// Says that a mail with a new password is on its way to the address of `user[email]`.
pub fn forgot_password(ctx: &Context) -> ApiResult {
    let email = validate_email(ctx.parameter("user[email]").unwrap_or_default())?;
    let user = ctx.data.user_by_email(email);
    let user = user.ok_or_else(|| not_found("User"))?;
    ok(
        "user",
        json!({ "id": user.id, "name": user.name, "email": user.email }),
    )
}

/// Deletes a user: users delete themselves, admins anybody but the last owner.
pub fn delete(ctx: &mut Context, id: Id) -> ApiResult {
    if ctx.require_user()? != id {
        ctx.require_admin()?;
    }
    if id == OWNER {
        return Err(unauthorized("The last owner cannot be deleted"));
    }
    let deleted = to_json(ctx, ctx.find_user(id)?);
    ctx.data.users.remove(id);
    ctx.data.comments.retain(|comment| comment.user != id);
    ctx.data.notes.retain(|note| note.user != id);
    ok("user", deleted)
}
