//! One call of API v1: who calls, what was given, and what the answer is made of.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::data::{Data, Forum, Id, User};
use crate::oauth::Tokens;

/// Whom a call acts for.
#[derive(Clone, Default, Debug)]
pub struct Caller {
    pub signed: bool,
    /// Signed with a key that may act as users.
    pub trusted: bool,
    pub key: &'static str,
    pub user: Option<Id>,
    /// `oauth_callback` of the signature.
    pub callback: Option<String>,
}

pub struct Call<'a> {
    pub data: &'a mut Data,
    pub tokens: &'a mut Tokens,
    pub caller: &'a Caller,
    pub query: Vec<(String, String)>,
    pub body: Value,
    /// The origin that the caller used.
    pub site: String,
    pub sso_key: &'static str,
    pub now: OffsetDateTime,
}

/// An answer that is not what was asked for.
#[derive(Debug)]
pub enum Refusal {
    /// In the service's JSON.
    Error {
        status: StatusCode,
        kind: &'static str,
        message: String,
    },
    /// There is no such route: the service answers with a page.
    NoRoute,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Refusal::Error { message, .. } => out.write_str(message),
            Refusal::NoRoute => out.write_str("there is no such page"),
        }
    }
}

/// The orders that a list can be had in, its usual one first.
pub type Sorts = &'static [&'static str];

pub const OLDEST_FIRST: Sorts = &["oldest", "newest"];
pub const NEWEST_FIRST: Sorts = &["newest", "oldest"];

pub type Reply = Result<(StatusCode, Value), Refusal>;

pub fn unauthorized(message: &str) -> Refusal {
    Refusal::Error {
        status: StatusCode::UNAUTHORIZED,
        kind: "unauthorized",
        message: message.into(),
    }
}

pub fn not_found(what: &str) -> Refusal {
    Refusal::Error {
        status: StatusCode::NOT_FOUND,
        kind: "record_not_found",
        message: format!("{what} not found"),
    }
}

pub fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::Error {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        kind: "record_invalid",
        message: message.into(),
    }
}

/// One record under its name.
pub fn one(name: &str, record: Value) -> Reply {
    Ok((StatusCode::OK, json!({ name: record })))
}

pub fn created(name: &str, record: Value) -> Reply {
    Ok((StatusCode::CREATED, json!({ name: record })))
}

/// A moment as API v1 writes it.
pub fn date(moment: OffsetDateTime) -> String {
    let format = format_description!("[year]/[month]/[day] [hour]:[minute]:[second] +0000");
    moment
        .format(format)
        .expect("the format has only fields that every moment has")
}

impl Call<'_> {
    /// A text of the query, or at the top of the body.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let of_query = self.query.iter().find(|(key, _)| key == name);
        of_query
            .map(|(_, value)| value.as_str())
            .or_else(|| self.body.get(name)?.as_str())
    }

    /// The object of that name in the body, such as "suggestion".
    pub fn object(&self, name: &str) -> Result<Map<String, Value>, Refusal> {
        match self.body.get(name) {
            Some(Value::Object(object)) => Ok(object.clone()),
            _ => Err(invalid(format!("{name} is missing"))),
        }
    }

    pub fn signed(&self) -> Result<(), Refusal> {
        match self.caller.signed {
            true => Ok(()),
            false => Err(unauthorized(
                "Signed client required: this call needs an OAuth signature",
            )),
        }
    }

    pub fn user(&self) -> Result<Id, Refusal> {
        self.caller
            .user
            .filter(|id| self.data.users.get(*id).is_some())
            .ok_or_else(|| unauthorized("User required"))
    }

    fn is_admin(&self) -> bool {
        let user = self.caller.user.and_then(|id| self.data.users.get(id));
        user.is_some_and(|user| user.admin)
    }

    pub fn admin(&self) -> Result<Id, Refusal> {
        let user = self.user()?;
        match self.is_admin() {
            true => Ok(user),
            false => Err(unauthorized("Admin required")),
        }
    }

    /// What a trusted key may do by itself, and an admin.
    pub fn trusted(&self) -> Result<(), Refusal> {
        let by_itself = self.caller.trusted && self.caller.user.is_none();
        match by_itself || self.is_admin() {
            true => Ok(()),
            false => Err(unauthorized("Trusted client or user required")),
        }
    }

    /// Only a trusted key makes tokens for users, whomever it acts for itself.
    pub fn trusted_key(&self) -> Result<(), Refusal> {
        match self.caller.trusted {
            true => Ok(()),
            false => Err(unauthorized("Trusted client required")),
        }
    }

    pub fn may_see(&self, forum: &Forum) -> bool {
        if !forum.private || self.is_admin() {
            return true;
        }
        if self.caller.trusted && self.caller.user.is_none() {
            return true;
        }
        let user = self.caller.user.and_then(|id| self.data.users.get(id));
        user.is_some_and(|user| {
            let domain = user.email.rsplit('@').next().unwrap_or_default();
            forum
                .email_domains
                .iter()
                .any(|allowed| allowed.eq_ignore_ascii_case(domain))
        })
    }

    /// The forum, when the caller may enter it.
    pub fn forum(&self, id: Id) -> Result<&Forum, Refusal> {
        let forum = self.data.forums.get(id).ok_or_else(|| not_found("Forum"))?;
        match self.may_see(forum) {
            true => Ok(forum),
            false => Err(unauthorized("Private forum access denied")),
        }
    }

    pub fn user_record(&self, id: Id) -> Result<&User, Refusal> {
        self.data.users.get(id).ok_or_else(|| not_found("User"))
    }

    /// The order that is asked for, or the first of those that a list has where it has
    /// no such order.
    pub fn sort(&self, sorts: Sorts) -> &'static str {
        let asked = self.parameter("sort");
        let known = sorts.iter().find(|sort| Some(**sort) == asked);
        known.copied().unwrap_or(sorts[0])
    }

    /// One page of a list, as the service cuts it. The rows come with the oldest first,
    /// or in an order of their own.
    pub fn list<T>(
        &self,
        name: &str,
        sorts: Sorts,
        mut rows: Vec<&T>,
        show: impl Fn(&T) -> Value,
    ) -> Reply {
        let sort = self.sort(sorts);
        if sort == "newest" {
            rows.reverse();
        }
        let number = |key: &str, default: usize| {
            let given = self.parameter(key).and_then(|text| text.parse().ok());
            given.filter(|number| *number > 0).unwrap_or(default)
        };
        let page = number("page", 1);
        let per_page = number("per_page", 10).min(100);
        let skipped = (page - 1).saturating_mul(per_page);
        let shown: Vec<Value> = rows
            .iter()
            .skip(skipped)
            .take(per_page)
            .map(|row| show(row))
            .collect();
        let mut paging = json!({
            "page": page,
            "per_page": per_page,
            "total_records": rows.len(),
            // There are no filters here, whatever is asked for.
            "filter": "all",
            "sort": sort,
        });
        if let Some(query) = self.parameter("query") {
            paging["query"] = query.into();
        }
        Ok((
            StatusCode::OK,
            json!({ "response_data": paging, name: shown }),
        ))
    }

    /// What a search looks for, in lower case.
    pub fn search_text(&self) -> Result<String, Refusal> {
        let query = self.parameter("query").unwrap_or_default().trim();
        match query.is_empty() {
            true => Err(invalid("query is missing")),
            false => Ok(query.to_lowercase()),
        }
    }
}

/// A text field, or nothing where it is missing, null or empty.
pub fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object
        .get(name)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
}

/// The value of that name, or nothing where it is missing, null or empty.
fn given<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let value = object.get(name)?;
    let empty = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    (!empty).then_some(value)
}

/// A number that may come as text; any other value is refused, not lost.
pub fn number(object: &Map<String, Value>, name: &str) -> Result<Option<u64>, Refusal> {
    let Some(value) = given(object, name) else {
        return Ok(None);
    };
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let refusal = || invalid(format!("{name} is not a whole number of 0 or more"));
    number.map(Some).ok_or_else(refusal)
}

/// A boolean that may come as text; any other value is refused, not lost.
pub fn flag(object: &Map<String, Value>, name: &str) -> Result<Option<bool>, Refusal> {
    let Some(value) = given(object, name) else {
        return Ok(None);
    };
    let flag = value.as_bool().or_else(|| value.as_str()?.parse().ok());
    let refusal = || invalid(format!("{name} is neither true nor false"));
    flag.map(Some).ok_or_else(refusal)
}
