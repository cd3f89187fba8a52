//! The URLs of records, which `json` writes without the origin.

use serde_json::Value;

const FIELDS: [&str; 3] = ["admin_url", "avatar_url", "portal_url"];

/// Adds the origin that the request was sent to.
pub fn make_absolute(value: &mut Value, origin: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(path) if FIELDS.contains(&name.as_str()) && path.starts_with('/') => {
                        *value = format!("{origin}{path}").into();
                    }
                    _ => make_absolute(value, origin),
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                make_absolute(value, origin);
            }
        }
        _ => {}
    }
}
