//! One line for each attempt at a call, for whoever wants to watch the client.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::encoding::json::quote;
use crate::http::{Cause, Response, TransportError};
use crate::process::fork::PerProcess;

/// How much is told. The numbers are those of the C ABI and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum LogLevel {
    /// Nothing.
    Off = 0,
    /// Attempts that got no response (unless they were cancelled), or 429, or a
    /// status from 500.
    Warning = 1,
    /// All attempts.
    Info = 2,
}

/// Where lines go, and which.
#[derive(Clone)]
pub(crate) struct Log {
    level: LogLevel,
    sink: Arc<Sink>,
}

type Sink = dyn Fn(LogLevel, &str) + Send + Sync;

/// What is told of one attempt.
pub(crate) struct Attempt<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) result: &'a Result<Response, TransportError>,
    /// From 1, for each call.
    pub(crate) number: u32,
    /// How long the rate limit held it back before it was sent.
    pub(crate) held: Duration,
    pub(crate) took: Duration,
    /// Until the next attempt, if there is to be one.
    pub(crate) wait: Option<Duration>,
}

impl Log {
    pub(crate) fn new(
        level: LogLevel,
        sink: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> Self {
        Log {
            level,
            sink: Arc::new(sink),
        }
    }

    pub(crate) fn tell(&self, attempt: &Attempt<'_>) {
        let level = attempt.level();
        if level <= self.level {
            (self.sink)(level, &attempt.line());
        }
    }
}

impl Attempt<'_> {
    fn level(&self) -> LogLevel {
        match self.result {
            Ok(response) if response.status != 429 && response.status < 500 => LogLevel::Info,
            // Such as a list's that is not read to its end.
            Err(failure) if failure.cause == Cause::Cancelled => LogLevel::Info,
            _ => LogLevel::Warning,
        }
    }

    fn line(&self) -> String {
        let status = self.result.as_ref().map_or(0, |response| response.status);
        let mut line = format!(
            "method={} path={} status={status} ms={} try={}",
            self.method,
            without_values(self.target),
            self.took.as_millis(),
            self.number,
        );
        // Writing to a String cannot fail.
        if !self.held.is_zero() {
            let _ = write!(line, " held_ms={}", self.held.as_millis());
        }
        if let Some(wait) = self.wait {
            let _ = write!(line, " wait_ms={}", wait.as_millis());
        }
        if let Err(failure) = self.result {
            let _ = write!(line, " error={}", quote(&failure.message));
        }
        line
    }
}

/// A path with the keys of its query only: the values may be anybody's data.
fn without_values(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return target.to_owned();
    };
    let keys: Vec<&str> = query
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or(pair))
        .collect();
    format!("{path}?{}", keys.join("&"))
}

/// Keeps what threads of ours have to tell until one of the caller's comes by:
/// not every language can be called from a thread that it does not know.
#[derive(Clone, Default)]
pub(crate) struct Backlog(Arc<PerProcess<Mutex<Vec<Kept>>>>);

type Kept = (LogLevel, String);

impl Backlog {
    /// A log like `log` that keeps its lines here.
    pub(crate) fn instead_of(&self, log: &Log) -> Log {
        let backlog = self.clone();
        Log::new(log.level, move |level, line| {
            backlog.lock().push((level, line.to_owned()));
        })
    }

    pub(crate) fn tell(&self, log: &Log) {
        let kept = std::mem::take(&mut *self.lock());
        for (level, line) in kept {
            (log.sink)(level, &line);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        let kept = self.0.get(Mutex::default).lock();
        kept.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_told_by_its_keys() {
        for (target, told) in [
            ("/a", "/a"),
            ("/a?b=secret&c&d=e=f", "/a?b&c&d"),
            ("/a?", "/a?"),
            ("/a?b=c?d=e", "/a?b"),
        ] {
            assert_eq!(without_values(target), told);
        }
    }
}
