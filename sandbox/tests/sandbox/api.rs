//! The table of the API in `sandbox/api/`: every call responds as the table says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;

/// A call of the table.
struct Call {
    resource: Value,
    method: String,
    path: String,
    does: String,
    /// The filters or parameters, with their types.
    params: BTreeMap<String, String>,
    entry: Value,
}

/// Reads the files of the table, not through the sandbox's own code.
fn read_table() -> Vec<Value> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("api");
    let files = std::fs::read_dir(directory).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "json")
        })
        .filter(|file| file.file_stem().is_some_and(|name| name != "common"))
        .collect();
    files.sort();
    let json = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap());
    json.map(|json| serde_json::from_str(&json).unwrap())
        .collect()
}

fn calls() -> Vec<Call> {
    let mut calls = vec![];
    for resource in read_table() {
        for entry in resource["calls"].as_array().into_iter().flatten() {
            let (method, path) = entry["call"].as_str().unwrap().split_once(' ').unwrap();
            let params = [&entry["filters"], &entry["params"]];
            let params = params.into_iter().filter_map(Value::as_object).flatten();
            let params = params.map(|(name, kind)| (name.clone(), kind.as_str().unwrap().into()));
            calls.push(Call {
                resource: resource.clone(),
                method: method.into(),
                path: path.into(),
                does: entry["does"].as_str().unwrap().into(),
                params: params.collect(),
                entry: entry.clone(),
            });
        }
    }
    calls
}

impl Call {
    fn name(&self) -> &str {
        self.entry["call"].as_str().unwrap()
    }

    fn resource_name(&self) -> &str {
        self.resource["resource"].as_str().unwrap()
    }

    /// The calls of API v2 with bearer tokens.
    fn is_admin_call(&self) -> bool {
        self.path.starts_with("/api/v2/admin/")
    }

    fn is_upload(&self) -> bool {
        self.params.values().any(|kind| kind.starts_with("file"))
    }

    fn required(&self) -> Vec<&str> {
        let required = self.params.iter().filter(|(_, kind)| kind.ends_with('!'));
        let required = required.filter(|(name, _)| !name.contains("[]"));
        required.map(|(name, _)| name.as_str()).collect()
    }

    /// Returns the path relative to `/api/v2/admin/`, with this id.
    fn path_of(&self, id: &str) -> String {
        let path = self.path.strip_prefix("/api/v2/admin/").unwrap();
        path.replace("{ids}", id).replace("{id}", id)
    }

    fn status(&self) -> u64 {
        let usual = if self.does == "create" { 201 } else { 200 };
        self.entry["status"].as_u64().unwrap_or(usual)
    }

    /// Returns valid parameters, all of them or only those that are required.
    fn example(&self, all: bool) -> Value {
        let mut body = json!({});
        for (name, kind) in &self.params {
            if name.contains("[]") || !(all || kind.ends_with('!')) {
                continue;
            }
            let value = match kind.trim_end_matches('!') {
                "[object]" => json!([self.example_item(name)]),
                kind => example_value(name, kind),
            };
            match name.split_once('.') {
                Some((object, field)) => body[object][field] = value,
                None => body[name] = value,
            }
        }
        if self.does == "find_or_create" {
            body["email"] = json!("somebody@example.com");
        }
        body
    }

    fn example_item(&self, list: &str) -> Value {
        let prefix = format!("{list}[].");
        let mut item = json!({});
        for (name, kind) in &self.params {
            let Some(name) = name.strip_prefix(&prefix) else {
                continue;
            };
            let value = example_value(name, kind.trim_end_matches('!'));
            match name.split_once('.') {
                Some((object, field)) => item[object][field] = value,
                None => item[name] = value,
            }
        }
        item
    }

    /// Sends the request. The parameters of a list are its query.
    fn send(&self, sandbox: &Sandbox, token: &str, id: &str, body: Value) -> Response {
        let path = self.path_of(id);
        if self.method != "GET" {
            return sandbox.v2(token, &self.method, &path, body);
        }
        let query = body.as_object().into_iter().flatten().map(|(name, value)| {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Array(items) => items
                    .iter()
                    .map(Value::to_string)
                    .collect::<Vec<_>>()
                    .join(","),
                value => value.to_string(),
            };
            format!("{name}={}", value.replace('"', ""))
        });
        let query: Vec<String> = query.collect();
        sandbox.v2(
            token,
            "GET",
            &format!("{path}?{}", query.join("&")),
            Value::Null,
        )
    }
}

fn example_value(name: &str, kind: &str) -> Value {
    // A filter has a comparison after its type.
    let kind = kind.split(' ').next().unwrap().trim_end_matches('!');
    match kind {
        "integer" => json!(1),
        "[integer]" => json!([1]),
        "number" => json!(1.5),
        "boolean" => json!(true),
        "timestamp" => json!("2013-06-01T00:00:00Z"),
        "object" => json!({}),
        "string" if name.contains("tokens") => json!(""),
        "[string]" => json!(["one@example.com"]),
        "string" if name == "state" => json!("approved"),
        "string" => json!("one@example.com"),
        id => {
            assert!(id.ends_with(".id"), "{name}: {id}");
            json!(1)
        }
    }
}

/// Checks that a record has exactly the fields of the table, with their types.
fn check_record(resource: &Value, record: &Value) {
    let name = resource["resource"].as_str().unwrap();
    let expected = |groups: &Value| -> BTreeMap<String, String> {
        let groups = groups.as_object().into_iter().flatten();
        let fields = groups.flat_map(|(_, group)| group.as_object().unwrap());
        fields
            .map(|(name, kind)| (name.clone(), kind.as_str().unwrap().into()))
            .collect()
    };
    let fields = expected(&resource["fields"]);
    let names = |object: &Value| -> BTreeSet<String> {
        object.as_object().unwrap().keys().cloned().collect()
    };
    let mut known: BTreeSet<String> = fields.keys().cloned().collect();
    known.insert("links".into());
    assert_eq!(names(record), known, "{name}");
    let links = expected(&resource["links"]);
    assert_eq!(
        names(&record["links"]),
        links.keys().cloned().collect(),
        "{name}"
    );
    for (field, kind) in &fields {
        assert!(
            has_type(&record[field], kind),
            "{name}.{field}: {kind}, not {}",
            record[field]
        );
    }
    for (link, kind) in &links {
        let value = &record["links"][link];
        assert!(
            has_type(value, kind),
            "{name}.links.{link}: {kind}, not {value}"
        );
    }
}

fn has_type(value: &Value, kind: &str) -> bool {
    let kind = match kind.strip_suffix('?') {
        Some(_) if value.is_null() => return true,
        Some(kind) => kind,
        None => kind,
    };
    if let Some(item) = kind.strip_prefix('[') {
        let item = item.trim_end_matches(']');
        let mut items = value.as_array().into_iter().flatten();
        return value.is_array() && items.all(|value| has_type(value, item));
    }
    match kind {
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        "timestamp" => {
            let text = value.as_str().unwrap_or_default();
            text.len() == 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T'
        }
        id => id.ends_with(".id") && value.is_u64(),
    }
}

/// Checks the response to a call: its status, records, links, side-loads and headers.
fn check_response(call: &Call, response: &Response, tables: &BTreeMap<String, Value>) {
    let name = call.name();
    assert_eq!(
        u64::from(response.status),
        call.status(),
        "{name}: {}",
        response.text
    );
    for header in ["limit", "remaining", "reset"] {
        let value = response.header(&format!("x-rate-limit-{header}"));
        assert!(value.parse::<u64>().is_ok(), "{name}: {header} is {value}");
    }
    let json = response.json();
    if matches!(call.does.as_str(), "bulk_identify" | "translatable_strings") {
        return;
    }
    let records = json[call.resource_name()].as_array();
    let records = records.unwrap_or_else(|| panic!("{name}: {json}"));
    for record in records {
        check_record(&call.resource, record);
    }
    for link in call.resource["links"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, group)| group.as_object().unwrap().keys())
    {
        let description = &json["links"][format!("{}.{link}", call.resource_name())];
        assert!(
            tables.contains_key(description["type"].as_str().unwrap()),
            "{name}: {link}"
        );
    }
    let pagination = &json["pagination"];
    assert_eq!(pagination.is_object(), call.does == "list", "{name}");
    for included in call.resource["includes"].as_array().into_iter().flatten() {
        let included = included.as_str().unwrap();
        for record in json[included].as_array().into_iter().flatten() {
            check_record(&tables[included], record);
        }
    }
}

fn tables() -> BTreeMap<String, Value> {
    let tables = read_table().into_iter();
    tables
        .map(|table| (table["resource"].as_str().unwrap().into(), table))
        .collect()
}

/// Adds all `includes` of a call.
fn with_includes(call: &Call, mut body: Value) -> Value {
    if let includes @ Value::Array(_) = &call.resource["includes"] {
        body["includes"] = includes.clone();
    }
    body
}

#[test]
fn table_has_the_calls_of_the_public_sdk() {
    let calls = calls();
    let source = |call: &&Call| call.entry["source"].is_null();
    assert_eq!(calls.iter().filter(source).count(), 98);
    let mut names: Vec<&str> = calls.iter().map(Call::name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "a call is there twice");
}

#[test]
fn every_list_of_a_fresh_sandbox_has_records() {
    let sandbox = start(&["--records", "40"]);
    let token = sandbox.bearer_token();
    let tables = tables();
    for call in calls().iter().filter(|call| call.does == "list") {
        let mut required = call.example(false);
        if call.params.contains_key("user") && call.required().contains(&"user") {
            required["user"] = json!(1);
        }
        let response = call.send(&sandbox, &token, "", with_includes(call, required));
        check_response(call, &response, &tables);
        let total = response.json()["pagination"]["total_records"].as_u64();
        assert!(total > Some(0), "{}: {}", call.name(), response.text);
    }
}

#[test]
fn every_call_responds_as_the_table_says() {
    let sandbox = start(&["--records", "40"]);
    let tables = tables();
    for call in calls()
        .iter()
        .filter(|call| call.is_admin_call() && !call.is_upload())
    {
        for all in [false, true] {
            sandbox.control("POST", "reset", Value::Null);
            let token = sandbox.bearer_token();
            let id = first_id(&sandbox, &token, call);
            let body = with_includes(call, call.example(all));
            let response = call.send(&sandbox, &token, &id, body);
            check_response(call, &response, &tables);
            let read = format!("{}/{id}", call.resource_name());
            if call.does == "delete" && tables[call.resource_name()].to_string().contains("{ids}") {
                let status = sandbox.v2(&token, "GET", &read, Value::Null).status;
                assert_eq!(status, 404, "{}", call.name());
            }
        }
    }
}

/// Returns the id of a record of the call's resource, if its path has one.
fn first_id(sandbox: &Sandbox, token: &str, call: &Call) -> String {
    if !call.path.contains('{') {
        return String::new();
    }
    let query = if call.resource_name() == "views" {
        "?user=1"
    } else {
        ""
    };
    let list = format!("{}{query}", call.resource_name());
    let list = sandbox.v2(token, "GET", &list, Value::Null).json();
    list[call.resource_name()][0]["id"].to_string()
}

#[test]
fn every_call_rejects_what_the_table_excludes() {
    let sandbox = start(&["--records", "40"]);
    let token = sandbox.bearer_token();
    let outsider = sandbox.bearer_token_of("user5@sandbox.example");
    for call in calls().iter().filter(|call| call.is_admin_call()) {
        let name = call.name();
        let send = |token: &str, id: &str, body: Value| call.send(&sandbox, token, id, body);
        assert_eq!(send("none", "1", json!({})).status, 401, "{name}");
        assert_eq!(send(&outsider, "1", json!({})).status, 403, "{name}");

        let unknown = send(&token, "1", json!({ "colour": "red" }));
        assert_eq!(unknown.status, 422, "{name}: {}", unknown.text);
        let unknown = unknown.json();
        assert_eq!(unknown["errors"], json!({ "colour": "unknown" }), "{name}");
        let message = unknown["message"].as_str().unwrap();
        assert!(
            message.contains("colour") && message.contains(name),
            "{message}"
        );

        let required = call.required();
        if !required.is_empty() {
            let incomplete = send(&token, "1", json!({})).json();
            for name in required {
                let pointer = format!("/errors/{}", name.replace('.', "/"));
                let error = incomplete.pointer(&pointer);
                // As in UserVoice's public example, a missing link has the wrong type.
                let word = if name.starts_with("links.") {
                    "int"
                } else {
                    "required"
                };
                assert_eq!(error, Some(&json!(word)), "{}: {incomplete}", call.name());
            }
        }
        for (parameter, kind) in &call.params {
            let id = kind.contains(".id");
            if !id
                && !["integer", "[integer]", "timestamp", "boolean", "number"]
                    .iter()
                    .any(|one| kind.starts_with(one))
            {
                continue;
            }
            if parameter.contains("[]") {
                continue;
            }
            let invalid = match parameter.split_once('.') {
                Some((object, field)) => json!({ object: { field: "x" } }),
                None => json!({ parameter: "x" }),
            };
            let invalid = send(&token, "1", invalid);
            assert_eq!(invalid.status, 422, "{name} {parameter}: {}", invalid.text);
        }
        if call.path.contains('{') {
            let body = call.example(false);
            assert_eq!(
                send(&token, "999999999", body.clone()).status,
                404,
                "{name}"
            );
            assert_eq!(send(&token, "x", body).status, 404, "{name}");
        }
    }
}

#[test]
fn lenient_sandbox_ignores_unknown_parameters_as_the_service_does() {
    let sandbox = start(&["--records", "10", "--lenient"]);
    let token = sandbox.bearer_token();
    let get = |path: &str| sandbox.v2(&token, "GET", path, Value::Null);
    let list = get("suggestions?colour=red&includes=colours&sort=colour");
    assert_eq!(
        (list.status, &list.json()["suggestions"][0]["id"]),
        (200, &json!(10))
    );
    let strict = start(&["--records", "10"]);
    let token = strict.bearer_token();
    for (query, error) in [("includes=colours", "includes"), ("sort=colour", "sort")] {
        let path = format!("suggestions?{query}");
        let rejected = strict.v2(&token, "GET", &path, Value::Null);
        let body = rejected.json();
        assert_eq!(
            (rejected.status, &body["errors"][error]),
            (422, &json!("unknown"))
        );
        assert!(
            body["message"].as_str().unwrap().contains("colour"),
            "{body}"
        );
    }
}

#[test]
fn reads_several_ids_at_once() {
    let sandbox = start(&["--records", "10"]);
    let token = sandbox.bearer_token();
    let ids = |path: &str| -> Vec<u64> {
        let json = sandbox.v2(&token, "GET", path, Value::Null).json();
        let records = json["suggestions"].as_array().unwrap().clone();
        records
            .iter()
            .map(|record| record["id"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(ids("suggestions/2,1"), [2, 1]);
    assert_eq!(ids("suggestions/1,999,3"), [1, 3]);
    let status = |path: &str| sandbox.v2(&token, "GET", path, Value::Null).status;
    assert_eq!(status("suggestions/998,999"), 404);
    assert_eq!(status("suggestions/1,x"), 404);
}

#[test]
fn journal_names_the_call_of_the_table() {
    let sandbox = start(&["--records", "3"]);
    let token = sandbox.bearer_token();
    sandbox.control("DELETE", "requests", Value::Null);
    sandbox.v2(&token, "GET", "suggestions/1,2", Value::Null);
    sandbox.v2(&token, "GET", "users/current.json", Value::Null);
    sandbox.get("/api/v1/forums");
    let calls: Vec<Value> = sandbox
        .requests()
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["call"].clone())
        .collect();
    assert_eq!(
        calls,
        [
            json!("GET /api/v2/admin/suggestions/{ids}"),
            json!("GET /api/v2/admin/users/current"),
            Value::Null,
        ]
    );
}

/// Returns what the sandbox's documentation commands print.
fn print(arguments: &[&str]) -> String {
    let sandbox = Command::new(env!("CARGO_BIN_EXE_uservoice-sandbox"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(sandbox.status.success(), "{arguments:?}");
    String::from_utf8(sandbox.stdout).unwrap()
}

/// If this fails, run `make api`.
#[test]
fn reference_of_the_api_is_current() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/api");
    let mut expected = BTreeMap::from([
        ("openapi.json".to_string(), print(&["openapi"])),
        ("index.md".to_string(), print(&["reference"])),
    ]);
    for (name, table) in tables() {
        if table["calls"].is_array() {
            expected.insert(format!("{name}.md"), print(&["reference", &name]));
        }
    }
    let files = std::fs::read_dir(&docs)
        .unwrap()
        .map(|file| file.unwrap().file_name());
    let files: BTreeSet<String> = files.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(files, expected.keys().cloned().collect());
    for (name, text) in expected {
        let current = std::fs::read_to_string(docs.join(&name)).unwrap();
        assert!(current == text, "{name} is not current: run make api");
    }
}
