//! Benchmarks of the work that the library does itself, without the network: `cargo bench`.
//!
//! `make bench` starts this program with `--contest NAME`. Then it runs one benchmark as many
//! times as each line of standard input says, and prints the time of each run
//! (compare/contestant.h).

use std::fs;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use divan::Bencher;
use nix::time::{ClockId, clock_gettime};
use uservoice::inner::{parse_page, signing};
use uservoice::{Client, Token, sso};

const API_KEY: &str = "oQt2BaunWNuainc8BvZpAm";
const API_SECRET: &str = "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2";
const TOKEN: &str = "FjBKPJZHtRIqeAPHVIaw";
const TOKEN_SECRET: &str = "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA";
const SSO_KEY: &str = "982c88f2df7257859e8e23423eg87ed";
const SSO_USER: &str =
    r#"{"guid":1000000,"display_name":"User Name","email":"mailaddress@example.com"}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match &arguments[1..] {
        [option, name] if option == "--contest" => match name.as_str() {
            "uservoice" => with_signer(contest),
            "oauth1-request" => contest(&sign_with_oauth1_request),
            _ => panic!("unknown contestant {name}"),
        },
        _ => divan::main(),
    }
}

/// Calls `with` with a function that signs a GET with three parameters.
fn with_signer(with: impl FnOnce(&dyn Fn())) {
    let client = Client::new("acme", API_KEY, Some(API_SECRET), None).unwrap();
    let token = Token::new(TOKEN, TOKEN_SECRET).unwrap();
    let target = "/api/v1/suggestions?filter=public&page=1&per_page=100";
    let sign = signing(&client, &token, target);
    with(&|| drop(black_box(sign().unwrap())));
}

/// Signs the same request with the crate oauth1-request, as its manual shows.
fn sign_with_oauth1_request() {
    #[derive(oauth1_request::Request)]
    struct Suggestions<'a> {
        filter: &'a str,
        page: u32,
        per_page: u32,
    }

    let request = black_box(Suggestions {
        filter: "public",
        page: 1,
        per_page: 100,
    });
    let url = "https://acme.uservoice.com/api/v1/suggestions";
    let token = oauth1_request::Token::from_parts(API_KEY, API_SECRET, TOKEN, TOKEN_SECRET);
    let header = oauth1_request::get(url, &request, &token, oauth1_request::HMAC_SHA1);
    drop(black_box(header));
}

fn contest(work: &dyn Fn()) {
    for line in io::stdin().lines() {
        let times: u64 = line.unwrap().trim().parse().unwrap();
        let cpu = cpu_time();
        let started = Instant::now();
        for _ in 0..times {
            work();
        }
        let elapsed = started.elapsed().as_secs_f64();
        let cpu = cpu_time() - cpu;
        // The third number is memory, which this program does not measure.
        println!("{elapsed:.9} {:.6} 0", cpu.as_secs_f64());
        io::stdout().flush().unwrap();
    }
}

fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap();
    now.into()
}

#[divan::bench]
fn sign(bencher: Bencher<'_, '_>) {
    with_signer(|sign| bencher.bench_local(sign));
}

#[divan::bench]
fn oauth1_request() {
    sign_with_oauth1_request();
}

#[divan::bench]
fn sso_token() -> String {
    let subdomain = black_box("uservoice-subdomain");
    sso::token(subdomain, SSO_KEY, black_box(SSO_USER), 300).unwrap()
}

#[divan::bench]
fn parse_page_of_100_records(bencher: Bencher<'_, '_>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/page.json");
    let page = fs::read(path).unwrap();
    bencher
        .counter(divan::counter::BytesCount::new(page.len()))
        .with_inputs(|| page.clone())
        .bench_values(|page| assert_eq!(parse_page(page, "/api/v1/users").unwrap(), 100));
}
