"""Benchmarks the library against other libraries on this machine.

Usage: compare.py LIBRARY DIRECTORY INNER OLD-PYTHON PYTHON

LIBRARY is the shared library, DIRECTORY contains the compiled contestants, INNER is the program of
`cargo bench`, OLD-PYTHON is an interpreter with the old client, PYTHON one with this client and those
of languages.py. Writes the results to DIRECTORY/results.json, from which report.py generates a
table and a chart.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

import languages
import machine
from nginx_site import MANY_RECORDS, RECORDS, SUGGESTION_BYTES, Site
from race import (
    ENVIRONMENT,
    LIST_ROUNDS,
    QUICK,
    Contestant,
    by_list,
    by_request,
    median,
    race,
    race_once,
    ratio,
    report_progress,
)

HERE = pathlib.Path(__file__).resolve().parent
OLD_CLIENT = HERE.parent.parent / "tests/old-python-client"
PROCESS_STARTS = 5 if QUICK else 25


def single_sign_on(bin, python):
    report_progress("single sign-on tokens")
    contestants = {
        "uservoice": Contestant(bin / "sso_uservoice", prints_token=True),
        "libcrypto": Contestant(bin / "sso_libcrypto", prints_token=True),
        "ruby": Contestant("ruby", HERE / "sso_ruby.rb", prints_token=True),
        "python": Contestant(python, HERE / "sso_python.py", prints_token=True),
    }
    for name, contestant in contestants.items():
        # All tokens must be for the same user, otherwise the contestants did different work.
        decrypted = subprocess.run([bin / "sso_uservoice", contestant.token], check=True, text=True,
                              stdout=subprocess.PIPE, env=ENVIRONMENT)
        user = json.loads(decrypted.stdout)
        if user.pop("expires", None) is None or user != {
                "guid": 1000000, "display_name": "User Name", "email": "mailaddress@example.com"}:
            raise SystemExit("%s created a token for another user: %s" % (name, decrypted.stdout))
    return by_cpu(race(contestants))


def by_cpu(turns):
    """Compares work that does not wait for the network by its CPU time."""
    return {
        "rates": {name: 1 / median(turns[name], "cpu") for name in turns},
        "ratios": {name: ratio(turns["uservoice"], turns[name], "cpu") for name in turns},
    }


def signing(bin, inner):
    report_progress("signing")
    url = "https://acme.uservoice.com/api/v1/suggestions?filter=public&page=1&per_page=100"
    return by_cpu(race({
        "uservoice": Contestant(inner, "--contest", "uservoice"),
        "oauth1-request": Contestant(inner, "--contest", "oauth1-request"),
        "liboauth": Contestant(bin / "sign_liboauth", url),
    }))


def requests(bin, python, site, url, options, libcurl_arguments):
    report_progress("GET requests to %s" % url)
    return by_request(race({
        "uservoice": Contestant(bin / "get_uservoice", url, site.path, SUGGESTION_BYTES, 1,
                                options),
        "libcurl": Contestant(bin / "get_libcurl", url, site.path, SUGGESTION_BYTES,
                              *libcurl_arguments),
        "python": Contestant(python, HERE / "get_python.py", url, site.path),
    }))


def threads(bin, site):
    report_progress("threads")
    arguments = [site.plain, site.path, SUGGESTION_BYTES]
    turns = race({
        "16": Contestant(bin / "get_uservoice", *arguments, 16),
        "1": Contestant(bin / "get_uservoice", *arguments, 1),
    })
    return {
        "rates": {name: 1 / median(turns[name]) for name in turns},
        "ratio": ratio(turns["16"], turns["1"]),
    }


def lists(bin, python, site):
    report_progress("lists, 20 ms a page")
    ours = [bin / "list_uservoice", site.slow, site.list_path, RECORDS, 8]
    turns = race_once({
        "uservoice": Contestant(*ours),
        "python": Contestant(python, HERE / "list_python.py", site.slow, site.list_path, RECORDS),
    }, LIST_ROUNDS)
    slow = by_list(turns)
    slow["peak_kib"] = {name: turns[name][0].peak_kib for name in turns}
    report_progress("lists, no prefetch and no latency")
    turns = race_once({
        "uservoice": Contestant(bin / "list_uservoice", site.plain, site.list_path, RECORDS, 0),
        "session": Contestant(python, HERE / "list_session.py", site.plain, site.list_path,
                              RECORDS),
    }, LIST_ROUNDS)
    plain = by_list(turns)
    report_progress("a list of %d records, 20 ms a page" % MANY_RECORDS)
    turns = race_once({
        "uservoice": Contestant(bin / "list_uservoice", site.slow, site.long_list_path,
                                MANY_RECORDS, 8),
    }, 1)
    slow["peak_kib"]["many"] = turns["uservoice"][0].peak_kib
    return {"slow": slow, "plain": plain}


def first_use(bin, library, site):
    report_progress("first use")
    environment = ENVIRONMENT | {"SSL_CERT_FILE": str(site.authorities)}
    runs = []
    for _ in range(PROCESS_STARTS):
        program = subprocess.run(
            [bin / "first_use", site.tls, site.path, site.authorities],
            check=True, text=True, stdout=subprocess.PIPE, env=environment)
        runs.append(json.loads(program.stdout))
    loads = []
    for _ in range(PROCESS_STARTS):
        program = subprocess.run([bin / "load", library], check=True, text=True,
                                 stdout=subprocess.PIPE)
        loads.append(float(program.stdout))
    opened = {tuple(run["opened"]) for run in runs}
    return {
        "us": {key: statistics.median(run[key] for run in runs)
               for key in ("new_first", "new_warm", "tls_first", "tls_again")},
        # How often the CA file was opened: by uservoice_client_new, until after a TLS request, and
        # until after a TLS request of another client.
        "opened": sorted(opened),
        "load_us": statistics.median(loads),
        "bytes": os.path.getsize(library),
    }


def environment(library, site_directory):
    """Returns the environment without settings for real sites and proxies."""
    inherited = {key: value for key, value in os.environ.items()
            if not key.startswith("USERVOICE_") and not key.lower().endswith("_proxy")}
    return inherited | {
        "REQUESTS_CA_BUNDLE": str(site_directory / "authorities.pem"),
        "PYTHONPATH": "%s:%s" % (HERE, OLD_CLIENT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "USERVOICE_LIBRARY": library,
    }


def main(library, bin, inner, old_python, python):
    bin = pathlib.Path(bin).resolve()
    site = Site(bin / "site")
    ENVIRONMENT.update(environment(library, site.directory))
    results = {"quick": QUICK, "machine": machine.description(old_python, python)}
    with site:
        results["single_sign_on"] = single_sign_on(bin, old_python)
        results["signing"] = signing(bin, inner)
        results["plain"] = requests(bin, old_python, site, site.plain, "", [])
        results["tls"] = requests(bin, old_python, site, site.tls,
                                  ',"ca_file":"%s"' % site.authorities, [site.authorities])
        results["threads"] = threads(bin, site)
        results["lists"] = lists(bin, old_python, site)
        results["languages"] = languages.measure(bin, python, site)
        results["first_use"] = first_use(bin, library, site)
    (bin / "results.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
