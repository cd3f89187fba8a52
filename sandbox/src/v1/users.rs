//! Users of the site.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::call::{
    Call, OLDEST_FIRST, Refusal, Reply, created, date, invalid, one, text, unauthorized,
};
use crate::data::{Data, Id, OWNER, User};
use crate::sso;

pub fn show(call: &Call, user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "email": (!user.email.is_empty()).then_some(&user.email),
        "title": null,
        "url": format!("{}/users/{}", call.site, user.id),
        "avatar_url": format!("{}/avatars/{}.png", call.site, user.id),
        "karma_score": user.id * 3,
        "roles": { "owner": user.id == OWNER, "admin": user.admin },
        "guid": user.guid,
        "created_at": date(user.created_at),
        "updated_at": date(user.updated_at),
    })
}

/// The user as part of another record: no address, no rights.
pub fn show_name(call: &Call, id: Id) -> Value {
    match call.data.users.get(id) {
        None => Value::Null,
        Some(user) => json!({
            "id": user.id,
            "name": user.name,
            "url": format!("{}/users/{}", call.site, user.id),
            "avatar_url": format!("{}/avatars/{}.png", call.site, user.id),
            "karma_score": user.id * 3,
            "created_at": date(user.created_at),
            "updated_at": date(user.updated_at),
        }),
    }
}

/// The address of a user to be made.
pub fn address(user: &Map<String, Value>) -> Result<&str, Refusal> {
    checked_address(text(user, "email").unwrap_or_default())
}

/// An address as the service takes it, which is lenient about its form.
pub fn checked_address(email: &str) -> Result<&str, Refusal> {
    if email.trim().is_empty() {
        return Err(invalid("Email can't be blank"));
    }
    match email.split_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() => Ok(email),
        _ => Err(invalid("Email is invalid")),
    }
}

pub fn list(call: &Call) -> Reply {
    call.trusted()?;
    let rows = call.data.users.iter().collect();
    call.list("users", OLDEST_FIRST, rows, |user| show(call, user))
}

pub fn search(call: &Call) -> Reply {
    call.trusted()?;
    let wanted = call.search_text()?;
    let rows = call.data.users.iter().filter(|user| {
        user.email.to_lowercase().contains(&wanted) || user.name.to_lowercase().contains(&wanted)
    });
    call.list("users", OLDEST_FIRST, rows.collect(), |user| {
        show(call, user)
    })
}

pub fn current(call: &Call) -> Reply {
    one("user", show(call, call.user_record(call.user()?)?))
}

pub fn read(call: &Call, id: Id) -> Reply {
    call.signed()?;
    one("user", show(call, call.user_record(id)?))
}

pub fn create(call: &mut Call) -> Reply {
    call.trusted()?;
    let wanted = call.object("user")?;
    let email = address(&wanted)?;
    if call.data.user_by_email(email).is_some() {
        return Err(invalid("Email has already been taken"));
    }
    let user = call
        .data
        .find_or_create_user(email, text(&wanted, "name"), call.now);
    created("user", show(call, call.user_record(user)?))
}

/// By a user object, or by a single sign-on token in `sso`.
pub fn find_or_create(call: &mut Call) -> Reply {
    call.signed()?;
    let wanted = match call.parameter("sso") {
        None => call.object("user")?,
        Some(token) => sso::user(token, call.sso_key, call.now)
            .map_err(|why| unauthorized(&format!("The sso token is refused: {why}")))?,
    };
    let user = from_claims(call.data, &wanted, call.now)?;
    one("user", show(call, call.user_record(user)?))
}

/// The user that a single sign-on token or a user object tells of.
pub fn from_claims(
    data: &mut Data,
    claims: &Map<String, Value>,
    now: OffsetDateTime,
) -> Result<Id, Refusal> {
    let guid = claims.get("guid").and_then(|guid| match guid {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let known = guid.as_ref().and_then(|guid| {
        data.users
            .iter()
            .find(|user| user.guid.as_ref() == Some(guid))
    });
    let id = match known {
        Some(user) => user.id,
        None => {
            let name = text(claims, "display_name").or(text(claims, "name"));
            let has_address = claims.get("email").is_some_and(|email| !email.is_null());
            match &guid {
                // An AES token needs no more than a guid.
                Some(guid) if !has_address => data.create_user("", name.unwrap_or(guid), now),
                _ => data.find_or_create_user(address(claims)?, name, now),
            }
        }
    };
    if let (Some(user), Some(guid)) = (data.users.get_mut(id), guid) {
        user.guid = Some(guid);
        user.updated_at = now;
    }
    Ok(id)
}

pub fn update_current(call: &mut Call) -> Reply {
    let id = call.user()?;
    let changes = call.object("user")?;
    let email = match changes.contains_key("email") {
        true => Some(address(&changes)?),
        false => None,
    };
    let taken = email.and_then(|email| call.data.user_by_email(email));
    if taken.is_some_and(|user| user.id != id) {
        return Err(invalid("Email has already been taken"));
    }
    let now = call.now;
    if let Some(user) = call.data.users.get_mut(id) {
        if let Some(name) = text(&changes, "name") {
            user.name = name.into();
        }
        if let Some(email) = email {
            user.email = email.into();
        }
        user.updated_at = now;
    }
    one("user", show(call, call.user_record(id)?))
}

/// Tells the site what another system calls its users.
pub fn identify(call: &mut Call) -> Reply {
    call.trusted()?;
    let identities = super::suggestions::identities(call)?;
    // Before the first change: all of them are identified, or none.
    for (id, _) in &identities {
        call.user_record(*id)?;
    }
    let count = identities.len();
    for (id, identity) in identities {
        if let Some(user) = call.data.users.get_mut(id) {
            user.guid = Some(identity.id);
        }
    }
    one("identified", json!(count))
}

pub fn delete(call: &mut Call, id: Id) -> Reply {
    call.admin()?;
    if id == OWNER {
        return Err(invalid("The owner cannot be deleted"));
    }
    let shown = show(call, call.user_record(id)?);
    call.data.users.remove(id);
    call.data.comments.retain(|comment| comment.user != id);
    call.data.notes.retain(|note| note.user != id);
    one("user", shown)
}
