//! Forums, public and private.

use serde_json::{Map, Value, json};

use super::call::{Call, OLDEST_FIRST, Refusal, Reply, created, date, flag, invalid, one, text};
use crate::data::{Forum, Id};

pub fn show(call: &Call, forum: &Forum) -> Value {
    let suggestions = call.data.suggestions.iter();
    let count = suggestions.filter(|one| one.forum == forum.id).count();
    json!({
        "id": forum.id,
        "name": forum.name,
        "url": format!("{}/forums/{}", call.site, forum.id),
        "welcome": forum.welcome,
        "private": forum.private,
        "anonymous_access": !forum.private,
        "allow_by_email_domain": !forum.email_domains.is_empty(),
        "allowed_email_domains": forum.email_domains.iter()
            .map(|domain| json!({ "domain": domain })).collect::<Vec<_>>(),
        "suggestions_count": count,
        "topics": [{ "id": forum.id, "prompt": "I suggest you ...", "votes_allowed": 10 }],
        "created_at": date(forum.created_at),
        "updated_at": date(forum.updated_at),
    })
}

pub fn list(call: &Call) -> Reply {
    let rows = call.data.forums.iter().filter(|forum| call.may_see(forum));
    call.list("forums", OLDEST_FIRST, rows.collect(), |forum| {
        show(call, forum)
    })
}

pub fn read(call: &Call, id: Id) -> Reply {
    one("forum", show(call, call.forum(id)?))
}

pub fn create(call: &mut Call) -> Reply {
    call.admin()?;
    let wanted = call.object("forum")?;
    let name = text(&wanted, "name").ok_or_else(|| invalid("Name can't be blank"))?;
    let private = flag(&wanted, "private")?.unwrap_or(false);
    let email_domains = email_domains(&wanted)?;
    let now = call.now;
    let id = call
        .data
        .forums
        .insert(|id| Forum {
            id,
            name: name.into(),
            welcome: text(&wanted, "welcome").unwrap_or_default().into(),
            private,
            email_domains,
            created_at: now,
            updated_at: now,
        })
        .id;
    created("forum", show(call, call.forum(id)?))
}

/// `allowed_email_domains` is a list of objects; a list of texts is taken too.
fn email_domains(forum: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    if !flag(forum, "allow_by_email_domain")?.unwrap_or(false) {
        return Ok(vec![]);
    }
    let list = forum.get("allowed_email_domains").and_then(Value::as_array);
    Ok(list
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("domain").unwrap_or(entry).as_str())
        .map(String::from)
        .collect())
}

pub fn delete(call: &mut Call, id: Id) -> Reply {
    call.admin()?;
    let shown = show(call, call.forum(id)?);
    call.data.remove_forum(id);
    one("forum", shown)
}
