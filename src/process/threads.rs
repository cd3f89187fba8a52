//! Threads of ours inside somebody else's process.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread that takes none of the host's signals: its handlers run on
/// its own threads, as if we had none.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let builder = Builder::new().name(name.to_owned());
    with_signals_blocked(|| builder.spawn(work))
}

/// A thread inherits the mask of the one that starts it, so that there is no
/// moment at which it could take a signal.
#[cfg(unix)]
fn with_signals_blocked<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let _blocked = crate::process::system::BlockedSignals::block()?;
    start()
}

#[cfg(not(unix))]
fn with_signals_blocked<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    start()
}

/// A number that no other thread has at the same time. `ThreadId` would leave memory behind
/// in the host's threads.
pub(crate) fn this_one() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use nix::sys::signal::{SigSet, Signal};

    #[test]
    fn our_threads_take_no_signals_and_the_callers_mask_stays() {
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
