//! Standard output.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use terminal_size::{Width, terminal_size_of};

use crate::error::{Error, Result};
use crate::json_text::{self, Style};
use crate::streams;
use crate::table::Look;

/// Standard output, whose errors are errors of the command.
pub struct Output {
    out: BufWriter<Stdout>,
    pub is_terminal: bool,
    style: Style,
}

impl Output {
    pub fn open() -> Self {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        let color = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
        let style = match (is_terminal, color) {
            (_, true) => Style::Colored,
            (true, false) => Style::Indented,
            (false, false) => Style::Compact,
        };
        Output {
            out: BufWriter::new(stdout),
            is_terminal,
            style,
        }
    }

    /// Returns how tables are shown here.
    pub fn look(&self) -> Look {
        // `None` if the terminal does not know its size.
        let size = terminal_size_of(io::stdout());
        Look {
            width: size.map(|(Width(columns), _)| columns),
            is_colored: self.style == Style::Colored,
        }
    }

    /// Writes JSON: indented for people, one line in a pipe.
    pub fn json(&mut self, json: &str) -> Result<()> {
        self.line(&json_text::format(json, self.style))
    }

    /// Writes JSON as one line.
    pub fn json_line(&mut self, json: &str) -> Result<()> {
        self.line(&json_text::format(json, Style::Compact))
    }

    pub fn line(&mut self, line: &str) -> Result<()> {
        self.write(line.as_bytes())?;
        self.write(b"\n")
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = streams::check_output().and_then(|()| self.out.write_all(bytes));
        written.map_err(Error::Output)
    }

    /// Writes what is buffered. Commands end with it: dropping would hide a full disk.
    pub fn flush(&mut self) -> Result<()> {
        self.out.flush().map_err(Error::Output)
    }
}

/// Prints the help or the version, which clap returns as an error.
pub fn print_help(help: &clap::Error) -> Result<()> {
    let printed = streams::check_output().and_then(|()| help.print());
    let printed = printed.and_then(|()| io::stdout().flush());
    printed.map_err(Error::Output)
}

/// Prints a line about the command itself to standard error.
pub fn note(message: &str) {
    // An error of standard error can be reported nowhere; the exit status remains.
    let _ = writeln!(anstream::stderr(), "{message}");
}
