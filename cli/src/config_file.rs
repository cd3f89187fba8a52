//! The file that keeps the sites of `uservoice login`, with their secrets.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// The content of the file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

/// A site and how to log in there.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub subdomain: String,
    pub api_key: String,
    pub api_secret: Option<Zeroizing<String>>,
    pub sso_key: Option<Zeroizing<String>>,
    pub base_url: Option<String>,
    /// PEM file of the certificate authorities to trust.
    pub ca_file: Option<String>,
    /// The JSON of a token.
    pub token: Option<Zeroizing<String>>,
}

/// The variables that say where the file is, if the home directory is unknown.
const VARIABLES: &str = if cfg!(windows) {
    "USERPROFILE"
} else {
    "HOME or XDG_CONFIG_HOME"
};

/// Returns the path of the file: `uservoice/config.toml` below `XDG_CONFIG_HOME` or `~/.config`;
/// on Windows below `APPDATA`.
pub fn path() -> Result<PathBuf> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|_| Error::usage(format!("the home directory is unknown: set {VARIABLES}")))?;
    Ok(strategy.config_dir().join("uservoice/config.toml"))
}

impl Config {
    /// Reads the file; one that does not exist is empty.
    pub fn read(path: &Path) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Config::default()),
            Err(error) => return Err(Error::file(path, error)),
        };
        if is_readable_by_others(path).map_err(|error| Error::file(path, error))? {
            let message = "other users may read this file, which has secrets: chmod 600 it";
            return Err(Error::Config(path.to_owned(), message.to_owned()));
        }
        toml::from_str(&text).map_err(|error| {
            // `message` has no excerpt of the file.
            let is_before = |span: std::ops::Range<usize>| text.bytes().take(span.start);
            let line = error
                .span()
                .map(is_before)
                .map(|before| before.filter(|&byte| byte == b'\n').count() + 1);
            let line = line.map_or(String::new(), |line| format!("line {line}: "));
            Error::Config(path.to_owned(), format!("{line}{}", error.message()))
        })
    }

    /// Checks that the file can be replaced, as far as can be known before.
    pub fn check_writable(path: &Path) -> Result<()> {
        let target = target_of(path)?;
        let directory = directory_of(&target);
        let created = create_private(directory).and_then(|()| NamedTempFile::new_in(directory));
        created.map(drop).map_err(|error| Error::file(path, error))
    }

    /// Changes the file, one process at a time.
    pub fn update(path: &Path, change: impl FnOnce(&mut Self)) -> Result<()> {
        let target = target_of(path)?;
        let directory = directory_of(&target);
        let _lock = lock(directory).map_err(|error| Error::file(directory, error))?;
        let mut config = Config::read(path)?;
        change(&mut config);
        let text = toml::to_string(&config).map(Zeroizing::new);
        let text = text.map_err(|error| Error::Config(path.to_owned(), error.to_string()))?;
        let replaced = replace(directory, &target, text.as_bytes());
        replaced.map_err(|error| Error::file(path, error))
    }
}

/// Returns the file to replace: a link to a file elsewhere stays one.
fn target_of(path: &Path) -> Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(_) if !path.is_symlink() => Ok(path.to_owned()),
        target => target.map_err(|error| Error::file(path, error)),
    }
}

fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Creates a directory, and locks it until the result is dropped.
fn lock(directory: &Path) -> io::Result<File> {
    create_private(directory)?;
    let lock = open_lock(directory)?;
    lock.lock()?;
    Ok(lock)
}

/// Replaces a file atomically. Only the user can read it.
fn replace(directory: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    // Created with mode 0600.
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(unix)]
use on_unix::{create_private, is_readable_by_others, open_lock};
#[cfg(windows)]
use on_windows::{create_private, is_readable_by_others, open_lock};

#[cfg(unix)]
mod on_unix {
    use std::fs::{self, DirBuilder, File};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    use std::path::Path;

    pub fn is_readable_by_others(path: &Path) -> io::Result<bool> {
        Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
    }

    pub fn create_private(directory: &Path) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
    }

    pub fn open_lock(directory: &Path) -> io::Result<File> {
        File::open(directory)
    }
}

/// Windows keeps the files below `APPDATA` private to the user, and locks no directories.
#[cfg(windows)]
mod on_windows {
    use std::fs::{self, File};
    use std::io;
    use std::path::Path;

    pub fn is_readable_by_others(_: &Path) -> io::Result<bool> {
        Ok(false)
    }

    pub fn create_private(directory: &Path) -> io::Result<()> {
        fs::create_dir_all(directory)
    }

    pub fn open_lock(directory: &Path) -> io::Result<File> {
        File::create(directory.join("config.lock"))
    }
}
