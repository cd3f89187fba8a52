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

use uservoice::Client;

use crate::error::{Error, Result};
use crate::terminal;

/// Ctrl-C; has this number on all systems.
const SIGINT: i32 = 2;

/// 128 + SIGINT, as shells report it.
pub const EXIT_STATUS: u8 = 130;

/// How long a client has to end in its own way. Longer than the 50 ms in which it notices.
const GRACE: Duration = Duration::from_millis(500);

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Whether a client runs that ends by its callback.
static HAS_CLIENT: AtomicBool = AtomicBool::new(false);

/// Starts the thread that waits for the signals.
pub fn watch() -> Result<()> {
    let watched = start_watching(|signal| {
        let is_repeated = IS_INTERRUPTED.swap(true, Ordering::SeqCst);
        if !HAS_CLIENT.load(Ordering::SeqCst) || is_repeated || signal != SIGINT {
            exit(signal);
        }
        thread::spawn(|| {
            thread::sleep(GRACE);
            exit(SIGINT);
        });
    });
    watched.map_err(|error| Error::System("cannot wait for signals", error))
}

#[cfg(unix)]
fn start_watching(handle: impl Fn(i32) + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGINT, SIGTERM, SIGXFSZ])?;
    // A file at the limit of `ulimit -f` is an error of the call that writes it.
    let wait = move || {
        signals
            .forever()
            .filter(|&signal| signal != SIGXFSZ)
            .for_each(handle)
    };
    thread::Builder::new().spawn(wait)?;
    Ok(())
}

/// Windows has no SIGTERM.
#[cfg(not(unix))]
fn start_watching(handle: impl Fn(i32) + Send + 'static) -> io::Result<()> {
    let mut presses = tokio::signal::windows::ctrl_c()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let wait = async move {
        while presses.recv().await.is_some() {
            handle(SIGINT);
        }
    };
    thread::Builder::new().spawn(move || runtime.block_on(wait))?;
    Ok(())
}

fn exit(signal: i32) -> ! {
    terminal::restore();
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
