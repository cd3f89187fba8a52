//! The command line.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;

use clap::builder::NonEmptyStringValueParser;
use clap::builder::styling::{AnsiColor, Styles};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, ValueEnum};

use crate::commands::Command;
use crate::error::{Error, Result};
use crate::output::print_help;
use crate::settings::variable;

/// Work with a UserVoice site from the command line.
#[derive(Parser)]
#[command(
    name = "uservoice",
    version,
    styles = STYLES,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(clap::Args)]
pub struct Global {
    /// Use the site that `uservoice login --profile NAME` saved
    #[arg(
        long,
        value_name = "NAME",
        global = true,
        value_parser = NonEmptyStringValueParser::new(),
        display_order = 1000
    )]
    pub profile: Option<String>,

    /// Use colors: on a terminal, always or never
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        display_order = 1000,
        hide_possible_values = true
    )]
    pub color: Color,

    /// Log each request to standard error
    #[arg(long, short, global = true, display_order = 1000)]
    pub verbose: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Sets the choice for both output streams. `Auto` follows `NO_COLOR` and `CLICOLOR_FORCE`.
    pub fn apply(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// The commands as `uservoice --help` groups them.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Site", &["login", "whoami"]),
    (
        "Requests",
        &["get", "post", "put", "patch", "delete", "upload"],
    ),
    ("Lists", &["list", "export"]),
    ("Single sign-on and webhooks", &["sso", "webhook"]),
    ("Shell", &["completion"]),
];

const EXAMPLES: &str = "  uservoice login
  uservoice list suggestions --limit 5
  uservoice get suggestions/12
  uservoice post comments body='Thank you!' 'links[suggestion]:=12'
  uservoice export backup suggestions users --format csv
  uservoice sso url guid=1001 email=jo@example.com";

const ENVIRONMENT: &str = "  USERVOICE_SUBDOMAIN, USERVOICE_API_KEY, USERVOICE_API_SECRET
                       The site; replaces the saved one
  USERVOICE_BASE_URL   URL of the site if it is not https://SUBDOMAIN.uservoice.com;
                       alone: the URL of a sandbox, whose API key is known
  USERVOICE_SSO_KEY    The key of single sign-on and webhooks
  USERVOICE_CA_FILE    PEM file of the certificate authorities to trust
  USERVOICE_PROFILE    As --profile";

/// The exit statuses, which `uservoice --help`, the manual and docs/guides/command-line.md show.
const EXIT_STATUSES: &str =
    "  0 success           3 not authorized   6 error of the service  9 not verified
  1 any other error   4 not found        7 no response           130 interrupted
  2 invalid usage     5 rate limit       8 file or output error";

impl Arguments {
    /// Parses the command line; exits if it is invalid. Returns `None` if it asks for help,
    /// which is printed.
    pub fn parse() -> Result<Option<Self>> {
        let matches = match command().try_get_matches_from(arguments()) {
            Ok(matches) => matches,
            Err(help) if !help.use_stderr() => return print_help(&help).map(|()| None),
            Err(error) => return Err(usage_error(&error)),
        };
        let mut arguments =
            Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if arguments.global.profile.is_none() {
            arguments.global.profile = variable("USERVOICE_PROFILE")?;
        }
        Ok(Some(arguments))
    }
}

/// Returns the arguments. `help COMMAND` is `COMMAND --help`.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

/// Exits with clap's message, unless it does not name the argument.
fn usage_error(error: &clap::Error) -> Error {
    let is_invalid = |argument: &OsString| argument.to_str().is_none();
    match env::args_os().skip(1).find(is_invalid) {
        // A directory may be any bytes.
        Some(argument) if error.kind() == ErrorKind::InvalidUtf8 => {
            Error::usage(format!("argument {argument:?}: must be UTF-8"))
        }
        _ => error.exit(),
    }
}

/// Returns the description of the command line.
pub fn command() -> clap::Command {
    let command = Arguments::command();
    let help = help_of(&command);
    command.help_template(help).after_help(after_help())
}

/// Returns the template of `uservoice --help`, with the commands in groups.
fn help_of(command: &clap::Command) -> String {
    let (header, literal) = (STYLES.get_header(), STYLES.get_literal());
    let mut help = "{about}\n\n{usage-heading} {usage}\n".to_owned();
    for (title, names) in GROUPS {
        let _ = write!(help, "\n{header}{title}:{header:#}\n");
        for name in names {
            let about = command
                .find_subcommand(name)
                .and_then(|sub| sub.get_about());
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(help, "  {literal}{name:<11}{literal:#} {about}");
        }
    }
    let _ = write!(
        help,
        "\n{header}Options:{header:#}\n{{options}}{{after-help}}\n"
    );
    help
}

fn after_help() -> String {
    let header = STYLES.get_header();
    let sections = [
        ("Examples", EXAMPLES),
        ("Environment", ENVIRONMENT),
        ("Exit status", EXIT_STATUSES),
    ];
    let mut help = String::new();
    for (title, text) in sections {
        let _ = write!(help, "{header}{title}:{header:#}\n{text}\n\n");
    }
    help + "Use `uservoice COMMAND --help` for more about a command."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn help_lists_every_visible_command_once() {
        let command = command();
        let visible = command.get_subcommands().filter(|sub| !sub.is_hide_set());
        let mut visible: Vec<_> = visible.map(|sub| sub.get_name()).collect();
        let mut listed: Vec<_> = GROUPS
            .iter()
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        visible.sort_unstable();
        listed.sort_unstable();
        assert_eq!(visible, listed);
    }
}
