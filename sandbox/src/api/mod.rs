//! The table of the API: which resources, fields and calls there are, and where that is known
//! from. The files are in `sandbox/api/`; its README says how to read and extend them.
//!
//! `v2` answers requests as the table says, the tests compare both, and `openapi` and
//! `reference` write the table's documentation.

mod table;
mod types;

use once_cell::race::OnceBox;

pub use table::{Api, Call, Match, Resource};
pub use types::{Base, Comparison, Filter, Type};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../api/", $name, ".json")))),*]
    };
}

/// Records that others link to come first, so that they exist when a sandbox starts.
const FILES: [(&str, &str); 43] = files![
    "users",
    "forums",
    "statuses",
    "categories",
    "suggestions",
    "comments",
    "notes",
    "attachments",
    "custom_fields",
    "supporters",
    "tickets",
    "labels",
    "external_accounts",
    "external_users",
    "teams",
    "feature_statuses",
    "product_areas",
    "features",
    "feedback",
    "feedback_records",
    "requests",
    "forum_invitations",
    "nps_ratings",
    "status_updates",
    "messages",
    "supporter_messages",
    "smartvote_experiments",
    "views",
    "internal_statuses",
    "internal_status_updates",
    "internal_flags",
    "importance_responses",
    "importance_scores",
    "permissions",
    "segments",
    "segmented_values",
    "service_hook_logs",
    "suggested_merges",
    "suggestion_activity_entries",
    "translatable_strings",
    "subdomains",
    "bulk_identify",
    "oauth",
];

/// Returns the table.
pub fn api() -> &'static Api {
    static API: OnceBox<Api> = OnceBox::new();
    API.get_or_init(|| {
        let resources = FILES.iter().map(|(name, json)| parse(name, json));
        Box::new(Api {
            common: parse("common", include_str!("../../api/common.json")),
            resources: resources.collect(),
        })
    })
}

fn parse<T: serde::de::DeserializeOwned>(name: &str, json: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("sandbox/api/{name}.json: {error}"))
}

/// Returns the call that a request is, if the table has it.
pub fn find<'a>(method: &str, path: &'a str) -> Option<Match<'a>> {
    let path = path.strip_suffix(".json").unwrap_or(path);
    table::find(api(), method, path)
}
