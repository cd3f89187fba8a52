//! Records are made, changed and removed while calls fail: none may be made twice, and
//! what the library says of a call must be so.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::{Value, json};
use uservoice::{Collection, Error, Outcome, Status};

use crate::site::Site;
use crate::tally::Tally;

const A_ROUND: usize = 20;

/// What the library said of a record that was to be made.
enum Said {
    Made { id: u64, changed: Option<String> },
    NotSent,
    Unclear,
}

/// Fills a forum of its own and empties it, again and again.
pub fn write(site: &Site, forum: u64, number: usize, tally: &Tally, end: Instant) {
    let path = format!("/api/v1/forums/{forum}/suggestions");
    for round in 0.. {
        let mut said = HashMap::new();
        for record in 0..A_ROUND {
            if Instant::now() >= end {
                break;
            }
            let title = format!("soak {number}-{round}-{record}");
            said.insert(title.clone(), make(site, &path, &title, tally));
        }
        let Ok(found) = until_it_works(tally, || list(site, &path)) else {
            return;
        };
        compare(&said, &found, tally);
        for (id, ..) in &found {
            let target = format!("{path}/{id}");
            let removed = until_it_works(tally, || {
                match site.client.call(Some(&site.owner), "DELETE", &target, None) {
                    // The answer to the first try was lost, and the call made again.
                    Err(error) if error.status() == Status::NotFound => Ok(()),
                    other => other.map(drop),
                }
            });
            if removed.is_err() {
                return;
            }
        }
        if Instant::now() >= end {
            return;
        }
    }
}

fn make(site: &Site, path: &str, title: &str, tally: &Tally) -> Said {
    let record = json!({ "suggestion": { "title": title } }).to_string();
    let answer = match site
        .client
        .call(Some(&site.owner), "POST", path, Some(&record))
    {
        Ok(answer) => answer,
        Err(error) => {
            tally.error(&error);
            return match error.outcome() {
                Outcome::NotSent => Said::NotSent,
                _ => Said::Unclear,
            };
        }
    };
    tally.write_accepted();
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    let id = answer["suggestion"]["id"].as_u64().unwrap_or_default();
    let text = format!("changed: {title}");
    let change = json!({ "suggestion": { "text": text } }).to_string();
    let target = format!("{path}/{id}");
    let changed = match site
        .client
        .call(Some(&site.owner), "PUT", &target, Some(&change))
    {
        Ok(_) => {
            tally.write_accepted();
            Some(text)
        }
        Err(error) => {
            tally.error(&error);
            None
        }
    };
    Said::Made { id, changed }
}

/// Id, title and text of each record.
type Found = Vec<(u64, String, String)>;

fn list(site: &Site, path: &str) -> Result<Found, Error> {
    let list = Collection::new(&site.client, Some(&site.owner), path, None, None)?;
    let mut found = Vec::new();
    while let Some(record) = list.next()? {
        let record: Value = serde_json::from_str(&record).unwrap_or_default();
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let id = record["id"].as_u64().unwrap_or_default();
        found.push((id, text("title"), text("text")));
    }
    Ok(found)
}

/// Tries until it works; what fails a hundred times will not.
fn until_it_works<T>(tally: &Tally, call: impl Fn() -> Result<T, Error>) -> Result<T, ()> {
    for _ in 0..100 {
        match call() {
            Ok(answer) => return Ok(answer),
            Err(error) => tally.error(&error),
        }
    }
    tally.wrong("a call failed a hundred times in a row".into());
    Err(())
}

fn compare(said: &HashMap<String, Said>, found: &Found, tally: &Tally) {
    for (title, said) in said {
        let of_title: Vec<_> = found.iter().filter(|(_, of, _)| of == title).collect();
        if of_title.len() > 1 {
            tally.write_doubled();
            tally.wrong(format!("{title}: made {} times", of_title.len()));
        }
        match (said, of_title.first()) {
            (Said::Made { .. }, None) => tally.wrong(format!("{title}: made, and not there")),
            (Said::Made { id, changed }, Some((found, _, text))) => {
                if id != found {
                    tally.wrong(format!("{title}: has another id"));
                }
                if changed.as_ref().is_some_and(|changed| changed != text) {
                    tally.wrong(format!("{title}: changed, and as it was"));
                }
            }
            (Said::NotSent, Some(_)) => tally.wrong(format!("{title}: not sent, and there")),
            (Said::Unclear, found) => tally.unclear(found.is_some()),
            (Said::NotSent, None) => {}
        }
    }
    let strangers = found
        .iter()
        .filter(|(_, title, _)| !said.contains_key(title));
    for (_, title, _) in strangers {
        tally.wrong(format!("{title}: made after it was answered for"));
    }
}
