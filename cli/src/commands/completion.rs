//! `completion`: scripts that complete commands and options in a shell.

use clap::ValueEnum;

use crate::args;
use crate::error::Result;
use crate::output::Output;

/// Print a script that completes commands and options in a shell
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    #[arg(value_enum, hide_possible_values = true)]
    /// bash, zsh or fish
    shell: Shell,
}

const AFTER_HELP: &str = "\
Put it where the shell looks:
  uservoice completion bash > ~/.local/share/bash-completion/completions/uservoice
  uservoice completion zsh > \"${fpath[1]}/_uservoice\"
  uservoice completion fish > ~/.config/fish/completions/uservoice.fish";

#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

pub fn run(args: &Args) -> Result<()> {
    let shell = match args.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut visible_command(), "uservoice", &mut script);
    let mut out = Output::open();
    out.write(&script)?;
    out.flush()
}

/// Returns the command line without hidden commands, which scripts would offer.
fn visible_command() -> clap::Command {
    let all = args::command();
    let visible = all
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    clap::Command::new("uservoice")
        .version(env!("CARGO_PKG_VERSION"))
        .args(all.get_arguments().cloned())
        .subcommands(visible.cloned())
}
