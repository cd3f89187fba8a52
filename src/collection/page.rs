//! One page of a list: the response body, and the ranges of its records.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;
use std::time::SystemTime;

use crate::encoding::json::{Object, decode, elements};
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
    page_count: Option<usize>,
    cursor: Option<String>,
    digest: u64,
    /// HTTP status of the response.
    pub(crate) status: u16,
    /// Time of the response by the service's clock (`Date` header).
    pub(crate) sent_at: Option<SystemTime>,
}

impl Page {
    /// Parses a response: finds the array of records and the paging object beside it. If
    /// there are several arrays, the path in `target` names the one that has the records.
    pub(crate) fn parse(response: Response, target: &str) -> Result<Self, Error> {
        let (status, sent_at) = (response.status, response.date());
        let max_bytes = response.max_bytes;
        let (body, page) = response::read_json(response, |body, object| {
            Page::find(body, object, target, max_bytes)
                .map_err(|why| format!("is not a list: {why}"))
        })?;
        Ok(Page {
            body,
            status,
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
        let array = records_of(body, object, target)?;
        let records = index(body, array, max_bytes)?;
        let digest = digest_of(body, &records);

        let paging = object.and_then(paging_of);
        let members = paging.map(Object::parse).transpose();
        let members = members.map_err(|_| "its paging object is invalid")?;
        let number = |key| whole_number(members.as_ref()?.get(key)?);
        let positive = |key| number(key).filter(|&number| number > 0);
        let (per_page, total) = (positive("per_page"), number("total_records"));
        Ok(Page {
            records,
            info: paging.map(range_of),
            per_page,
            total,
            number: positive("page"),
            page_count: positive("total_pages").filter(|&pages| {
                // Fewer pages than the records need are a mistake.
                per_page.is_none_or(|size| total <= Some(pages.saturating_mul(size)))
            }),
            cursor: members.as_ref().map_or(Ok(None), next_cursor)?,
            digest,
            ..Page::default()
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

    /// Returns the number of pages that the service reports.
    pub(crate) fn page_count(&self) -> Option<usize> {
        self.page_count
    }

    /// Returns a hash of the records. Pages with the same records have the same one.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
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

/// The longest cursor that a collection follows: most servers reject longer request lines.
const MAX_CURSOR_BYTES: usize = 16 << 10;
const CURSOR_TOO_LONG: &str = "its cursor is longer than 16384 bytes";

/// Returns the paging object: "response_data" of API v1, "pagination" of API v2.
fn paging_of<'a>(object: &Object<'a>) -> Option<&'a str> {
    let names = ["response_data", "pagination"];
    let mut members = names.iter().filter_map(|name| object.get(name));
    members.find(|value| value.starts_with('{'))
}

/// Returns the cursor of the next page, which is a string or a number: other clients of the
/// service expect the one or the other. Anything else is an error, not the end of the list.
fn next_cursor(members: &Object<'_>) -> Result<Option<String>, &'static str> {
    // With both members, "cursor" may be the page's own.
    let cursor = members.get("next_cursor").or(members.get("cursor"));
    let Some(cursor) = cursor.filter(|&cursor| cursor != "null") else {
        return Ok(None);
    };
    // Before it is copied: an escape is up to six times as long as what it stands for.
    if cursor.len() > 6 * MAX_CURSOR_BYTES + "\"\"".len() {
        return Err(CURSOR_TOO_LONG);
    }
    let cursor = match cursor.as_bytes().first() {
        Some(b'"') => decode(cursor).map_err(|_| "its cursor is invalid")?,
        Some(b'-' | b'0'..=b'9') => Cow::Borrowed(cursor),
        _ => return Err("its cursor is neither a string nor a number"),
    };
    if cursor.len() > MAX_CURSOR_BYTES {
        return Err(CURSOR_TOO_LONG);
    }
    Ok(Some(cursor.into_owned()).filter(|cursor| !cursor.is_empty()))
}

/// Returns the value of a JSON number without a fraction, such as 6, 6.0 or 6e0, or of a
/// string with one.
fn whole_number(json: &str) -> Option<usize> {
    /// The greatest integer up to which an `f64` has all integers.
    const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
    let number = json.trim_matches('"');
    number.parse().ok().or_else(|| {
        let number: f64 = number.parse().ok()?;
        let is_whole = number.fract() == 0.0 && (0.0..=MAX_EXACT).contains(&number);
        is_whole.then_some(number as usize)
    })
}

/// Returns a hash of the bytes from the first record to the last.
fn digest_of(body: &str, records: &[Range<u32>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let (Some(first), Some(last)) = (records.first(), records.last()) {
        hasher.write(&body.as_bytes()[first.start as usize..last.end as usize]);
    }
    hasher.finish()
}

/// Returns the array of records: the response itself, the array that the path names, or the
/// only array beside the paging object. Records of other arrays are side-loaded.
fn records_of<'a>(
    body: &'a str,
    object: Option<&Object<'a>>,
    target: &str,
) -> Result<&'a str, &'static str> {
    let is_array = |value: &&str| value.starts_with('[');
    let Some(object) = object else {
        let body = Some(body.trim()).filter(is_array);
        return body.ok_or("it is neither an object nor an array");
    };
    let named = resource_names(target).find_map(|name| object.get(name).filter(is_array));
    if let Some(array) = named {
        return Ok(array);
    }
    let is_other = |key: &str| matches!(key, "response_data" | "pagination" | "links");
    let mut arrays = object
        .iter()
        .filter(|(key, value)| is_array(value) && !is_other(key));
    let (name, array) = arrays.next().ok_or("it has no array")?;
    match arrays.all(|(key, _)| key == name) {
        true => Ok(object.get(&name).unwrap_or(array)),
        false => Err("it has several arrays, and the path names none of them"),
    }
}

/// Returns the names in a path that may be its resource's: the last one ("users" in
/// "/api/v1/users.json"), and the one before an action or identifier ("/users/search").
fn resource_names(target: &str) -> impl Iterator<Item = &str> {
    let path = target.split('?').next().unwrap_or(target);
    let names = path.rsplit('/').filter(|name| !name.is_empty());
    names
        .map(|name| name.strip_suffix(".json").unwrap_or(name))
        .filter(|&name| name != "links")
        .take(2)
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
    }

    #[test]
    fn keeps_the_response() {
        let mut response = Response::of(206, PAGE);
        let date = "Wed, 21 Oct 2015 07:28:00 GMT".parse().unwrap();
        response.headers.insert("date", date);
        let page = Page::parse(response, "/api/v1/suggestions").unwrap();
        assert_eq!((page.body(), page.status), (PAGE, 206));
        let since_1970 = page.sent_at.unwrap().duration_since(SystemTime::UNIX_EPOCH);
        assert_eq!(since_1970.unwrap().as_secs(), 1_445_412_480);
        assert_eq!(page.number(), Some(1));
        let first = parse(r#"{"users":[]}"#, "/users").unwrap();
        assert_eq!((first.number(), first.sent_at), (None, None));
    }

    /// With room for the NUL of the C ABI.
    #[test]
    fn an_array_is_allocated_once() {
        let page = parse(PAGE, "/api/v1/suggestions").unwrap();
        let array = page.array(0..2).unwrap();
        assert_eq!(array.capacity(), array.len() + 1);
    }

    #[test]
    fn bounds_the_memory_for_the_ranges_of_records() {
        let capacity = |count, max_bytes| {
            let body = format!("[{}]", vec!["1"; count].join(","));
            index(&body, &body, max_bytes).map(|records| records.capacity())
        };
        assert_eq!(capacity(1, 0), Ok(64));
        // 512 KiB, also for the largest body.
        assert_eq!(capacity(65_536, 0), Ok(65_536));
        assert!(capacity(65_537, 0).is_err());
        // What the body leaves, eight bytes for each record.
        let max_bytes = 2 * 65_546 + 1 + 8 * 65_546;
        assert_eq!(capacity(65_546, max_bytes), Ok(65_546));
        assert!(capacity(65_547, max_bytes).is_err());
    }

    #[test]
    fn finds_the_array_of_records_beside_others() {
        const SIDE_LOADS: &str = r#"{"links":[7],"topics":[8],"users":[9],"response_data":[6]}"#;
        for (body, path, record) in [
            (SIDE_LOADS, "/api/v1/users", "9"),
            (SIDE_LOADS, "/api/v1/users.json?a=/topics", "9"),
            (SIDE_LOADS, "/api/v2/admin/users/", "9"),
            (SIDE_LOADS, "/api/v1/topics/1/users/search", "9"),
            (SIDE_LOADS, "/api/v2/admin/users/1,2", "9"),
            (SIDE_LOADS, "/api/v1/topics", "8"),
            (
                r#"{"links":[7],"events":[9]}"#,
                "/api/v1/stream/private",
                "9",
            ),
            (r#"{"links":[7],"a":[8],"a":[9]}"#, "/api/v1/links", "9"),
            (r#"{"users":{},"people":[9]}"#, "/api/v1/users", "9"),
            (" [9, 8] ", "/api/end_users/forums", "9"),
        ] {
            let page = parse(body, path).unwrap();
            assert_eq!(page.record(0), Some(record), "{path}");
        }
        // An ancestor of the resource is not the resource.
        for path in ["/api/v1/users/1/suggestions", "/api/v1/links", "/x"] {
            let error = parse(SIDE_LOADS, path).err().unwrap();
            assert!(error.message().contains("several arrays"), "{error}");
        }
    }

    #[test]
    fn accepts_a_bare_array() {
        let page = parse(" [ {\"id\":1}, 2] ", "/api/end_users/forums").unwrap();
        assert_eq!((page.len(), page.record(1)), (2, Some("2")));
        assert_eq!(
            (page.info(), page.total(), page.cursor()),
            (None, None, None)
        );
        assert_eq!(parse("[]", "/api/end_users/forums").unwrap().len(), 0);
    }

    #[test]
    fn rejects_responses_without_an_array() {
        let links = r#"{"links":[1],"pagination":[2]}"#;
        for body in ["null", "1", "\"[\"", "{}", r#"{"user":{}}"#, links] {
            let error = parse(body, "/links").err().unwrap();
            assert_eq!(error.status(), crate::Status::BadResponse, "{body}");
        }
    }

    #[test]
    fn knows_only_totals_that_are_whole_numbers() {
        for (total, expected) in [
            ("6", Some(6)),
            ("6.0", Some(6)),
            ("1e3", Some(1000)),
            ("\"6\"", Some(6)),
            ("0", Some(0)),
            ("null", None),
            ("-1", None),
            ("6.5", None),
            ("1e300", None),
            ("1e999", None),
            ("\"\"", None),
            ("\"inf\"", None),
            ("\"many\"", None),
            ("true", None),
            ("[6]", None),
            ("{}", None),
        ] {
            let body = format!(r#"{{"users":[1],"response_data":{{"total_records":{total}}}}}"#);
            assert_eq!(parse(&body, "/users").unwrap().total(), expected, "{total}");
        }
    }

    #[test]
    fn disregards_a_page_count_that_the_total_contradicts() {
        for (paging, expected) in [
            (r#""total_pages":3"#, Some(3)),
            (r#""total_pages":3,"per_page":2,"total_records":6"#, Some(3)),
            (r#""total_pages":3,"per_page":2,"total_records":7"#, None),
            (r#""total_pages":0"#, None),
        ] {
            let body = format!(r#"{{"users":[1],"pagination":{{{paging}}}}}"#);
            let page = parse(&body, "/users").unwrap();
            assert_eq!(page.page_count(), expected, "{paging}");
        }
    }

    #[test]
    fn only_pages_with_the_same_records_have_the_same_digest() {
        let digest = |body| parse(body, "/users").unwrap().digest();
        let one = digest(r#"{"users":[1,2],"response_data":{"page":1}}"#);
        assert_eq!(one, digest(r#"{"response_data":{"page":2},"users":[1,2]}"#));
        assert_ne!(one, digest(r#"{"users":[1,3],"response_data":{"page":1}}"#));
    }

    #[test]
    fn reads_cursors_that_are_strings_or_numbers() {
        for (paging, expected) in [
            (r#""cursor":"a""#, Some("a")),
            (r#""next_cursor":7"#, Some("7")),
            (r#""cursor":-1.5e3"#, Some("-1.5e3")),
            (r#""cursor":"own","next_cursor":"next""#, Some("next")),
            (r#""cursor":"own","next_cursor":null"#, None),
            (r#""cursor":null"#, None),
            (r#""cursor":"""#, None),
            (r#""page":1"#, None),
        ] {
            let body = format!("{{\"users\":[1],\"pagination\":{{{paging}}}}}");
            let page = parse(&body, "/api/v2/admin/users").unwrap();
            assert_eq!(page.cursor(), expected, "{paging}");
        }
    }

    #[test]
    fn reads_the_longest_cursor_also_if_it_is_escaped() {
        for character in ["a", "\\u0061"] {
            let cursor = character.repeat(MAX_CURSOR_BYTES);
            let body = format!(r#"{{"users":[1],"pagination":{{"cursor":"{cursor}"}}}}"#);
            let page = parse(&body, "/users").unwrap();
            assert_eq!(page.cursor(), Some(&*"a".repeat(MAX_CURSOR_BYTES)));
        }
    }

    #[test]
    fn rejects_cursors_that_cannot_be_followed() {
        let long = format!("\"{}\"", "x".repeat(MAX_CURSOR_BYTES + 1));
        for cursor in [r#"{"next":"x"}"#, "[1]", "true", r#""\ud800""#, &long] {
            let body = format!(r#"{{"users":[1],"pagination":{{"cursor":{cursor}}}}}"#);
            let error = parse(&body, "/users").err().unwrap();
            assert_eq!(error.status(), crate::Status::BadResponse);
            assert!(error.message().contains("cursor"), "{error}");
        }
        let body = r#"{"users":[1],"pagination":{"\ud800":1,"cursor":"x"}}"#;
        assert!(parse(body, "/users").is_err());
    }
}
