//! `login --code`: the authorization code grant with PKCE, with a callback on this machine (RFC 8252).

use std::env;
use std::process::{Command, Stdio};
use std::thread;

use form_urlencoded::parse;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::config_file::Profile;
use crate::error::{Error, Result};
use crate::output::note;
use crate::receiver::{Receiver, Request};
use crate::session::client_of;

/// Logs the user in with a browser, and returns the JSON of the token.
pub fn run(
    site: &Profile,
    global: &Global,
    port: u16,
    opens_browser: bool,
) -> Result<Zeroizing<String>> {
    let client = client_of(site, global.verbose)?;
    let receiver = Receiver::listen(port)?;
    let redirect_uri = format!("{}/callback", receiver.url());
    let authorization = client.authorize_code_url(&redirect_uri, None)?;
    let state = parameter(&authorization.url, "state").unwrap_or_default();
    note(&format!(
        "Log in and allow access at this page:\n\n  {}\n",
        authorization.url
    ));
    if opens_browser {
        open_in_background(&authorization.url)?;
    }
    let code = wait(&receiver, &state)?;
    // No other request is for this login: the browser may ask for an icon, or be reloaded.
    drop(receiver);
    let verifier = Some(authorization.code_verifier.as_str());
    Ok(client
        .login_with_code(&code, verifier, &redirect_uri)?
        .to_json())
}

/// Opens a page in the user's browser, by the first launcher that succeeds. It may run as long as
/// the browser does.
fn open_in_background(url: &str) -> Result<()> {
    let launchers = open::commands(url);
    let open = move || {
        if !launchers.into_iter().any(succeeds) {
            note("It cannot be opened here: open it in a browser on this machine.");
        }
    };
    let started = thread::Builder::new().spawn(open);
    started
        .map(drop)
        .map_err(|error| Error::System("cannot open a browser", error))
}

/// Runs a launcher without the site's secrets, and where Ctrl-C in the terminal does not reach it.
fn succeeds(mut launcher: Command) -> bool {
    for (name, _) in env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"USERVOICE_") {
            launcher.env_remove(name);
        }
    }
    launcher.stdin(Stdio::null()).stdout(Stdio::null());
    launcher.stderr(Stdio::null());
    // On Windows, `open` starts launchers without this terminal.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut launcher, 0);
    launcher.status().is_ok_and(|status| status.success())
}

/// Waits for the browser to come back with the code.
fn wait(receiver: &Receiver, state: &str) -> Result<Zeroizing<String>> {
    while let Some(request) = receiver.next()? {
        let target = request.target.clone();
        if !target.starts_with("/callback?") {
            request.respond(404, "Not found");
            continue;
        }
        if parameter(&target, "state").as_deref() != Some(state) {
            request.respond(400, "The state differs from that of this login.");
            continue;
        }
        return code(request, &target);
    }
    Err(Error::Interrupted)
}

fn code(request: Request, target: &str) -> Result<Zeroizing<String>> {
    if let Some(code) = parameter(target, "code") {
        request.respond(
            200,
            "You are logged in. Close this page and return to the terminal.",
        );
        return Ok(Zeroizing::new(code));
    }
    request.respond(
        200,
        "You are not logged in. Close this page and return to the terminal.",
    );
    let why = parameter(target, "error_description").or_else(|| parameter(target, "error"));
    let why: String = why
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    Err(Error::Denied(format!(
        "the service did not allow the login: {why}"
    )))
}

/// Returns a parameter of the query of a URL.
fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    let mut pairs = parse(query.as_bytes());
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}
