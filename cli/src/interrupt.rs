//! Ctrl-C, SIGTERM and SIGXFSZ.
//!
//! A request, list or export that runs ends through the interrupt callback of its client, so that
//! its error says what may have happened. Everything else, such as a prompt, ends at once.

use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use uservoice::Client;

use crate::error::{Error, Result};
use crate::prompt;

/// 128 + SIGINT, as shells report it.
pub const EXIT_STATUS: u8 = 130;

/// How long a client has to end in its own way. Longer than the 50 ms in which it notices.
const GRACE: Duration = Duration::from_millis(500);

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Whether a client runs that ends by its callback.
static HAS_CLIENT: AtomicBool = AtomicBool::new(false);

/// Starts the thread that waits for the signals.
pub fn watch() -> Result<()> {
    let cannot = |error: io::Error| Error::System("cannot wait for signals", error);
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGXFSZ]).map_err(cannot)?;
    let wait = move || {
        for signal in signals.forever() {
            if signal == SIGXFSZ {
                // A file at the limit of `ulimit -f` is an error of the call that writes it.
                continue;
            }
            let is_repeated = IS_INTERRUPTED.swap(true, Ordering::SeqCst);
            if HAS_CLIENT.load(Ordering::SeqCst) && !is_repeated && signal == SIGINT {
                thread::spawn(|| {
                    thread::sleep(GRACE);
                    exit(SIGINT);
                });
                continue;
            }
            exit(signal);
        }
    };
    thread::Builder::new().spawn(wait).map_err(cannot)?;
    Ok(())
}

fn exit(signal: i32) -> ! {
    prompt::restore_terminal();
    process::exit(128 + signal);
}

/// Returns whether Ctrl-C was pressed.
pub fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::SeqCst)
}

/// Makes Ctrl-C end the calls of a client.
pub fn cancels(client: &Client) {
    client.set_interrupt(Some(Arc::new(is_interrupted)));
    HAS_CLIENT.store(true, Ordering::SeqCst);
}
