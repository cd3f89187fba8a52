//! Exports: collections that are written to files, in a way that survives a kill of the
//! process at any point. The next process resumes where the last saved state ends.
//!
//! This file has the handle. `run` writes pages that the threads of `worker` load, `state`
//! is the progress that `state.json` saves, and `dedup` recognizes records that were already written.

mod batch;
mod buffer;
mod csv_rows;
mod dedup;
mod directory;
mod file;
mod format;
mod job;
mod lock;
mod options;
mod page_loader;
mod page_output;
mod page_source;
mod progress;
mod queue;
mod resource;
mod run;
mod state;
mod state_file;
mod timestamp;
mod trail;
mod turn;
mod worker;

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::auth::token::Token;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::process::fork::PerProcess;
use crate::request::log::LogBuffer;
use directory::Directory;
use page_source::Access;
use run::Run;
use turn::Turn;

/// A resumable export of lists into the files of a directory. Threads load pages ahead of
/// the caller, who writes them with [`Export::next`].
pub struct Export {
    client: Client,
    /// The client of the workers, which logs to `log_buffer`.
    worker_client: Client,
    log_buffer: LogBuffer,
    token: Option<Token>,
    /// `None` in a forked child: the directory belongs to the parent.
    run: PerProcess<Option<Mutex<Run>>>,
    turn: Turn,
}

/// PATH_MAX of Linux. There might be no memory for copies of a longer path.
const MAX_PATH_BYTES: usize = 4096;

impl Export {
    /// Opens a new export into `directory`, or resumes the one that is there. Sends nothing.
    /// `uservoice_export_new` in the C header describes `options_json` and the files.
    ///
    /// # Errors
    /// `InvalidArgument` for the options, and if they differ from those of the export that is
    /// there; `FileError` for the directory.
    pub fn new(
        client: &Client,
        token: Option<&Token>,
        directory: impl AsRef<Path>,
        options_json: &str,
    ) -> Result<Self> {
        let resources = options::parse(options_json)?;
        let directory = directory.as_ref();
        if directory.as_os_str().len() > MAX_PATH_BYTES {
            let why = format_args!("is too long: a path has at most {MAX_PATH_BYTES} bytes");
            return Err(Error::invalid("directory", why));
        }
        let directory = Directory::open(directory)?;
        let run = Run::new(directory, resources)?;
        let client = client.child();
        let log_buffer = LogBuffer::default();
        let worker_client = client.worker(&log_buffer);
        Ok(Export {
            client,
            worker_client,
            log_buffer,
            token: token.cloned(),
            run: PerProcess::new(Some(Mutex::new(run))),
            turn: Turn::default(),
        })
    }

    /// Writes the next pages of any lists and saves the state. Returns the progress as JSON, or
    /// `None` when everything is written. After an error the next call continues.
    ///
    /// # Errors
    /// Those of [`crate::Collection::next`], with the name of the resource in the message;
    /// `FileError`; `InvalidArgument` in a forked child.
    pub fn next(&self) -> Result<Option<String>> {
        let run = self.run().ok_or_else(|| {
            Error::invalid(
                "export",
                "belongs to the process that opened it, not to a forked child",
            )
        })?;
        self.client.check_not_refreshing(self.token.as_ref())?;
        let turn = self.turn.take(&self.client.interrupt())?;
        self.client.check_not_stopped()?;
        let access = Access {
            client: &self.client,
            worker_client: &self.worker_client,
            token: self.token.as_ref(),
        };
        let result = lock(run).next(access);
        drop(turn);
        self.flush_log();
        result
    }

    fn run(&self) -> Option<&Mutex<Run>> {
        self.run.get(|| None).as_ref()
    }

    /// Passes the log lines of the workers to the log of the client.
    fn flush_log(&self) {
        self.client.log.flush(&self.log_buffer);
    }
}

/// Locks a run, also after a panic, which does not leave it in an inconsistent state.
fn lock(run: &Mutex<Run>) -> MutexGuard<'_, Run> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops the workers and waits for them. In a forked child there are none.
impl Drop for Export {
    fn drop(&mut self) {
        let Some(run) = self.run() else {
            return;
        };
        self.worker_client.cancel();
        lock(run).stop();
        self.flush_log();
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}
