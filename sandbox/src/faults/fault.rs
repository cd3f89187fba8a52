//! The fields of a fault, and the requests that it affects.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a fault, which is a JSON object")]
pub struct Fault {
    /// Identifies a pending fault to the pages.
    #[serde(skip)]
    pub id: u64,
    /// A path without its query; a `*` at the end matches any rest.
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<String>,
    /// How many requests it affects: by default one, or any number with `probability`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u32>,
    /// How many matching requests succeed first.
    #[serde(default)]
    pub(super) after: u32,
    /// The probability that it affects a matching request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) probability: Option<f64>,
    /// Restarts the random numbers of all faults from this seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_after: Option<String>,
    #[serde(default)]
    pub(super) delay_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<Close>,
    /// Truncates the body to this many bytes, with a matching Content-Length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) truncate: Option<usize>,
    #[serde(default)]
    pub(super) not_json: bool,
    /// Sends a JSON string of this many bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) oversize: Option<u64>,
    /// Milliseconds between two bytes of the response body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) drip_ms: Option<u64>,
    /// Sends a gzipped JSON string of this many bytes when decompressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gzip_bomb: Option<u64>,
    /// Handles the request although the response reports a failure.
    #[serde(default)]
    pub(super) apply: bool,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Close {
    /// Without a response.
    Before,
    /// In the middle of the response body.
    Middle,
    /// After the response, without `Connection: close`.
    After,
}

impl Fault {
    /// Parses a fault. An error begins with the name of the field that is invalid.
    pub fn parse(fault: &Value) -> Result<Fault, String> {
        serde_path_to_error::deserialize(fault).map_err(|error| error.to_string())
    }

    /// Reports whether the fault may affect a request.
    pub(super) fn matches(&self, method: &str, path: &str) -> bool {
        let path = path.strip_suffix(".json").unwrap_or(path);
        let pattern = self.path.strip_suffix(".json").unwrap_or(&self.path);
        let path_matches = match pattern.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == pattern,
        };
        path_matches
            && self
                .method
                .as_ref()
                .is_none_or(|expected| expected.eq_ignore_ascii_case(method))
    }

    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// Reports whether the application handles the request.
    pub fn reaches_application(&self) -> bool {
        self.apply || !(self.replaces_response() || self.close == Some(Close::Before))
    }

    /// Reports whether the fault replaces the real response.
    pub(super) fn replaces_response(&self) -> bool {
        self.status.is_some()
            || self.body.is_some()
            || self.not_json
            || self.oversize.is_some()
            || self.gzip_bomb.is_some()
    }
}
