//! `whoami`: the site, and the acting user.

use serde_json::{Value, json};
use uservoice::Status;

use crate::args::Global;
use crate::error::{Error, Result};
use crate::output::Output;
use crate::session::{Acting, Session};

/// Show the site, and the user that requests act as
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    acting: Acting,
}

pub fn run(global: &Global, args: &Args) -> Result<()> {
    let session = Session::open(global)?;
    let user = match args.acting.email {
        Some(_) => current_user_v1(&session, &args.acting),
        None => current_user(&session, &args.acting),
    };
    let user = user?;
    let mut out = Output::open();
    let site = &session.settings.site;
    let source = match &session.settings.profile {
        Some(profile) => format!("profile {profile}"),
        None => "environment".to_owned(),
    };
    let text = |name: &str| user[name].as_str().unwrap_or_default();
    let email = match text("email_address") {
        "" => text("email"),
        email => email,
    };
    if !out.is_terminal {
        let line = json!({
            "subdomain": site.subdomain, "base_url": site.base_url, "api_key": site.api_key,
            "source": source, "user": { "id": user["id"], "name": user["name"], "email": email },
        });
        out.json(&line.to_string())?;
        return out.flush();
    }
    let url = site.base_url.clone();
    let url = url.unwrap_or_else(|| format!("https://{}.uservoice.com", site.subdomain));
    for (name, value) in [
        ("Site", url.as_str()),
        ("API key", &site.api_key),
        ("From", &source),
        ("User", &format!("{} <{email}>", text("name"))),
    ] {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        out.line(&format!("{name:<8} {value}"))?;
    }
    out.flush()
}

/// Returns the user of API v2's token.
pub fn current_user(session: &Session, acting: &Acting) -> Result<Value> {
    const PATH: &str = "/api/v2/admin/users/current";
    let token = session.token(PATH, acting)?;
    let json = session
        .client
        .request_json(token.as_ref(), "GET", PATH, None)?;
    user_in(&json, PATH, |response| response["users"][0].take())
}

fn current_user_v1(session: &Session, acting: &Acting) -> Result<Value> {
    const PATH: &str = "/api/v1/users/current";
    let token = session.token(PATH, acting)?;
    let json = session
        .client
        .request_json(token.as_ref(), "GET", PATH, None)?;
    user_in(&json, PATH, |response| response["user"].take())
}

fn user_in(json: &str, path: &str, take: impl FnOnce(&mut Value) -> Value) -> Result<Value> {
    let mut response: Value =
        serde_json::from_str(json).map_err(|error| Error::System("the response", error.into()))?;
    match take(&mut response) {
        user @ Value::Object(_) => Ok(user),
        _ => {
            let message = format!("GET {path}: the response has no user");
            Err(Error::Response(Status::BadResponse, message))
        }
    }
}
