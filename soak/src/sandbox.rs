//! The sandbox process, and the client that the threads use.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use uservoice::{Client, Collection, LogLevel, Token};

use crate::stats::Stats;

pub struct Sandbox {
    process: Child,
    pub client: Client,
    pub owner: Token,
}

/// A list that does not change during the soak.
pub struct StableList {
    pub path: &'static str,
    pub ids: Vec<u64>,
}

impl Sandbox {
    /// Starts the sandbox. `timeout_ms` is the client's timeout of an attempt.
    pub fn start(
        program: &str,
        timeout_ms: u64,
        stats: &Arc<Stats>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(program)
            .args(["--json", "--quiet"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let mut line = String::new();
        let out = process.stdout.take().ok_or("no standard output")?;
        BufReader::new(out).read_line(&mut line)?;
        let start_up: Value = serde_json::from_str(&line)?;
        let field = |key: &str| start_up[key].as_str().unwrap_or_default();
        let options = json!({
            "base_url": field("url"),
            "timeout_ms": timeout_ms,
            "max_retries": 3,
            "max_retry_wait_ms": 3000,
            "max_response_bytes": 1 << 20,
        });
        let client = Client::new(
            "sandbox",
            field("api_key"),
            Some(field("api_secret")),
            Some(&options.to_string()),
        )?;
        let log_stats = stats.clone();
        client.set_log(LogLevel::Info, move |_, line| log_stats.count_attempt(line));
        let owner = client.login_as_owner(None)?;
        Ok(Sandbox {
            process,
            client,
            owner,
        })
    }

    pub fn add_random_faults(&self, seed: u64) -> Result<(), uservoice::Error> {
        let faults = crate::faults::random(seed).to_string();
        self.client
            .request_json(None, "POST", "/_sandbox/faults", Some(&faults))?;
        Ok(())
    }

    pub fn remove_faults(&self) -> Result<(), uservoice::Error> {
        self.client
            .request_json(None, "DELETE", "/_sandbox/faults", None)?;
        Ok(())
    }

    /// Reads the lists that no thread changes.
    pub fn stable_lists(&self) -> Result<Vec<StableList>, Box<dyn Error>> {
        let paths = [
            "/api/v1/users",
            "/api/v1/forums/1/suggestions",
            "/api/v1/forums/2/suggestions",
            "/api/v1/tickets",
            "/api/v1/articles",
        ];
        let lists = paths.map(|path| {
            let list = Collection::new(&self.client, Some(&self.owner), path, None, None)?;
            let mut ids = Vec::new();
            while let Some(record) = list.next()? {
                ids.push(id_of(&record));
            }
            match ids.len() == list.len()? && !ids.is_empty() {
                true => Ok(StableList { path, ids }),
                false => Err(format!("{path} has {} records", ids.len()).into()),
            }
        });
        lists.into_iter().collect()
    }

    pub fn create_forum(&self, name: &str) -> Result<u64, Box<dyn Error>> {
        let forum = json!({ "forum": { "name": name } }).to_string();
        let response =
            self.client
                .request_json(Some(&self.owner), "POST", "/api/v1/forums", Some(&forum))?;
        let response: Value = serde_json::from_str(&response)?;
        let id = response["forum"]["id"].as_u64();
        Ok(id.ok_or("the new forum has no id")?)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Fails if the process has exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the id of a record, or 0, which no record has, if it has none.
pub fn id_of(record: &str) -> u64 {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    record["id"].as_u64().unwrap_or_default()
}
