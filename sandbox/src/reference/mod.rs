//! The table of the API as the Markdown pages of `docs/reference/api/`.

mod lines;

use std::fmt::Write;

use crate::api::{Api, Base, Call, Comparison, Filter, Resource, Type, api};

/// Returns the page that lists all resources.
pub fn index() -> String {
    let api = api();
    let mut page = String::from(
        "# Calls of the Admin API\n\n\
         What public sources say about UserVoice's API v2, the Admin API: its resources, their fields, and the calls with\n\
         their parameters. The pages are generated from the table in `sandbox/api/`, which the [sandbox](../../guides/sandbox.md)\n\
         works by; tests compare both. UserVoice's own reference is the authority where it differs. {download}`openapi.json`\n\
         is the same as an OpenAPI 3.1 description.\n\n\
         [Admin API](../../guides/admin-api.md) shows how to log in and send requests.\n\n\
         ## Resources\n\n| resource | records | calls |\n|---|---|---|\n",
    );
    for resource in documented(api) {
        let calls = resource.calls.len();
        line(
            &mut page,
            &format!(
                "| [`{0}`]({0}.md) | {1} | {calls} |",
                resource.name, resource.about
            ),
        );
    }
    let only_included = api.resources.iter().filter(|one| one.calls.is_empty());
    for resource in only_included {
        line(
            &mut page,
            &format!("| `{}` | {} | |", resource.name, resource.about),
        );
    }
    write_introduction_to_lines(&mut page, api);
    page.push_str(
        "\n## Responses\n\nRecords are in an array under the resource's name, also a single one. `links` describes the links of\n\
         the records: `{\"suggestions.forum\": {\"type\": \"forums\"}}`. A list has `pagination` with `page`, `per_page`,\n\
         `total_pages`, `total_records` and `cursor`, which is null on the last page. Every response has the headers\n\
         `X-Rate-Limit-Limit`, `X-Rate-Limit-Remaining` and `X-Rate-Limit-Reset`.\n\n\
         ## Parameters of every list\n\n| parameter | type | meaning | source |\n|---|---|---|---|\n",
    );
    for (name, kind, source) in api.list_parameters() {
        let about = api.common.about.get(name).map_or("", String::as_str);
        line(
            &mut page,
            &format!("| `{name}` | {} | {about} | {source} |", type_name(kind)),
        );
    }
    page.push_str(
        "\nOther calls have `includes`, too, as a parameter of the query or the body.\n\n\
         ## Errors\n\n| status | meaning |\n|---|---|\n",
    );
    for (status, about) in api.common.errors.iter() {
        line(&mut page, &format!("| {status} | {about} |"));
    }
    page.push_str(
        "\n`errors` of status 422 has one word for each invalid parameter, at the parameter's place:\n\
         `{\"errors\":{\"title\":\"required\",\"links\":{\"forum\":\"int\"}}}`. These are the sandbox's words:\n\n\
         | word | meaning |\n|---|---|\n",
    );
    for (word, about) in api.common.words.iter() {
        line(&mut page, &format!("| `{word}` | {about} |"));
    }
    page.push_str(
        "\nThe service ignores parameters that it does not know. The sandbox rejects them with a message, because a wrong\n\
         filter otherwise looks like one that works; its option `--lenient` does as the service does.\n\n\
         ## Sources\n\n| source | what it is |\n|---|---|\n",
    );
    for (source, about) in api.common.sources.iter() {
        line(&mut page, &format!("| {source} | {about} |"));
    }
    page.push_str("\n```{toctree}\n:hidden:\n\n");
    for resource in documented(api) {
        line(&mut page, &resource.name);
    }
    page.push_str("```\n");
    page
}

fn write_introduction_to_lines(page: &mut String, api: &Api) {
    page.push_str(
        "\n## In each language\n\nEach call has a line that makes it. `client` is a [client](../../guides/requests.md) with a key and a secret, and\n\
         `admin` is what a [login](../../guides/admin-api.md) returns:\n",
    );
    let mut login = api.calls().filter(|(_, call)| call.does == "token");
    if let Some((_, login)) = login.next() {
        write_lines(page, login);
    }
    page.push_str(
        "\nThe response is in `json`, `out` or `response`. `records` is a [collection](../../guides/collections.md), which\n\
         requests the pages of the list while the program reads it. C has a status, Go an `err`, and the other languages\n\
         throw or raise an [error](../../guides/errors.md). The [tool](../../guides/command-line.md) logs in for each command\n\
         with what `uservoice login` has saved, and prints the response. The ids are those of a fresh\n\
         [sandbox](../../guides/sandbox.md).\n",
    );
}

/// Returns the page of a resource, or `None` if it has no calls.
pub fn page(name: &str) -> Option<String> {
    let resource = documented(api()).find(|resource| resource.name == name)?;
    let mut page = format!("# {name}\n\n{}\n", resource.about);
    for call in &resource.calls {
        write_call(&mut page, resource, call);
    }
    if resource.has_records() {
        write_fields(&mut page, resource);
    }
    Some(page)
}

/// Returns the resources that have a page, by name.
fn documented(api: &Api) -> impl Iterator<Item = &Resource> {
    let resources = api.resources.iter().filter(|one| !one.calls.is_empty());
    let mut resources: Vec<&Resource> = resources.collect();
    resources.sort_by_key(|resource| &resource.name);
    resources.into_iter()
}

fn line(page: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(page, "{text}");
}

fn write_call(page: &mut String, resource: &Resource, call: &Call) {
    let _ = write!(page, "\n## `{}`\n\n{}", call.call, call.summary(resource));
    if call.status() != 200 {
        let _ = write!(page, " The status is {}.", call.status());
    }
    let _ = write!(page, " Source: {}.\n\n", call.source());
    if call.is_list() {
        page.push_str("[Parameters of every list](index.md#parameters-of-every-list)");
        match call.filters.is_empty() {
            true => page.push_str("; no others.\n"),
            false => page.push_str(", and:\n\n| filter | type | compares with |\n|---|---|---|\n"),
        }
        for (name, filter) in call.filters.iter() {
            let compared = compared_with(resource, name, filter);
            let kind = parameter_type(&filter.kind);
            line(page, &format!("| `{name}` | {kind} | {compared} |"));
        }
    }
    if !call.params.is_empty() {
        page.push_str("| parameter | type |\n|---|---|\n");
        for (name, kind) in call.params.iter() {
            line(page, &format!("| `{name}` | {} |", parameter_type(kind)));
        }
    }
    if !resource.includes.is_empty() {
        let includes: Vec<String> = resource
            .includes
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        line(page, &format!("\n`includes`: {}.", includes.join(", ")));
    }
    write_lines(page, call);
}

/// Writes the call's line in each language.
fn write_lines(page: &mut String, call: &Call) {
    page.push_str("\n::::{languages}\n");
    for (language, code) in lines::lines(call) {
        line(page, &format!("```{language}\n{code}\n```"));
    }
    page.push_str("::::\n");
}

fn write_fields(page: &mut String, resource: &Resource) {
    page.push_str("\n## Fields\n\nThe service may have null for every field but `id`.\n\n");
    page.push_str("| field | type | source |\n|---|---|---|\n");
    for (name, kind, source) in resource.all_fields() {
        line(
            page,
            &format!("| `{name}` | {} | {source} |", type_name(kind)),
        );
    }
    for (name, kind, source) in resource.all_links() {
        line(
            page,
            &format!("| `links.{name}` | {} | {source} |", type_name(kind)),
        );
    }
}

fn type_name(kind: &Type) -> String {
    let name = match &kind.base {
        Base::Integer => "integer".into(),
        Base::Number => "number".into(),
        Base::String => "string".into(),
        Base::Boolean => "boolean".into(),
        Base::Timestamp => "timestamp".into(),
        Base::Object => "object".into(),
        Base::File => "file".into(),
        Base::Id(target) if has_page(target) => format!("id of [`{target}`]({target}.md)"),
        Base::Id(target) => format!("id of `{target}`"),
    };
    match kind.array {
        true => format!("list of {name}"),
        false => name,
    }
}

fn has_page(resource: &str) -> bool {
    documented(api()).any(|one| one.name == resource)
}

fn parameter_type(kind: &Type) -> String {
    match kind.required {
        true => format!("{}, required", type_name(kind)),
        false => type_name(kind),
    }
}

fn compared_with(resource: &Resource, name: &str, filter: &Filter) -> String {
    let fields: Vec<String> = filter
        .fields
        .iter()
        .map(|field| format!("`{field}`"))
        .collect();
    let fields = match fields.is_empty() {
        true if resource.link(name).is_some() => format!("`links.{name}`"),
        true if resource.field(name).is_some() => format!("`{name}`"),
        true => "what it says".into(),
        false => fields.join(" or "),
    };
    match filter.comparison {
        Comparison::Is => fields,
        Comparison::AtLeast => format!("{fields}, which is at least as late"),
        Comparison::AtMost => format!("{fields}, which is at most as late"),
        Comparison::Below => format!("{fields}, which is earlier"),
        Comparison::Contains => format!("{fields}, which contains it"),
    }
}
