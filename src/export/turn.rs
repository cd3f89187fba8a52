//! One thread at a time writes the pages of an export.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::http::cancel::Stop;
use crate::http::interrupt::Interrupt;
use crate::process::threads;

/// A lock that a thread waits for with its interrupt callback. It is held while that callback
/// runs, which may use the same export.
#[derive(Default)]
pub(super) struct Turn {
    holder: Mutex<Option<usize>>,
    freed: Condvar,
}

pub(super) struct TurnGuard<'a>(&'a Turn);

impl Turn {
    /// Waits until no other thread holds the turn.
    ///
    /// # Errors
    /// `Cancelled` if the wait is interrupted; `InvalidArgument` if this thread holds the turn.
    pub(super) fn take(&self, interrupt: &Interrupt) -> Result<TurnGuard<'_>> {
        let this_thread = threads::current_id();
        let mut holder = self.lock();
        while let Some(thread) = *holder {
            if thread == this_thread {
                return Err(Error::invalid(
                    "export",
                    "must not be used by a callback while it waits for a page",
                ));
            }
            let woken = interrupt.wait(&self.freed, &self.holder, holder, None);
            holder = woken.map_err(Stop::from)?;
        }
        *holder = Some(this_thread);
        Ok(TurnGuard(self))
    }

    fn lock(&self) -> MutexGuard<'_, Option<usize>> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for TurnGuard<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
        self.0.freed.notify_all();
    }
}
