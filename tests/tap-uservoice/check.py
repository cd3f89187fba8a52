"""Runs the tap against the sandbox and compares its records with the exports."""

import collections
import collections.abc
import datetime
import json
import os
import pathlib
import socket
import subprocess
import sys
from urllib.parse import urlsplit

CONFIG = {"subdomain": "sandbox", "start_date": "2013-05-01T00:00:00Z"}


class FixedClock(datetime.datetime):
    """Replaces the tap's clock by a time soon after the sandbox's records were updated."""

    @classmethod
    def now(cls, tz=None):
        return cls(2013, 11, 1, tzinfo=tz)


def tap_main():
    """Runs the tap with sandbox.uservoice.com resolved to the sandbox."""
    sandbox = urlsplit(os.environ["USERVOICE_BASE_URL"])
    getaddrinfo = socket.getaddrinfo

    def resolve(host, port, *arguments, **options):
        if host == "sandbox.uservoice.com":
            host, port = sandbox.hostname, sandbox.port
        return getaddrinfo(host, port, *arguments, **options)

    socket.getaddrinfo = resolve
    # The tap's libraries use names that Python 3.10 removed.
    for name in collections.abc.__all__:
        setattr(collections, name, getattr(collections.abc, name))
    import tap_uservoice
    from tap_uservoice.streams import base

    # The tap requests each week until now over a new connection, which would take a minute.
    base.datetime = FixedClock
    tap_uservoice.main()


def tap(work, *arguments):
    environment = dict(os.environ, REQUESTS_CA_BUNDLE=os.environ["USERVOICE_CA_FILE"], NO_PROXY="*")
    command = [sys.executable, __file__, "--tap", "--config", str(work / "config.json"), *arguments]
    process = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if process.returncode != 0 or "ERROR" in process.stderr:
        sys.exit(f"the tap failed ({process.returncode}):\n{process.stderr[-3000:]}")
    return process.stdout


def select(catalog, names):
    streams = [stream for stream in catalog["streams"] if stream["stream"] in names]
    for stream in streams:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = True
        stream["schema"]["selected"] = True
    return {"streams": streams}


def read_with_tap(work, names):
    keys = {
        "api_key": os.environ["USERVOICE_SANDBOX_API_KEY"],
        "api_secret": os.environ["USERVOICE_SANDBOX_API_SECRET"],
    }
    (work / "config.json").write_text(json.dumps({**CONFIG, **keys}))
    catalog = select(json.loads(tap(work, "--discover")), names)
    (work / "catalog.json").write_text(json.dumps(catalog))
    lines = map(json.loads, tap(work, "--properties", str(work / "catalog.json")).splitlines())
    records = {name: {} for name in names}
    for line in lines:
        if line["type"] == "RECORD":
            records[line["stream"]][line["record"]["id"]] = line["record"]
    return records


def read_export(file):
    records = [json.loads(line) for line in file.open()]
    by_id = {record["id"]: record for record in records}
    assert len(records) == len(by_id) > 0, file
    return by_id


def main(work, names):
    languages = sorted(path.name for path in (work / "exports").iterdir())
    for name, tap_records in read_with_tap(work, names).items():
        files = [work / "exports" / language / f"{name}.jsonl" for language in languages]
        records = read_export(files[0])
        for file in files[1:]:
            assert read_export(file) == records, file
        assert records.keys() == tap_records.keys(), name
        for record_id, record in records.items():
            tap_record = tap_records[record_id]
            # The tap formats timestamps differently, requests another host, and drops unknown fields.
            for field in set(record) & set(tap_record) - {"links"}:
                if not field.endswith(("_at", "_url")):
                    assert record[field] == tap_record[field], (name, record_id, field)
        print(f"tap-uservoice: the exports in {', '.join(languages)} contain the same {len(records)} {name}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--tap"]:
        del sys.argv[1]
        tap_main()
    else:
        main(pathlib.Path(sys.argv[1]), sys.argv[2:])
