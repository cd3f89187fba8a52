//! A value that can be replaced at any time and that a forked child inherits.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crate::process::fork::PerProcess;

/// A value that threads read and replace. A forked child begins with the value that its
/// parent had, although a thread that does not exist in the child may have been reading or
/// replacing it.
pub(crate) struct Inherited<T>(PerProcess<Value<T>>);

struct Value<T> {
    /// What `get` reads.
    current: Mutex<T>,
    /// What a child reads. A fork finds at most one of them locked: only the thread that holds
    /// `replacing` locks them, one after the other.
    copies: [Mutex<T>; 2],
    replacing: Mutex<()>,
}

impl<T: Clone> Inherited<T> {
    pub(crate) fn new(value: T) -> Self {
        Inherited(PerProcess::new(Value::new(value)))
    }

    pub(crate) fn get(&self) -> T {
        lock(&self.value().current).clone()
    }

    /// Replaces the value. A thread that has read the former one may still use it.
    pub(crate) fn set(&self, value: T) {
        let this = self.value();
        let replacing = lock(&this.replacing);
        let [first, second] = &this.copies;
        let former = [first, second, &this.current]
            .map(|place| std::mem::replace(&mut *lock(place), value.clone()));
        drop(replacing);
        // Without a lock: its destructor may use this value.
        drop(former);
    }

    fn value(&self) -> &Value<T> {
        self.0.get_with(Value::inherit)
    }
}

impl<T: Clone + Default> Default for Inherited<T> {
    fn default() -> Self {
        Inherited::new(T::default())
    }
}

impl<T: Clone> Value<T> {
    fn new(value: T) -> Self {
        Value {
            copies: [Mutex::new(value.clone()), Mutex::new(value.clone())],
            current: Mutex::new(value),
            replacing: Mutex::default(),
        }
    }

    /// Copies the value of the parent process.
    fn inherit(&self) -> Self {
        loop {
            // Repeats only while other threads of the child copy the value, too.
            for copy in &self.copies {
                match copy.try_lock() {
                    Ok(value) => return Value::new(value.clone()),
                    Err(TryLockError::Poisoned(value)) => {
                        return Value::new(value.into_inner().clone());
                    }
                    Err(TryLockError::WouldBlock) => {}
                }
            }
        }
    }
}

/// A poisoned lock is usable: the value is complete whenever code could panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Weak};

    #[test]
    fn get_returns_the_last_value_set() {
        let inherited = Inherited::new(1);
        assert_eq!(inherited.get(), 1);
        inherited.set(2);
        assert_eq!(inherited.get(), 2);
    }

    #[test]
    fn set_releases_the_former_value() {
        let former = Arc::new(());
        let inherited = Inherited::new(Some(former.clone()));
        inherited.set(None);
        assert_eq!(Arc::strong_count(&former), 1);
    }

    #[test]
    fn destructor_of_the_former_value_may_set_another() {
        struct Setter(Weak<Inherited<Option<Arc<Setter>>>>);

        impl Drop for Setter {
            fn drop(&mut self) {
                if let Some(inherited) = self.0.upgrade() {
                    inherited.set(None);
                }
            }
        }

        let inherited = Arc::new(Inherited::new(None));
        inherited.set(Some(Arc::new(Setter(Arc::downgrade(&inherited)))));
        inherited.set(None);
        assert!(inherited.get().is_none());
    }

    #[test]
    fn child_inherits_the_value_whatever_its_parent_has_locked() {
        let parent = Value::new(7);
        for copy in &parent.copies {
            let (_reading, _replacing) = (lock(&parent.current), lock(copy));
            assert_eq!(*lock(&parent.inherit().current), 7);
        }
    }
}
