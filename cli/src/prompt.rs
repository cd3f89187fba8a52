//! Questions on the terminal.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// The settings of the terminal before a secret was asked for, which Ctrl-C has to restore.
static SETTINGS: Mutex<Option<Termios>> = Mutex::new(None);

/// Returns whether somebody can be asked.
pub fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a line, shown as it is typed.
pub fn line(question: &str) -> Result<String> {
    let mut stderr = io::stderr().lock();
    let written = write!(stderr, "{question}: ").and_then(|()| stderr.flush());
    written.map_err(cannot)?;
    let mut line = String::new();
    let bytes = io::stdin().lock().read_line(&mut line).map_err(cannot)?;
    if bytes == 0 {
        return Err(cannot(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(line.trim().to_owned())
}

/// Asks for a secret, which is not shown.
pub fn secret(question: &str) -> Result<Zeroizing<String>> {
    let settings = tcgetattr(io::stdin()).ok();
    *SETTINGS.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    let answer = rpassword::prompt_password(format!("{question}: "));
    *SETTINGS.lock().unwrap_or_else(PoisonError::into_inner) = None;
    let answer = answer.map(Zeroizing::new).map_err(cannot)?;
    Ok(Zeroizing::new(answer.trim().to_owned()))
}

/// Shows what is typed again.
pub fn restore_terminal() {
    let settings = SETTINGS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(settings) = &*settings {
        // There is no way to report an error of the terminal.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, settings);
        let _ = writeln!(io::stderr());
    }
}

fn cannot(error: io::Error) -> Error {
    match error.kind() {
        // Ctrl-C is no signal while a secret is typed.
        io::ErrorKind::Interrupted => Error::Interrupted,
        _ => Error::System("cannot read the answer", error),
    }
}
