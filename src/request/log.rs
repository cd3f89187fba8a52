//! Logs each attempt of a call as one line.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::encoding::json::quote;
use crate::http::{Response, TransportError, TransportErrorKind};
use crate::process::fork::PerProcess;

/// Which attempts are logged. The numbers are those of the C ABI and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum LogLevel {
    /// None.
    Off = 0,
    /// Attempts that failed: without a response (unless cancelled), or with the status
    /// code 429 or 500 to 599.
    Warning = 1,
    /// All attempts.
    Info = 2,
}

/// A callback and the level from which it is called.
#[derive(Clone)]
pub(crate) struct Log {
    level: LogLevel,
    callback: Arc<Callback>,
}

type Callback = dyn Fn(LogLevel, &str) + Send + Sync;

/// What the line of one attempt contains.
pub(crate) struct Attempt<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) result: &'a Result<Response, TransportError>,
    /// The number of the attempt within its call, from 1.
    pub(crate) number: u32,
    /// How long the attempt waited for the rate limit.
    pub(crate) rate_limit_wait: Duration,
    pub(crate) duration: Duration,
    /// The wait before the next attempt, if there is one.
    pub(crate) retry_in: Option<Duration>,
}

impl Log {
    pub(crate) fn new(
        level: LogLevel,
        callback: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> Self {
        Log {
            level,
            callback: Arc::new(callback),
        }
    }

    pub(crate) fn record(&self, attempt: &Attempt<'_>) {
        let level = attempt.level();
        if level <= self.level {
            (self.callback)(level, &attempt.line());
        }
    }
}

impl Attempt<'_> {
    fn level(&self) -> LogLevel {
        match self.result {
            Ok(response) if response.status != 429 && response.status < 500 => LogLevel::Info,
            // Freeing a collection cancels the pages that are being prefetched.
            Err(error) if error.kind == TransportErrorKind::Cancelled => LogLevel::Info,
            _ => LogLevel::Warning,
        }
    }

    fn line(&self) -> String {
        let status = self.result.as_ref().map_or(0, |response| response.status);
        let mut line = format!(
            "method={} path={} status={status} duration_ms={} attempt={}",
            self.method,
            without_query_values(self.target),
            self.duration.as_millis(),
            self.number,
        );
        // Writing to a String cannot fail.
        if !self.rate_limit_wait.is_zero() {
            let wait = self.rate_limit_wait.as_millis();
            let _ = write!(line, " rate_limit_wait_ms={wait}");
        }
        if let Some(wait) = self.retry_in {
            let _ = write!(line, " retry_in_ms={}", wait.as_millis());
        }
        let error = match self.result {
            Ok(response) => response.body_error.as_deref(),
            Err(error) => Some(error),
        };
        if let Some(error) = error {
            let _ = write!(line, " error={}", quote(&error.message));
        }
        line
    }
}

/// Returns a path with the keys of its query: the values may be personal data or secrets,
/// and so may what has no `=`.
fn without_query_values(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return target.to_owned();
    };
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let keys: Vec<&str> = pairs.map(|(key, _)| key).collect();
    format!("{path}?{}", keys.join("&"))
}

/// Collects the log lines of worker threads, until a thread of the caller passes them to
/// its callback: some languages cannot be called from a thread that they did not start.
#[derive(Clone, Default)]
pub(crate) struct LogBuffer(Arc<PerProcess<Mutex<Vec<Line>>>>);

type Line = (LogLevel, String);

impl LogBuffer {
    /// Returns a log of the same level as `log` that writes into this buffer.
    pub(crate) fn buffered(&self, log: &Log) -> Log {
        let buffer = self.clone();
        Log::new(log.level, move |level, line| {
            buffer.lock().push((level, line.to_owned()));
        })
    }

    /// Passes the lines to the callback of `log`.
    pub(crate) fn flush(&self, log: &Log) {
        let lines = std::mem::take(&mut *self.lock());
        for (level, line) in lines {
            (log.callback)(level, &line);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Line>> {
        let lines = self.0.get(Mutex::default).lock();
        lines.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omits_query_values() {
        for (target, logged) in [
            ("/a", "/a"),
            ("/a?b=secret&c&d=e=f", "/a?b&d"),
            ("/a?secret", "/a?"),
            ("/a?", "/a?"),
            ("/a?b=c?d=e", "/a?b"),
        ] {
            assert_eq!(without_query_values(target), logged);
        }
    }
}
