//! The paging parameters of a request.

use percent_encoding::percent_decode_str;

use crate::error::{Error, Result};

/// The target of a request for a list, and the paging parameters that its query had.
pub(crate) struct PagingParams {
    /// Path and query without `page` and `cursor`. `per_page` is the last parameter.
    pub(crate) target: String,
    /// From 1.
    pub(crate) first_page: usize,
    /// Percent-encoded.
    pub(crate) first_cursor: Option<String>,
    pub(crate) has_per_page: bool,
}

impl PagingParams {
    /// Separates the paging parameters from `target`.
    pub(crate) fn split_from(target: &str) -> Result<Self> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut first_page = 1;
        let mut first_cursor = None;
        let mut per_page = None;
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = percent_decode_str(key).decode_utf8_lossy();
            match &*key {
                "cursor" => first_cursor = Some(value.to_owned()),
                "page" => {
                    let number = value.parse().ok().filter(|&page| page > 0);
                    first_page = number.ok_or_else(|| {
                        Error::invalid(
                            "params.page",
                            "must be an integer from 1 (in path or params)",
                        )
                    })?;
                }
                "per_page" => per_page = Some(pair),
                _ => rest.push(pair),
            }
        }
        rest.extend(per_page);
        let query = match rest.is_empty() {
            true => String::new(),
            false => format!("?{}", rest.join("&")),
        };
        Ok(PagingParams {
            target: format!("{path}{query}"),
            first_page,
            first_cursor,
            has_per_page: per_page.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separates_paging_parameters_from_the_query() {
        let params = PagingParams::split_from("/a?page=3&per_page=7&x=y").unwrap();
        assert_eq!(params.target, "/a?x=y&per_page=7");
        assert_eq!((params.first_page, params.has_per_page), (3, true));
        let params = PagingParams::split_from("/a?per_page=7&x=y&per_page=8").unwrap();
        assert_eq!(params.target, "/a?x=y&per_page=8");
        let params = PagingParams::split_from("/a?p%61ge=3&p%65r%5fpage=7&%63ursor=%62&%78=y");
        let params = params.unwrap();
        assert_eq!(params.target, "/a?%78=y&p%65r%5fpage=7");
        assert_eq!((params.first_page, params.has_per_page), (3, true));
        assert_eq!(params.first_cursor.as_deref(), Some("%62"));
        let params = PagingParams::split_from("/a").unwrap();
        assert_eq!(params.target, "/a");
        assert_eq!((params.first_page, params.has_per_page), (1, false));
    }

    #[test]
    fn rejects_page_numbers_below_1() {
        for target in ["/a?page=0", "/a?page=x", "/a?page"] {
            assert!(PagingParams::split_from(target).is_err());
        }
    }
}
