//! Uses the library for a long time: 32 threads read lists and write records of a sandbox,
//! which injects faults of every kind into 2 % of the requests. Prints a table of the results
//! and fails if a guarantee of docs/reliability.md is violated.
//!
//! Usage: uservoice-soak SANDBOX-PROGRAM, with SOAK_SECONDS (600), SOAK_SEED (0) and
//! SOAK_TIMEOUT_MS (3000), the timeout of an attempt, in the environment.

mod faults;
mod heap;
mod readers;
mod sandbox;
mod stats;
mod usage;
mod writers;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use sandbox::Sandbox;
use stats::Stats;
use usage::Usage;

const WRITERS: usize = 8;
const READERS: usize = 16;
/// Groups of threads that share one collection.
const GROUPS: usize = 2;
const GROUP_SIZE: usize = 4;
const THREADS: usize = WRITERS + READERS + GROUPS * GROUP_SIZE;

/// An attempt may exceed its timeout by a third of it: the threads share the machine with the
/// sandbox and other processes.
const TIMEOUT_TOLERANCE_DIVISOR: u64 = 3;

/// How much the median heap of the last quarter may exceed that of the second quarter, because
/// the number of pages in memory varies.
const HEAP_GROWTH_KIB: u64 = 8 * 1024;

/// Heap that may remain after everything is freed: memory that the standard library and the
/// TLS library keep, and the counters of this program.
const HEAP_REMAINING_KIB: u64 = 64;

const MAX_VIOLATIONS_PRINTED: usize = 20;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether the soak passed.
fn run() -> Result<bool, Box<dyn Error>> {
    let program = std::env::args()
        .nth(1)
        .ok_or("usage: uservoice-soak SANDBOX-PROGRAM")?;
    let seconds = setting("SOAK_SECONDS", 600)?;
    let seed = setting("SOAK_SEED", 0)?;
    let timeout_ms = setting("SOAK_TIMEOUT_MS", 3000)?;
    // Allocated before the first measurement, so that it does not count as growth.
    let mut samples = Vec::with_capacity(4 * seconds as usize + 1);
    // A sanitizer starts its own thread together with the first one of the program.
    let first = thread::spawn(|| ());
    first.join().map_err(|_| "an empty thread panicked")?;
    let before = usage::current()?;
    let stats = Arc::new(Stats::default());
    {
        let sandbox = Sandbox::start(&program, timeout_ms, &stats)?;
        soak(&sandbox, seconds, seed, &stats, &mut samples)?;
    }
    let after = usage::current()?;
    println!("soak: {seconds} s, {THREADS} threads, 2 % of the requests fail, seed {seed}");
    print_table(timeout_ms, &stats, before, &samples, after);
    let violations = violations(timeout_ms, &stats, before, &samples, after);
    for violation in violations.iter().take(MAX_VIOLATIONS_PRINTED) {
        println!("  VIOLATION: {violation}");
    }
    match violations.len() {
        0 => println!("soak passed"),
        count => println!("soak FAILED: {count} violations"),
    }
    Ok(violations.is_empty())
}

fn setting(name: &str, default: u64) -> Result<u64, String> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("{name}: must be a number (got \"{text}\")")),
        Err(_) => Ok(default),
    }
}

/// Runs all threads, and samples the process's usage every quarter of a second.
fn soak(
    sandbox: &Sandbox,
    seconds: u64,
    seed: u64,
    stats: &Arc<Stats>,
    samples: &mut Vec<Usage>,
) -> Result<(), Box<dyn Error>> {
    let lists = sandbox.stable_lists()?;
    let forums: Result<Vec<_>, _> = (0..WRITERS)
        .map(|number| sandbox.create_forum(&format!("soak {number}")))
        .collect();
    sandbox.add_random_faults(seed)?;

    let end = Instant::now() + Duration::from_secs(seconds);
    thread::scope(|scope| -> Result<(), Box<dyn Error>> {
        let lists = &lists;
        for (number, forum) in forums?.into_iter().enumerate() {
            scope.spawn(move || writers::write(sandbox, forum, number, stats, end));
        }
        for number in 0..READERS {
            scope.spawn(move || readers::read_alone(sandbox, lists, number, stats, end));
        }
        for number in 0..GROUPS {
            scope.spawn(move || {
                readers::read_together(sandbox, lists, GROUP_SIZE, number, stats, end);
            });
        }
        while Instant::now() < end {
            samples.push(usage::current()?);
            thread::sleep(Duration::from_millis(250));
        }
        Ok(())
    })?;
    sandbox.remove_faults()?;
    Ok(())
}

fn print_table(timeout_ms: u64, stats: &Stats, before: Usage, samples: &[Usage], after: Usage) {
    let row = |name: &str, value: String| println!("  {name:<28} {value}");
    let max = |field: fn(&Usage) -> u64| samples.iter().map(field).max().unwrap_or_default();
    let (early, late) = median_heaps(samples);
    let slowest = stats.slowest_ms.load(Ordering::Relaxed);

    row("attempts", stats.attempts.get().to_string());
    row("retries", stats.retries.get().to_string());
    row("by HTTP status (0: none)", stats.statuses());
    row("errors returned", stats.errors());
    row("lists read", stats.lists.get().to_string());
    row("records read", stats.records.get().to_string());
    row("successful writes", stats.writes.get().to_string());
    row(
        "writes of unknown outcome",
        format!(
            "{} handled, {} not handled",
            stats.unknown_handled.get(),
            stats.unknown_not_handled.get()
        ),
    );
    row("duplicate writes", stats.duplicates.get().to_string());
    row(
        "slowest attempt",
        format!("{slowest} ms, timeout {timeout_ms} ms"),
    );
    row(
        "median heap",
        format!("{early} KiB in the second quarter, {late} KiB in the last"),
    );
    row(
        "heap",
        format!(
            "{} KiB before, {} KiB after",
            before.heap_kib, after.heap_kib
        ),
    );
    row(
        "memory",
        format!("{} KiB at most", max(|sample| sample.memory_kib)),
    );
    row(
        "descriptors",
        format!(
            "{} before, {} at most, {} after",
            before.descriptors,
            max(|sample| sample.descriptors),
            after.descriptors
        ),
    );
    row(
        "threads",
        format!(
            "{} before, {} at most, {} after",
            before.threads,
            max(|sample| sample.threads),
            after.threads
        ),
    );
}

/// Returns the violated guarantees that the threads found, and those that the totals show.
fn violations(
    timeout_ms: u64,
    stats: &Stats,
    before: Usage,
    samples: &[Usage],
    after: Usage,
) -> Vec<String> {
    let (early, late) = median_heaps(samples);
    let slowest = stats.slowest_ms.load(Ordering::Relaxed);
    let mut violations = stats.violations();
    let mut require = |condition: bool, violation: &str| {
        if !condition {
            violations.push(violation.to_owned());
        }
    };
    require(stats.lists.get() > 0, "no list was read to its end");
    require(stats.writes.get() > 0, "no write succeeded");
    require(stats.retries.get() > 0, "no request was retried");
    require(
        slowest <= timeout_ms + timeout_ms / TIMEOUT_TOLERANCE_DIVISOR,
        "an attempt took longer than its timeout",
    );
    require(late <= early + HEAP_GROWTH_KIB, "the heap grows");
    require(
        after.heap_kib <= before.heap_kib + HEAP_REMAINING_KIB,
        "memory was not freed",
    );
    require(
        after.descriptors == before.descriptors,
        "file descriptors were not closed",
    );
    require(after.threads == before.threads, "threads are still running");
    violations
}

/// Returns the median heap in KiB of the second and of the last quarter.
fn median_heaps(samples: &[Usage]) -> (u64, u64) {
    let quarter = samples.len() / 4;
    let median = |samples: &[Usage]| {
        let mut heaps: Vec<_> = samples.iter().map(|sample| sample.heap_kib).collect();
        heaps.sort_unstable();
        heaps.get(heaps.len() / 2).copied().unwrap_or_default()
    };
    (
        median(&samples[quarter..2 * quarter]),
        median(&samples[3 * quarter..]),
    )
}
