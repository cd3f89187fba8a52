//! The command-line tool `uservoice`: requests, lists, exports, single sign-on tokens and webhooks
//! without writing a program.
//!
//! - `args` is the command line; `commands` has one module per command.
//! - `session` opens a client with the settings that `settings` finds in the environment or in
//!   `config_file`, and obtains the token that a path needs.
//! - `items` turns `name=value` into JSON; `json_text`, `table` and `csv_text` format records.
//! - `output`, `streams`, `prompt`, `terminal` and `interrupt` are the terminal; `error` has the messages and exit
//!   statuses.

mod args;
mod commands;
mod config_file;
mod csv_text;
mod error;
mod interrupt;
mod items;
mod json_text;
mod output;
mod prompt;
mod receiver;
mod record;
mod session;
mod settings;
mod streams;
mod table;
mod terminal;

use std::process::ExitCode;

use args::Arguments;
use error::Result;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}

fn run() -> Result<()> {
    let Some(arguments) = Arguments::parse()? else {
        return Ok(());
    };
    arguments.global.color.apply();
    interrupt::watch()?;
    commands::run(arguments)
}
