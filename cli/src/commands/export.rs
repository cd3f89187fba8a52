//! `export`: whole lists to files.

use std::collections::{HashMap, HashSet};
use std::io::IsTerminal;
use std::path::PathBuf;

use clap::ValueEnum;
use indexmap::IndexMap;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Deserialize;
use serde_json::{Value, json};
use uservoice::Export;

use crate::args::Global;
use crate::error::{Error, Result};
use crate::output::{Output, note};
use crate::session::{Acting, Session, full_path, is_v1};

/// Export lists to files, resumably
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Directory of the files, created if necessary
    directory: PathBuf,
    /// Lists: names or paths of the Admin API, or paths such as /api/v1/suggestions?sort=oldest
    #[arg(value_name = "LIST", default_values = ["suggestions", "users", "forums", "comments"])]
    lists: Vec<String>,
    /// Format of the files: jsonl or csv
    #[arg(
        long,
        short,
        value_enum,
        hide_possible_values = true,
        default_value = "jsonl"
    )]
    format: Format,
    /// Only records updated at this time or later: 2026-01-31, or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only records updated before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

const AFTER_HELP: &str = "\
Writes each list to a file in DIRECTORY. If an export was interrupted or failed, the same command
resumes it. After a complete export, it appends the records that have changed since.

Examples:
  uservoice export all
  uservoice export sheets suggestions users --format csv
  uservoice export may suggestions --since 2026-05-01 --until 2026-06-01";

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
}

/// What `Export::next` returns.
#[derive(Default, Deserialize)]
struct Progress {
    resources: IndexMap<String, Resource>,
}

#[derive(Deserialize)]
struct Resource {
    written: u64,
    total: Option<u64>,
    done: bool,
}

pub fn run(global: &Global, args: &Args) -> Result<()> {
    let options = options(args)?;
    let session = Session::open(global)?;
    let is_v1_export = is_v1(&args.lists[0]);
    let path = if is_v1_export {
        "/api/v1/"
    } else {
        "/api/v2/admin/"
    };
    let acting = Acting {
        owner: is_v1_export,
        ..Acting::default()
    };
    let token = session.token(path, &acting)?;
    let export = Export::new(&session.client, token.as_ref(), &args.directory, &options)?;
    let bars = Bars::default();
    let result = write(&export, &bars);
    bars.finish();
    report(args, &result?)
}

/// Returns the options of the library.
fn options(args: &Args) -> Result<String> {
    let is_of_v1 = is_v1(&args.lists[0]);
    if args.lists.iter().any(|list| is_v1(list) != is_of_v1) {
        return Err(Error::usage(
            "lists of API v1 and v2 need different logins: export them separately",
        ));
    }
    let resources: Vec<Value> = args
        .lists
        .iter()
        .map(|list| resource(list))
        .collect::<Result<_>>()?;
    check_names(&resources, &args.lists)?;
    let mut options = json!({
        "resources": resources,
        "format": match args.format { Format::Jsonl => "jsonl", Format::Csv => "csv" },
    });
    for (name, time) in [("since", &args.since), ("until", &args.until)] {
        if let Some(time) = time {
            options[name] = time.as_str().into();
        }
    }
    Ok(options.to_string())
}

/// Returns the options of a list. The file of a path is named after its last part.
fn resource(list: &str) -> Result<Value> {
    if !list.is_empty() && !list.contains(['/', '?']) {
        return Ok(list.into());
    }
    let full = full_path(list)?;
    let path = full.split('?').next().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit('/').next();
    let name = name.unwrap_or_default().trim_end_matches(".json");
    Ok(json!({ "name": name, "path": full }))
}

/// Checks that no two lists would be written to the same file.
fn check_names(resources: &[Value], lists: &[String]) -> Result<()> {
    let mut names = HashSet::new();
    for (resource, list) in resources.iter().zip(lists) {
        let name = resource.get("name").unwrap_or(resource);
        if !names.insert(name) {
            return Err(Error::usage(format!(
                "{list}: another list has the same file name: export it to another directory"
            )));
        }
    }
    Ok(())
}

/// Writes everything, and returns the last progress.
fn write(export: &Export, bars: &Bars) -> Result<Progress> {
    let mut last = Progress::default();
    while let Some(json) = export.next().map_err(Error::Export)? {
        last = serde_json::from_str(&json)
            .map_err(|error| Error::System("the progress", error.into()))?;
        bars.show(&last);
    }
    Ok(last)
}

/// Prints how many records each file has got.
fn report(args: &Args, progress: &Progress) -> Result<()> {
    let extension = match args.format {
        Format::Jsonl => "jsonl",
        Format::Csv => "csv",
    };
    let mut out = Output::open();
    for (name, resource) in &progress.resources {
        let file = args.directory.join(format!("{name}.{extension}"));
        if out.is_terminal {
            out.line(&format!(
                "{:>8} {name} to {}",
                resource.written,
                file.display()
            ))?;
            continue;
        }
        let line =
            json!({ "list": name, "written": resource.written, "file": file.to_string_lossy() });
        out.json(&line.to_string())?;
    }
    if progress.resources.is_empty() {
        note("Nothing has changed since the last export.");
    }
    out.flush()
}

/// The progress bars on a terminal, one for each list.
struct Bars {
    all: MultiProgress,
    bars: std::cell::RefCell<HashMap<String, ProgressBar>>,
    is_shown: bool,
}

impl Default for Bars {
    fn default() -> Self {
        Bars {
            all: MultiProgress::new(),
            bars: HashMap::new().into(),
            is_shown: std::io::stderr().is_terminal(),
        }
    }
}

impl Bars {
    fn show(&self, progress: &Progress) {
        if !self.is_shown {
            return;
        }
        let mut bars = self.bars.borrow_mut();
        for (name, resource) in &progress.resources {
            let bar = bars.entry(name.clone()).or_insert_with(|| self.add(name));
            if let Some(total) = resource.total {
                bar.set_length(total.max(resource.written));
            }
            bar.set_position(resource.written);
            if resource.done && !bar.is_finished() {
                bar.finish();
            }
        }
    }

    fn add(&self, name: &str) -> ProgressBar {
        const TEMPLATE: &str = "{prefix:12} [{wide_bar}] {human_pos}/{human_len} {eta}";

        let style = ProgressStyle::with_template(TEMPLATE);
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = self
            .all
            .add(ProgressBar::new(0).with_style(style.progress_chars("=> ")));
        bar.set_prefix(name.to_owned());
        bar
    }

    /// Leaves the bars as they are, so that the lines that follow do not replace them.
    fn finish(&self) {
        for bar in self.bars.borrow().values() {
            bar.abandon();
        }
    }
}
