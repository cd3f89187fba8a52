//! State that a forked child must not share with its parent.

use std::process;
use std::sync::Arc;

use once_cell::race::OnceBox;

/// A value made anew in each process. A child that inherited it by `fork` never
/// touches the parent's: a connection used by both would mix up their answers,
/// and a lock that another thread held at that moment would stay locked.
///
/// That holds for cells which are filled once, too: all of ours are `OnceBox`es, which
/// threads fill without waiting for each other. One of std's is locked meanwhile, and a
/// fork at that moment leaves it so.
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

    /// This process's value; `make` gives it in a process that has none yet.
    pub(crate) fn get(&self, make: impl Fn() -> T) -> &T {
        let pid = process::id();
        let mut generation = self;
        while generation.pid != pid {
            let anew = || Box::new(PerProcess::new(make()));
            generation = generation.child.get_or_init(anew);
        }
        &generation.value
    }
}

/// A child does not drop its parent's value either: a thread that is not there
/// any more may have been changing it.
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
