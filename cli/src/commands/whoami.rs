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

/// Prints the site even if it does not accept the key: the output says which key that is.
pub fn run(global: &Global, args: &Args) -> Result<()> {
    let session = Session::open(global)?;
    let user = match args.acting.email {
        Some(_) => current_user_v1(&session, &args.acting),
        None => current_user(&session, &args.acting),
    };
    let mut out = Output::open();
    let site = &session.settings.site;
    let source = match &session.settings.profile {
        Some(profile) => format!("profile {profile}"),
        None => "environment".to_owned(),
    };
    if !out.is_terminal {
        let line = json!({
            "subdomain": site.subdomain, "base_url": site.base_url, "api_key": site.api_key,
            "source": source, "user": user.as_ref().ok().map(|user| json!({
                "id": user["id"], "name": user["name"], "email": email(user),
            })),
        });
        out.json(&line.to_string())?;
        out.flush()?;
        return user.map(drop);
    }
    let url = site.base_url.clone();
    let url = url.unwrap_or_else(|| format!("https://{}.uservoice.com", site.subdomain));
    let mut lines = vec![
        ("Site", url),
        ("API key", site.api_key.clone()),
        ("From", source),
    ];
    if let Ok(user) = &user {
        let name = user["name"].as_str().unwrap_or_default();
        lines.push(("User", format!("{name} <{}>", email(user))));
    }
    for (name, value) in lines {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        out.line(&format!("{name:<8} {value}"))?;
    }
    out.flush()?;
    user.map(drop)
}

/// Returns the e-mail address of a user of API v2 or v1.
fn email(user: &Value) -> &str {
    let address = user["email_address"].as_str().filter(|it| !it.is_empty());
    address.or(user["email"].as_str()).unwrap_or_default()
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
