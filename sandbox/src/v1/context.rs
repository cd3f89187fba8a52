//! The context of a request: its caller and parameters, and what the caller may do.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::response::{ApiError, ApiResult, invalid, not_found, unauthorized};
use crate::auth::oauth1::Tokens;
use crate::data::{Act, Data, Forum, Id, User};

/// The authenticated sender of a request.
#[derive(Clone, Default, Debug)]
pub struct Caller {
    pub signed: bool,
    /// The request is signed with a trusted API key.
    pub trusted: bool,
    pub api_key: &'static str,
    /// The user of the access token.
    pub user: Option<Id>,
    /// `oauth_callback` of the signature.
    pub callback: Option<String>,
}

pub struct Context<'a> {
    pub data: &'a mut Data,
    pub tokens: &'a mut Tokens,
    pub caller: &'a Caller,
    pub query: Vec<(String, String)>,
    pub body: Value,
    /// The origin that the request was sent to.
    pub origin: String,
    pub now: OffsetDateTime,
}

/// The supported orders of a list, the default first.
pub type Sorts = &'static [&'static str];

pub const OLDEST_FIRST: Sorts = &["oldest", "newest"];
pub const NEWEST_FIRST: Sorts = &["newest", "oldest"];

impl Context<'_> {
    /// Returns a string parameter of the query or of the body's top level.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let in_query = self.query.iter().find(|(key, _)| key == name);
        in_query
            .map(|(_, value)| value.as_str())
            .or_else(|| self.body.get(name)?.as_str())
    }

    /// Returns the object of this name in the body, such as "suggestion".
    pub fn object(&self, name: &str) -> Result<Map<String, Value>, ApiError> {
        match self.body.get(name) {
            Some(Value::Object(object)) => Ok(object.clone()),
            _ => Err(invalid(format!("{name} is missing"))),
        }
    }

    /// Returns the act of a user in this request.
    pub fn act(&self, user: Id) -> Act {
        Act {
            user,
            now: self.now,
        }
    }

    pub fn require_signature(&self) -> Result<(), ApiError> {
        match self.caller.signed {
            true => Ok(()),
            false => Err(unauthorized(
                "Signed client required: this request needs an OAuth signature",
            )),
        }
    }

    /// Returns the acting user.
    pub fn require_user(&self) -> Result<Id, ApiError> {
        self.caller
            .user
            .filter(|id| self.data.users.get(*id).is_some())
            .ok_or_else(|| unauthorized("User required"))
    }

    fn is_admin(&self) -> bool {
        let user = self.caller.user.and_then(|id| self.data.users.get(id));
        user.is_some_and(|user| user.admin)
    }

    fn is_trusted_client(&self) -> bool {
        self.caller.trusted && self.caller.user.is_none()
    }

    pub fn require_admin(&self) -> Result<Id, ApiError> {
        let user = self.require_user()?;
        match self.is_admin() {
            true => Ok(user),
            false => Err(unauthorized("Admin required")),
        }
    }

    /// Requires an admin, or a trusted API key without an acting user.
    pub fn require_trusted_client(&self) -> Result<(), ApiError> {
        match self.is_trusted_client() || self.is_admin() {
            true => Ok(()),
            false => Err(unauthorized("Trusted client or user required")),
        }
    }

    /// Requires a trusted API key, with or without an acting user.
    pub fn require_trusted_key(&self) -> Result<(), ApiError> {
        match self.caller.trusted {
            true => Ok(()),
            false => Err(unauthorized("Trusted client required")),
        }
    }

    pub fn can_view(&self, forum: &Forum) -> bool {
        self.is_trusted_client() || self.data.may_view(self.caller.user, forum)
    }

    /// Returns a forum that the caller may view.
    pub fn find_forum(&self, id: Id) -> Result<&Forum, ApiError> {
        let forum = self.data.forums.get(id).ok_or_else(|| not_found("Forum"))?;
        match self.can_view(forum) {
            true => Ok(forum),
            false => Err(unauthorized("Private forum access denied")),
        }
    }

    pub fn find_user(&self, id: Id) -> Result<&User, ApiError> {
        self.data.users.get(id).ok_or_else(|| not_found("User"))
    }

    /// Returns the order that the request selects, or the default if it selects none or an
    /// unsupported one.
    pub fn sort(&self, sorts: Sorts) -> &'static str {
        let selected = self.parameter("sort");
        let supported = sorts.iter().find(|sort| Some(**sort) == selected);
        supported.copied().unwrap_or(sorts[0])
    }

    /// Returns one page of a list. The rows are ordered oldest first, or as `sort` says if it
    /// is neither "oldest" nor "newest".
    pub fn page<T>(
        &self,
        name: &str,
        sorts: Sorts,
        mut rows: Vec<&T>,
        to_json: impl Fn(&T) -> Value,
    ) -> ApiResult {
        let sort = self.sort(sorts);
        if sort == "newest" {
            rows.reverse();
        }
        let number = |name: &str, default: usize| {
            let number = self.parameter(name).and_then(|text| text.parse().ok());
            number.filter(|number| *number > 0).unwrap_or(default)
        };
        let page = number("page", 1);
        let per_page = number("per_page", 10).min(100);
        let start = (page - 1).saturating_mul(per_page);
        let records: Vec<Value> = rows
            .iter()
            .skip(start)
            .take(per_page)
            .map(|row| to_json(row))
            .collect();
        let mut paging = json!({
            "page": page,
            "per_page": per_page,
            "total_records": rows.len(),
            // The sandbox has no filters and ignores the parameter.
            "filter": "all",
            "sort": sort,
        });
        if let Some(query) = self.parameter("query") {
            paging["query"] = query.into();
        }
        Ok((
            StatusCode::OK,
            json!({ "response_data": paging, name: records }),
        ))
    }

    /// Returns the query of a search in lower case.
    pub fn search_query(&self) -> Result<String, ApiError> {
        let query = self.parameter("query").unwrap_or_default().trim();
        match query.is_empty() {
            true => Err(invalid("query is missing")),
            false => Ok(query.to_lowercase()),
        }
    }
}
