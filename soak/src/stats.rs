//! Counters and findings, collected from all threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use uservoice::{Error, Status};

#[derive(Default)]
pub struct Stats {
    pub attempts: Counter,
    pub retries: Counter,
    pub slowest_ms: AtomicU64,
    pub lists: Counter,
    pub records: Counter,
    pub writes: Counter,
    pub duplicates: Counter,
    /// Writes of unknown outcome that the service did handle.
    pub unknown_handled: Counter,
    /// Writes of unknown outcome that the service did not handle.
    pub unknown_not_handled: Counter,
    by_status: Mutex<BTreeMap<String, u64>>,
    errors: Mutex<BTreeMap<String, u64>>,
    violations: Mutex<Vec<String>>,
}

#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .expect("no thread panics while it holds the lock")
}

impl Stats {
    /// Counts the attempt that a line of the client's log describes.
    pub fn count_attempt(&self, line: &str) {
        let value = |key: &str| {
            let mut pairs = line.split(' ').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(name, _)| *name == key)?;
            Some(value)
        };
        let number = |key| value(key).and_then(|text| text.parse().ok());
        let (Some(duration_ms), Some(attempt), Some(status)) =
            (number("duration_ms"), number("attempt"), value("status"))
        else {
            self.violation(format!("unexpected log line: {line}"));
            return;
        };
        self.attempts.add(1);
        self.retries.add(u64::from(attempt > 1));
        self.slowest_ms.fetch_max(duration_ms, Ordering::Relaxed);
        *lock(&self.by_status).entry(status.into()).or_default() += 1;
    }

    /// Counts an error that a call returned.
    pub fn count_error(&self, error: &Error) {
        let unexpected = matches!(
            error.status(),
            Status::InvalidArgument | Status::Cancelled | Status::Internal
        );
        if unexpected {
            self.violation(error.to_string());
        }
        let status = format!("{:?}", error.status());
        *lock(&self.errors).entry(status).or_default() += 1;
    }

    pub fn count_list(&self, records: usize) {
        self.lists.add(1);
        self.records.add(records as u64);
    }

    /// Records that the library violated a guarantee.
    pub fn violation(&self, description: String) {
        lock(&self.violations).push(description);
    }

    pub fn violations(&self) -> Vec<String> {
        lock(&self.violations).clone()
    }

    pub fn statuses(&self) -> String {
        join(&lock(&self.by_status))
    }

    pub fn errors(&self) -> String {
        join(&lock(&self.errors))
    }
}

fn join(counts: &BTreeMap<String, u64>) -> String {
    let counts: Vec<_> = counts
        .iter()
        .map(|(name, count)| format!("{name}: {count}"))
        .collect();
    counts.join(", ")
}
