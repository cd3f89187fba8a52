//! The configurations of ureq's agents. None has a proxy: see `tunnel`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use once_cell::race::OnceBox;
use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig};

use crate::http::ConnectionOptions;
use crate::http::authorities::Authorities;
use crate::process::fork::PerProcess;

/// What a configuration depends on.
#[derive(Clone, PartialEq)]
struct Key {
    max_idle_connections: usize,
    max_idle_age: Duration,
    authorities: Option<Authorities>,
}

/// The configurations that were created last.
type Known = Mutex<Vec<(Key, Config)>>;

const MAX_KNOWN: usize = 16;

/// Each connection has the buffers as long as it is open, over TLS twice. ureq's default is
/// 128 KiB each.
const INPUT_BUFFER_SIZE: usize = 32 * 1024;
/// Has room for the longest head of a request (`request::MAX_HEAD_BYTES`).
const OUTPUT_BUFFER_SIZE: usize = 64 * 1024;

/// Returns the configuration of an agent.
///
/// ureq reads the proxy variables of the environment whenever it creates one, also if it does
/// not use them, and the program may change the environment in another thread meanwhile, which
/// crashes `getenv`. So a process creates each configuration once.
pub(super) fn of_agent(options: &ConnectionOptions, max_idle_age: Duration) -> Config {
    let key = Key {
        max_idle_connections: options.max_idle_connections,
        max_idle_age,
        authorities: options.authorities.clone(),
    };
    static KNOWN: OnceBox<PerProcess<Known>> = OnceBox::new();
    let known = KNOWN.get_or_init(Box::default).get(Known::default);
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, config)) = known.iter().find(|(other, _)| *other == key) {
        return config.clone();
    }
    let config = create(&key);
    if known.len() == MAX_KNOWN {
        known.remove(0);
    }
    known.push((key, config.clone()));
    config
}

fn create(key: &Key) -> Config {
    let roots = match &key.authorities {
        Some(authorities) => RootCerts::Specific(authorities.certificates.clone()),
        None => RootCerts::PlatformVerifier,
    };
    Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(key.max_idle_connections)
        .max_idle_connections_per_host(key.max_idle_connections)
        .max_idle_age(key.max_idle_age)
        .input_buffer_size(INPUT_BUFFER_SIZE)
        .output_buffer_size(OUTPUT_BUFFER_SIZE)
        .proxy(None)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build()
}
