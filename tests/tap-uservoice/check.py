"""Runs the tap against the sandbox, and compares its records with our exports."""

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


class HalfAYearLater(datetime.datetime):
    """The tap's clock: when all of the seeded data have been there for long."""

    @classmethod
    def now(cls, tz=None):
        return cls(2013, 11, 1, tzinfo=tz)


def tap_main():
    """The tap itself, for which sandbox.uservoice.com is the sandbox."""
    sandbox = urlsplit(os.environ["USERVOICE_BASE_URL"])
    resolve = socket.getaddrinfo

    def to_the_sandbox(host, port, *rest, **more):
        if host == "sandbox.uservoice.com":
            host, port = sandbox.hostname, sandbox.port
        return resolve(host, port, *rest, **more)

    socket.getaddrinfo = to_the_sandbox
    # Names that its libraries expect where Python 3.9 still had them.
    for name in collections.abc.__all__:
        setattr(collections, name, getattr(collections.abc, name))
    import tap_uservoice
    from tap_uservoice.streams import base

    # It asks for each week until now, over a new connection: for those since 2013, a minute.
    base.datetime = HalfAYearLater
    tap_uservoice.main()


def tap(work, *arguments):
    environment = dict(os.environ, REQUESTS_CA_BUNDLE=os.environ["USERVOICE_CA_FILE"], NO_PROXY="*")
    program = [sys.executable, __file__, "--tap", "--config", str(work / "config.json"), *arguments]
    ran = subprocess.run(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if ran.returncode != 0 or "ERROR" in ran.stderr:
        sys.exit(f"the tap failed ({ran.returncode}):\n{ran.stderr[-3000:]}")
    return ran.stdout


def selected(catalog, names):
    streams = [stream for stream in catalog["streams"] if stream["stream"] in names]
    for stream in streams:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = True
        stream["schema"]["selected"] = True
    return {"streams": streams}


def read_by_the_tap(work, names):
    keys = {
        "api_key": os.environ["USERVOICE_SANDBOX_API_KEY"],
        "api_secret": os.environ["USERVOICE_SANDBOX_API_SECRET"],
    }
    (work / "config.json").write_text(json.dumps({**CONFIG, **keys}))
    catalog = selected(json.loads(tap(work, "--discover")), names)
    (work / "catalog.json").write_text(json.dumps(catalog))
    lines = map(json.loads, tap(work, "--properties", str(work / "catalog.json")).splitlines())
    records = {name: {} for name in names}
    for line in lines:
        if line["type"] == "RECORD":
            records[line["stream"]][line["record"]["id"]] = line["record"]
    return records


def exported(file):
    records = [json.loads(line) for line in file.open()]
    by_id = {record["id"]: record for record in records}
    assert len(records) == len(by_id) > 0, file
    return by_id


def main(work, names):
    languages = sorted(path.name for path in (work / "exports").iterdir())
    for name, theirs in read_by_the_tap(work, names).items():
        files = [work / "exports" / language / f"{name}.jsonl" for language in languages]
        ours = exported(files[0])
        for file in files[1:]:
            assert exported(file) == ours, file
        assert ours.keys() == theirs.keys(), name
        for number, record in ours.items():
            # The tap writes moments in another form, and drops what it does not know.
            for field in set(record) & set(theirs[number]) - {"created_at", "updated_at", "links"}:
                assert record[field] == theirs[number][field], (name, number, field)
        print(f"tap-uservoice: {len(ours)} {name}, the same as our exports in {', '.join(languages)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--tap"]:
        del sys.argv[1]
        tap_main()
    else:
        main(pathlib.Path(sys.argv[1]), sys.argv[2:])
