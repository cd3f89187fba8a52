"""Runs the lines of the pages in docs/reference/api: each must make the call under whose heading it stands.

Usage: calls.py write DIRECTORY: writes a program of these lines for each language
       calls.py run LANGUAGE COMMAND...: runs it, and compares the sandbox's journal with the table of the API;
                                         with USERVOICE_BASE_URL set
"""
import json
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from itertools import groupby
from os import environ
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ROOT / "docs/reference/api"
TEMPLATES = {language: Path(__file__).with_name(f"template.{ending}") for language, ending in
             {"c": "c", "cpp": "cpp", "go": "go", "ruby": "rb", "python": "py", "shell": "sh"}.items()}
LOGIN = "POST /api/v2/oauth/token"
# What follows the line of a list, and any other line. {} is the call.
AFTER = {
    "c": ('check("{}", status);', 'check("{}", status);'),
    "cpp": ("check(records);", "check(json);"),
    "go": ('checkList(ctx, "{}", records)', 'check("{}", err)'),
    "ruby": ('check("{}", records)', 'check("{}", response)'),
    "python": ('check("{}", records)', 'check("{}", response)'),
    "shell": ('check "{}"', 'check "{}"'),
}
# Languages in which each line has its variables in a block of its own.
BLOCKS = {"cpp", "go"}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def table():
    """Returns the calls of the table, with the status code of success."""
    statuses = {}
    for path in sorted((ROOT / "sandbox/api").glob("*.json")):
        for call in json.loads(path.read_text(encoding="utf-8")).get("calls", []):
            usual = 201 if call["does"] == "create" else 200
            statuses[call["call"]] = call.get("status", usual)
    return statuses


def lines(language):
    """Returns the line of each call: the login first, and last those that delete what others read."""
    found = {}
    for path in sorted(PAGES.glob("*.md")):
        for section in path.read_text(encoding="utf-8").split("\n## ")[1:]:
            heading = re.match(r"`((?:GET|POST|PUT|DELETE) .*)`\n", section)
            line = re.search(rf"^```{language}\n(.*)\n```$", section, re.MULTILINE)
            if heading and line:
                found[heading[1]] = line[1]
    order = sorted(found, key=lambda call: (call != LOGIN, call.startswith("DELETE")))
    return {call: found[call] for call in order}


def statements(language):
    """Yields the lines of the program: those of the pages, each with a check of what it returned."""
    for call, line in lines(language).items():
        after_list, after_other = AFTER[language]
        after = (after_list if re.search(r"\brecords\b", line) else after_other).format(call)
        if call == LOGIN:
            # Its variable `admin` is used by the other lines.
            yield from [line] if language != "c" else [line, after]
        elif language in BLOCKS:
            yield from ["{", f"    {line}", f"    {after}", "}"]
        else:
            yield from [line, after]


def write(directory):
    for language, template in TEMPLATES.items():
        text = template.read_text(encoding="utf-8")
        indent, mark = re.search(r"^(\s*)((?:/\*|//|#) \[calls\].*)$", text, re.MULTILINE).groups()
        program = f"\n{indent.lstrip()}".join(statements(language))
        path = directory / language / f"main{template.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(mark, program), encoding="utf-8")


def sandbox(method, path):
    request = urllib.request.Request(environ["USERVOICE_BASE_URL"] + path, method=method)
    with OPENER.open(request) as response:
        return response.read()


def run(language, command):
    sandbox("POST", "/_sandbox/reset")
    subprocess.run(command, check=True)
    journal = json.loads(sandbox("GET", "/_sandbox/requests"))
    entries = [entry for entry in journal if entry["call"]]
    expected, statuses = list(lines(language)), table()
    errors = [f"{call}: no line in {language}" for call in statuses if call not in expected]
    # A list may take several requests.
    made = [call for call, _ in groupby(entry["call"] for entry in entries)]
    if language == "shell":
        # `uservoice login` looks up the user, too, and every other command logs in by itself.
        made = made[:1] + [call for call in made[2:] if call != LOGIN]
    errors += [f"{call}: its line in {language} makes another call" for call in Counter(expected) - Counter(made)]
    errors += [f"{call}: called by another line in {language}" for call in Counter(made) - Counter(expected)]
    errors += [f"{entry['call']}: status {entry['status']} instead of {statuses[entry['call']]}"
               for entry in entries if entry["status"] != statuses[entry["call"]]]
    if errors or made != expected:
        sys.exit("\n".join(errors) or f"{language}: the calls are not in the order of the lines")
    print(f"{language}: {len(made)} of the {len(statuses)} calls of the table")


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]))
    else:
        run(sys.argv[2], sys.argv[3:])
