//! `man`: writes the manual pages. Builds use it; it is not shown in the help.

use std::path::PathBuf;

use crate::args;
use crate::error::{Error, Result};

/// Write the manual pages uservoice.1, uservoice-list.1 and so on to a directory
#[derive(clap::Args)]
pub struct Args {
    directory: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let mut command = args::command();
    command = command.help_template("").subcommand_required(true);
    command.build();
    clap_mangen::generate_to(command, &args.directory)
        .map_err(|error| Error::file(&args.directory, error))
}
