//! `webhook`: verifies, signs and receives webhooks.

use std::path::PathBuf;

use form_urlencoded::Serializer;
use hyper::Method;
use serde::de::IgnoredAny;
use uservoice::webhook;

use crate::args::Global;
use crate::error::{Error, Result};
use crate::items::read_bytes;
use crate::output::{Output, note};
use crate::receiver::{Receiver, Request};
use crate::settings::sso_key;

/// Verify, sign and receive webhooks
#[derive(clap::Subcommand)]
#[command(arg_required_else_help = true, after_help = AFTER_HELP)]
pub enum Command {
    /// Verify the body of a webhook request, and print its event and data
    Verify(VerifyArgs),
    /// Print the signature of data, or the body of a webhook request with it
    Sign(SignArgs),
    /// Receive webhooks on this machine, and print those that verify
    Listen(ListenArgs),
}

const AFTER_HELP: &str = "\
Examples:
  uservoice webhook listen --port 8081
  uservoice webhook sign --event test data.json | curl --data @- http://127.0.0.1:8081/
  uservoice webhook verify body.txt";

#[derive(clap::Args)]
pub struct VerifyArgs {
    /// File with the body as it arrived; - reads standard input
    #[arg(default_value = "-", hide_default_value = true)]
    file: PathBuf,
    /// FILE is the decoded field `data`, and this its signature
    #[arg(long)]
    signature: Option<String>,
}

#[derive(clap::Args)]
pub struct SignArgs {
    /// File with the data, JSON; - reads standard input
    #[arg(default_value = "-", hide_default_value = true)]
    file: PathBuf,
    /// Print the body of a request with this event, for curl --data @-
    #[arg(long)]
    event: Option<String>,
}

#[derive(clap::Args)]
pub struct ListenArgs {
    /// Port on 127.0.0.1; 0 chooses a free one
    #[arg(long, default_value_t = 8081)]
    port: u16,
    /// End after N webhooks that verify
    #[arg(long, value_name = "N")]
    count: Option<usize>,
}

pub fn run(global: &Global, command: &Command) -> Result<()> {
    let key = sso_key(global.profile.as_deref())?;
    let mut out = Output::open();
    match command {
        Command::Verify(args) => verify(&key, args, &mut out)?,
        Command::Sign(args) => out.line(&sign(&key, args)?)?,
        Command::Listen(args) => listen(&key, args, &mut out)?,
    }
    out.flush()
}

fn verify(key: &str, args: &VerifyArgs, out: &mut Output) -> Result<()> {
    let bytes = read_bytes(&args.file)?;
    let Some(signature) = &args.signature else {
        let body = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        return out.json(&webhook::read(key, body)?);
    };
    webhook::verify(key, &bytes, signature)?;
    out.write(&bytes)
}

fn sign(key: &str, args: &SignArgs) -> Result<String> {
    let data = read_bytes(&args.file)?;
    let signature = webhook::sign(key, &data)?;
    let Some(event) = &args.event else {
        return Ok(signature);
    };
    let invalid =
        |must_be: &str| Error::usage(format!("{}: must be {must_be}", args.file.display()));
    let data = std::str::from_utf8(&data).map_err(|_| invalid("UTF-8"))?;
    // A receiver rejects anything else.
    serde_json::from_str::<IgnoredAny>(data)
        .map_err(|error| invalid(&format!("valid JSON: {error}")))?;
    let mut form = Serializer::new(String::new());
    form.append_pair("event", event)
        .append_pair("data", data)
        .append_pair("signature", &signature);
    Ok(form.finish())
}

fn listen(key: &str, args: &ListenArgs, out: &mut Output) -> Result<()> {
    let receiver = Receiver::listen(args.port)?;
    note(&format!(
        "Receiving webhooks at {}; press Ctrl-C to stop.",
        receiver.url()
    ));
    let mut verified = 0;
    while args.count.is_none_or(|count| verified < count) {
        let Some(request) = receiver.next()? else {
            return Err(Error::Interrupted);
        };
        match read(key, &request) {
            Ok(content) => {
                // Printed first: the service sends again what was not received.
                out.json(&content)?;
                out.flush()?;
                request.respond(200, "received");
                verified += 1;
            }
            Err((status, why)) => {
                note(&format!("uservoice: rejected a request: {why}"));
                request.respond(status, &why);
            }
        }
    }
    Ok(())
}

/// Returns the content of a webhook, or the status code and the message of the response.
fn read(key: &str, request: &Request) -> std::result::Result<String, (u16, String)> {
    if request.method != Method::POST {
        return Err((405, "a webhook is a POST request".to_owned()));
    }
    let body = request.body.as_ref().map_err(Clone::clone)?;
    webhook::read(key, body).map_err(|error| (401, error.message().to_owned()))
}
