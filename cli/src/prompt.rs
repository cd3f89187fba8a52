//! Questions on the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::terminal;

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
    let answer = terminal::hiding(|| rpassword::prompt_password(format!("{question}: ")));
    let answer = answer.map(Zeroizing::new).map_err(cannot)?;
    Ok(Zeroizing::new(answer.trim().to_owned()))
}

fn cannot(error: io::Error) -> Error {
    match error.kind() {
        // Ctrl-C is no signal while a secret is typed.
        io::ErrorKind::Interrupted => Error::Interrupted,
        _ => Error::System("cannot read the answer", error),
    }
}
