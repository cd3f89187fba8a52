//! Tests of the limit that threads share. Those of its queue are queue/tests.rs.

use std::thread;

use super::*;

fn response(status: u16, headers: &[(&'static str, &str)]) -> Response {
    let mut response = Response::of(status, "");
    for (name, value) in headers {
        response.headers.insert(*name, value.parse().unwrap());
    }
    response
}

#[test]
fn shares_one_limit_per_origin_and_key_while_it_is_used() {
    let shared = |origin: &str, key: &str| RateLimit::shared(origin.into(), key.into());
    let first = shared("https://rate-limit.test", "k");
    assert!(Arc::ptr_eq(&first, &shared("https://rate-limit.test", "k")));
    assert!(!Arc::ptr_eq(
        &first,
        &shared("https://rate-limit.test", "l")
    ));
    assert!(!Arc::ptr_eq(&first, &shared("https://other.test", "k")));
}

#[test]
fn registry_forgets_limits_that_are_not_used() {
    let registry = Registry::default();
    let kept = registry.get("https://kept.test".into(), "k".into());
    for key in 0..100 {
        drop(registry.get("https://rate-limit.test".into(), key.to_string()));
    }
    // The last one is forgotten when another is added.
    assert!(registry.0.lock().unwrap().len() <= 2);
    let again = registry.get("https://kept.test".into(), "k".into());
    assert!(Arc::ptr_eq(&kept, &again));
}

#[test]
fn a_child_continues_a_call_with_a_ticket_of_its_own_queue() {
    let child = RateLimit::default();
    let parent = RateLimit {
        process: 0,
        ..RateLimit::default()
    };
    // Of another call.
    child.lock().new_ticket();
    let mut ticket = None;
    for (limit, number) in [(&parent, 1), (&parent, 1), (&child, 2), (&child, 2)] {
        drop(
            limit
                .acquire(&mut ticket, &Arc::default(), Duration::ZERO)
                .unwrap(),
        );
        let ticket = ticket.unwrap();
        assert_eq!((ticket.process, ticket.number), (limit.process, number));
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn acquire(limit: &RateLimit) -> Permit<'_> {
    limit.acquire(&mut None, &Arc::default(), MINUTE).unwrap()
}

/// Acquires the permit after a refusal: the others wait until it has ended.
fn acquire_probe(limit: &RateLimit) -> Permit<'_> {
    let refusal = response(429, &[("retry-after", "0.05")]);
    assert!(acquire(limit).record(&refusal, Instant::now()));
    acquire(limit)
}

fn wait_until_one_waits(limit: &RateLimit) {
    while limit.lock().waiting().is_empty() {
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_end_of_a_request_wakes_those_that_wait_for_it() {
    let ends: [fn(Permit<'_>); 4] = [
        |permit| {
            let is_refused = permit.record(&response(200, &[]), Instant::now());
            assert!(!is_refused);
        },
        |permit| {
            let without_a_time = response(429, &[]);
            assert!(!permit.record(&without_a_time, Instant::now()));
        },
        |permit| permit.release(),
        |permit| drop(permit),
    ];
    for end in ends {
        let limit = &RateLimit::default();
        let probe = acquire_probe(limit);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| acquire(limit).waited);
            wait_until_one_waits(limit);
            end(probe);
            // Or else until its time is up.
            assert!(waiting.join().unwrap() < MINUTE);
        });
        assert!(limit.lock().waiting().is_empty());
    }
}

#[test]
fn a_cancelled_request_leaves_the_queue() {
    let limit = &RateLimit::default();
    let _probe = acquire_probe(limit);
    let cancellation = Arc::default();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let acquired = limit.acquire(&mut None, &cancellation, MINUTE);
            acquired.err().unwrap().status()
        });
        wait_until_one_waits(limit);
        cancellation.cancel();
        assert_eq!(waiting.join().unwrap(), Status::Cancelled);
    });
    assert!(limit.lock().waiting().is_empty());
}

#[test]
fn a_limit_is_known_as_long_as_responses_report_it() {
    let limit = &RateLimit::default();
    let now = Instant::now();
    let probe = acquire_probe(limit);
    probe.record(&response(429, &[]), now);
    assert!(!limit.lock().is_unlimited());
    acquire(limit).record(&response(200, &[]), now);
    assert!(limit.lock().is_unlimited());
    acquire(limit).record(&response(200, &[]), now);
    assert!(limit.lock().is_unlimited());
    acquire(limit).record(&response(429, &[("retry-after", "1")]), now);
    assert!(!limit.lock().is_unlimited());
}

/// An interrupt callback makes it.
#[test]
fn a_request_inside_of_another_does_not_wait_for_its_end() {
    let limit = &RateLimit::default();
    let probe = acquire_probe(limit);
    assert_eq!(Current::of(&RateLimit::default()), None);
    assert_eq!(acquire(limit).waited, Duration::ZERO);
    assert!(matches!(Current::of(limit), Some(Outer::Sent(Some(_)))));
    drop(probe);
    assert_eq!(Current::of(limit), None);
}

#[test]
fn reads_rate_limit_headers() {
    let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
    let remaining = ("x-rate-limit-remaining", "7");
    let reset = ("x-rate-limit-reset", "1445412490");
    let report = |limit, remaining, is_refusal| Report {
        limit,
        remaining,
        time_to_reset: Duration::from_secs(10),
        is_refusal,
    };
    let too_many = response(429, &[date, remaining, reset]);
    assert_eq!(reported(&too_many), Some(report(None, 0, true)));
    let limit = ("x-rate-limit-limit", " 60 ");
    let ok = response(200, &[date, remaining, reset, limit]);
    assert_eq!(reported(&ok), Some(report(Some(60), 7, false)));
    let overdrawn = ("x-rate-limit-remaining", "-3");
    let used_up = response(200, &[date, overdrawn, reset, limit]);
    assert_eq!(reported(&used_up), Some(report(Some(60), 0, false)));
    for incomplete in [[date, remaining], [date, reset], [date, limit]] {
        assert_eq!(reported(&response(200, &incomplete)), None);
    }
    assert_eq!(reported(&response(429, &[date])), None);
}

#[test]
fn error_has_only_a_wait_that_is_known() {
    let known = used_up(Duration::from_millis(1500));
    assert!(known.message().ends_with("for 2 s"), "{known}");
    assert_eq!(known.retry_after(), Some(Duration::from_millis(1500)));
    let unknown = used_up(Duration::ZERO);
    assert!(
        unknown.message().ends_with("not known for how long"),
        "{unknown}"
    );
    assert_eq!(unknown.retry_after(), None);
}

#[test]
fn ignores_a_reset_that_is_past_or_too_far_away() {
    for (reset, is_used) in [("0", false), ("1", true), ("3600", true), ("3601", false)] {
        let headers = [
            ("x-rate-limit-remaining", "0"),
            ("x-rate-limit-reset", reset),
        ];
        assert_eq!(reported(&response(200, &headers)).is_some(), is_used);
        let refusal = response(429, &[("retry-after", reset)]);
        assert_eq!(reported(&refusal).is_some(), is_used, "{reset}");
    }
}
