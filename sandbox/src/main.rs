//! A local UserVoice to develop and test against: API v1 with OAuth 1.0a, API v2 with
//! OAuth 2, single sign-on, login pages, webhooks, and faults on demand.
//!
//! A module uses only modules of the lines below it:
//!
//! - `main`: command line, start and stop
//! - `server`, with `stream`: connections; applies faults and writes the journal
//! - `openapi`, `reference`: the documentation of the table of the API
//! - `routes`: the router, from URLs to handlers
//! - `control` (`/_sandbox/…`), `pages` (HTML)
//! - `v1`, `v2`: the two versions of the API; `end_users`: the Idea Collection API
//! - `site`: the settings and the state of the emulated site
//! - `faults`, `journal`, `rate_limit`, `request` (with `multipart`), `response`, `tls`, `webhooks`
//! - `auth`: OAuth 1.0a, OAuth 2 and single sign-on tokens
//! - `data`: the records
//! - `api`: the table of the API, from `sandbox/api/`
//! - `log`: lines on standard error

mod api;
mod auth;
mod control;
mod data;
mod end_users;
mod faults;
mod journal;
mod log;
mod multipart;
mod openapi;
mod pages;
mod rate_limit;
mod reference;
mod request;
mod response;
mod routes;
mod server;
mod site;
mod stream;
mod tls;
mod v1;
mod v2;
mod webhooks;

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use auth::credentials::{PASSWORD, SSO_KEY, SUBDOMAIN, TRUSTED, UNTRUSTED};
use data::OWNER_EMAIL;
use site::{Settings, Site};

/// A local UserVoice to develop and test against.
///
/// All data is in memory and is the same at every start. The first line on standard output
/// is the URL, followed by the credentials. Each request is logged as a line on standard
/// error.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,

    /// Port on 127.0.0.1; 0 chooses a free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Number of suggestions, at most a million
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1501,
        value_parser = clap::value_parser!(u64).range(..=1_000_000)
    )]
    records: u64,

    /// Delay of each response
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    latency_ms: u64,

    /// Maximum requests per minute; further ones get status 429
    #[arg(long, value_name = "N")]
    rate_limit: Option<u64>,

    /// Serve https, with a certificate authority generated at start
    #[arg(long)]
    tls: bool,

    /// Additional host name in the certificate of --tls
    #[arg(long, value_name = "NAME", requires = "tls")]
    tls_name: Vec<String>,

    /// Lifetime of API v2's bearer tokens; unlimited by default
    #[arg(long, value_name = "SECONDS")]
    token_ttl: Option<u32>,

    /// Send webhooks to this http:// URL when something changes
    #[arg(long, value_name = "URL", value_parser = webhooks::parse_receiver)]
    webhook_url: Option<String>,

    /// How far the site's clock is ahead (negative: behind)
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    clock_skew: i32,

    /// Ignore unknown parameters of API v2, as the service does, instead of rejecting them
    #[arg(long)]
    lenient: bool,

    /// Do not log requests
    #[arg(long)]
    quiet: bool,

    /// Print the URL and the credentials as one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Print the OpenAPI description of API v2
    Openapi,
    /// Print a page of the reference of API v2: that of a resource, or the list of all
    Reference { resource: Option<String> },
}

fn main() -> ExitCode {
    let options = Options::parse();
    let result = match &options.command {
        Some(command) => document(command),
        None => start(options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "uservoice-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints documentation of the table of the API.
fn document(command: &Command) -> Result<(), Box<dyn Error>> {
    let text = match command {
        Command::Openapi => format!("{:#}\n", openapi::description()),
        Command::Reference { resource: None } => reference::index(),
        Command::Reference {
            resource: Some(name),
        } => reference::page(name).ok_or_else(|| format!("no resource {name:?}"))?,
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

fn start(options: Options) -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let result = runtime.block_on(run(options));
    // Does not wait for a webhook whose receiver has not responded yet.
    runtime.shutdown_background();
    result
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    // Before anything is printed, so that an early Ctrl-C is not lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .await
        .map_err(|error| format!("port {}: {error}", options.port))?;
    let port = listener.local_addr()?.port();
    let tls = options.tls.then(|| tls::generate(&options.tls_name));
    let tls = tls.transpose()?;
    let acceptor = tls.as_ref().map(|tls| tls.acceptor.clone());
    let ca_file = tls
        .as_ref()
        .map(|tls| tls.ca_file.path().display().to_string());
    let scheme = if options.tls { "https" } else { "http" };
    let url = format!("{scheme}://127.0.0.1:{port}");

    let site = Site::new(Settings {
        records: options.records,
        latency: Duration::from_millis(options.latency_ms),
        rate_limit: options.rate_limit,
        clock_skew: options.clock_skew.into(),
        tls: options.tls,
        ca_file: ca_file.clone(),
        token_ttl: options.token_ttl.map(i64::from),
        webhook_url: options.webhook_url.clone(),
        lenient: options.lenient,
        quiet: options.quiet,
    });
    print_start_up(&options, &url, ca_file.as_deref())?;
    tokio::select! {
        () = server::serve(listener, acceptor, site) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Prints the URL and the credentials to standard output.
fn print_start_up(options: &Options, url: &str, ca_file: Option<&str>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if options.json {
        let line = json!({
            "url": url,
            "subdomain": SUBDOMAIN,
            "api_key": TRUSTED.key,
            "api_secret": TRUSTED.secret,
            "untrusted_api_key": UNTRUSTED.key,
            "untrusted_api_secret": UNTRUSTED.secret,
            "sso_key": SSO_KEY,
            "owner_email": OWNER_EMAIL,
            "password": PASSWORD,
            "ca_file": ca_file,
        });
        writeln!(out, "{line}")?;
        return out.flush();
    }
    writeln!(out, "{url}")?;
    writeln!(
        out,
        "A local UserVoice with {} suggestions. Press Ctrl-C to stop.\n",
        options.records
    )?;
    let mut line = |name: &str, value: &str| writeln!(out, "  {name:<21} {value}");
    line("subdomain", SUBDOMAIN)?;
    line("API key", &format!("{} (trusted)", TRUSTED.key))?;
    line("API secret", TRUSTED.secret)?;
    line("untrusted API key", UNTRUSTED.key)?;
    line("untrusted API secret", UNTRUSTED.secret)?;
    line("SSO key", SSO_KEY)?;
    line("owner", OWNER_EMAIL)?;
    line("password", &format!("{PASSWORD} (of every user)"))?;
    if let Some(ca_file) = ca_file {
        line("CA file", ca_file)?;
    }
    line("requests", &format!("{url}/_sandbox"))?;
    out.flush()
}
