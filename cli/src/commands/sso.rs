//! `sso`: single sign-on tokens.

use clap::value_parser;
use uservoice::sso;

use crate::args::Global;
use crate::error::{Error, Result};
use crate::items::{self, read_bytes};
use crate::output::Output;
use crate::session::client_of;
use crate::settings::{Settings, sso_key};

/// Create and decode single sign-on tokens
#[derive(clap::Subcommand)]
#[command(arg_required_else_help = true, after_help = AFTER_HELP)]
pub enum Command {
    /// Print a token that logs a user in
    Token(TokenArgs),
    /// Verify a token and print its user
    Decode(DecodeArgs),
    /// Print a link that logs a user in
    Url(UrlArgs),
}

const AFTER_HELP: &str = "\
Examples:
  uservoice sso url guid=1001 email=jo@example.com
  uservoice sso token guid=1001 email=jo@example.com | uservoice sso decode";

#[derive(clap::Args)]
pub struct TokenArgs {
    /// Attributes of the user, as the items of `uservoice get`: guid, email, display_name ...
    #[arg(value_name = "ITEM", required = true)]
    user: Vec<String>,
    /// Create an encrypted token instead of a JSON Web Token
    #[arg(long)]
    aes: bool,
    /// How long the token is valid
    #[arg(long, value_name = "SECONDS", default_value_t = 300, allow_negative_numbers = true, value_parser = value_parser!(i64).range(1..))]
    valid_for: i64,
}

#[derive(clap::Args)]
pub struct UrlArgs {
    #[command(flatten)]
    token: TokenArgs,
    /// Path of the page that the link leads to
    #[arg(long, value_name = "PATH", default_value = "/")]
    page: String,
}

#[derive(clap::Args)]
pub struct DecodeArgs {
    /// The token; - (the default) reads standard input
    #[arg(default_value = "-", hide_default_value = true)]
    token: String,
    /// Accept a JSON Web Token that expired at most this long ago
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    leeway: i64,
}

pub fn run(global: &Global, command: &Command) -> Result<()> {
    let mut out = Output::open();
    match command {
        Command::Token(args) => out.line(&token(global, args)?)?,
        Command::Url(args) => {
            let token = token(global, &args.token)?;
            let settings = Settings::load(global.profile.as_deref())?;
            let client = client_of(&settings.site, global.verbose)?;
            out.line(&client.sso_url(&token, Some(&args.page))?)?;
        }
        Command::Decode(args) => out.json(&decode(global, args)?)?,
    }
    out.flush()
}

fn token(global: &Global, args: &TokenArgs) -> Result<String> {
    let user = items::to_json(&args.user)?.unwrap_or_default();
    let key = sso_key(global.profile.as_deref())?;
    if !args.aes {
        return Ok(sso::jwt(&key, &user, args.valid_for)?);
    }
    let settings = Settings::load(global.profile.as_deref())?;
    Ok(sso::token(
        &settings.site.subdomain,
        &key,
        &user,
        args.valid_for,
    )?)
}

/// Decodes a JSON Web Token, whose three parts dots separate, or an encrypted token.
fn decode(global: &Global, args: &DecodeArgs) -> Result<String> {
    let token = match args.token.as_str() {
        "-" => String::from_utf8_lossy(&read_bytes("-")?).into_owned(),
        token => token.to_owned(),
    };
    let token = token.trim();
    if token.is_empty() {
        return Err(Error::usage("the token is empty"));
    }
    let key = sso_key(global.profile.as_deref())?;
    if token.contains('.') {
        return Ok(sso::jwt_verify(&key, token, args.leeway)?);
    }
    let settings = Settings::load(global.profile.as_deref())?;
    Ok(sso::decrypt(&settings.site.subdomain, &key, token)?)
}
