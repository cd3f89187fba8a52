"""Runs the tap against the sandbox, and compares its records with our exports."""

import collections
import collections.abc
import json
import os
import pathlib
import socket
import subprocess
import sys
from urllib.parse import urlsplit

STREAMS = ["suggestions", "users", "forums"]
# Half a year of the seeded data is more than all of it.
CONFIG = {"subdomain": "sandbox", "start_date": "2013-05-01T00:00:00Z"}


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

    tap_uservoice.main()


def tap(work, *arguments):
    environment = dict(os.environ, REQUESTS_CA_BUNDLE=os.environ["USERVOICE_CA_FILE"], NO_PROXY="*")
    program = [sys.executable, __file__, "--tap", "--config", str(work / "config.json"), *arguments]
    ran = subprocess.run(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if ran.returncode != 0 or "ERROR" in ran.stderr:
        sys.exit(f"the tap failed ({ran.returncode}):\n{ran.stderr[-3000:]}")
    return ran.stdout


def selected(catalog):
    streams = [stream for stream in catalog["streams"] if stream["stream"] in STREAMS]
    for stream in streams:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = True
        stream["schema"]["selected"] = True
    return {"streams": streams}


def main(work):
    keys = {
        "api_key": os.environ["USERVOICE_SANDBOX_API_KEY"],
        "api_secret": os.environ["USERVOICE_SANDBOX_API_SECRET"],
    }
    (work / "config.json").write_text(json.dumps({**CONFIG, **keys}))
    catalog = selected(json.loads(tap(work, "--discover")))
    (work / "catalog.json").write_text(json.dumps(catalog))
    lines = map(json.loads, tap(work, "--properties", str(work / "catalog.json")).splitlines())
    records = [line for line in lines if line["type"] == "RECORD"]
    for stream in STREAMS:
        theirs = {r["record"]["id"]: r["record"] for r in records if r["stream"] == stream}
        ours = [json.loads(line) for line in (work / f"{stream}.jsonl").open()]
        assert len(ours) == len({record["id"] for record in ours}) > 0, stream
        assert {record["id"] for record in ours} == set(theirs), stream
        for record in ours:
            # The tap writes moments in another form, and drops what it does not know.
            for field in set(record) & set(theirs[record["id"]]) - {"created_at", "updated_at", "links"}:
                assert record[field] == theirs[record["id"]][field], (stream, record["id"], field)
        print(f"tap-uservoice: {len(ours)} {stream}, the same as our export")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--tap"]:
        del sys.argv[1]
        tap_main()
    else:
        main(pathlib.Path(sys.argv[1]))
