//! Interrupts a call from inside the program: a waiting call asks a callback whether to end.

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::process::fork;

/// Returns whether to end the call.
pub(crate) type InterruptCallback = Arc<dyn Fn() -> bool + Send + Sync>;

/// The callback that a call asks, or none.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Option<InterruptCallback>);

/// The callback asked to end the call.
#[derive(Debug, PartialEq)]
pub(crate) struct Interrupted;

/// The header promises a call of the callback every 50 ms. A wait may begin just before this
/// time is over, and then take as long again.
const INTERVAL: Duration = Duration::from_millis(20);

/// The calls of callbacks on one thread. Without a destructor, as `exchange::CURRENT`.
struct Schedule {
    last_end: Cell<Option<Instant>>,
    is_running: Cell<bool>,
}

thread_local! {
    static SCHEDULE: Schedule = const {
        Schedule {
            last_end: Cell::new(None),
            is_running: Cell::new(false),
        }
    };
}

impl Interrupt {
    pub(crate) fn new(callback: Option<InterruptCallback>) -> Self {
        Interrupt(callback)
    }

    pub(crate) fn into_callback(self) -> Option<InterruptCallback> {
        self.0
    }

    /// Calls the callback if it is due. The calling thread must hold no lock: the callback may
    /// use the library.
    pub(crate) fn check(&self) -> Result<(), Interrupted> {
        match self.time_to_check() {
            Some(Duration::ZERO) => self.check_now(),
            _ => Ok(()),
        }
    }

    /// Calls the callback at once, as `check` does when it is due.
    pub(crate) fn check_now(&self) -> Result<(), Interrupted> {
        let Some(callback) = self.callback() else {
            return Ok(());
        };
        let _running = Running::begin();
        let process = fork::generation();
        // A child that the callback has forked must not touch the connection of the call.
        match callback() || fork::generation() != process {
            true => Err(Interrupted),
            false => Ok(()),
        }
    }

    /// Returns the callback, unless the calling thread is in one: it uses the library.
    fn callback(&self) -> Option<&InterruptCallback> {
        let callback = self.0.as_ref()?;
        let is_nested = SCHEDULE.with(|schedule| schedule.is_running.get());
        (!is_nested).then_some(callback)
    }

    /// Returns how long a wait may take before the next check; `None` if there is none.
    fn time_to_check(&self) -> Option<Duration> {
        self.callback()?;
        let last_end = SCHEDULE.with(|schedule| schedule.last_end.get());
        let elapsed = last_end.map_or(INTERVAL, |last_end| last_end.elapsed());
        Some(INTERVAL.saturating_sub(elapsed))
    }

    /// Returns the longest time that a system call may block, which need not be the time to the
    /// next check: it is always the same, so that a socket's timeout is set once.
    pub(crate) fn slice(&self) -> Option<Duration> {
        self.callback().map(|_| INTERVAL)
    }

    /// Waits for a notification of `changed`, at most for `time_left`, or until the callback
    /// is due and was called. `guard` is of `mutex`, which is not locked meanwhile.
    pub(crate) fn wait<'a, T>(
        &self,
        changed: &Condvar,
        mutex: &'a Mutex<T>,
        guard: MutexGuard<'a, T>,
        time_left: Option<Duration>,
    ) -> Result<MutexGuard<'a, T>, Interrupted> {
        let timeout = [time_left, self.time_to_check()]
            .into_iter()
            .flatten()
            .min();
        let guard = match timeout {
            None => changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
            Some(timeout) => {
                let woken = changed.wait_timeout(guard, timeout);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        if self.time_to_check() != Some(Duration::ZERO) {
            return Ok(guard);
        }
        drop(guard);
        self.check_now()?;
        Ok(mutex.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A callback runs on this thread, until this is dropped.
struct Running;

impl Running {
    fn begin() -> Self {
        SCHEDULE.with(|schedule| schedule.is_running.set(true));
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        SCHEDULE.with(|schedule| {
            schedule.last_end.set(Some(Instant::now()));
            schedule.is_running.set(false);
        });
    }
}
