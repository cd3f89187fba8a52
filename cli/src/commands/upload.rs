//! `upload`: an attachment.

use std::path::{Path, PathBuf};

use crate::args::Global;
use crate::error::{Error, Result};
use crate::items::read_bytes;
use crate::output::Output;
use crate::session::{Acting, Session, full_path};

/// Upload a file, and print the response with its token
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// The file; - reads standard input
    file: PathBuf,
    /// Name of the file at the service [default: that of FILE]
    #[arg(long)]
    name: Option<String>,
    /// Media type [default: by the name of the file]
    #[arg(long = "type", value_name = "TYPE")]
    content_type: Option<String>,
    /// Path of the upload
    #[arg(long, default_value = "attachments")]
    path: String,
}

const AFTER_HELP: &str = "\
The token attaches the file: uservoice post suggestions ... attachment_tokens=TOKEN

Examples:
  uservoice upload screen.png
  uservoice upload - --name log.txt <log.txt";

pub fn run(global: &Global, args: &Args) -> Result<()> {
    let path = full_path(&args.path)?;
    let name = args.name.clone().or_else(|| {
        let name = args.file.file_name()?.to_str()?;
        (args.file != Path::new("-")).then(|| name.to_owned())
    });
    let name = name.ok_or_else(|| {
        Error::usage("--name NAME is required: the file has no name, or one that is not UTF-8")
    })?;
    let data = read_bytes(&args.file)?;
    let session = Session::open(global)?;
    let token = session.token(&path, &Acting::default())?;
    let content_type = args.content_type.as_deref();
    let result = session
        .client
        .upload(token.as_ref(), &path, &name, content_type, &data);
    let mut out = Output::open();
    out.json(&result?)?;
    out.flush()
}
