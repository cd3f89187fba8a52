//! The site that a command uses: from the environment, or from the configuration file.

use std::env;

use zeroize::Zeroizing;

use crate::config_file::{self, Config, Profile};
use crate::error::{Error, Result};

pub const DEFAULT_PROFILE: &str = "default";

/// The variables that make commands use the site of the environment.
pub const ENVIRONMENT_SITE: [&str; 2] = ["USERVOICE_SUBDOMAIN", "USERVOICE_BASE_URL"];

/// The site and credentials of a command.
pub struct Settings {
    pub site: Profile,
    /// The profile that they were read from; `None` if they are those of the environment.
    pub profile: Option<String>,
}

/// Returns an environment variable; an empty one counts as not set.
pub fn variable(name: &str) -> Result<Option<String>> {
    let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    // The value may be a secret.
    let text = value.into_string();
    text.map(Some)
        .map_err(|_| Error::usage(format!("{name}: must be UTF-8")))
}

/// Returns an environment variable that may be a secret.
pub fn secret_variable(name: &str) -> Result<Option<Zeroizing<String>>> {
    Ok(variable(name)?.map(Zeroizing::new))
}

impl Settings {
    /// Finds the site: the profile that was named, else the environment, else the default profile.
    /// They are not mixed, so that the key of one site is not sent to another.
    pub fn load(profile: Option<&str>) -> Result<Self> {
        if profile.is_none()
            && let Some(site) = from_environment()?
        {
            return Ok(Settings {
                site,
                profile: None,
            });
        }
        let name = profile.unwrap_or(DEFAULT_PROFILE);
        let path = config_file::path()?;
        let mut config = Config::read(&path)?;
        let Some(site) = config.profiles.remove(name) else {
            return Err(Error::NotLoggedIn(match profile {
                Some(name) => format!("there is no profile {name:?} in {}", path.display()),
                None => "no site is known".to_owned(),
            }));
        };
        Ok(Settings {
            site,
            profile: Some(name.to_owned()),
        })
    }
}

/// Returns the site that the environment names.
fn from_environment() -> Result<Option<Profile>> {
    let base_url = variable("USERVOICE_BASE_URL")?;
    let Some(subdomain) = variable("USERVOICE_SUBDOMAIN")? else {
        return base_url.map(sandbox).transpose();
    };
    let api_key = variable("USERVOICE_API_KEY")?.ok_or_else(|| {
        Error::NotLoggedIn("USERVOICE_SUBDOMAIN is set, but USERVOICE_API_KEY is not".to_owned())
    })?;
    Ok(Some(Profile {
        subdomain,
        api_key,
        api_secret: secret_variable("USERVOICE_API_SECRET")?,
        sso_key: secret_variable("USERVOICE_SSO_KEY")?,
        base_url,
        ca_file: variable("USERVOICE_CA_FILE")?,
        token: None,
    }))
}

/// Returns the site of a sandbox, whose credentials are always the same. Those of the environment
/// replace them, but not without a subdomain.
fn sandbox(base_url: String) -> Result<Profile> {
    Ok(Profile {
        subdomain: "sandbox".to_owned(),
        api_key: "sandbox-trusted-key".to_owned(),
        api_secret: Some(Zeroizing::new("sandbox-trusted-secret".to_owned())),
        sso_key: Some(Zeroizing::new("sandbox-sso-key".to_owned())),
        base_url: Some(base_url),
        ca_file: variable("USERVOICE_CA_FILE")?,
        token: None,
    })
}

/// Returns the SSO key, which needs no site.
pub fn sso_key(profile: Option<&str>) -> Result<Zeroizing<String>> {
    if profile.is_none()
        && let Some(key) = secret_variable("USERVOICE_SSO_KEY")?
    {
        return Ok(key);
    }
    let settings = Settings::load(profile)?;
    settings.site.sso_key.ok_or_else(|| {
        Error::NotLoggedIn("the SSO key is not known: set USERVOICE_SSO_KEY".to_owned())
    })
}
