//! Lines on standard error, written by a separate thread: requests must not wait for a
//! parent process that reads them late or not at all.

use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// The number of lines that are queued; further ones are dropped.
const QUEUE_LENGTH: usize = 1000;

#[derive(Clone)]
pub struct Log(SyncSender<String>);

impl Log {
    pub fn new() -> Log {
        let (sender, lines) = sync_channel::<String>(QUEUE_LENGTH);
        thread::spawn(move || {
            for line in lines {
                // Ignored: standard error may be closed.
                let _ = writeln!(io::stderr(), "{line}");
            }
        });
        Log(sender)
    }

    pub fn line(&self, text: String) {
        let _ = self.0.try_send(text);
    }
}
