"""Directives that show parts of the programs in docs/examples, which the tests run.

A part stands between a comment with its names in brackets, and one with [end]:

    /* [uservoice_get get] */
    ...
    /* [end] */
"""
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).parent.parent
HEADER = DOCS.parent / "include/uservoice.h"
# The directory, how tabs call it, and how Pygments does.
LANGUAGES = {
    "c": ("C", "c"),
    "cpp": ("C++", "cpp"),
    "go": ("Go", "go"),
    "ruby": ("Ruby", "ruby"),
    "python": ("Python", "python"),
}
BEGIN = re.compile(r"^\s*(?://|/\*|#) \[((?:[\w-]+\s*)+)(\]?)")


class Part:
    def __init__(self, path, first, last, names, text):
        self.path, self.first, self.last, self.names, self.text = path, first, last, names, text

    def shown(self, language):
        """MyST that shows it."""
        return ["```{literalinclude} /" + str(self.path.relative_to(DOCS)),
                f":language: {LANGUAGES[language][1]}", f":lines: {self.first}-{self.last}",
                ":dedent:", "```"]


def parts_of(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    names, first = None, 0
    for number, line in enumerate(lines, 1):
        begin = BEGIN.match(line)
        if begin and begin[1] == "end":
            if not names:
                raise ValueError(f"{path}:{number}: [end] of nothing")
            yield Part(path, first, number - 1, names, "\n".join(lines[first - 1:number - 1]))
            names = None
        elif begin:
            if names:
                raise ValueError(f"{path}:{number}: {names} has no [end]")
            names, first = begin[1].split(), number + 1
            while not begin[2]:  # names that take several lines
                line = lines[first - 1]
                names += re.findall(r"[\w-]+", line.split("]")[0])
                first += 1
                if "]" in line:
                    break
    if names:
        raise ValueError(f"{path}: {names} has no [end]")


@cache
def parts():
    """By language and name."""
    found = {}
    for language in LANGUAGES:
        for path in sorted((DOCS / "examples" / language).rglob("*.*")):
            if path.suffix not in (".c", ".cpp", ".go", ".rb", ".py"):
                continue
            for part in parts_of(path):
                for name in part.names:
                    if (language, name) in found:
                        raise ValueError(f"{path}: another example is called {name}")
                    found[language, name] = part
    return found


class MyST(SphinxDirective):
    """A directive that stands for other MyST."""

    def parsed(self, lines):
        box = nodes.Element()
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), 0, box)
        return box.children


class Example(MyST):
    """One tab for each language, with the part of that name: {example} NAME."""

    required_arguments = 1
    option_spec = {"languages": directives.unchanged}

    def run(self):
        name = self.arguments[0]
        languages = self.options.get("languages", " ".join(LANGUAGES)).split()
        lines = ["::::{tab-set}", ":sync-group: language"]
        for language in languages:
            part = parts().get((language, name))
            if part is None:
                raise self.error(f"docs/examples/{language} has no example {name}")
            self.env.note_dependency(str(part.path))
            lines += [f":::{{tab-item}} {LANGUAGES[language][0]}", f":sync: {language}",
                      *part.shown(language), ":::"]
        return self.parsed([*lines, "::::"])


class Functions(MyST):
    """Functions of uservoice.h with one example that calls them all: {functions} NAME..."""

    required_arguments = 1
    optional_arguments = 100

    def run(self):
        lines = []
        part = parts().get(("c", self.arguments[0]))
        for name in self.arguments:
            if part is None or name not in part.names or f"{name}(" not in part.text:
                raise self.error(f"docs/examples/c has no example that is called {name} and calls it")
            lines += [f"```{{doxygenfunction}} {name}", "```", ""]
        self.env.note_dependency(str(part.path))
        self.env.note_dependency(str(HEADER))
        shown = getattr(self.env, "functions_shown", set())
        self.env.functions_shown = shown | set(self.arguments)
        return self.parsed([*lines, *part.shown("c")])


class HeaderTable(MyST):
    """The first table in the comment of a function of uservoice.h: {header-table} NAME."""

    required_arguments = 1

    def run(self):
        before, found, _ = HEADER.read_text(encoding="utf-8").partition(f" {self.arguments[0]}(const")
        comment = before[before.rindex("/**"):] if found else ""
        table = re.search(r"(?:^ \* \|.*\|\n)+", comment, re.MULTILINE)
        if table is None:
            raise self.error(f"the comment of {self.arguments[0]} has no table")
        self.env.note_dependency(str(HEADER))
        return self.parsed([row.removeprefix(" * ") for row in table[0].splitlines()])


class HeaderConventions(MyST):
    """The list of conventions at the beginning of uservoice.h."""

    def run(self):
        text = HEADER.read_text(encoding="utf-8")
        said = re.search(r"Conventions, for every function:\n(.*?)\n \*/", text, re.DOTALL)
        if said is None:
            raise self.error("uservoice.h does not begin with its conventions")
        self.env.note_dependency(str(HEADER))
        lines = [line.removeprefix(" *").removeprefix("  ") for line in said[1].splitlines()]
        # Names of functions as code, as the rest of the pages has them.
        return self.parsed([re.sub(r"(?<!`)\b(_?\w*_\w*\(\)|USERVOICE_\w+|uservoice_\w+)", r"`\1`", line)
                            for line in lines])


def declared():
    """The functions of uservoice.h."""
    return set(re.findall(r"\b(uservoice_\w+)\(", re.sub(
        r"/\*.*?\*/", "", HEADER.read_text(encoding="utf-8"), flags=re.DOTALL))) - {"uservoice_log_callback"}


def check_all_are_shown(app, env):
    missing = declared() - getattr(env, "functions_shown", set())
    if missing:
        logging.getLogger(__name__).warning(
            "functions of uservoice.h that are on no page: %s", ", ".join(sorted(missing)))


def setup(app):
    app.add_directive("example", Example)
    app.add_directive("functions", Functions)
    app.add_directive("header-conventions", HeaderConventions)
    app.add_directive("header-table", HeaderTable)
    app.connect("env-check-consistency", check_all_are_shown)
    return {"parallel_read_safe": False}
