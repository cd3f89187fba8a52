//! One page of a list: its text, and where each record stands in it.

use std::ops::Range;
use std::time::SystemTime;

use crate::encoding::json::{Object, elements};
use crate::error::{Error, Result};
use crate::http::Response;
use crate::request::response;

/// A page as it came, with its records as slices of it.
#[derive(Default)]
pub(crate) struct Page {
    text: String,
    records: Vec<Range<usize>>,
    info: Option<Range<usize>>,
    per_page: Option<usize>,
    total: Option<usize>,
    number: Option<usize>,
    cursor: Option<String>,
    is_last: bool,
    /// When the service sent it, by its own clock.
    pub(crate) sent_at: Option<SystemTime>,
}

/// A list's request, taken apart.
pub(crate) struct Paging {
    /// Path and query without `page` and `cursor`.
    pub(crate) target: String,
    pub(crate) first_page: usize,
    /// Encoded as it stands in the query.
    pub(crate) first_cursor: Option<String>,
    pub(crate) has_per_page: bool,
}

impl Paging {
    pub(crate) fn of(target: &str) -> Result<Self> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut first_page = 1;
        let mut first_cursor = None;
        let mut per_page = None;
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if key == "cursor" {
                first_cursor = Some(value.to_owned());
                continue;
            }
            if key == "page" {
                let number = value.parse().ok().filter(|&page| page > 0);
                first_page = number.ok_or_else(|| {
                    Error::invalid(
                        "params.page",
                        "must be an integer from 1 (in path or params)",
                    )
                })?;
                continue;
            }
            if key == "per_page" {
                per_page = Some(pair);
                continue;
            }
            rest.push(pair);
        }
        rest.extend(per_page);
        let query = match rest.is_empty() {
            true => String::new(),
            false => format!("?{}", rest.join("&")),
        };
        Ok(Paging {
            target: format!("{path}{query}"),
            first_page,
            first_cursor,
            has_per_page: per_page.is_some(),
        })
    }
}

impl Page {
    /// Reads an response: the array of records, and the object with the paging
    /// beside it. `target` names the records where there are several arrays.
    pub(crate) fn read(response: Response, target: &str) -> Result<Self> {
        let sent_at = response.date();
        let (text, page) = response::read_json(response, |text, object| {
            Page::find(text, object, target).map_err(|why| format!("is not a list: {why}"))
        })?;
        Ok(Page {
            text,
            sent_at,
            ..page
        })
    }

    /// Where everything stands in `text`, which the page does not have yet; or why it
    /// is no list.
    fn find(
        text: &str,
        object: Option<&Object<'_>>,
        target: &str,
    ) -> std::result::Result<Self, &'static str> {
        let range_of = |part: &str| {
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            start..start + part.len()
        };
        let object = object.ok_or("it is not an object")?;
        let array = records_of(object, target).ok_or("it has no array")?;
        let records = elements(array).map_err(|_| "its array cannot be read")?;
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
            text: String::new(),
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn record(&self, index: usize) -> Option<&str> {
        self.text.get(self.records.get(index)?.clone())
    }

    /// The records in `range`, which must not be empty, as a JSON array.
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

    /// The paging object as it came.
    pub(crate) fn info(&self) -> Option<&str> {
        self.text.get(self.info.clone()?)
    }

    /// How many records a page has, by the service's own word.
    pub(crate) fn per_page(&self) -> Option<usize> {
        self.per_page
    }

    /// Where the next page is, in a list that is read by cursor: `None` at its
    /// end, and in other lists.
    pub(crate) fn cursor(&self) -> Option<&str> {
        let is_end = self.is_last || self.records.is_empty();
        self.cursor.as_deref().filter(|_| !is_end)
    }

    /// The response as it came.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Which page of the list this is, by the service's own word.
    pub(crate) fn number(&self) -> Option<usize> {
        self.number
    }

    /// How many records there are in all, by the service's own word.
    pub(crate) fn total(&self) -> Option<usize> {
        self.total
    }
}

/// A cursor is text or a number; the clients seen so far disagree.
fn cursor(members: &Object<'_>, key: &str) -> Option<String> {
    let text = members.string(key).or_else(|| {
        let number = members.integer(key)?;
        Some(number.to_string())
    });
    text.filter(|text| !text.is_empty())
}

/// The array under the plural name that ends the path, or else the first.
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

    fn read(text: &str, target: &str) -> Result<Page> {
        Page::read(Response::of(200, text), target)
    }

    #[test]
    fn records_are_slices() {
        let page = read(PAGE, "/api/v1/suggestions.json?a=b").unwrap();
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
        let other = read(PAGE, "/api/v1/suggestions/search").unwrap();
        assert_eq!(other.record(0), Some("9"));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for bad in ["null", "[]", "{}", r#"{"user":{}}"#] {
            let error = read(bad, "/x").err().unwrap();
            assert_eq!(error.status(), crate::Status::BadResponse, "{bad}");
        }
    }

    #[test]
    fn cursors_lead_on_until_the_end() {
        let cursor = |records: &str, pagination: &str| {
            let text = format!("{{\"users\":{records},\"pagination\":{{{pagination}}}}}");
            let page = read(&text, "/api/v2/admin/users").unwrap();
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

    #[test]
    fn a_requests_own_paging() {
        let paging = Paging::of("/a?page=3&per_page=7&x=y").unwrap();
        assert_eq!(paging.target, "/a?x=y&per_page=7");
        assert_eq!((paging.first_page, paging.has_per_page), (3, true));
        let paging = Paging::of("/a?per_page=7&x=y&per_page=8").unwrap();
        assert_eq!(paging.target, "/a?x=y&per_page=8");
        let paging = Paging::of("/a").unwrap();
        assert_eq!(paging.target, "/a");
        assert_eq!((paging.first_page, paging.has_per_page), (1, false));
        for bad in ["/a?page=0", "/a?page=x", "/a?page"] {
            assert!(Paging::of(bad).is_err());
        }
    }
}
