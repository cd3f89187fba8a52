//! What was counted, from all threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use uservoice::{Error, Status};

#[derive(Default)]
pub struct Tally {
    pub attempts: AtomicU64,
    /// Attempts after the first of a call.
    pub retries: AtomicU64,
    pub slowest_ms: AtomicU64,
    pub lists: AtomicU64,
    pub records: AtomicU64,
    pub writes: AtomicU64,
    pub doubled: AtomicU64,
    /// Writes whose answer was lost: those that were made, and those that were not.
    pub unclear_made: AtomicU64,
    pub unclear_not_made: AtomicU64,
    by_status: Mutex<BTreeMap<String, u64>>,
    errors: Mutex<BTreeMap<String, u64>>,
    wrong: Mutex<Vec<String>>,
}

fn add(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics while it counts")
}

impl Tally {
    /// A line of the client's log.
    pub fn attempt(&self, line: &str) {
        let value = |key: &str| {
            let mut pairs = line.split(' ').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(name, _)| *name == key)?;
            Some(value)
        };
        let number = |key| value(key).and_then(|text| text.parse().ok());
        let (Some(ms), Some(number), Some(status)) = (number("ms"), number("try"), value("status"))
        else {
            self.wrong(format!("the log says: {line}"));
            return;
        };
        add(&self.attempts, 1);
        add(&self.retries, u64::from(number > 1));
        self.slowest_ms.fetch_max(ms, Ordering::Relaxed);
        *lock(&self.by_status).entry(status.into()).or_default() += 1;
    }

    pub fn error(&self, error: &Error) {
        let expected = !matches!(
            error.status(),
            Status::InvalidArgument | Status::Cancelled | Status::Internal
        );
        if !expected {
            self.wrong(error.to_string());
        }
        let status = format!("{:?}", error.status());
        *lock(&self.errors).entry(status).or_default() += 1;
    }

    pub fn list_read(&self, records: usize) {
        add(&self.lists, 1);
        add(&self.records, records as u64);
    }

    pub fn write_accepted(&self) {
        add(&self.writes, 1);
    }

    pub fn write_doubled(&self) {
        add(&self.doubled, 1);
    }

    pub fn unclear(&self, made: bool) {
        let counter = match made {
            true => &self.unclear_made,
            false => &self.unclear_not_made,
        };
        add(counter, 1);
    }

    /// Something that must not be.
    pub fn wrong(&self, what: String) {
        lock(&self.wrong).push(what);
    }

    pub fn all_wrong(&self) -> Vec<String> {
        lock(&self.wrong).clone()
    }

    pub fn statuses(&self) -> String {
        in_one_line(&lock(&self.by_status))
    }

    pub fn errors(&self) -> String {
        in_one_line(&lock(&self.errors))
    }
}

fn in_one_line(counts: &BTreeMap<String, u64>) -> String {
    let counts: Vec<_> = counts
        .iter()
        .map(|(what, count)| format!("{what}: {count}"))
        .collect();
    counts.join(", ")
}
