//! One line for each call and language, with the example of the table. `tests/calls` runs them as
//! they are on the pages.

use serde_json::{Map, Value};

use crate::api::{Base, Call};

/// How the clients make a call.
enum Kind {
    /// A list is a collection, which is read page by page.
    List,
    Upload,
    Login,
    Request,
}

fn kind(call: &Call) -> Kind {
    let has_file = call.params.iter().any(|(_, kind)| kind.base == Base::File);
    match call.does.as_str() {
        "list" => Kind::List,
        "token" => Kind::Login,
        _ if has_file => Kind::Upload,
        _ => Kind::Request,
    }
}

/// Returns the line of each language, with the language's name in a fenced block.
pub fn lines(call: &Call) -> [(&'static str, String); 6] {
    [
        ("c", c(call)),
        ("cpp", cpp(call)),
        ("go", go(call)),
        ("ruby", ruby(call)),
        ("python", python(call)),
        ("shell", shell(call)),
    ]
}

fn c(call: &Call) -> String {
    let path = call.example_path();
    let params = match call.example.is_empty() {
        true => "NULL".into(),
        false => quote(&json(&call.example)),
    };
    let expression = match kind(call) {
        Kind::List => {
            format!("collection_new(client, admin, \"{path}\", {params}, -1, &records, &error)")
        }
        Kind::Login => "login_with_client_credentials(client, &admin, &error)".into(),
        Kind::Upload => format!(
            "upload(client, admin, \"{path}\", \"screen.png\", NULL, data, data_len, &json, &error)"
        ),
        Kind::Request => {
            let function = call.method().to_lowercase();
            format!("{function}(client, admin, \"{path}\", {params}, &json, &error)")
        }
    };
    format!("status = uservoice_{expression};")
}

fn cpp(call: &Call) -> String {
    let arguments = match call.example.is_empty() {
        true => format!("\"{}\"", call.example_path()),
        false => format!("\"{}\", {}", call.example_path(), cpp_json(&call.example)),
    };
    match kind(call) {
        Kind::List => format!("auto records = admin.collection({arguments});"),
        Kind::Login => {
            "uservoice::Client admin = client.as(client.login_with_client_credentials());".into()
        }
        Kind::Upload => {
            format!("std::string json = admin.upload({arguments}, \"screen.png\", file);")
        }
        Kind::Request => {
            let function = match call.method() {
                "DELETE" => "del".into(),
                method => method.to_lowercase(),
            };
            format!("std::string json = admin.{function}({arguments});")
        }
    }
}

/// Returns an object in braces, or a string of JSON if it contains a list.
fn cpp_json(object: &Map<String, Value>) -> String {
    match object.values().any(Value::is_array) {
        true => format!("R\"({})\"", json(object)),
        false => cpp_value(object),
    }
}

fn cpp_value(object: &Map<String, Value>) -> String {
    let members = object.iter().map(|(name, value)| match value {
        Value::Object(object) => format!("{{\"{name}\", {}}}", cpp_value(object)),
        value => format!("{{\"{name}\", {value}}}"),
    });
    format!("{{{}}}", join(members))
}

fn go(call: &Call) -> String {
    let path = call.example_path();
    let params = go_params(&call.example);
    match kind(call) {
        Kind::List if call.example.is_empty() => format!("records := admin.Collection(\"{path}\")"),
        Kind::List => {
            format!("records := admin.Collection(\"{path}\", uservoice.WithParams({params}))")
        }
        Kind::Login => "admin, err := client.LoginWithClientCredentials(ctx)".into(),
        Kind::Upload => {
            format!("err := admin.Upload(ctx, \"{path}\", \"screen.png\", \"\", file, &out)")
        }
        Kind::Request => {
            let params = match call.example.is_empty() {
                true => "nil",
                false => &params,
            };
            let (first, rest) = call.method().split_at(1);
            let rest = rest.to_lowercase();
            format!("err := admin.{first}{rest}(ctx, \"{path}\", {params}, &out)")
        }
    }
}

fn go_params(object: &Map<String, Value>) -> String {
    format!("uservoice.Params{}", go_members(object))
}

fn go_members(object: &Map<String, Value>) -> String {
    let members = object
        .iter()
        .map(|(name, value)| format!("\"{name}\": {}", go_value(value)));
    format!("{{{}}}", join(members))
}

fn go_value(value: &Value) -> String {
    let items = match value {
        Value::Object(object) => return go_params(object),
        Value::Array(items) => items,
        value => return value.to_string(),
    };
    let kind = match items.first() {
        Some(Value::Object(_)) => "uservoice.Params",
        Some(Value::String(_)) => "string",
        _ => "int",
    };
    let items = items.iter().map(|item| match item {
        Value::Object(object) => go_members(object),
        item => item.to_string(),
    });
    format!("[]{kind}{{{}}}", join(items))
}

fn ruby(call: &Call) -> String {
    let path = call.example_path();
    let params = ruby_members(&call.example);
    let params = match params.is_empty() {
        true => params,
        false => format!(", {params}"),
    };
    match kind(call) {
        Kind::List => format!("records = admin.collection(\"{path}\"{params})"),
        Kind::Login => "admin = client.login_with_client_credentials".into(),
        Kind::Upload => format!("response = admin.upload(\"{path}\", Pathname(\"screen.png\"))"),
        Kind::Request => {
            let function = call.method().to_lowercase();
            format!("response = admin.{function}(\"{path}\"{params})")
        }
    }
}

fn ruby_members(object: &Map<String, Value>) -> String {
    join(
        object
            .iter()
            .map(|(name, value)| format!("{name}: {}", ruby_value(value))),
    )
}

fn ruby_value(value: &Value) -> String {
    match value {
        Value::Object(object) => format!("{{ {} }}", ruby_members(object)),
        Value::Array(items) => format!("[{}]", join(items.iter().map(ruby_value))),
        value => value.to_string(),
    }
}

fn python(call: &Call) -> String {
    let path = call.example_path();
    let has_params = !call.example.is_empty();
    let params = python_value(&call.example.clone().into());
    match kind(call) {
        Kind::List if has_params => {
            format!("records = admin.get_collection(\"{path}\", params={params})")
        }
        Kind::List => format!("records = admin.get_collection(\"{path}\")"),
        Kind::Login => "admin = client.login_with_client_credentials()".into(),
        Kind::Upload => format!("response = admin.upload(\"{path}\", \"screen.png\")"),
        Kind::Request => {
            let function = call.method().to_lowercase();
            let params = match has_params {
                true => format!(", {params}"),
                false => String::new(),
            };
            format!("response = admin.{function}(\"{path}\"{params})")
        }
    }
}

fn python_value(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let members = object.iter();
            let members =
                members.map(|(name, value)| format!("\"{name}\": {}", python_value(value)));
            format!("{{{}}}", join(members))
        }
        Value::Array(items) => format!("[{}]", join(items.iter().map(python_value))),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        value => value.to_string(),
    }
}

/// Returns a command of the tool `uservoice`, which logs in by itself.
fn shell(call: &Call) -> String {
    let path = call.example_path();
    // The tool's short form.
    let path = path.strip_prefix("/api/v2/admin/").unwrap_or(&path);
    let command = match kind(call) {
        Kind::List => format!("list {path}"),
        Kind::Login => "login".into(),
        Kind::Upload => "upload screen.png".into(),
        Kind::Request => format!("{} {path}", call.method().to_lowercase()),
    };
    let mut items = Vec::new();
    for (name, value) in &call.example {
        push_shell_items(name, value, &mut items);
    }
    [format!("uservoice {command}")]
        .into_iter()
        .chain(items)
        .collect::<Vec<_>>()
        .join(" ")
}

fn push_shell_items(name: &str, value: &Value, items: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                push_shell_items(&format!("{name}[{key}]"), value, items);
            }
        }
        Value::String(text) => items.push(format!("{name}={}", shell_word(text))),
        value => items.push(shell_word(&format!("{name}:={value}"))),
    }
}

/// Returns a word in quotes if a shell would change it.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    match text.chars().all(is_plain) {
        true => text.into(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

fn json(object: &Map<String, Value>) -> String {
    Value::from(object.clone()).to_string()
}

/// Returns a string in double quotes, which these languages escape as JSON does.
fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
