//! Detects a fork, and gives each process its own copy of a value.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::race::OnceBox;

/// Returns the fork generation of this process, which differs from that of each process it
/// was forked from. A process id does not: it is used again, and pid namespaces repeat it.
/// Reads memory and makes no system call, except at its first call.
pub(crate) fn generation() -> u64 {
    generation_in(zeroed_by_fork())
}

/// Returns the generation stored in `word`, or stores a new one there: `word` is 0 in a
/// process that has none yet.
fn generation_in(word: &AtomicU64) -> u64 {
    /// The last generation of this process and of those it was forked from, which a fork
    /// copies.
    static LAST: AtomicU64 = AtomicU64::new(0);

    let generation = word.load(Ordering::Acquire);
    if generation != 0 {
        return generation;
    }
    let new = LAST.fetch_add(1, Ordering::SeqCst) + 1;
    match word.compare_exchange(0, new, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => new,
        // Another thread was faster.
        Err(generation) => generation,
    }
}

/// Returns a word that is 0 at first and in each new child process.
#[cfg(unix)]
fn zeroed_by_fork() -> &'static AtomicU64 {
    use crate::process::system;

    static WORD: OnceBox<&'static AtomicU64> = OnceBox::new();
    let word = || system::wiped_by_fork().unwrap_or_else(system::zeroed_by_fork_handler);
    WORD.get_or_init(|| Box::new(word()))
}

#[cfg(not(unix))]
fn zeroed_by_fork() -> &'static AtomicU64 {
    static WORD: AtomicU64 = AtomicU64::new(0);
    &WORD
}

/// A value that each process creates for itself. A child created by `fork` never touches
/// its parent's value: requests of both over one connection would receive each other's
/// responses, and a lock that another thread held during the fork is never unlocked.
///
/// For the same reason the library uses `OnceBox` for values that are initialized once. A
/// cell of the standard library is locked during initialization, and a fork at that point
/// leaves it locked in the child.
pub(crate) struct PerProcess<T> {
    generation: u64,
    value: Arc<T>,
    child: OnceBox<PerProcess<T>>,
}

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        PerProcess {
            generation: generation(),
            value: Arc::new(value),
            child: OnceBox::new(),
        }
    }

    /// Returns this process's value, and creates it with `create` if there is none yet.
    pub(crate) fn get(&self, create: impl Fn() -> T) -> &T {
        self.get_with(|_| create())
    }

    /// As [`Self::get`]; `create` receives the value of the parent process, which it must
    /// not lock.
    pub(crate) fn get_with(&self, create: impl Fn(&T) -> T) -> &T {
        let generation = generation();
        let mut process = self;
        while process.generation != generation {
            let next = || Box::new(PerProcess::new(create(&process.value)));
            process = process.child.get_or_init(next);
        }
        &process.value
    }
}

/// A child does not drop its parent's value: a thread that does not exist in the child may
/// have been changing it during the fork.
impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if self.generation != generation() {
            std::mem::forget(self.value.clone());
        }
    }
}

impl<T: Default> Default for PerProcess<T> {
    fn default() -> Self {
        PerProcess::new(T::default())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::process::system;
    use nix::sys::wait::{WaitStatus, waitpid};
    use nix::unistd::{ForkResult, fork};
    use std::thread;

    /// Returns whether `check` holds in a child process. It may only read and write memory,
    /// because other threads of the test program may hold locks.
    #[allow(unsafe_code)]
    fn holds_in_child(check: impl FnOnce() -> bool) -> bool {
        // SAFETY: the child reads and writes memory and ends.
        match unsafe { fork() }.unwrap() {
            ForkResult::Parent { child } => {
                waitpid(child, None).unwrap() == WaitStatus::Exited(child, 0)
            }
            // SAFETY: ends the process at once.
            ForkResult::Child => unsafe { nix::libc::_exit(i32::from(!check())) },
        }
    }

    fn differs_in_nested_forks(word: &AtomicU64) {
        let parent = generation_in(word);
        assert!(holds_in_child(|| {
            let child = generation_in(word);
            let differs = |grandchild| grandchild != child && grandchild != parent;
            child != parent
                && holds_in_child(|| differs(generation_in(word)))
                && child == generation_in(word)
        }));
        // A child that does not use the library between two forks.
        assert!(holds_in_child(|| holds_in_child(
            || generation_in(word) != parent
        )));
        assert_eq!(generation_in(word), parent);
    }

    #[test]
    fn generation_differs_from_all_ancestors_with_a_wiped_page() {
        // None: a kernel before Linux 4.14, or another system.
        if let Some(word) = system::wiped_by_fork() {
            differs_in_nested_forks(word);
        }
    }

    #[test]
    fn generation_differs_from_all_ancestors_with_a_fork_handler() {
        differs_in_nested_forks(system::zeroed_by_fork_handler());
    }

    #[test]
    fn threads_agree_on_the_generation() {
        let word = AtomicU64::new(0);
        thread::scope(|scope| {
            let read = || generation_in(&word);
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(read)).collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), generation_in(&word));
            }
        });
    }
}
