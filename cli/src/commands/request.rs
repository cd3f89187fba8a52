//! `get`, `post`, `put`, `patch`, `delete`: one request.

use serde::Deserialize;
use serde_json::value::RawValue;
use uservoice::Status;

use crate::args::Global;
use crate::error::{Error, Result};
use crate::items;
use crate::output::Output;
use crate::session::{Acting, Session, full_path};

pub const AFTER_HELP: &str = "\
Items are the query of GET and DELETE, and the JSON body of POST, PUT and PATCH:
  name=value      A string
  name:=JSON      A number, boolean, array or object: votes:=3
  name=@FILE      The contents of a file as a string; name=@- for a value that begins with @
  name:=@FILE     The JSON in a file
  name[key]=x     A member of an object; name[]=x appends to an array
  @FILE           All of the JSON; @- reads standard input

Examples:
  uservoice get suggestions/12
  uservoice get /api/v1/users/current --as jo@example.com
  uservoice post suggestions title='Dark mode' 'links[forum]:=1'
  uservoice put suggestions/12 title='Dark mode at night'
  uservoice delete suggestions/12";

#[derive(clap::Args)]
pub struct Args {
    /// Path, such as suggestions/12 (short for /api/v2/admin/suggestions/12) or /api/v1/suggestions
    path: String,
    /// Parameters, see below
    #[arg(value_name = "ITEM")]
    items: Vec<String>,
    #[command(flatten)]
    acting: Acting,
    /// Print the response body as it arrived
    #[arg(long)]
    raw: bool,
    /// Print the status code and the headers, too
    #[arg(long, short)]
    include: bool,
}

/// The response of `Client::request`.
#[derive(Deserialize)]
struct Response<'a> {
    status: u16,
    #[serde(borrow)]
    headers: indexmap::IndexMap<String, &'a RawValue>,
    #[serde(borrow)]
    body: &'a RawValue,
}

pub fn run(global: &Global, method: &str, args: &Args) -> Result<()> {
    let path = full_path(&args.path)?;
    let params = items::to_json(&args.items)?;
    let session = Session::open(global)?;
    let token = session.token(&path, &args.acting)?;
    let (token, params) = (token.as_ref(), params.as_deref());
    let mut out = Output::open();
    if !args.raw && !args.include {
        let result = session.client.request_json(token, method, &path, params);
        out.json(&result?)?;
        return out.flush();
    }
    let result = session.client.request(token, method, &path, params, None);
    let json = result?;
    let response: Response =
        serde_json::from_str(&json).map_err(|error| Error::System("the response", error.into()))?;
    write(&response, args, &mut out)?;
    out.flush()?;
    if (200..300).contains(&response.status) {
        return Ok(());
    }
    let message = format!("{method} {path}: HTTP {}", response.status);
    let status = Status::of_http_status(response.status);
    Err(Error::Response(status, message))
}

fn write(response: &Response, args: &Args, out: &mut Output) -> Result<()> {
    if args.include {
        out.line(&format!("HTTP {}", response.status))?;
        for (name, value) in &response.headers {
            out.line(&format!("{name}: {}", text_of(value)))?;
        }
        out.line("")?;
    }
    let is_json = response
        .headers
        .get("content-type")
        .is_some_and(|t| t.get().contains("json"));
    match (args.raw, is_json) {
        (false, _) => out.json(response.body.get()),
        (true, true) => out.line(response.body.get()),
        (true, false) => out.line(&text_of(response.body)),
    }
}

/// Returns the content of a string, or other JSON as it is.
fn text_of(json: &RawValue) -> String {
    serde_json::from_str(json.get()).unwrap_or_else(|_| json.get().to_owned())
}
