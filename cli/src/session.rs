//! A client for the site of a command, and the token that a path needs.

use uservoice::{Client, LogLevel, Token};

use crate::args::Global;
use crate::config_file::{self, Config, Profile};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::items::quote;
use crate::output::note;
use crate::settings::Settings;

/// The acting user of a request.
#[derive(clap::Args, Default)]
pub struct Acting {
    /// Act as this user, who is created if unknown (API v1, trusted API key)
    #[arg(long = "as", value_name = "EMAIL", conflicts_with = "owner")]
    pub email: Option<String>,
    /// Act as the owner of the site (trusted API key)
    #[arg(long)]
    pub owner: bool,
}

pub struct Session {
    pub settings: Settings,
    pub client: Client,
    /// The bearer token of the profile, and its JSON as it was saved.
    saved: Option<Token>,
}

impl Session {
    pub fn open(global: &Global) -> Result<Self> {
        Self::of(Settings::load(global.profile.as_deref())?, global)
    }

    pub fn of(settings: Settings, global: &Global) -> Result<Self> {
        let client = client_of(&settings.site, global.verbose)?;
        let saved = settings.site.token.as_ref();
        let saved = saved.map(|json| Token::from_json(json)).transpose()?;
        Ok(Session {
            settings,
            client,
            saved,
        })
    }

    /// Returns the token for requests to `path`; `None` for requests of the API key alone.
    pub fn token(&self, path: &str, acting: &Acting) -> Result<Option<Token>> {
        if is_v1(path) {
            return Ok(match &acting.email {
                Some(email) => Some(self.client.login_as(None, email)?),
                None if acting.owner => Some(self.client.login_as_owner(None)?),
                None => None,
            });
        }
        if acting.email.is_some() {
            return Err(Error::usage(format!(
                "--as: {path} is not of API v1; its acting user is the owner, or who logged in with `uservoice login --code`"
            )));
        }
        if let Some(token) = self.saved.as_ref().filter(|_| !acting.owner) {
            return Ok(Some(token.clone()));
        }
        if !path.starts_with("/api/v2/") && !acting.owner {
            return Ok(None);
        }
        if self.settings.site.api_secret.is_none() {
            return Err(Error::NotLoggedIn("the API secret is not known".to_owned()));
        }
        Ok(Some(self.client.login_with_client_credentials()?))
    }

    /// Saves the token of the profile if the client has refreshed it.
    fn save_token(&self) -> Result<()> {
        let (Some(name), Some(token)) = (&self.settings.profile, &self.saved) else {
            return Ok(());
        };
        let (json, old) = (token.to_json(), &self.settings.site.token);
        if old.as_ref() == Some(&json) {
            return Ok(());
        }
        Config::update(&config_file::path()?, |config| {
            // Another process may have logged in.
            let profile = config.profiles.get_mut(name);
            if let Some(profile) = profile.filter(|profile| profile.token == *old) {
                profile.token = Some(json);
            }
        })
    }
}

impl Drop for Session {
    /// Saves the token, also if the command has failed: the service may accept a refresh token
    /// only once. An error does not hide the result of the command.
    fn drop(&mut self) {
        if let Err(error) = self.save_token() {
            note(&format!(
                "uservoice: warning: the refreshed token is not saved: {error}\n\
                 If the next command is not authorized, `uservoice login --code` gets another token."
            ));
        }
    }
}

/// Creates a client that Ctrl-C interrupts.
pub fn client_of(site: &Profile, verbose: bool) -> Result<Client> {
    let mut options = vec![format!(
        "\"user_agent\":{}",
        quote(concat!("uservoice-cli/", env!("CARGO_PKG_VERSION")))
    )];
    for (key, value) in [("base_url", &site.base_url), ("ca_file", &site.ca_file)] {
        options.extend(
            value
                .as_ref()
                .map(|value| format!("\"{key}\":{}", quote(value))),
        );
    }
    let secret = site.api_secret.as_ref().map(|secret| secret.as_str());
    let options = format!("{{{}}}", options.join(","));
    let client = Client::new(&site.subdomain, &site.api_key, secret, Some(&options))?;
    if verbose {
        client.set_log(LogLevel::Info, |_, line| note(line));
    }
    interrupt::cancels(&client);
    Ok(client)
}

/// Returns the path of an argument: `suggestions/12` is short for `/api/v2/admin/suggestions/12`.
pub fn full_path(argument: &str) -> Result<String> {
    if argument.is_empty() {
        return Err(Error::usage("the path is empty"));
    }
    if argument.contains("://") {
        return Err(Error::usage(format!(
            "{argument}: must be a path, such as suggestions or /api/v1/suggestions, not a URL"
        )));
    }
    match argument.starts_with('/') {
        true => Ok(argument.to_owned()),
        false => Ok(format!("/api/v2/admin/{argument}")),
    }
}

pub fn is_v1(path: &str) -> bool {
    path.starts_with("/api/v1/")
}
