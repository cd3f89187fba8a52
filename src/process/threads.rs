//! Starts the library's own threads inside the host program.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread with all signals blocked, so that the host's signal handlers keep running
/// on the host's threads.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let builder = Builder::new().name(name.to_owned());
    with_signals_blocked(|| builder.spawn(work))
}

/// Blocks signals in the calling thread while it starts the other one, which inherits the
/// mask. Blocking them in the new thread would leave a gap in which it can receive a signal.
#[cfg(unix)]
fn with_signals_blocked<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let _blocked = crate::process::system::BlockedSignals::block()?;
    start()
}

#[cfg(not(unix))]
fn with_signals_blocked<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    start()
}

/// Returns a number that identifies the calling thread while it lives: the address of a
/// thread-local variable. `ThreadId` would allocate memory in the host's threads.
pub(crate) fn current_id() -> usize {
    thread_local!(static ANCHOR: u8 = const { 0 });
    ANCHOR.with(|anchor| std::ptr::from_ref(anchor).addr())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use nix::sys::signal::{SigSet, Signal};

    #[test]
    fn spawn_blocks_signals_and_restores_the_callers_mask() {
        let before = SigSet::thread_get_mask().unwrap();
        let mask = spawn("uservoice-test", || SigSet::thread_get_mask().unwrap())
            .unwrap()
            .join()
            .unwrap();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGALRM] {
            assert!(mask.contains(signal), "{signal}");
        }
        assert_eq!(SigSet::thread_get_mask().unwrap(), before);
    }
}
