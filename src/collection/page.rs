//! One page of a list: the response body, and the ranges of its records.

use std::ops::Range;
use std::time::SystemTime;

use crate::encoding::json::{Object, elements};
use crate::error::Result;
use crate::http::Response;
use crate::request::response;

/// A page as it was received. Records are slices of the response body, so that numbers, key
/// order and unknown members stay unchanged.
#[derive(Default)]
pub(crate) struct Page {
    body: String,
    records: Vec<Range<usize>>,
    info: Option<Range<usize>>,
    per_page: Option<usize>,
    total: Option<usize>,
    number: Option<usize>,
    cursor: Option<String>,
    is_last: bool,
    /// Time of the response by the service's clock (`Date` header).
    pub(crate) sent_at: Option<SystemTime>,
}

impl Page {
    /// Parses a response: finds the array of records and the paging object beside it. If
    /// there are several arrays, `target` says which one has the records.
    pub(crate) fn parse(response: Response, target: &str) -> Result<Self> {
        let sent_at = response.date();
        let (body, page) = response::read_json(response, |body, object| {
            Page::find(body, object, target).map_err(|why| format!("is not a list: {why}"))
        })?;
        Ok(Page {
            body,
            sent_at,
            ..page
        })
    }

    /// Finds the ranges of the records and of the paging object in `body`. Returns a page
    /// without its body, or the reason why the response is not a list.
    fn find(
        body: &str,
        object: Option<&Object<'_>>,
        target: &str,
    ) -> std::result::Result<Self, &'static str> {
        let range_of = |part: &str| {
            let start = part.as_ptr() as usize - body.as_ptr() as usize;
            start..start + part.len()
        };
        let object = object.ok_or("it is not an object")?;
        let array = records_of(object, target).ok_or("it has no array")?;
        let records = elements(array).map_err(|_| "its array is invalid")?;
        let records = records
            .iter()
            .map(|record| range_of(record.get()))
            .collect();

        let paging = object.get("response_data").or(object.get("pagination"));
        let members = paging.and_then(|paging| Object::parse(paging).ok());
        let number = |key| usize::try_from(members.as_ref()?.integer(key)?).ok();
        let (per_page, total) = (number("per_page"), number("total_records"));
        let (number, last) = (number("page"), number("total_pages"));
        let cursor = |key| members.as_ref().and_then(|members| cursor(members, key));
        let info = paging.map(range_of);
        Ok(Page {
            records,
            info,
            per_page: per_page.filter(|&size| size > 0),
            total,
            number: number.filter(|&number| number > 0),
            cursor: cursor("cursor").or_else(|| cursor("next_cursor")),
            is_last: number.is_some() && number == last,
            sent_at: None,
            body: String::new(),
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn record(&self, index: usize) -> Option<&str> {
        self.body.get(self.records.get(index)?.clone())
    }

    /// Returns the records in `range`, which must not be empty, as a JSON array.
    pub(crate) fn array(&self, range: Range<usize>) -> String {
        let records = || range.clone().filter_map(|index| self.record(index));
        let length: usize = records().map(|record| record.len() + 1).sum();
        let mut array = String::with_capacity(length + 1);
        for record in records() {
            array.push(if array.is_empty() { '[' } else { ',' });
            array.push_str(record);
        }
        array.push(']');
        array
    }

    /// Returns the paging object as it was received.
    pub(crate) fn info(&self) -> Option<&str> {
        self.body.get(self.info.clone()?)
    }

    /// Returns the page size that the service reports.
    pub(crate) fn per_page(&self) -> Option<usize> {
        self.per_page
    }

    /// Returns the cursor of the next page; `None` on the last page and in a list without
    /// cursors.
    pub(crate) fn cursor(&self) -> Option<&str> {
        let is_end = self.is_last || self.records.is_empty();
        self.cursor.as_deref().filter(|_| !is_end)
    }

    /// Returns the complete response body.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// Returns the page number that the service reports.
    pub(crate) fn number(&self) -> Option<usize> {
        self.number
    }

    /// Returns the number of records in the whole list that the service reports.
    pub(crate) fn total(&self) -> Option<usize> {
        self.total
    }
}

/// Returns a cursor, which may be a string or a number: other clients of the service expect
/// the one or the other.
fn cursor(members: &Object<'_>, key: &str) -> Option<String> {
    let cursor = members.string(key).or_else(|| {
        let number = members.integer(key)?;
        Some(number.to_string())
    });
    cursor.filter(|cursor| !cursor.is_empty())
}

/// Returns the array under the last name of the path ("/api/v1/users" has "users"), or the
/// first array.
fn records_of<'a>(object: &Object<'a>, target: &str) -> Option<&'a str> {
    let path = target.split('?').next().unwrap_or(target);
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let is_array = |value: &&str| value.starts_with('[');
    object
        .get(name)
        .filter(is_array)
        .or_else(|| object.iter().map(|(_, value)| value).find(is_array))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"{"topics":[9],"suggestions":[{"id":1.10}, {"a":[]} ],
        "response_data":{"page":1,"per_page":"2","total_records":5}}"#;

    fn parse(body: &str, target: &str) -> Result<Page> {
        Page::parse(Response::of(200, body), target)
    }

    #[test]
    fn finds_records_and_paging_object() {
        let page = parse(PAGE, "/api/v1/suggestions.json?a=b").unwrap();
        assert_eq!(page.len(), 2);
        assert_eq!(page.record(0), Some("{\"id\":1.10}"));
        assert_eq!(page.record(2), None);
        assert_eq!(page.array(0..2), r#"[{"id":1.10},{"a":[]}]"#);
        assert_eq!(page.array(1..2), r#"[{"a":[]}]"#);
        assert_eq!((page.per_page(), page.total()), (Some(2), Some(5)));
        assert_eq!(
            page.info(),
            Some(r#"{"page":1,"per_page":"2","total_records":5}"#)
        );
        let other = parse(PAGE, "/api/v1/suggestions/search").unwrap();
        assert_eq!(other.record(0), Some("9"));
    }

    #[test]
    fn rejects_responses_without_an_array() {
        for body in ["null", "[]", "{}", r#"{"user":{}}"#] {
            let error = parse(body, "/x").err().unwrap();
            assert_eq!(error.status(), crate::Status::BadResponse, "{body}");
        }
    }

    #[test]
    fn has_a_cursor_except_on_the_last_page() {
        let cursor = |records: &str, pagination: &str| {
            let body = format!("{{\"users\":{records},\"pagination\":{{{pagination}}}}}");
            let page = parse(&body, "/api/v2/admin/users").unwrap();
            page.cursor().map(str::to_owned)
        };
        assert_eq!(cursor("[1]", r#""cursor":"a""#).as_deref(), Some("a"));
        assert_eq!(cursor("[1]", r#""next_cursor":7"#).as_deref(), Some("7"));
        for end in [
            r#""cursor":null"#,
            r#""cursor":"""#,
            r#""cursor":"a","page":3,"total_pages":3"#,
            r#""page":1"#,
        ] {
            assert_eq!(cursor("[1]", end), None, "{end}");
        }
        assert_eq!(cursor("[]", r#""cursor":"a""#), None);
    }
}
