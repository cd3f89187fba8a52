//! One page of a list: the response body, and the ranges of its records.

use std::ops::Range;
use std::time::SystemTime;

use crate::encoding::json::{Object, elements};
use crate::error::Error;
use crate::http::Response;
use crate::request::response;

/// A page as it was received. Records are slices of the response body, so that numbers, key
/// order and unknown members stay unchanged.
#[derive(Default)]
pub(crate) struct Page {
    body: String,
    records: Vec<Range<u32>>,
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
    pub(crate) fn parse(response: Response, target: &str) -> Result<Self, Error> {
        let sent_at = response.date();
        let max_bytes = response.max_bytes;
        let (body, page) = response::read_json(response, |body, object| {
            Page::find(body, object, target, max_bytes)
                .map_err(|why| format!("is not a list: {why}"))
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
        max_bytes: usize,
    ) -> Result<Self, &'static str> {
        let range_of = |part: &str| {
            let start = part.as_ptr() as usize - body.as_ptr() as usize;
            start..start + part.len()
        };
        let object = object.ok_or("it is not an object")?;
        let array = records_of(object, target).ok_or("it has no array")?;
        let records = index(body, array, max_bytes)?;

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
        let Range { start, end } = self.records.get(index)?;
        self.body.get(*start as usize..*end as usize)
    }

    /// Returns the records in `range`, which must not be empty, as a JSON array.
    pub(crate) fn array(&self, range: Range<usize>) -> Result<String, Error> {
        let records = || range.clone().filter_map(|index| self.record(index));
        let length: usize = records().map(|record| record.len() + 1).sum();
        let mut array = String::new();
        // And the NUL of the C ABI.
        let reserved = array.try_reserve_exact(length + 2);
        reserved.map_err(|_| Error::no_memory_for_response())?;
        for record in records() {
            array.push(if array.is_empty() { '[' } else { ',' });
            array.push_str(record);
        }
        array.push(']');
        Ok(array)
    }

    /// Returns the paging object as it was received.
    pub(crate) fn info(&self) -> Option<&str> {
        self.body.get(self.info.clone()?)
    }

    /// Returns the page size that the service reports.
    pub(crate) fn per_page(&self) -> Option<usize> {
        self.per_page
    }

    /// Returns the cursor of the next page that the service reports.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Returns whether the service reports that this is the last page.
    pub(crate) fn is_last(&self) -> bool {
        self.is_last
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

/// Memory for the index of a page whose body is as large as permitted.
const MIN_INDEX_BYTES: usize = 512 * 1024;

/// Returns the ranges of the elements of `array`, a part of `body`. Records of one digit
/// take less memory than their ranges, which therefore count against `max_bytes` too.
fn index(body: &str, array: &str, max_bytes: usize) -> Result<Vec<Range<u32>>, &'static str> {
    let max_index_bytes = max_bytes.saturating_sub(body.len()).max(MIN_INDEX_BYTES);
    let max_records = max_index_bytes / size_of::<Range<u32>>();
    let mut records = Vec::new();
    for record in elements(array) {
        if records.len() == max_records {
            return Err("it has more records than max_response_bytes permits");
        }
        if records.len() == records.capacity() {
            let more = records.len().max(64).min(max_records - records.len());
            let reserved = records.try_reserve_exact(more);
            reserved.map_err(|_| "there is not enough memory for its records")?;
        }
        let start = record.as_ptr() as usize - body.as_ptr() as usize;
        let offset = |at| u32::try_from(at).map_err(|_| "it is larger than 4 GiB");
        records.push(offset(start)?..offset(start + record.len())?);
    }
    Ok(records)
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

    fn parse(body: &str, target: &str) -> Result<Page, Error> {
        Page::parse(Response::of(200, body), target)
    }

    #[test]
    fn finds_records_and_paging_object() {
        let page = parse(PAGE, "/api/v1/suggestions.json?a=b").unwrap();
        assert_eq!(page.len(), 2);
        assert_eq!(page.record(0), Some("{\"id\":1.10}"));
        assert_eq!(page.record(2), None);
        assert_eq!(page.array(0..2).unwrap(), r#"[{"id":1.10},{"a":[]}]"#);
        assert_eq!(page.array(1..2).unwrap(), r#"[{"a":[]}]"#);
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
    fn reads_cursors_that_are_strings_or_numbers() {
        for (paging, expected) in [
            (r#""cursor":"a""#, Some("a")),
            (r#""next_cursor":7"#, Some("7")),
            (r#""cursor":null"#, None),
            (r#""cursor":"""#, None),
            (r#""page":1"#, None),
        ] {
            let body = format!("{{\"users\":[1],\"pagination\":{{{paging}}}}}");
            let page = parse(&body, "/api/v2/admin/users").unwrap();
            assert_eq!(page.cursor(), expected, "{paging}");
        }
    }
}
