//! The settings of the terminal, which Ctrl-C has to restore while a secret is typed.

#[cfg(unix)]
mod system {
    use std::io::{self, Write};
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    static SAVED: Mutex<Option<Termios>> = Mutex::new(None);

    pub fn save() {
        *SAVED.lock().unwrap_or_else(PoisonError::into_inner) = tcgetattr(io::stdin()).ok();
    }

    pub fn forget() {
        *SAVED.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub fn restore() {
        let saved = SAVED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(settings) = &*saved {
            // There is no way to report an error of the terminal.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, settings);
            let _ = writeln!(io::stderr());
        }
    }
}

/// Windows: a shell sets the mode of its console before it reads the next line.
#[cfg(not(unix))]
mod system {
    pub fn save() {}

    pub fn forget() {}

    pub fn restore() {}
}

/// Calls `read`, which hides what is typed.
pub fn hiding<T>(read: impl FnOnce() -> T) -> T {
    system::save();
    let result = read();
    system::forget();
    result
}

/// Shows what is typed again, if it is hidden.
pub fn restore() {
    system::restore();
}
