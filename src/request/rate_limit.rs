//! The service's rate limit, as its responses report it. All handles of the process with
//! one origin and API key share it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use crate::error::{Error, Outcome, Result, Status};
use crate::http::Response;
use crate::http::cancel::{Cancellation, WaitResult};
use crate::process::fork::{self, PerProcess};
use crate::request::retry_after::{parse_retry_after, retry_after, server_time};

mod current;
mod queue;
#[cfg(test)]
mod simulation;

use current::Current;
use queue::{End, Outer, Patience, Queue, Report, Turn, WindowId};

/// The rate limit of one origin and API key, in one process.
pub(crate) struct RateLimit {
    queue: Mutex<Queue>,
    /// The fork generation of the process.
    process: u64,
}

impl Default for RateLimit {
    fn default() -> Self {
        RateLimit {
            queue: Mutex::default(),
            process: fork::generation(),
        }
    }
}

/// The place of a call among those that wait for a limit.
#[derive(Clone, Copy)]
pub(crate) struct Ticket {
    /// The fork generation of the process whose queue it is for.
    process: u64,
    number: u64,
}

/// A longer time to the reset is ignored: the service's windows are minutes, and one wrong
/// value would stop all requests of the process.
const MAX_WINDOW: Duration = Duration::from_secs(3600);

/// The rate limits of this process by origin and API key. An entry lives as long as a handle
/// that uses it.
#[derive(Default)]
struct Registry(Mutex<BTreeMap<(String, String), Weak<RateLimit>>>);

impl Registry {
    fn get(&self, origin: String, api_key: String) -> Arc<RateLimit> {
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (origin, api_key);
        if let Some(limit) = limits.get(&key).and_then(Weak::upgrade) {
            return limit;
        }
        limits.retain(|_, limit| limit.strong_count() > 0);
        let limit = Arc::new(RateLimit::default());
        limits.insert(key, Arc::downgrade(&limit));
        limit
    }
}

impl RateLimit {
    /// Returns this process's rate limit of `origin` and `api_key`.
    pub(crate) fn shared(origin: String, api_key: String) -> Arc<Self> {
        static REGISTRY: OnceBox<PerProcess<Registry>> = OnceBox::new();
        let registry = REGISTRY.get_or_init(Box::default).get(Registry::default);
        registry.get(origin, api_key)
    }

    /// Waits until the limit permits a request, in the order of the calls. `ticket` is the
    /// place of the call in this order, which a request that is sent again keeps; `None` before
    /// the first one.
    ///
    /// # Errors
    /// `RateLimited` at once if that would take longer than `max_wait`; `Cancelled`.
    pub(crate) fn acquire(
        &self,
        ticket: &mut Option<Ticket>,
        cancellation: &Arc<Cancellation>,
        max_wait: Duration,
    ) -> Result<Permit<'_>> {
        let mut queue = self.lock();
        if queue.is_unlimited() {
            return Ok(self.permit(None, Duration::ZERO));
        }
        let now = Instant::now();
        let deadline = now + max_wait;
        let patience = Patience {
            max_wait,
            deadline,
            outer: Current::of(self),
        };
        let ticket = match *ticket {
            Some(Ticket { process, number }) if process == self.process => number,
            // A child may continue a call of its parent, in a queue of its own.
            _ => {
                let (process, number) = (self.process, queue.new_ticket());
                *ticket = Some(Ticket { process, number });
                number
            }
        };
        match queue.turn_of(ticket, &patience, now) {
            Turn::Send(window) => Ok(self.permit(window, Duration::ZERO)),
            Turn::Fail(wait) => Err(used_up(wait)),
            Turn::Wait(until) => {
                queue.join(ticket, cancellation.clone());
                drop(queue);
                let place = Place {
                    limit: self,
                    ticket,
                    _current: Current::set(self, Outer::Waiting(ticket)),
                };
                let window = place.wait(cancellation, &patience, until)?;
                Ok(self.permit(window, now.elapsed()))
            }
        }
    }

    fn permit(&self, window: WindowId, waited: Duration) -> Permit<'_> {
        Permit {
            limit: self,
            window,
            waited,
            has_ended: false,
            _current: Current::set(self, Outer::Sent(window)),
        }
    }

    /// Changes the queue. If `change` returns true, the requests that wait look at it again.
    fn change(&self, change: impl FnOnce(&mut Queue) -> bool) {
        // A callback of the call has forked. Another thread of the parent may have locked the
        // queue, and the request is the parent's.
        if self.process != fork::generation() {
            return;
        }
        let mut queue = self.lock();
        if !change(&mut queue) {
            return;
        }
        let waiting = queue.waiting();
        // A waiting thread locks its cancellation first, and then the queue.
        drop(queue);
        for cancellation in waiting {
            cancellation.notify();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn used_up(wait: Duration) -> Error {
    let known = (!wait.is_zero()).then_some(wait);
    let message = match known {
        Some(wait) => format!(
            "the rate limit is used up for {} s",
            wait.as_secs_f64().ceil()
        ),
        // The request that would show it has no response yet.
        None => "the rate limit is used up, and it is not known for how long".to_owned(),
    };
    let mut error = Error::new(Status::RateLimited, Outcome::NotSent, message);
    error.retry_after = known;
    error
}

/// A place in the queue, which is left when this is dropped.
struct Place<'a> {
    limit: &'a RateLimit,
    ticket: u64,
    _current: Current,
}

impl Place<'_> {
    /// Waits for the turn of the request. Its state changes next at `until`.
    fn wait(
        self,
        cancellation: &Cancellation,
        patience: &Patience,
        mut until: Instant,
    ) -> Result<WindowId> {
        loop {
            let turn = cancellation.wait_until(until, || {
                let mut queue = self.limit.lock();
                let turn = queue.turn_of(self.ticket, patience, Instant::now());
                (turn != Turn::Wait(until)).then_some(turn)
            });
            match turn {
                WaitResult::Ready(Turn::Send(window)) => return Ok(window),
                WaitResult::Ready(Turn::Fail(wait)) => return Err(used_up(wait)),
                WaitResult::Ready(Turn::Wait(change)) => until = change,
                // The next call finds that time has changed the state.
                WaitResult::TimedOut => {}
                WaitResult::Stopped(stop) => return Err(stop.into()),
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        // It makes room for another one.
        self.limit.change(|queue| queue.leave(self.ticket));
    }
}

/// Permits one request. If it is dropped without a result, the request ended without a
/// response.
pub(crate) struct Permit<'a> {
    limit: &'a RateLimit,
    window: WindowId,
    /// How long the request waited for it.
    pub(crate) waited: Duration,
    has_ended: bool,
    _current: Current,
}

impl Permit<'_> {
    /// Returns the permit of a request that was certainly not sent.
    pub(crate) fn release(mut self) {
        self.end(End::NotSent, Instant::now());
    }

    /// Records what the response to a request says that was sent at `sent_at`. Returns whether
    /// the request was refused, and the queue knows how long to wait.
    pub(crate) fn record(mut self, response: &Response, sent_at: Instant) -> bool {
        let report = reported(response);
        let end = match report {
            Some(report) => End::Reported(report),
            None if response.status == 429 => End::NoResponse,
            None => End::NoReport,
        };
        self.end(end, sent_at);
        report.is_some_and(|report| report.is_refusal)
    }

    fn end(&mut self, end: End, sent_at: Instant) {
        self.has_ended = true;
        // Nothing changes.
        if self.window.is_none() && !matches!(end, End::Reported(_)) {
            return;
        }
        let now = Instant::now();
        self.limit.change(|queue| {
            queue.end(self.window, end, sent_at, now);
            true
        });
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.end(End::NoResponse, Instant::now());
        }
    }
}

/// Returns what a response says about the limit.
fn reported(response: &Response) -> Option<Report> {
    let number = |name| response.header(name)?.trim().parse::<i64>().ok();
    let is_refusal = response.status == 429;
    let (remaining, time_to_reset) = match is_refusal {
        true => (0, retry_after(response)?),
        false => {
            let reset = response.header("x-rate-limit-reset")?;
            // Negative: more requests were counted than the window has room for.
            let remaining = number("x-rate-limit-remaining")?.max(0).unsigned_abs();
            (remaining, parse_retry_after(reset, server_time(response))?)
        }
    };
    let is_plausible = !time_to_reset.is_zero() && time_to_reset <= MAX_WINDOW;
    is_plausible.then_some(Report {
        limit: number("x-rate-limit-limit").and_then(|limit| u64::try_from(limit).ok()),
        remaining,
        time_to_reset,
        is_refusal,
    })
}

#[cfg(test)]
mod tests;
