//! What can go wrong, what the user can do about it, and the exit status.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use uservoice::{Outcome, Status};

use crate::interrupt;
use crate::output::note;

pub type Result<T> = std::result::Result<T, Error>;

pub enum Error {
    /// Of the library.
    Service(uservoice::Error),
    /// As `Service`, for an export that the same command resumes.
    Export(uservoice::Error),
    /// An error response whose body was printed.
    Response(Status, String),
    /// The command line is valid for clap, but not for the command.
    Usage(String),
    /// No site or no key is known.
    NotLoggedIn(String),
    /// Ctrl-C while the tool waited for requests.
    Interrupted,
    /// The user did not allow access, or the login failed in another way.
    Denied(String),
    File(PathBuf, io::Error),
    /// A configuration file that must not be used.
    Config(PathBuf, String),
    /// Standard output cannot be written.
    Output(io::Error),
    /// Standard input, a socket, signals.
    System(&'static str, io::Error),
}

impl Error {
    pub fn usage(message: impl Into<String>) -> Self {
        Error::Usage(message.into())
    }

    pub fn file(path: &Path, error: io::Error) -> Self {
        Error::File(path.to_owned(), error)
    }

    /// Prints the error and returns the exit status.
    pub fn report(&self) -> ExitCode {
        if let Error::Output(error) = self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            // The reader has what it wants, as `head` does.
            return ExitCode::SUCCESS;
        }
        note(&format!("uservoice: {self}"));
        if let Some(hint) = self.hint() {
            note(&hint);
        }
        ExitCode::from(self.exit_status())
    }

    fn exit_status(&self) -> u8 {
        match self {
            Error::Service(error) | Error::Export(error) => exit_status_of(error.status()),
            Error::Response(status, _) => exit_status_of(*status),
            Error::Usage(_) => 2,
            Error::Interrupted => interrupt::EXIT_STATUS,
            Error::NotLoggedIn(_) | Error::Denied(_) => 3,
            Error::File(..) | Error::Config(..) | Error::Output(_) => 8,
            Error::System(..) => 1,
        }
    }

    /// Returns what to do about the error.
    fn hint(&self) -> Option<String> {
        match self {
            Error::Export(error) if is_resumable(error.status()) => {
                Some("Run the same command again to resume the export.".into())
            }
            Error::Service(error) | Error::Export(error) => hint_of(error),
            Error::NotLoggedIn(_) => Some(
                "Run `uservoice login`, or set USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET."
                    .into(),
            ),
            _ => None,
        }
    }
}

/// Returns the exit status of an error of the library.
fn exit_status_of(status: Status) -> u8 {
    match status {
        Status::InvalidArgument => 2,
        Status::Unauthorized => 3,
        Status::NotFound => 4,
        Status::RateLimited => 5,
        Status::ApplicationError | Status::BadResponse => 6,
        Status::Transport | Status::Timeout => 7,
        Status::FileError => 8,
        Status::NotVerified => 9,
        Status::Cancelled => interrupt::EXIT_STATUS,
        Status::ApiError | Status::Internal => 1,
    }
}

/// Returns whether an export may succeed if it is only run again, at once.
fn is_resumable(status: Status) -> bool {
    !matches!(
        status,
        Status::InvalidArgument
            | Status::Unauthorized
            | Status::NotFound
            | Status::ApiError
            | Status::RateLimited
    )
}

fn hint_of(error: &uservoice::Error) -> Option<String> {
    let hint = match error.status() {
        Status::Unauthorized => {
            "Check the API key and the acting user: `uservoice whoami` shows both. `uservoice login` saves a new key."
        }
        Status::NotFound if is_of_admin_api(error) => {
            "Check the path: suggestions/12 is short for /api/v2/admin/suggestions/12."
        }
        Status::RateLimited => {
            let wait = error.retry_after()?.as_secs_f64().ceil();
            return Some(format!("Wait {wait} seconds, then run the command again."));
        }
        _ if error.outcome() == Outcome::Unknown && !changes_nothing(error) => {
            "The service may have processed the request: check before you send it again."
        }
        Status::Transport => "Check the subdomain, USERVOICE_BASE_URL and the network.",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// Returns whether the request only reads or logs in, so that it may be sent again.
fn changes_nothing(error: &uservoice::Error) -> bool {
    error
        .request()
        .is_some_and(|request| request.starts_with("GET ") || request == "POST /api/v2/oauth/token")
}

fn is_of_admin_api(error: &uservoice::Error) -> bool {
    error
        .request()
        .is_some_and(|request| request.contains(" /api/v2/admin/"))
}

/// Returns the message of the library, which names an invalid input as the user of the tool does.
fn message_of(error: &uservoice::Error) -> String {
    let message = error.message();
    let Some(argument) = error.argument() else {
        return message.to_owned();
    };
    let name = match argument {
        "content_type" => "--type",
        "email" => "--as",
        "filename" => "--name",
        "leeway_seconds" => "--leeway",
        "options.base_url" => "URL of the site",
        "options.ca_file" => "USERVOICE_CA_FILE",
        "options.since" => "--since",
        "options.until" => "--until",
        "return_path" => "--page",
        "valid_for_seconds" => "--valid-for",
        other => other,
    };
    let explanation = &message[argument.len()..];
    // The tool has no such option.
    let explanation = explanation.replace(" or \"allow_insecure\" is true", "");
    format!("{name}{explanation}")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Service(error) | Error::Export(error) if error.status() == Status::Cancelled => {
                match error.request() {
                    Some(request) => write!(f, "{request}: interrupted"),
                    None => f.write_str("interrupted"),
                }
            }
            Error::Interrupted => f.write_str("interrupted"),
            Error::Service(error) | Error::Export(error) => f.write_str(&message_of(error)),
            Error::Response(_, message)
            | Error::Usage(message)
            | Error::NotLoggedIn(message)
            | Error::Denied(message) => f.write_str(message),
            Error::File(path, error) => write!(f, "{}: {error}", path.display()),
            Error::Config(path, message) => write!(f, "{}: {message}", path.display()),
            Error::Output(error) => write!(f, "standard output: {error}"),
            Error::System(subject, error) => write!(f, "{subject}: {error}"),
        }
    }
}

impl From<uservoice::Error> for Error {
    fn from(error: uservoice::Error) -> Self {
        Error::Service(error)
    }
}
