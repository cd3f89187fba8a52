//! Detects a fork, and gives each process its own copy of a value.

use std::process;
use std::sync::Arc;

use once_cell::race::OnceBox;

/// A value that each process creates for itself. A child created by `fork` never touches
/// its parent's value: requests of both over one connection would receive each other's
/// responses, and a lock that another thread held during the fork is never unlocked.
///
/// For the same reason the library uses `OnceBox` for values that are initialized once. A
/// cell of the standard library is locked during initialization, and a fork at that point
/// leaves it locked in the child.
pub(crate) struct PerProcess<T> {
    pid: u32,
    value: Arc<T>,
    child: OnceBox<PerProcess<T>>,
}

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        PerProcess {
            pid: process::id(),
            value: Arc::new(value),
            child: OnceBox::new(),
        }
    }

    /// Returns this process's value, and creates it with `create` if there is none yet.
    pub(crate) fn get(&self, create: impl Fn() -> T) -> &T {
        let pid = process::id();
        let mut generation = self;
        while generation.pid != pid {
            let next = || Box::new(PerProcess::new(create()));
            generation = generation.child.get_or_init(next);
        }
        &generation.value
    }
}

/// A child does not drop its parent's value: a thread that does not exist in the child may
/// have been changing it during the fork.
impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if self.pid != process::id() {
            std::mem::forget(self.value.clone());
        }
    }
}

impl<T: Default> Default for PerProcess<T> {
    fn default() -> Self {
        PerProcess::new(T::default())
    }
}
