//! Tests of the queue, with a clock that they move.

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A queue, and a clock for it.
struct Clock {
    queue: Queue,
    now: Instant,
}

impl Clock {
    fn new() -> Self {
        Clock {
            queue: Queue::default(),
            now: Instant::now(),
        }
    }

    /// Returns a clock after a response that describes a window of a minute.
    fn with_window(limit: u64, remaining: u64) -> Self {
        let mut clock = Clock::new();
        let id = clock.send().unwrap();
        clock.report(id, limit, remaining, MINUTE);
        clock
    }

    fn turn(&mut self, max_wait: Duration) -> Turn {
        let deadline = self.now + max_wait;
        let outer = None;
        let patience = Patience {
            max_wait,
            deadline,
            outer,
        };
        let ticket = self.queue.new_ticket();
        self.queue.turn_of(ticket, &patience, self.now)
    }

    /// Adds a request to the queue and returns its ticket.
    fn join(&mut self) -> u64 {
        let ticket = self.queue.new_ticket();
        self.queue.join(ticket, Arc::default());
        ticket
    }

    fn send(&mut self) -> Option<WindowId> {
        match self.turn(MINUTE) {
            Turn::Send(id) => Some(id),
            _ => None,
        }
    }

    /// Sends as many requests as possible, at most 100.
    fn sent(&mut self) -> usize {
        (0..100).take_while(|_| self.send().is_some()).count()
    }

    fn end(&mut self, id: WindowId, end: End) {
        self.queue.end(id, end, self.now, self.now);
    }

    fn report(&mut self, id: WindowId, limit: u64, remaining: u64, time_to_reset: Duration) {
        let report = Report {
            limit: Some(limit),
            remaining,
            time_to_reset,
            is_refusal: false,
        };
        self.end(id, End::Reported(report));
    }

    fn refuse(&mut self, id: WindowId, time_to_reset: Duration) {
        let report = Report {
            limit: None,
            remaining: 0,
            time_to_reset,
            is_refusal: true,
        };
        self.end(id, End::Reported(report));
    }
}

#[test]
fn sends_a_few_requests_until_a_response_says_whether_there_is_a_limit() {
    let mut clock = Clock::new();
    assert_eq!(clock.sent(), 4);
    // A response that reports no limit.
    clock.end(Some(1), End::NoReport);
    assert_eq!(clock.sent(), 100);

    // A response that does not come.
    let mut clock = Clock::new();
    assert_eq!(clock.sent(), 4);
    clock.now += SECOND;
    assert_eq!(clock.sent(), 100);

    // Who does not want to wait does not wait for a limit that nobody reported.
    let mut clock = Clock::new();
    assert_eq!(clock.sent(), 4);
    assert_eq!(clock.turn(Duration::ZERO), Turn::Send(Some(1)));
}

#[test]
fn sends_what_remains_of_a_window() {
    let mut clock = Clock::with_window(10, 3);
    assert_eq!(clock.sent(), 3);
    // Concurrent responses: the lowest number counts.
    clock.report(Some(1), 10, 5, MINUTE);
    assert_eq!(clock.sent(), 0);
    let mut clock = Clock::with_window(10, 5);
    clock.report(Some(1), 10, 2, MINUTE);
    clock.report(Some(1), 10, 4, MINUTE + SECOND);
    assert_eq!(clock.sent(), 2);
}

#[test]
fn counts_requests_in_flight_that_a_report_may_not_include() {
    let mut clock = Clock::new();
    assert_eq!(clock.sent(), 4);
    clock.report(Some(1), 10, 9, MINUTE);
    assert_eq!(clock.sent(), 6);
}

#[test]
fn returns_a_request_that_was_not_sent_to_its_own_window_only() {
    let mut clock = Clock::with_window(10, 2);
    let (unsent, late) = (clock.send().unwrap(), clock.send().unwrap());
    clock.end(unsent, End::NotSent);
    assert_eq!(clock.sent(), 1);
    clock.now += MINUTE;
    let probe = clock.send().unwrap();
    clock.report(probe, 10, 0, MINUTE);
    clock.end(late, End::NotSent);
    assert_eq!(clock.sent(), 0);
}

#[test]
fn a_new_window_begins_with_one_request() {
    let mut clock = Clock::with_window(10, 0);
    clock.now += MINUTE - SECOND;
    assert_eq!(clock.sent(), 0);
    clock.now += SECOND;
    let probe = clock.send().unwrap();
    assert_eq!(clock.sent(), 0);
    // Its response says how many follow; a late one of the old window does not.
    clock.report(Some(1), 10, 0, SECOND);
    clock.report(probe, 10, 6, MINUTE);
    assert_eq!(clock.sent(), 6);
}

#[test]
fn sends_the_rest_of_a_window_if_the_first_response_is_late() {
    let mut clock = Clock::with_window(10, 0);
    clock.now += MINUTE;
    assert_eq!(clock.sent(), 1);
    clock.now += SECOND;
    assert_eq!(clock.sent(), 9);
    // At once after a pause, when the window has begun for sure.
    let mut clock = Clock::with_window(10, 0);
    clock.now += 2 * MINUTE;
    assert_eq!(clock.sent(), 10);
}

#[test]
fn sends_one_probe_after_a_refusal_without_a_limit() {
    let mut clock = Clock::new();
    let id = clock.send().unwrap();
    clock.refuse(id, 3 * SECOND);
    assert_eq!(clock.turn(MINUTE), Turn::Wait(clock.now + 3 * SECOND));
    clock.now += 5 * SECOND;
    let probe = clock.send().unwrap();
    assert_eq!(clock.sent(), 0);
    // Refused again.
    clock.refuse(probe, 3 * SECOND);
    assert_eq!(clock.sent(), 0);
    clock.now += 3 * SECOND;
    // Ends without a response: the next one probes.
    let probe = clock.send().unwrap();
    clock.end(probe, End::NoResponse);
    assert_eq!(clock.sent(), 1);
    // Accepted while others wait: two follow, the waiting one first.
    let ticket = clock.join();
    clock.end(Some(3), End::NoReport);
    assert_eq!(clock.sent(), 1);
    assert!(clock.queue.leave(ticket));
    assert_eq!(clock.sent(), 1);
    // Accepted, and nobody waits.
    clock.end(Some(3), End::NoReport);
    assert!(clock.queue.is_unlimited());
}

#[test]
fn refusal_closes_a_window_that_had_requests_left() {
    let mut clock = Clock::with_window(10, 5);
    let id = clock.send().unwrap();
    clock.refuse(id, 3 * SECOND);
    assert_eq!(clock.turn(MINUTE), Turn::Wait(clock.now + 3 * SECOND));
}

#[test]
fn waits_for_the_response_that_describes_a_window() {
    let mut clock = Clock::with_window(1, 0);
    clock.now += MINUTE;
    clock.send().unwrap();
    // The rest of the limit would follow then, but this one is used up.
    assert_eq!(clock.turn(MINUTE), Turn::Wait(clock.now + RESET_PRECISION));
    clock.now += RESET_PRECISION;
    assert_eq!(clock.turn(MINUTE), Turn::Wait(clock.now + MINUTE));
    // The limit is not known.
    let mut clock = Clock::new();
    let id = clock.send().unwrap();
    clock.refuse(id, 3 * SECOND);
    clock.now += 3 * SECOND;
    clock.send().unwrap();
    assert_eq!(clock.turn(MINUTE), Turn::Wait(clock.now + MINUTE));
}

#[test]
fn a_request_that_ends_without_a_report_leaves_a_described_window_as_it_is() {
    for end in [End::NoResponse, End::NoReport] {
        let mut clock = Clock::with_window(10, 2);
        let id = clock.send().unwrap();
        clock.end(id, end);
        assert_eq!(clock.sent(), 1);
    }
}

#[test]
fn a_report_of_a_later_reset_describes_a_new_window() {
    let mut clock = Clock::with_window(10, 0);
    clock.report(Some(1), 10, 5, MINUTE + 2 * SECOND);
    assert_eq!(clock.sent(), 5);
}

#[test]
fn ignores_a_report_of_an_older_window_but_not_a_refusal_of_its_own() {
    const OTHER: WindowId = Some(99);
    for id in [Some(1), OTHER] {
        let mut clock = Clock::with_window(10, 5);
        clock.report(id, 10, 2, 10 * SECOND);
        assert_eq!(clock.sent(), 5);
    }
    let mut clock = Clock::with_window(10, 5);
    clock.refuse(OTHER, 10 * SECOND);
    assert_eq!(clock.sent(), 5);
    // Not older: the service reports whole seconds.
    let mut clock = Clock::with_window(10, 5);
    clock.report(Some(1), 10, 2, MINUTE - SECOND);
    assert_eq!(clock.sent(), 2);
}

#[test]
fn serves_waiting_requests_in_their_order() {
    let mut clock = Clock::with_window(2, 0);
    let patience = Patience {
        max_wait: 10 * MINUTE,
        deadline: clock.now + 10 * MINUTE,
        outer: None,
    };
    let [first, second, third] = [(); 3].map(|()| clock.join());
    clock.now += MINUTE;
    let now = clock.now;
    let is_sent = |turn| matches!(turn, Turn::Send(_));
    assert!(!is_sent(clock.queue.turn_of(third, &patience, now)));
    assert!(!is_sent(clock.queue.turn_of(second, &patience, now)));
    assert_eq!(clock.sent(), 0);
    assert!(is_sent(clock.queue.turn_of(first, &patience, now)));
    clock.report(Some(2), 2, 1, MINUTE);
    assert!(!is_sent(clock.queue.turn_of(third, &patience, now)));
    // The second one is cancelled: the third takes its place.
    assert!(clock.queue.leave(second));
    assert!(is_sent(clock.queue.turn_of(third, &patience, now)));
    assert!(clock.queue.waiting().is_empty());
}

/// Its callback makes another call before it reads the response.
#[test]
fn a_request_does_not_wait_for_the_response_of_its_own_thread() {
    let mut clock = Clock::new();
    let id = clock.send().unwrap();
    clock.refuse(id, 3 * SECOND);
    clock.now += 3 * SECOND;
    let probe = clock.send().unwrap();
    let inner = |clock: &mut Clock, outer| {
        let patience = Patience {
            max_wait: MINUTE,
            deadline: clock.now + MINUTE,
            outer: Some(outer),
        };
        let ticket = clock.queue.new_ticket();
        clock.queue.turn_of(ticket, &patience, clock.now)
    };
    assert!(matches!(inner(&mut clock, Outer::Sent(id)), Turn::Wait(_)));
    let sent = inner(&mut clock, Outer::Sent(probe));
    assert_eq!(sent, Turn::Send(probe));
    // Two are in flight: one of them is of another thread.
    assert!(matches!(
        inner(&mut clock, Outer::Sent(probe)),
        Turn::Wait(_)
    ));
    // A described window ends by itself.
    clock.refuse(probe, 3 * SECOND);
    let until_reset = Turn::Wait(clock.now + 3 * SECOND);
    assert_eq!(inner(&mut clock, Outer::Sent(probe)), until_reset);
}

#[test]
fn a_request_does_not_wait_behind_that_of_its_own_thread() {
    let mut clock = Clock::with_window(1, 0);
    let [first, outer, inner] = [(); 3].map(|()| clock.join());
    clock.now += MINUTE;
    let patience = Patience {
        max_wait: MINUTE,
        deadline: clock.now + MINUTE,
        outer: Some(Outer::Waiting(outer)),
    };
    let turn = |clock: &mut Clock| clock.queue.turn_of(inner, &patience, clock.now);
    assert!(matches!(turn(&mut clock), Turn::Wait(_)));
    assert!(clock.queue.leave(first));
    assert!(matches!(turn(&mut clock), Turn::Send(_)));
}

#[test]
fn a_refused_request_keeps_its_place() {
    let mut clock = Clock::new();
    let refused = clock.queue.new_ticket();
    let id = clock.send().unwrap();
    clock.refuse(id, 3 * SECOND);
    let later = clock.join();
    clock.queue.join(refused, Arc::default());
    clock.now += 3 * SECOND;
    let (max_wait, deadline) = (MINUTE, clock.now + MINUTE);
    let patience = Patience {
        max_wait,
        deadline,
        outer: None,
    };
    let turn = clock.queue.turn_of(later, &patience, clock.now);
    assert!(matches!(turn, Turn::Wait(_)));
    let turn = clock.queue.turn_of(refused, &patience, clock.now);
    assert!(matches!(turn, Turn::Send(_)));
}

#[test]
fn fails_at_once_if_the_place_in_the_queue_means_too_long_a_wait() {
    let mut clock = Clock::with_window(2, 0);
    clock.now += 30 * SECOND;
    for _ in 0..2 {
        assert_eq!(clock.turn(MINUTE), Turn::Wait(clock.now + 30 * SECOND));
        clock.join();
    }
    // The third one is sent in the window after the next.
    assert_eq!(clock.turn(MINUTE), Turn::Fail(90 * SECOND));
    assert_eq!(clock.turn(2 * MINUTE), Turn::Wait(clock.now + 30 * SECOND));
}

#[test]
fn sends_no_probe_while_the_first_place_could_wait_for_the_reset() {
    let mut clock = Clock::with_window(1, 0);
    clock.now += 30 * SECOND;
    clock.join();
    // The first in the queue waits for 30 s, the second for another window.
    assert_eq!(clock.turn(30 * SECOND), Turn::Fail(90 * SECOND));
}

#[test]
fn a_change_wakes_each_waiting_request_once() {
    let mut clock = Clock::with_window(1, 0);
    let cancellations = [Arc::default(), Arc::default()];
    for cancellation in [&cancellations[0], &cancellations[0], &cancellations[1]] {
        let ticket = clock.queue.new_ticket();
        clock.queue.join(ticket, Arc::clone(cancellation));
    }
    let woken = clock.queue.waiting();
    assert_eq!(woken.len(), 2);
    assert!(
        woken
            .iter()
            .zip(&cancellations)
            .all(|(a, b)| Arc::ptr_eq(a, b))
    );
}

#[test]
fn sends_one_probe_per_max_wait_however_long_the_limit_lasts() {
    let mut clock = Clock::new();
    let id = clock.send().unwrap();
    clock.refuse(id, 60 * MINUTE);
    clock.now += MINUTE - SECOND;
    assert_eq!(clock.turn(MINUTE), Turn::Fail(59 * MINUTE + SECOND));
    clock.now += SECOND;
    let probe = clock.send().unwrap();
    // The others wait for its response.
    assert!(matches!(clock.turn(MINUTE), Turn::Wait(_)));
    clock.refuse(probe, 59 * MINUTE);
    assert_eq!(clock.turn(MINUTE), Turn::Fail(59 * MINUTE));
    clock.now += MINUTE;
    let probe = clock.send().unwrap();
    clock.report(probe, 10, 9, MINUTE);
    assert_eq!(clock.sent(), 9);
    // Not more than one per second, however short the caller's wait.
    let mut clock = Clock::with_window(10, 0);
    assert_eq!(clock.turn(Duration::ZERO), Turn::Fail(MINUTE));
    clock.now += SECOND;
    assert!(matches!(clock.turn(Duration::ZERO), Turn::Send(_)));
}

#[test]
fn a_slow_response_of_an_old_window_describes_no_new_one() {
    let mut clock = Clock::with_window(10, 1);
    let sent_at = clock.now;
    let slow = clock.send().unwrap();
    clock.now += 10 * SECOND;
    let report = Report {
        limit: Some(10),
        remaining: 8,
        time_to_reset: MINUTE,
        is_refusal: false,
    };
    clock
        .queue
        .end(slow, End::Reported(report), sent_at, clock.now);
    assert_eq!(clock.sent(), 0);
}
