//! Uses the library for a long time: 32 threads read lists and write records of a
//! sandbox that fails 2 % of the calls in every way it knows. Tells in a table what came
//! of it, and fails where a promise of docs/reliability.md was not kept.
//!
//! Usage: uservoice-soak SANDBOX-PROGRAM, with SOAK_SECONDS (600), SOAK_SEED (0) and
//! SOAK_TIMEOUT_MS (3000), the time limit of an attempt, in the environment.

mod faults;
mod heap;
mod process;
mod readers;
mod site;
mod tally;
mod writers;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use process::Use;
use site::Site;
use tally::Tally;

const WRITERS: usize = 8;
const READERS: usize = 16;
/// Groups whose threads share one collection.
const GROUPS: usize = 2;
const A_GROUP: usize = 4;
const THREADS: usize = WRITERS + READERS + GROUPS * A_GROUP;

/// How much later than its time limit an attempt may end, as a part of it: 32 threads
/// share the machine with the sandbox and with others.
const SCHEDULING: u64 = 3;

/// What the heap of the last quarter may have over that of the second, both by their
/// median: pages of lists come and go.
const HEAP_SLACK_KIB: u64 = 8 * 1024;

/// What stays when all is freed: what the standard library and the TLS library keep for
/// good, and the counts of this program.
const HEAP_LEFT_KIB: u64 = 64;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("soak: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, Box<dyn Error>> {
    let program = std::env::args().nth(1).ok_or("which sandbox?")?;
    let seconds = setting("SOAK_SECONDS", 600)?;
    let seed = setting("SOAK_SEED", 0)?;
    let timeout_ms = setting("SOAK_TIMEOUT_MS", 3000)?;
    // Made before anything is measured, so that they do not count.
    let mut samples = Vec::with_capacity(4 * seconds as usize + 1);
    // A sanitizer starts a thread of its own with the first one.
    let first = thread::spawn(|| ());
    first
        .join()
        .map_err(|_| "a thread that does nothing failed")?;
    let before = process::now()?;
    let tally = Arc::new(Tally::default());
    {
        let site = Site::start(&program, timeout_ms, &tally)?;
        soak(&site, seconds, seed, &tally, &mut samples)?;
    }
    let after = process::now()?;
    println!("soak: {seconds} s, {THREADS} threads, 2 % of the calls fail, seed {seed}");
    Ok(report(timeout_ms, &tally, before, &samples, after))
}

fn setting(name: &str, usual: u64) -> Result<u64, String> {
    match std::env::var(name) {
        Ok(text) => text.parse().map_err(|_| format!("{name}: not a number")),
        Err(_) => Ok(usual),
    }
}

/// Adds what the process used to `samples`, each quarter of a second.
fn soak(
    site: &Site,
    seconds: u64,
    seed: u64,
    tally: &Arc<Tally>,
    samples: &mut Vec<Use>,
) -> Result<(), Box<dyn Error>> {
    let lists = site.lists()?;
    let forums: Result<Vec<_>, _> = (0..WRITERS)
        .map(|number| site.new_forum(&format!("soak {number}")))
        .collect();
    site.fail_at_random(seed)?;

    let end = Instant::now() + Duration::from_secs(seconds);
    thread::scope(|scope| -> Result<(), Box<dyn Error>> {
        let lists = &lists;
        for (number, forum) in forums?.into_iter().enumerate() {
            scope.spawn(move || writers::write(site, forum, number, tally, end));
        }
        for number in 0..READERS {
            scope.spawn(move || readers::alone(site, lists, number, tally, end));
        }
        for number in 0..GROUPS {
            scope.spawn(move || readers::together(site, lists, A_GROUP, number, tally, end));
        }
        while Instant::now() < end {
            samples.push(process::now()?);
            thread::sleep(Duration::from_millis(250));
        }
        Ok(())
    })?;
    site.stop_failing()?;
    Ok(())
}

/// Prints the table. Whether all is well.
fn report(timeout_ms: u64, tally: &Tally, before: Use, samples: &[Use], after: Use) -> bool {
    let row = |what: &str, value: String| println!("  {what:<28} {value}");
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let most = |of: fn(&Use) -> u64| samples.iter().map(of).max().unwrap_or_default();
    let quarter = samples.len() / 4;
    let early = usual_heap(&samples[quarter..2 * quarter]);
    let late = usual_heap(&samples[3 * quarter..]);
    let slowest = count(&tally.slowest_ms);

    row("attempts", count(&tally.attempts).to_string());
    row(
        "of them tries after the first",
        count(&tally.retries).to_string(),
    );
    row("by HTTP status (0: none)", tally.statuses());
    row("errors that callers got", tally.errors());
    row("lists read", count(&tally.lists).to_string());
    row("records read", count(&tally.records).to_string());
    row("writes that succeeded", count(&tally.writes).to_string());
    row(
        "writes of unknown outcome",
        format!(
            "{} made, {} not",
            count(&tally.unclear_made),
            count(&tally.unclear_not_made)
        ),
    );
    row("writes made twice", count(&tally.doubled).to_string());
    row(
        "slowest attempt",
        format!("{slowest} ms, limit {timeout_ms} ms"),
    );
    row(
        "heap in use, median",
        format!("{early} KiB in the second quarter, {late} KiB in the last"),
    );
    row(
        "heap in use",
        format!(
            "{} KiB at first, {} KiB at the end",
            before.heap_kib, after.heap_kib
        ),
    );
    row(
        "memory",
        format!("{} KiB at most", most(|sample| sample.memory_kib)),
    );
    row(
        "descriptors",
        format!(
            "{} at first, {} at most, {} at the end",
            before.descriptors,
            most(|sample| sample.descriptors),
            after.descriptors
        ),
    );
    row(
        "threads",
        format!(
            "{} at first, {} at most, {} at the end",
            before.threads,
            most(|sample| sample.threads),
            after.threads
        ),
    );

    let mut wrong = tally.all_wrong();
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    expect(count(&tally.lists) > 0, "no list was read to its end");
    expect(count(&tally.writes) > 0, "nothing was written");
    expect(count(&tally.retries) > 0, "nothing failed");
    expect(
        slowest <= timeout_ms + timeout_ms / SCHEDULING,
        "an attempt took longer than its time limit",
    );
    expect(late <= early + HEAP_SLACK_KIB, "the heap grows");
    expect(
        after.heap_kib <= before.heap_kib + HEAP_LEFT_KIB,
        "something was not freed",
    );
    expect(
        after.descriptors == before.descriptors,
        "descriptors are left open",
    );
    expect(after.threads == before.threads, "threads are left");
    for what in wrong.iter().take(20) {
        println!("  WRONG: {what}");
    }
    match wrong.is_empty() {
        true => println!("soak passed"),
        false => println!("soak FAILED: {} findings", wrong.len()),
    }
    wrong.is_empty()
}

fn usual_heap(samples: &[Use]) -> u64 {
    let mut heap: Vec<_> = samples.iter().map(|sample| sample.heap_kib).collect();
    heap.sort_unstable();
    heap.get(heap.len() / 2).copied().unwrap_or_default()
}
