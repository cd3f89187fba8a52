//! Many callers against a service with a limit, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::queue::{End, Patience, Queue, Report, Turn, WindowId};

#[derive(Debug, Clone)]
struct Setup {
    threads: usize,
    calls_per_thread: usize,
    limit: u64,
    window: Duration,
    /// From a request to the service, and the same back.
    latency: Duration,
    precision: Precision,
    /// Whether successful responses describe the window.
    has_headers: bool,
    /// One request in so many ends without a response.
    faults: Option<usize>,
    max_wait: Duration,
}

/// How the service reports the time to the reset.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Precision {
    Exact,
    RoundedUp,
    RoundedDown,
}

/// The service: `limit` requests per window, windows one after the other.
struct Service {
    reset: Instant,
    used: u64,
    windows: usize,
    refused: usize,
}

impl Service {
    fn respond(&mut self, setup: &Setup, now: Instant) -> (bool, Option<Report>) {
        while self.reset <= now {
            self.reset += setup.window;
            self.used = 0;
            self.windows += 1;
        }
        let is_accepted = self.used < setup.limit;
        match is_accepted {
            true => self.used += 1,
            false => self.refused += 1,
        }
        let time_to_reset = self.reset - now;
        let seconds = time_to_reset.as_secs();
        let time_to_reset = match setup.precision {
            Precision::Exact => time_to_reset,
            Precision::RoundedUp => Duration::from_secs(seconds + 1),
            Precision::RoundedDown => Duration::from_secs(seconds.max(1)),
        };
        let report = Report {
            limit: setup.has_headers.then_some(setup.limit),
            remaining: setup.limit - self.used,
            time_to_reset,
            is_refusal: !is_accepted,
        };
        let is_reported = setup.has_headers || !is_accepted;
        (is_accepted, is_reported.then_some(report))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Look {
        thread: usize,
    },
    Arrive {
        thread: usize,
        window: WindowId,
        sent_at: Instant,
    },
    Return {
        thread: usize,
        response: usize,
    },
}

struct Thread {
    calls_left: usize,
    /// The ticket of its call, which a retry keeps.
    ticket: Option<u64>,
    /// How often the service refused its call.
    refusals: usize,
    came_at: Instant,
    is_busy: bool,
    is_waiting: bool,
}

/// What happened.
#[derive(Debug)]
struct Outcome {
    failed: usize,
    refused: usize,
    /// The most refusals of one call.
    max_refusals: usize,
    windows: usize,
    duration: Duration,
    max_waited: Duration,
}

type Response = (WindowId, Instant, bool, End);

struct Simulation {
    setup: Setup,
    queue: Queue,
    service: Service,
    threads: Vec<Thread>,
    responses: Vec<Response>,
    events: BinaryHeap<Reverse<(Instant, usize, Event)>>,
    sequence: usize,
    outcome: Outcome,
}

fn simulate(setup: &Setup) -> Outcome {
    let start = Instant::now();
    let thread = || Thread {
        calls_left: setup.calls_per_thread,
        ticket: None,
        refusals: 0,
        came_at: start,
        is_busy: false,
        is_waiting: false,
    };
    let mut simulation = Simulation {
        queue: Queue::default(),
        service: Service {
            reset: start + setup.window,
            used: 0,
            windows: 1,
            refused: 0,
        },
        threads: (0..setup.threads).map(|_| thread()).collect(),
        responses: Vec::new(),
        events: BinaryHeap::new(),
        sequence: 0,
        outcome: Outcome {
            failed: 0,
            refused: 0,
            max_refusals: 0,
            windows: 0,
            duration: Duration::ZERO,
            max_waited: Duration::ZERO,
        },
        setup: setup.clone(),
    };
    (0..setup.threads).for_each(|thread| simulation.at(start, Event::Look { thread }));
    while let Some(Reverse((now, _, event))) = simulation.events.pop() {
        simulation.outcome.duration = now - start;
        simulation.run(event, now);
    }
    assert!(
        simulation
            .threads
            .iter()
            .all(|thread| thread.calls_left == 0)
    );
    Outcome {
        refused: simulation.service.refused,
        windows: simulation.service.windows,
        ..simulation.outcome
    }
}

impl Simulation {
    fn at(&mut self, time: Instant, event: Event) {
        self.sequence += 1;
        self.events.push(Reverse((time, self.sequence, event)));
    }

    fn run(&mut self, event: Event, now: Instant) {
        match event {
            Event::Look { thread } => self.look(thread, now),
            Event::Arrive {
                thread,
                window,
                sent_at,
            } => {
                let (is_accepted, report) = self.service.respond(&self.setup, now);
                let mut end = report.map_or(End::NoReport, End::Reported);
                let response = self.responses.len();
                if self
                    .setup
                    .faults
                    .is_some_and(|faults| response % faults == faults - 1)
                {
                    end = End::NoResponse;
                }
                self.responses.push((window, sent_at, is_accepted, end));
                let time = now + self.setup.latency;
                self.at(time, Event::Return { thread, response });
            }
            Event::Return { thread, response } => {
                let (window, sent_at, is_accepted, end) = self.responses[response];
                self.queue.end(window, end, sent_at, now);
                self.finish(thread, is_accepted, now);
                self.wake(now);
            }
        }
    }

    /// Ends a call, or begins its retry.
    fn finish(&mut self, thread: usize, is_done: bool, now: Instant) {
        let state = &mut self.threads[thread];
        state.is_busy = false;
        state.came_at = now;
        match is_done {
            true => {
                state.calls_left -= 1;
                state.ticket = None;
                state.refusals = 0;
            }
            false => state.refusals += 1,
        }
        let max_refusals = &mut self.outcome.max_refusals;
        *max_refusals = state.refusals.max(*max_refusals);
        self.at(now, Event::Look { thread });
    }

    /// Lets all threads look, those that came last first.
    fn wake(&mut self, now: Instant) {
        for thread in (0..self.threads.len()).rev() {
            if self.threads[thread].is_waiting {
                self.at(now, Event::Look { thread });
            }
        }
    }

    fn look(&mut self, thread: usize, now: Instant) {
        let state = &self.threads[thread];
        if state.is_busy || state.calls_left == 0 {
            return;
        }
        let patience = Patience {
            max_wait: self.setup.max_wait,
            deadline: state.came_at + self.setup.max_wait,
            outer: None,
        };
        let ticket = state.ticket.unwrap_or_else(|| self.queue.new_ticket());
        let turn = self.queue.turn_of(ticket, &patience, now);
        let was_waiting = state.is_waiting;
        let state = &mut self.threads[thread];
        state.ticket = Some(ticket);
        state.is_waiting = matches!(turn, Turn::Wait(_));
        match turn {
            Turn::Send(window) => {
                state.is_busy = true;
                let waited = now - state.came_at;
                self.outcome.max_waited = self.outcome.max_waited.max(waited);
                let arrive = Event::Arrive {
                    thread,
                    window,
                    sent_at: now,
                };
                self.at(now + self.setup.latency, arrive);
            }
            Turn::Wait(until) => {
                assert!(until > now, "a thread would spin");
                if !was_waiting {
                    self.queue.join(ticket, Arc::default());
                }
                self.at(until, Event::Look { thread });
            }
            Turn::Fail(_) => {
                self.outcome.failed += 1;
                self.finish(thread, true, now);
                self.wake(now);
            }
        }
    }
}

fn setups(precision: Precision, has_headers: bool) -> impl Strategy<Value = Setup> {
    let sizes = (1..20_usize, 1..6_usize, 1..10_u64);
    let times = (1..8_u64, 1..200_u64);
    (sizes, times, prop::option::of(2..6_usize)).prop_map(move |(sizes, times, faults)| Setup {
        threads: sizes.0,
        calls_per_thread: sizes.1,
        limit: sizes.2,
        window: Duration::from_secs(times.0),
        latency: Duration::from_millis(times.1),
        precision,
        has_headers,
        faults,
        max_wait: Duration::from_secs(86_400),
    })
}

proptest! {
    /// A service that reports exactly refuses no more than first requests, and its windows
    /// are used up.
    #[test]
    fn uses_each_window_up_and_is_not_refused(setup in setups(Precision::Exact, true)) {
        let setup = Setup { faults: None, ..setup };
        let outcome = simulate(&setup);
        prop_assert_eq!(outcome.failed, 0);
        prop_assert!(outcome.refused <= 3, "{:?}", outcome);
        let calls = setup.threads * setup.calls_per_thread;
        let windows = calls.div_ceil(setup.limit as usize);
        prop_assert!(outcome.windows <= windows + 1 + outcome.refused, "{:?} of {}", outcome, windows);
    }

    /// Reports in whole seconds cost a refusal per window at most.
    #[test]
    fn is_refused_once_per_window_if_reports_are_rounded(
        setup in prop_oneof![setups(Precision::RoundedUp, true), setups(Precision::RoundedDown, true)],
    ) {
        let outcome = simulate(&Setup { faults: None, ..setup });
        prop_assert_eq!(outcome.failed, 0);
        prop_assert!(outcome.refused <= 3 + outcome.windows, "{:?}", outcome);
    }

    /// Every call ends, whatever responses are lost.
    #[test]
    fn lost_responses_do_not_block_the_queue(setup in setups(Precision::RoundedUp, true)) {
        prop_assert_eq!(simulate(&setup).failed, 0);
    }

    /// Also if nothing but 429 and its Retry-After is known, every call succeeds.
    #[test]
    fn every_call_ends_if_only_refusals_are_known(setup in setups(Precision::RoundedUp, false)) {
        let outcome = simulate(&setup);
        prop_assert_eq!(outcome.failed, 0);
    }

    /// A call that was refused is the first in the next window.
    #[test]
    fn no_call_is_refused_again_and_again(
        setup in prop_oneof![setups(Precision::Exact, false), setups(Precision::RoundedUp, false)],
    ) {
        let limit = setup.limit.max(2);
        let outcome = simulate(&Setup { faults: None, limit, ..setup });
        prop_assert!(outcome.max_refusals <= 2, "{:?}", outcome);
    }

    /// A call fails instead of waiting longer than permitted.
    #[test]
    fn no_call_waits_longer_than_permitted(setup in setups(Precision::Exact, true), seconds in 0..10_u64) {
        let max_wait = Duration::from_secs(seconds);
        let outcome = simulate(&Setup { max_wait, ..setup });
        prop_assert!(outcome.max_waited <= max_wait, "{:?}", outcome);
    }
}
