"""Reads the lists of the table of the API with Airbyte's engine, and compares the records with this library's.

The definition of a stream has what Airbyte's connector for UserVoice has: it follows the cursor of `pagination`, and
restricts the list to a time by `updated_after` and `updated_before`.

Usage: check.py WORK-DIRECTORY ENGINE, with USERVOICE_BASE_URL set
"""
import json
import os
import subprocess
import sys
from pathlib import Path

import uservoice

TABLE = Path(__file__).resolve().parent.parent.parent / "sandbox/api"
TIME = "%Y-%m-%dT%H:%M:%SZ"


def lists():
    """Returns the names and paths of the lists that need no filter, and whether their records have `updated_at`."""
    found = {}
    for file in sorted(TABLE.glob("*.json")):
        resource = json.loads(file.read_text(encoding="utf-8"))
        fields = {name for group in resource.get("fields", {}).values() for name in group}
        for call in resource.get("calls", []):
            is_required = any("!" in filter for filter in call.get("filters", {}).values())
            if call["does"] == "list" and not is_required:
                found[resource["resource"]] = call["call"].removeprefix("GET "), "updated_at" in fields
    return found


def parameter(name):
    return {"type": "RequestOption", "inject_into": "request_parameter", "field_name": name}


def limit(time):
    return {"type": "MinMaxDatetime", "datetime_format": TIME, "datetime": time}


def stream(name, path, is_incremental):
    definition = {
        "type": "DeclarativeStream",
        "name": name,
        "primary_key": ["id"],
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {
                "type": "HttpRequester",
                "url_base": "{{ config['url'] }}",
                "path": path,
                "authenticator": {"type": "BearerAuthenticator", "api_token": "{{ config['token'] }}"},
            },
            "paginator": {
                "type": "DefaultPaginator",
                "page_token_option": parameter("cursor"),
                "pagination_strategy": {
                    "type": "CursorPagination",
                    "cursor_value": "{{ response['pagination']['cursor'] }}",
                },
            },
            "record_selector": {
                "type": "RecordSelector",
                "extractor": {"type": "DpathExtractor", "field_path": [name]},
            },
        },
        "schema_loader": {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}},
    }
    if is_incremental:
        definition["incremental_sync"] = {
            "type": "DatetimeBasedCursor",
            "cursor_field": "updated_at",
            "datetime_format": TIME,
            "start_datetime": limit("2013-01-01T00:00:00Z"),
            "end_datetime": limit("{{ now_utc().strftime('%Y-%m-%dT%H:%M:%SZ') }}"),
            "start_time_option": parameter("updated_after"),
            "end_time_option": parameter("updated_before"),
        }
    return definition


def read_with_airbyte(work, engine, token):
    """Returns the records of each list."""
    manifest = {
        "version": "7.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["forums"]},
        "spec": {"type": "Spec", "connection_specification": {"type": "object"}},
        "streams": [stream(name, *rest) for name, rest in lists().items()],
    }
    config = {"__injected_declarative_manifest": manifest, "url": os.environ["USERVOICE_BASE_URL"], "token": token}
    catalog = [{"sync_mode": "full_refresh", "destination_sync_mode": "overwrite",
                "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]}}
               for name in lists()]
    (work / "config.json").write_text(json.dumps(config))
    (work / "catalog.json").write_text(json.dumps({"streams": catalog}))
    process = subprocess.run(
        [engine, "read", "--config", work / "config.json", "--catalog", work / "catalog.json"],
        env=dict(os.environ, NO_PROXY="*"), stdout=subprocess.PIPE, text=True)
    (work / "messages.jsonl").write_text(process.stdout)
    if process.returncode != 0:
        sys.exit(f"Airbyte failed ({process.returncode}):\n{process.stdout[-3000:]}")
    records = {name: [] for name in lists()}
    for message in map(json.loads, process.stdout.splitlines()):
        if message["type"] == "RECORD":
            records[message["record"]["stream"]].append(message["record"]["data"])
    return records


def by_id(records):
    """Returns the records by id, without their null fields, which Airbyte leaves out."""
    found = {record["id"]: {name: value for name, value in record.items() if value is not None}
             for record in records}
    assert len(found) == len(records) > 0, (len(found), len(records))
    return found


def main(work, engine):
    client = uservoice.Client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                              base_url=os.environ["USERVOICE_BASE_URL"]).login_with_client_credentials()
    token = json.loads(client.token_json())["token"]
    total = 0
    for name, records in read_with_airbyte(work, engine, token).items():
        ours = by_id(list(client.get_collection(lists()[name][0])))
        assert by_id(records) == ours, name
        total += len(ours)
    print(f"Airbyte: the same {total} records of {len(lists())} lists")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
