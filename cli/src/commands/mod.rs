//! The commands, one module each.

mod completion;
mod export;
mod list;
mod login;
mod login_code;
mod man;
mod request;
mod sso;
mod upload;
mod webhook;
mod whoami;

use clap::Subcommand;

use crate::args::Arguments;
use crate::error::Result;

#[derive(Subcommand)]
pub enum Command {
    Login(login::Args),
    Whoami(whoami::Args),
    /// Send a GET request and print the response
    #[command(after_help = request::AFTER_HELP)]
    Get(request::Args),
    /// Send a POST request, which creates something
    #[command(after_help = request::AFTER_HELP)]
    Post(request::Args),
    /// Send a PUT request, which changes something
    #[command(after_help = request::AFTER_HELP)]
    Put(request::Args),
    /// Send a PATCH request
    #[command(after_help = request::AFTER_HELP)]
    Patch(request::Args),
    /// Send a DELETE request
    #[command(after_help = request::AFTER_HELP)]
    Delete(request::Args),
    List(list::Args),
    Export(export::Args),
    Upload(upload::Args),
    #[command(subcommand)]
    Sso(sso::Command),
    #[command(subcommand)]
    Webhook(webhook::Command),
    Completion(completion::Args),
    #[command(hide = true)]
    Man(man::Args),
}

/// Runs a command.
pub fn run(arguments: Arguments) -> Result<()> {
    let global = &arguments.global;
    match arguments.command {
        Command::Login(args) => login::run(global, args),
        Command::Whoami(args) => whoami::run(global, &args),
        Command::Get(args) => request::run(global, "GET", &args),
        Command::Post(args) => request::run(global, "POST", &args),
        Command::Put(args) => request::run(global, "PUT", &args),
        Command::Patch(args) => request::run(global, "PATCH", &args),
        Command::Delete(args) => request::run(global, "DELETE", &args),
        Command::List(args) => list::run(global, &args),
        Command::Export(args) => export::run(global, &args),
        Command::Upload(args) => upload::run(global, &args),
        Command::Sso(command) => sso::run(global, &command),
        Command::Webhook(command) => webhook::run(global, &command),
        Command::Completion(args) => completion::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
