//! A local UserVoice to develop and test against: API v1 with OAuth 1.0a, API v2 with
//! OAuth 2, single sign-on, the pages of logins, web hooks, and faults on demand.

mod control;
mod data;
mod faults;
mod journal;
mod log;
mod oauth;
mod pages;
mod request;
mod seed;
mod server;
mod site;
mod sso;
mod table;
mod tls;
mod v1;
mod v2;
mod webhooks;

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use site::{Settings, Site};

/// A local UserVoice to develop and test against.
///
/// Everything is in memory, and the same at every start. The first line on standard
/// output is the URL; what follows are the keys to use. Each request is a line on
/// standard error.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// How many suggestions there are, up to a million
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1501,
        value_parser = clap::value_parser!(u64).range(..=1_000_000)
    )]
    records: u64,

    /// Wait so long before each answer
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    latency_ms: u64,

    /// Calls a minute; more are answered with 429
    #[arg(long, value_name = "N")]
    rate_limit: Option<u64>,

    /// Speak https, with a certificate authority made for this run
    #[arg(long)]
    tls: bool,

    /// Another host name that the certificate of --tls is for
    #[arg(long, value_name = "NAME", requires = "tls")]
    tls_name: Vec<String>,

    /// Bearer tokens of API v2 live so long; for ever unless given
    #[arg(long, value_name = "SECONDS")]
    token_ttl: Option<u32>,

    /// Send web hooks there when something changes; without TLS
    #[arg(long, value_name = "URL", value_parser = webhooks::receiver)]
    webhook_url: Option<String>,

    /// How far the site's clock is ahead (negative: behind)
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    clock_skew: i32,

    /// No line for each request
    #[arg(long)]
    quiet: bool,

    /// The start-up lines as one line of JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match start(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(io::stderr(), "uservoice-sandbox: {why}");
            ExitCode::FAILURE
        }
    }
}

fn start(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = Runtime::new()?;
    let ended = runtime.block_on(run(options));
    // A web hook may still wait for its receiver; the end does not.
    runtime.shutdown_background();
    ended
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    // Before anything is told, so that an early Ctrl-C is not lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .await
        .map_err(|why| format!("port {}: {why}", options.port))?;
    let port = listener.local_addr()?.port();
    let tls = options.tls.then(|| tls::make(&options.tls_name));
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
        token_ttl: options.token_ttl.map(i64::from),
        webhook_url: options.webhook_url.clone(),
        quiet: options.quiet,
    });
    tell(&options, &url, ca_file.as_deref())?;
    tokio::select! {
        () = server::serve(listener, acceptor, site) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

fn tell(options: &Options, url: &str, ca_file: Option<&str>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if options.json {
        let line = json!({
            "url": url,
            "subdomain": sso::SUBDOMAIN,
            "api_key": oauth::TRUSTED.key,
            "api_secret": oauth::TRUSTED.secret,
            "untrusted_api_key": oauth::UNTRUSTED.key,
            "untrusted_api_secret": oauth::UNTRUSTED.secret,
            "sso_key": sso::KEY,
            "owner_email": data::OWNER_EMAIL,
            "password": v2::PASSWORD,
            "ca_file": ca_file,
        });
        writeln!(out, "{line}")?;
        return out.flush();
    }
    writeln!(out, "{url}")?;
    writeln!(
        out,
        "A UserVoice to develop against, with {} suggestions. Ctrl-C stops it.\n",
        options.records
    )?;
    let mut line = |name: &str, value: &str| writeln!(out, "  {name:<18} {value}");
    line("subdomain", sso::SUBDOMAIN)?;
    line("API key", &format!("{} (trusted)", oauth::TRUSTED.key))?;
    line("API secret", oauth::TRUSTED.secret)?;
    line(
        "another API key",
        &format!("{} (not trusted)", oauth::UNTRUSTED.key),
    )?;
    line("its secret", oauth::UNTRUSTED.secret)?;
    line("SSO key", sso::KEY)?;
    line("owner", data::OWNER_EMAIL)?;
    line("password", &format!("{} (everybody's)", v2::PASSWORD))?;
    if let Some(ca_file) = ca_file {
        line("CA file", ca_file)?;
    }
    line("what came in", &format!("{url}/_sandbox"))?;
    out.flush()
}
