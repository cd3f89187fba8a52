//! Logs each attempt of a call as one line.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::encoding::json::quote;
use crate::error::{Error, Result};
use crate::http::{Response, TransportError, TransportErrorKind};
use crate::process::fork::PerProcess;
use crate::process::inherited::Inherited;

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

/// The log of a client handle, its collections and its exports.
#[derive(Clone, Default)]
pub(crate) struct Log {
    receiver: Arc<Inherited<Option<Arc<Receiver>>>>,
    /// Set in worker threads: the lines wait here for a thread of the caller, because some
    /// languages cannot be called from a thread that they did not start.
    buffer: Option<LogBuffer>,
}

/// What receives the lines, and from which level.
pub(crate) struct Receiver {
    level: LogLevel,
    sink: Sink,
}

type Callback = dyn Fn(LogLevel, &str) + Send + Sync;

enum Sink {
    Callback(Box<Callback>),
    /// Lines that [`Log::take`] returns.
    Kept(LogBuffer),
}

/// What the line of one attempt contains.
pub(crate) struct Attempt<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) result: &'a std::result::Result<Response, TransportError>,
    /// The number of the attempt within its call, from 1.
    pub(crate) number: u32,
    /// How long the attempt waited for the rate limit.
    pub(crate) rate_limit_wait: Duration,
    pub(crate) duration: Duration,
    /// The wait before the next attempt, if there is one.
    pub(crate) retry_in: Option<Duration>,
}

impl Receiver {
    pub(crate) fn callback(
        level: LogLevel,
        callback: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> Self {
        Receiver {
            level,
            sink: Sink::Callback(Box::new(callback)),
        }
    }

    /// Creates a receiver that keeps lines for [`Log::take`].
    pub(crate) fn keep(level: LogLevel) -> Self {
        Receiver {
            level,
            sink: Sink::Kept(LogBuffer::default()),
        }
    }

    fn receive(&self, (level, line): Line) {
        match &self.sink {
            _ if level > self.level => {}
            Sink::Callback(callback) => callback(level, &line),
            Sink::Kept(lines) => lines.push((level, line)),
        }
    }
}

impl Log {
    /// Replaces what receives the lines. A call in progress may still use the former
    /// receiver.
    pub(crate) fn set(&self, receiver: Option<Receiver>) {
        self.receiver.set(receiver.map(Arc::new));
    }

    /// Returns a log that begins with the same receiver, and can be given another.
    pub(crate) fn copy(&self) -> Self {
        Log {
            receiver: Arc::new(Inherited::new(self.receiver.get())),
            buffer: None,
        }
    }

    /// Returns a log of worker threads, whose lines wait in `buffer` for [`Log::flush`].
    pub(crate) fn buffered(&self, buffer: &LogBuffer) -> Self {
        Log {
            receiver: self.receiver.clone(),
            buffer: Some(buffer.clone()),
        }
    }

    pub(crate) fn record(&self, attempt: &Attempt<'_>) {
        let Some(receiver) = self.receiver.get() else {
            return;
        };
        let level = attempt.level();
        if level > receiver.level {
            return;
        }
        self.deliver(&receiver, (level, attempt.line()));
    }

    /// Passes on the lines of worker threads.
    pub(crate) fn flush(&self, buffer: &LogBuffer) {
        let lines = buffer.take();
        if lines.is_empty() {
            return;
        }
        if let Some(receiver) = self.receiver.get() {
            for line in lines {
                self.deliver(&receiver, line);
            }
        }
    }

    fn deliver(&self, receiver: &Receiver, line: Line) {
        match (&self.buffer, &receiver.sink) {
            (Some(buffer), Sink::Callback(_)) => buffer.push(line),
            _ => receiver.receive(line),
        }
    }

    /// Returns the lines that were kept since the last call as JSON, or `None` if there are
    /// none.
    pub(crate) fn take(&self) -> Result<Option<String>> {
        let receiver = self.receiver.get();
        let Some(Sink::Kept(kept)) = receiver.as_deref().map(|receiver| &receiver.sink) else {
            return Err(Error::invalid(
                "client",
                "must have a log without a callback",
            ));
        };
        let to_json = |(level, line): &Line| {
            format!("{{\"level\":{},\"line\":{}}}", *level as i32, quote(line))
        };
        let lines: Vec<_> = kept.take().iter().map(to_json).collect();
        Ok((!lines.is_empty()).then(|| format!("[{}]", lines.join(","))))
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

/// Log lines, the newest [`MAX_LINES`]. A forked child begins with none.
#[derive(Clone, Default)]
pub(crate) struct LogBuffer(Arc<PerProcess<Mutex<VecDeque<Line>>>>);

type Line = (LogLevel, String);

/// Bounds the memory of a program that takes no lines.
const MAX_LINES: usize = 10_000;

impl LogBuffer {
    fn push(&self, line: Line) {
        let mut lines = self.lock();
        if lines.len() == MAX_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn take(&self) -> VecDeque<Line> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Line>> {
        let lines = self.0.get(Mutex::default).lock();
        lines.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest_lines() {
        let lines = LogBuffer::default();
        (0..=MAX_LINES).for_each(|number| lines.push((LogLevel::Info, number.to_string())));
        let lines = lines.take();
        assert_eq!(lines.len(), MAX_LINES);
        assert_eq!(lines[0].1, "1");
        assert_eq!(lines[MAX_LINES - 1].1, MAX_LINES.to_string());
    }

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
