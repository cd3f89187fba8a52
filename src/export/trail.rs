//! Notices a service that goes round in circles, in bounded memory.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::collection::{NextPage, PageSlice};
use crate::encoding::json::Object;
use crate::error::{Error, Result};

/// What is remembered of the pages that a window has read. It is saved with the state: a
/// collection forgets, and each call after an error would write a page of the circle again.
///
/// One cursor is kept and compared with the following ones, and replaced after 1, 2, 4 ... of
/// them, so that it finally lies on the circle and is kept for longer than that (Brent's
/// algorithm).
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Trail {
    cursor: Option<String>,
    /// Cursors since then, and how many there are before it is replaced.
    steps: u64,
    max_steps: u64,
    /// Digest of the page before.
    page: Option<String>,
}

impl Trail {
    /// Adds a page. Returns false if it is no page of its own, but the one before again, which
    /// was the whole list. Fails if it leads back.
    pub(super) fn add(&mut self, slice: &PageSlice) -> Result<bool> {
        let page = digest(slice);
        if self.page.as_ref() == Some(&page) {
            if slice.ends_if_repeated {
                return Ok(false);
            }
            let why = "the service returned the same records for two pages";
            return Err(Error::bad_response(why));
        }
        if let NextPage::Cursor(cursor) = &slice.next {
            self.add_cursor(cursor)?;
        }
        self.page = Some(page);
        Ok(true)
    }

    fn add_cursor(&mut self, cursor: &str) -> Result<()> {
        if self.cursor.as_deref() == Some(cursor) {
            let cursor: String = cursor.chars().take(200).collect();
            let why = format!("the service returned the cursor {cursor:?} again");
            return Err(Error::bad_response(why));
        }
        if self.steps == self.max_steps {
            self.cursor = Some(cursor.to_owned());
            self.steps = 0;
            self.max_steps = self.max_steps.saturating_mul(2).max(1);
        }
        self.steps += 1;
        Ok(())
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "cursor": self.cursor,
            "steps": self.steps,
            "max_steps": self.max_steps,
            "page": self.page,
        })
    }

    pub(super) fn from_json(value: &Value) -> Option<Self> {
        let string = |key| match value.get(key)? {
            Value::Null => Some(None),
            value => Some(Some(value.as_str()?.to_owned())),
        };
        Some(Trail {
            cursor: string("cursor")?,
            steps: value.get("steps")?.as_u64()?,
            max_steps: value.get("max_steps")?.as_u64()?,
            page: string("page")?,
        })
    }
}

/// Returns a digest of the records of a page. A record with an `id` is on one page only, so that
/// the first and the last one identify a page, also if a record between them has changed since.
fn digest(slice: &PageSlice) -> String {
    let mut records = slice.records();
    let ends = [records.next(), records.next_back()].into_iter().flatten();
    let mut digest = Sha256::new();
    let add = |record: &str| {
        digest.update(record);
        digest.update("\n");
    };
    match ends.clone().all(has_id) {
        true => ends.for_each(add),
        false => slice.records().for_each(add),
    }
    BASE64_URL_SAFE_NO_PAD.encode(digest.finalize())
}

fn has_id(record: &str) -> bool {
    let id = Object::parse(record).ok();
    let id = id.and_then(|record| record.get("id"));
    id.is_some_and(|id| id != "null")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how many cursors are followed of a list that begins with `tail` different ones
    /// and continues with a circle.
    fn followed(tail: usize, circle: usize) -> usize {
        let mut trail = Trail::default();
        let cursor = |index: usize| match index < tail {
            true => format!("tail {index}"),
            false => format!("circle {}", (index - tail) % circle),
        };
        let mut cursors = (0..100_000).take_while(|&index| {
            // A new collection knows what was saved.
            trail = Trail::from_json(&trail.to_json()).unwrap();
            trail.add_cursor(&cursor(index)).is_ok()
        });
        cursors.by_ref().count()
    }

    #[test]
    fn circles_of_any_length_are_noticed() {
        for (tail, circle) in [
            (0, 1),
            (0, 2),
            (1, 2),
            (5, 3),
            (100, 1),
            (0, 1000),
            (777, 500),
        ] {
            let followed = followed(tail, circle);
            assert!(
                followed <= 4 * (tail + circle),
                "{tail} {circle} {followed}"
            );
        }
    }

    #[test]
    fn different_cursors_are_followed() {
        assert_eq!(followed(100_000, 1), 100_000);
    }
}
