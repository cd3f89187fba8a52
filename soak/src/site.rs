//! The sandbox, and the client that everything else is made from.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use uservoice::{Client, Collection, LogLevel, Token};

use crate::tally::Tally;

pub struct Site {
    sandbox: Child,
    pub client: Client,
    pub owner: Token,
}

/// A list that nobody changes while it is read.
pub struct Stable {
    pub path: &'static str,
    pub ids: Vec<u64>,
}

impl Site {
    /// `timeout_ms` is the time limit of an attempt.
    pub fn start(
        program: &str,
        timeout_ms: u64,
        tally: &Arc<Tally>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut sandbox = Command::new(program)
            .args(["--json", "--quiet"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|why| format!("{program}: {why}"))?;
        let mut line = String::new();
        let out = sandbox.stdout.take().ok_or("the sandbox says nothing")?;
        BufReader::new(out).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line)?;
        let text = |key: &str| told[key].as_str().unwrap_or_default();
        let options = json!({
            "base_url": text("url"),
            "timeout_ms": timeout_ms,
            "max_retries": 3,
            "max_retry_wait_ms": 3000,
            "max_response_bytes": 1 << 20,
        });
        let client = Client::new(
            "sandbox",
            text("api_key"),
            Some(text("api_secret")),
            Some(&options.to_string()),
        )?;
        let sink = tally.clone();
        client.set_log(LogLevel::Info, move |_, line| sink.attempt(line))?;
        let owner = client.login_as_owner(None)?;
        Ok(Site {
            sandbox,
            client,
            owner,
        })
    }

    pub fn fail_at_random(&self, seed: u64) -> Result<(), uservoice::Error> {
        let faults = crate::faults::at_random(seed).to_string();
        self.client
            .call(None, "POST", "/_sandbox/faults", Some(&faults))?;
        Ok(())
    }

    pub fn stop_failing(&self) -> Result<(), uservoice::Error> {
        self.client.call(None, "DELETE", "/_sandbox/faults", None)?;
        Ok(())
    }

    pub fn lists(&self) -> Result<Vec<Stable>, Box<dyn Error>> {
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
                true => Ok(Stable { path, ids }),
                false => Err(format!("{path} has {} records", ids.len()).into()),
            }
        });
        lists.into_iter().collect()
    }

    pub fn new_forum(&self, name: &str) -> Result<u64, Box<dyn Error>> {
        let forum = json!({ "forum": { "name": name } }).to_string();
        let answer = self
            .client
            .call(Some(&self.owner), "POST", "/api/v1/forums", Some(&forum))?;
        let answer: Value = serde_json::from_str(&answer)?;
        Ok(answer["forum"]["id"].as_u64().ok_or("a forum without id")?)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // It is gone already where this fails.
        let _ = self.sandbox.kill();
        let _ = self.sandbox.wait();
    }
}

/// The id of a record; 0, which none has, where there is no such thing.
pub fn id_of(record: &str) -> u64 {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    record["id"].as_u64().unwrap_or_default()
}
