//! Lines on standard error, which nobody waits for: who started the sandbox may read
//! them late, or not at all.

use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// Lines that wait to be written; more are dropped.
const WAITING: usize = 1000;

/// The way to the one thread that writes.
#[derive(Clone)]
pub struct Log(SyncSender<String>);

impl Log {
    pub fn new() -> Log {
        let (sender, lines) = sync_channel::<String>(WAITING);
        thread::spawn(move || {
            for line in lines {
                // Where the other end is closed, so it is for the next line.
                let _ = writeln!(io::stderr(), "{line}");
            }
        });
        Log(sender)
    }

    pub fn line(&self, text: String) {
        let _ = self.0.try_send(text);
    }
}
