//! The table of the API as an OpenAPI 3.1 description, `docs/reference/api/openapi.json`.

use serde_json::{Map, Value, json};

use crate::api::{Api, Base, Call, Resource, Type, api};

/// Returns the description of all calls.
pub fn description() -> Value {
    let api = api();
    let mut paths = Map::new();
    for (resource, call) in api.calls() {
        let path = paths.entry(call.path()).or_insert_with(|| json!({}));
        path[call.method().to_lowercase()] = operation(api, resource, call);
    }
    let mut schemas = Map::new();
    for resource in api.resources.iter().filter(|one| one.has_records()) {
        schemas.insert(resource.name.clone(), record_schema(resource));
    }
    schemas.insert("pagination".into(), pagination_schema());
    schemas.insert("error".into(), error_schema());
    let tags = api.resources.iter().filter(|one| !one.calls.is_empty());
    let tags = tags.map(|one| json!({ "name": one.name, "description": one.about }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "UserVoice Admin API",
            "version": "2",
            "description": "What public sources say about API v2 of UserVoice. Each operation and \
                each field has its source in `x-source`. Generated from the table that the \
                sandbox of libuservoice works by; not a document of UserVoice.",
        },
        "servers": [{
            "url": "https://{subdomain}.uservoice.com",
            "variables": { "subdomain": { "default": "sandbox" } },
        }],
        "security": [{ "bearer": [] }],
        "tags": tags.collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas,
            "headers": rate_limit_headers(),
            "responses": error_responses(api),
        },
    })
}

fn operation(api: &Api, resource: &Resource, call: &Call) -> Value {
    let mut operation = json!({
        "operationId": operation_id(resource, call),
        "tags": [resource.name],
        "summary": call.summary(resource),
        "x-source": call.source(),
        "responses": responses(resource, call),
    });
    let parameters = parameters(api, resource, call);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = request_body(resource, call) {
        operation["requestBody"] = body;
    }
    if !call.is_admin_call() {
        operation["security"] = json!([]);
    }
    operation
}

/// Returns a name such as `list_suggestions` and `approve_suggestions`.
fn operation_id(resource: &Resource, call: &Call) -> String {
    let usual = ["list", "read", "create", "update", "delete"];
    let verb = match usual.contains(&call.does.as_str()) {
        true => &call.does,
        false => call.path().rsplit('/').next().unwrap_or_default(),
    };
    format!("{verb}_{}", resource.name)
}

fn parameters(api: &Api, resource: &Resource, call: &Call) -> Vec<Value> {
    let mut parameters = Vec::new();
    if let Some(name) = call.path_parameter() {
        let id = schema(&Type::of(Base::Id(resource.name.clone())));
        let several = json!({ "type": "array", "items": id, "minItems": 1, "examples": [[1]] });
        parameters.push(json!({
            "name": name,
            "in": "path",
            "required": true,
            "schema": if name == "ids" { several } else { id },
            "style": "simple",
        }));
    }
    for (name, filter) in call.filters.iter() {
        parameters.push(query_parameter(name, &filter.kind, None));
    }
    for (name, kind, _) in api.list_parameters() {
        let about = api.common.about.get(name).map(String::as_str);
        match name {
            "includes" if !resource.includes.is_empty() && call.method() == "GET" => {
                let mut parameter = query_parameter(name, kind, about);
                parameter["schema"]["items"]["enum"] = json!(resource.includes);
                parameters.push(parameter);
            }
            "includes" => {}
            "sort" if call.is_list() => {
                let mut parameter = query_parameter(name, kind, about);
                parameter["schema"]["enum"] = resource.sorts().into();
                parameters.push(parameter);
            }
            _ if call.is_list() => parameters.push(query_parameter(name, kind, about)),
            _ => {}
        }
    }
    parameters
}

fn query_parameter(name: &str, kind: &Type, about: Option<&str>) -> Value {
    let mut parameter = json!({
        "name": name,
        "in": "query",
        "required": kind.required,
        "schema": schema(kind),
    });
    if let Some(about) = about {
        parameter["description"] = about.into();
    }
    if kind.array {
        // Separated by commas.
        parameter["style"] = "form".into();
        parameter["explode"] = false.into();
    }
    parameter
}

fn request_body(resource: &Resource, call: &Call) -> Option<Value> {
    let has_includes = call.method() != "GET" && !resource.includes.is_empty();
    if call.params.is_empty() && !has_includes {
        return None;
    }
    let mut schema = object_schema(resource, call, "");
    if has_includes {
        let includes = json!({
            "type": ["array", "null"], "items": { "enum": resource.includes },
        });
        schema["properties"]["includes"] = includes;
    }
    let media_type = match call.params.iter().any(|(_, kind)| kind.base == Base::File) {
        _ if !call.is_admin_call() => "application/x-www-form-urlencoded",
        true => "multipart/form-data",
        false => "application/json",
    };
    let required = call.params.iter().any(|(_, kind)| kind.required);
    Some(json!({
        "required": required,
        "content": { media_type: { "schema": schema } },
    }))
}

/// Returns the schema of the parameters whose names begin with `prefix`.
fn object_schema(resource: &Resource, call: &Call, prefix: &str) -> Value {
    let mut properties = Map::new();
    let mut required: Vec<&str> = Vec::new();
    for (name, kind) in call.params.iter() {
        let Some(name) = name.strip_prefix(prefix) else {
            continue;
        };
        // The parameters of an object's fields come after the object, or stand for it.
        let (name, nested) = match name.split_once(['.', '[']) {
            Some((name, _)) => (name, true),
            None => (name, false),
        };
        if kind.required && !required.contains(&name) && (!nested || name == "links") {
            required.push(name);
        }
        if properties.contains_key(name) {
            continue;
        }
        let value = match (nested, &kind.base) {
            (true, _) => object_schema(resource, call, &format!("{prefix}{name}.")),
            (false, Base::Object) if kind.array => {
                let item = object_schema(resource, call, &format!("{prefix}{name}[]."));
                json!({ "type": "array", "items": item, "minItems": 1, "maxItems": 1000 })
            }
            (false, _) => {
                let not_blank = call.does == "update" && resource.requires(name);
                parameter_schema(kind, not_blank)
            }
        };
        properties.insert(name.into(), value);
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// Returns the schema of a parameter: what is required cannot be blank, the rest may be null.
fn parameter_schema(kind: &Type, not_blank: bool) -> Value {
    let mut schema = schema(kind);
    if !kind.required {
        schema["type"] = json!([schema["type"], "null"]);
    }
    match (kind.array, &kind.base) {
        (true, _) if kind.required => schema["minItems"] = 1.into(),
        (false, Base::String) if kind.required || not_blank => schema["pattern"] = "\\S".into(),
        _ => {}
    }
    schema
}

fn schema(kind: &Type) -> Value {
    let item = match kind.base {
        Base::Integer => json!({ "type": "integer", "format": "int64" }),
        // Every fresh sandbox has a record 1 of each resource.
        Base::Id(_) => json!({ "type": "integer", "format": "int64", "examples": [1] }),
        Base::Number => json!({ "type": "number" }),
        Base::String => json!({ "type": "string" }),
        Base::Boolean => json!({ "type": "boolean" }),
        Base::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Base::Object => json!({ "type": "object" }),
        Base::File => json!({ "type": "string", "contentMediaType": "application/octet-stream" }),
    };
    match kind.array {
        true => json!({ "type": "array", "items": item }),
        false => item,
    }
}

/// Returns the schema of a record's field. The service may have null for everything but ids.
fn field_schema(name: &str, kind: &Type, source: &str) -> Value {
    let mut schema = schema(kind);
    if name != "id" {
        schema["type"] = json!([schema["type"], "null"]);
    }
    schema["x-source"] = source.into();
    schema
}

fn record_schema(resource: &Resource) -> Value {
    let fields = resource.all_fields();
    let mut properties: Map<String, Value> = fields
        .map(|(name, kind, source)| (name.into(), field_schema(name, kind, source)))
        .collect();
    let links = resource.all_links();
    let links: Map<String, Value> = links
        .map(|(name, kind, source)| {
            let mut schema = field_schema(name, kind, source);
            if let Base::Id(target) = &kind.base {
                schema["description"] = format!("from {target}").into();
            }
            (name.into(), schema)
        })
        .collect();
    properties.insert(
        "links".into(),
        json!({ "type": "object", "properties": links }),
    );
    json!({
        "type": "object",
        "description": resource.about,
        "properties": properties,
        "required": ["id"],
    })
}

fn pagination_schema() -> Value {
    let integer = json!({ "type": "integer" });
    json!({
        "type": "object",
        "properties": {
            "page": integer,
            "per_page": integer,
            "total_pages": integer,
            "total_records": integer,
            "cursor": {
                "type": ["string", "null"],
                "description": "the next page's `cursor`; null at the end",
            },
        },
        "required": ["page", "per_page", "total_pages", "total_records"],
    })
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "message": { "type": "string" },
            "errors": { "type": "object", "description": "a word for each invalid parameter" },
        },
    })
}

fn rate_limit_headers() -> Value {
    let header = |about: &str| json!({ "description": about, "schema": { "type": "integer" } });
    json!({
        "X-Rate-Limit-Limit": header("requests per minute"),
        "X-Rate-Limit-Remaining": header("requests left in this minute"),
        "X-Rate-Limit-Reset": header("when the next minute begins, in seconds since 1970"),
    })
}

fn error_responses(api: &Api) -> Value {
    let responses = api.common.errors.iter().map(|(status, about)| {
        let mut response = json!({ "description": about });
        if status != "429" {
            let schema = json!({ "$ref": "#/components/schemas/error" });
            response["content"] = json!({ "application/json": { "schema": schema } });
        }
        (status.to_string(), response)
    });
    responses.collect::<Map<_, _>>().into()
}

fn responses(resource: &Resource, call: &Call) -> Value {
    let mut responses = Map::new();
    let mut success = json!({
        "description": "success",
        "content": { "application/json": { "schema": response_schema(resource, call) } },
    });
    let mut errors = vec!["400", "401"];
    if call.is_admin_call() {
        success["headers"] = json!({
            "X-Rate-Limit-Limit": { "$ref": "#/components/headers/X-Rate-Limit-Limit" },
            "X-Rate-Limit-Remaining": { "$ref": "#/components/headers/X-Rate-Limit-Remaining" },
            "X-Rate-Limit-Reset": { "$ref": "#/components/headers/X-Rate-Limit-Reset" },
        });
        errors.extend(["403", "422", "429"]);
    }
    if call.path_parameter().is_some() {
        errors.push("404");
    }
    errors.sort_unstable();
    responses.insert(call.status().to_string(), success);
    for status in errors {
        let reference = format!("#/components/responses/{status}");
        responses.insert(status.into(), json!({ "$ref": reference }));
    }
    responses.into()
}

fn response_schema(resource: &Resource, call: &Call) -> Value {
    match call.does.as_str() {
        "token" => {
            let properties = json!({ "access_token": { "type": "string" } });
            return json!({
                "type": "object", "properties": properties, "required": ["access_token"],
            });
        }
        "bulk_identify" => {
            let status = json!({ "const": "queued" });
            return json!({ "type": "object", "properties": { "status": status } });
        }
        "translatable_strings" => return json!({ "type": "object" }),
        _ => {}
    }
    let records = |name: &str| {
        let reference = format!("#/components/schemas/{name}");
        json!({ "type": "array", "items": { "$ref": reference } })
    };
    let mut properties = Map::new();
    properties.insert(resource.name.clone(), records(&resource.name));
    properties.insert("links".into(), json!({ "type": "object" }));
    for name in resource
        .includes
        .iter()
        .filter(|name| **name != resource.name)
    {
        properties.insert(name.clone(), records(name));
    }
    let mut required = vec![resource.name.as_str(), "links"];
    if call.is_list() {
        let reference = json!({ "$ref": "#/components/schemas/pagination" });
        properties.insert("pagination".into(), reference);
        required.push("pagination");
    }
    json!({ "type": "object", "properties": properties, "required": required })
}
