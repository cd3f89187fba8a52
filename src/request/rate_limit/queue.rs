//! Decides which requests a rate limit lets through, in the order in which their calls came. A
//! pure state machine: the time is an argument, and waiting is up to the caller.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::http::cancel::Cancellation;

/// The requests that wait, and what is known about the limit.
#[derive(Default)]
pub(super) struct Queue {
    state: State,
    /// By ascending ticket.
    waiting: VecDeque<Waiter>,
    last_ticket: u64,
}

#[derive(Default)]
enum State {
    /// No request was sent yet.
    #[default]
    Untested,
    /// The service reports no limit.
    Unlimited,
    Limited(Window),
}

struct Waiter {
    ticket: u64,
    /// Wakes the waiting thread.
    cancellation: Arc<Cancellation>,
}

/// A period in which the service accepts a number of requests.
struct Window {
    /// Differs between windows: a permit counts only in its own.
    id: u64,
    /// Whether a response has described this window.
    is_described: bool,
    /// The end of this window if it is described, else of the one before.
    reset: Instant,
    /// Requests that may be sent now.
    remaining: u64,
    in_flight: u64,
    /// Requests per window, if known.
    limit: Option<u64>,
    /// The least length of a window: the time to the reset when it was described.
    length: Duration,
    last_sent: Instant,
}

/// Requests that may be sent before a response says whether there is a limit.
const FIRST_REQUESTS: u64 = 4;

/// The limit until then.
const UNLIMITED: u64 = u64::MAX;

/// The service reports whole seconds: two reports of the same reset can differ by one, and the
/// reset can be later by one.
pub(super) const RESET_PRECISION: Duration = Duration::from_secs(1);

/// The least time between two probes of a window that lasts longer than callers wait.
const MIN_PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// The window from which a request was acquired; `None` if there is no limit.
pub(super) type WindowId = Option<u64>;

/// How long a request may wait.
pub(super) struct Patience {
    pub(super) max_wait: Duration,
    /// The time at which it came, and `max_wait`.
    pub(super) deadline: Instant,
    /// The request of the call whose interrupt callback makes this one.
    pub(super) outer: Option<Outer>,
}

/// A request that continues only when another one on the same thread has ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Outer {
    /// It waits, with this ticket.
    Waiting(u64),
    /// It was sent, and its response is not read.
    Sent(WindowId),
}

/// What a request does now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Turn {
    Send(WindowId),
    /// Waits until then, or until a response changes the state.
    Wait(Instant),
    /// Fails, because this wait would be too long.
    Fail(Duration),
}

/// How a request ended.
#[derive(Clone, Copy)]
pub(super) enum End {
    NotSent,
    NoResponse,
    /// A response that says nothing about the limit.
    NoReport,
    Reported(Report),
}

/// What a response says about the limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Report {
    pub(super) limit: Option<u64>,
    pub(super) remaining: u64,
    pub(super) time_to_reset: Duration,
    /// Whether the request was refused.
    pub(super) is_refusal: bool,
}

impl Queue {
    pub(super) fn is_unlimited(&self) -> bool {
        matches!(self.state, State::Unlimited)
    }

    /// Returns the ticket of a new call.
    pub(super) fn new_ticket(&mut self) -> u64 {
        self.last_ticket += 1;
        self.last_ticket
    }

    /// Returns what the request of a call does. It leaves the queue unless it waits on.
    pub(super) fn turn_of(&mut self, ticket: u64, patience: &Patience, now: Instant) -> Turn {
        let turn = self.turn(ticket, patience, now);
        if !matches!(turn, Turn::Wait(_)) {
            self.leave(ticket);
        }
        turn
    }

    fn turn(&mut self, ticket: u64, patience: &Patience, now: Instant) -> Turn {
        let ticket = match patience.outer {
            Some(Outer::Waiting(outer)) => outer,
            _ => ticket,
        };
        let place = self.place(ticket) as u64;
        self.advance(now);
        let State::Limited(window) = &mut self.state else {
            return Turn::Send(None);
        };
        if place < window.remaining || window.depends_on(patience.outer) {
            return window.send(now);
        }
        let time_left = patience.deadline.saturating_duration_since(now);
        let wait = window.wait(place, now);
        if wait <= time_left && !time_left.is_zero() {
            let change = window.next_change(now).unwrap_or(patience.deadline);
            return Turn::Wait(change.min(patience.deadline));
        }
        // Nobody waits for a limit that nobody has reported.
        if window.limit == Some(UNLIMITED) {
            return window.send(now);
        }
        let is_blocked = time_left.is_zero() || window.wait(0, now) > time_left;
        let since_last = now.saturating_duration_since(window.last_sent);
        if is_blocked && since_last >= patience.max_wait.max(MIN_PROBE_INTERVAL) {
            window.begin_next();
            return window.send(now);
        }
        Turn::Fail(wait)
    }

    /// Adds the request of a call to the queue.
    pub(super) fn join(&mut self, ticket: u64, cancellation: Arc<Cancellation>) {
        let waiter = Waiter {
            ticket,
            cancellation,
        };
        self.waiting.insert(self.place(ticket), waiter);
    }

    /// Removes a request from the queue. Returns whether it was still there.
    pub(super) fn leave(&mut self, ticket: u64) -> bool {
        let place = self.place(ticket);
        let is_waiting = self
            .waiting
            .get(place)
            .is_some_and(|waiter| waiter.ticket == ticket);
        if is_waiting {
            self.waiting.remove(place);
        }
        is_waiting
    }

    /// Returns the number of requests that wait before the one with this ticket.
    fn place(&self, ticket: u64) -> usize {
        self.waiting
            .partition_point(|waiter| waiter.ticket < ticket)
    }

    /// Returns what wakes the waiting requests.
    pub(super) fn waiting(&self) -> Vec<Arc<Cancellation>> {
        let all = self.waiting.iter();
        let mut all: Vec<_> = all.map(|waiter| waiter.cancellation.clone()).collect();
        all.dedup_by(|a, b| Arc::ptr_eq(a, b));
        all
    }

    /// Records the end of a request that was sent at `sent_at`.
    pub(super) fn end(&mut self, id: WindowId, end: End, sent_at: Instant, now: Instant) {
        self.advance(now);
        let window = match &mut self.state {
            State::Limited(window) => window,
            _ => {
                if let End::Reported(report) = end {
                    self.state = State::Limited(Window::described_by(&report, now));
                }
                return;
            }
        };
        let is_own = id == Some(window.id);
        if is_own {
            window.in_flight = window.in_flight.saturating_sub(1);
        }
        match end {
            End::Reported(report) => window.update(&report, is_own, sent_at, now),
            _ if !is_own => {}
            End::NotSent => window.remaining = window.remaining.saturating_add(1),
            _ if window.is_described => {}
            // Another one finds out.
            End::NoResponse => window.remaining = window.remaining.saturating_add(1),
            End::NoReport if self.waiting.is_empty() => self.state = State::Unlimited,
            // Accepted: twice as many follow, in case there is a limit nevertheless.
            End::NoReport => window.remaining = window.remaining.saturating_add(2),
        }
    }

    fn advance(&mut self, now: Instant) {
        match &mut self.state {
            State::Untested => self.state = State::Limited(Window::first(now)),
            State::Unlimited => {}
            State::Limited(window) => window.advance(now),
        }
    }
}

impl Window {
    /// Creates the window of the first request.
    fn first(now: Instant) -> Self {
        Window {
            id: 1,
            is_described: false,
            reset: now,
            remaining: FIRST_REQUESTS,
            in_flight: 0,
            limit: Some(UNLIMITED),
            length: Duration::ZERO,
            last_sent: now,
        }
    }

    fn described_by(report: &Report, now: Instant) -> Self {
        let mut window = Window::first(now);
        window.describe(report, now);
        window
    }

    fn describe(&mut self, report: &Report, now: Instant) {
        self.is_described = true;
        self.reset = now + report.time_to_reset;
        // The report may not include the requests in flight.
        self.remaining = report.remaining.saturating_sub(self.in_flight);
        self.limit = report.limit;
        self.length = report.time_to_reset;
    }

    /// Begins the next window if this one is over.
    fn advance(&mut self, now: Instant) {
        if self.is_described && self.reset <= now {
            self.begin_next();
        }
        // Until then the reset may be yet to come, or a response may describe the window.
        if !self.is_described
            && self.reset + RESET_PRECISION <= now
            && let Some(limit) = self.limit
        {
            let unused = limit.saturating_sub(self.in_flight);
            self.remaining = self.remaining.max(unused);
        }
    }

    /// Begins the next window with one request, whose response will describe it.
    fn begin_next(&mut self) {
        self.id += 1;
        self.is_described = false;
        self.remaining = 1;
        self.in_flight = 0;
    }

    fn send(&mut self, now: Instant) -> Turn {
        self.remaining = self.remaining.saturating_sub(1);
        self.in_flight += 1;
        self.last_sent = now;
        Turn::Send(Some(self.id))
    }

    /// Returns whether only the response to `outer` describes this window.
    fn depends_on(&self, outer: Option<Outer>) -> bool {
        !self.is_described && self.in_flight == 1 && outer == Some(Outer::Sent(Some(self.id)))
    }

    /// Returns how long a request at this place of the queue waits at least.
    fn wait(&self, place: u64, now: Instant) -> Duration {
        let to_reset = match self.is_described {
            true => self.reset.saturating_duration_since(now),
            false => Duration::ZERO,
        };
        let behind = place.saturating_sub(self.remaining);
        let windows = self.limit.map_or(0, |limit| behind / limit.max(1));
        let windows = u32::try_from(windows).unwrap_or(u32::MAX);
        to_reset.saturating_add(self.length.saturating_mul(windows))
    }

    /// Returns when time alone changes this window; `None` if only a response does.
    fn next_change(&self, now: Instant) -> Option<Instant> {
        let end_of_precision = self.reset + RESET_PRECISION;
        match self.is_described {
            true => Some(self.reset),
            false => (self.limit.is_some() && end_of_precision > now).then_some(end_of_precision),
        }
    }

    /// Updates the window with a report. Reports of one window differ, since requests are
    /// concurrent: the lowest number counts, so that none in flight is forgotten.
    fn update(&mut self, report: &Report, is_own: bool, sent_at: Instant, now: Instant) {
        // The response was created in between.
        let earliest = sent_at + report.time_to_reset;
        let latest = now + report.time_to_reset;
        let is_newer = earliest > self.reset + RESET_PRECISION;
        if !self.is_described {
            if is_own || is_newer {
                self.describe(report, now);
            }
            return;
        }
        let is_older = latest + RESET_PRECISION < self.reset;
        if is_newer || is_older && is_own && report.is_refusal {
            self.describe(report, now);
        } else if !is_older {
            self.remaining = self.remaining.min(report.remaining);
            self.reset = self.reset.max(earliest);
        }
    }
}

#[cfg(test)]
mod tests;
