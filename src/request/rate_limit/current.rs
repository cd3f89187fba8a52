//! The request that the calling thread waits for. An interrupt callback that sends another one
//! delays it.

use std::cell::Cell;

use super::RateLimit;
use super::queue::Outer;

/// A limit, and a request that it lets through.
type Request = (*const RateLimit, Outer);

thread_local! {
    /// Without a destructor, as `exchange::CURRENT`.
    static CURRENT: Cell<Option<Request>> = const { Cell::new(None) };
}

/// Makes a request the current one of this thread, until this is dropped.
pub(super) struct Current {
    /// The one before.
    outer: Option<Request>,
}

impl Current {
    pub(super) fn set(limit: &RateLimit, request: Outer) -> Self {
        Current {
            outer: CURRENT.replace(Some((limit, request))),
        }
    }

    /// Returns the current request of this thread, if `limit` lets it through.
    pub(super) fn of(limit: &RateLimit) -> Option<Outer> {
        let (its_limit, request) = CURRENT.get()?;
        std::ptr::eq(its_limit, limit).then_some(request)
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        CURRENT.set(self.outer);
    }
}
