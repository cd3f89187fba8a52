//! State that a forked child must not share with its parent.

use std::process;
use std::sync::OnceLock;

/// A value made anew in each process. A child that inherited it by `fork` never
/// touches the parent's: a connection used by both would mix up their answers,
/// and a lock that another thread held at that moment would stay locked.
pub(crate) struct PerProcess<T> {
    pid: u32,
    value: T,
    child: OnceLock<Box<PerProcess<T>>>,
}

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        PerProcess {
            pid: process::id(),
            value,
            child: OnceLock::new(),
        }
    }

    /// This process's value; `make` gives it in a process that has none yet.
    pub(crate) fn get(&self, make: impl Fn() -> T) -> &T {
        let mut generation = self;
        while generation.pid != process::id() {
            generation = generation
                .child
                .get_or_init(|| Box::new(PerProcess::new(make())));
        }
        &generation.value
    }
}

impl<T: Default> Default for PerProcess<T> {
    fn default() -> Self {
        PerProcess::new(T::default())
    }
}
