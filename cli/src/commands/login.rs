//! `login`: saves the credentials of a site.

use zeroize::Zeroizing;

use crate::args::Global;
use crate::commands::login_code;
use crate::commands::whoami::current_user;
use crate::config_file::{self, Config, Profile};
use crate::error::{Error, Result};
use crate::output::note;
use crate::prompt;
use crate::session::{Acting, Session};
use crate::settings::{DEFAULT_PROFILE, ENVIRONMENT_SITE, Settings, secret_variable, variable};

/// Save the API key of a site, or log in with a browser
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Subdomain: acme for https://acme.uservoice.com
    #[arg(long, value_name = "NAME")]
    subdomain: Option<String>,
    /// API key (Admin Console, Settings, Integrations)
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// URL of the site, if it is not https://SUBDOMAIN.uservoice.com
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Log in as yourself with a browser (authorization code with PKCE), without an API secret
    #[arg(long)]
    code: bool,
    /// With --code: port of the redirect URI http://127.0.0.1:PORT/callback; 0 chooses a free one
    #[arg(long, default_value_t = 0, requires = "code")]
    port: u16,
    /// With --code: print the URL, and open no browser
    #[arg(long, requires = "code")]
    no_browser: bool,
}

const AFTER_HELP: &str = "\
Asks for what neither an option nor a USERVOICE_* variable names. Checks the credentials with the
site, and saves them in ~/.config/uservoice/config.toml, which only you can read. Secrets are never
arguments: other users could see them.

Examples:
  uservoice login
  uservoice login --profile test --subdomain acme-test
  uservoice login --code --port 8080";

pub fn run(global: &Global, args: Args) -> Result<()> {
    let name = global
        .profile
        .clone()
        .unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
    let path = config_file::path()?;
    // Fails before questions are asked if it cannot be used.
    Config::read(&path)?;
    Config::check_writable(&path)?;
    let (port, no_browser, code) = (args.port, args.no_browser, args.code);
    let mut site = ask(args)?;
    if code {
        site.token = Some(login_code::run(&site, global, port, !no_browser)?);
    }
    let session = Session::of(
        Settings {
            site: site.clone(),
            profile: None,
        },
        global,
    )?;
    let user = current_user(&session, &Acting::default())?;
    Config::update(&path, |config| {
        config.profiles.insert(name, site);
    })?;
    let user = user["name"].as_str().unwrap_or("its owner");
    let user: String = user.chars().filter(|c| !c.is_control()).collect();
    note(&format!(
        "Logged in to {} as {user}.",
        session.settings.site.subdomain
    ));
    note(&format!("Saved in {}.", path.display()));
    for name in ENVIRONMENT_SITE {
        if variable(name)?.is_some() {
            note(&format!(
                "{name} is set: commands without --profile use the site of the environment."
            ));
            break;
        }
    }
    Ok(())
}

/// Finds out the site and its credentials.
fn ask(args: Args) -> Result<Profile> {
    let subdomain = value(
        args.subdomain,
        "USERVOICE_SUBDOMAIN",
        "Subdomain (acme for acme.uservoice.com)",
    )?;
    let base_url = match args.base_url {
        Some(url) => Some(url),
        None => base_url_of_environment()?,
    };
    let api_key = value(args.api_key, "USERVOICE_API_KEY", "API key")?;
    let api_secret = match args.code {
        true => None,
        false => Some(secret("USERVOICE_API_SECRET", "API secret (not shown)")?),
    };
    let sso_key = match secret_variable("USERVOICE_SSO_KEY")? {
        Some(key) => Some(key),
        None if prompt::is_possible() => {
            let key = prompt::secret("SSO key, for single sign-on and webhooks (Enter for none)")?;
            Some(key).filter(|key| !key.is_empty())
        }
        None => None,
    };
    Ok(Profile {
        subdomain,
        api_key,
        api_secret,
        sso_key,
        base_url,
        ca_file: variable("USERVOICE_CA_FILE")?,
        token: None,
    })
}

/// Returns the URL of the environment, and says so if the site is not of the environment.
fn base_url_of_environment() -> Result<Option<String>> {
    let url = variable("USERVOICE_BASE_URL")?;
    if let Some(url) = &url
        && variable("USERVOICE_SUBDOMAIN")?.is_none()
    {
        note(&format!(
            "Logging in at {url}, because USERVOICE_BASE_URL is set."
        ));
    }
    Ok(url)
}

fn value(option: Option<String>, name: &'static str, question: &str) -> Result<String> {
    if let Some(value) = option {
        return Ok(value);
    }
    match variable(name)? {
        Some(value) => Ok(value),
        None if prompt::is_possible() => prompt::line(question),
        None => Err(missing(name)),
    }
}

fn secret(name: &'static str, question: &str) -> Result<Zeroizing<String>> {
    match secret_variable(name)? {
        Some(value) => Ok(value),
        None if prompt::is_possible() => prompt::secret(question),
        None => Err(missing(name)),
    }
}

fn missing(name: &str) -> Error {
    Error::usage(format!(
        "{name} must be set, because there is no terminal to ask for it"
    ))
}
